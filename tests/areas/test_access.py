"""Who sees what: named actors against every class and stage, and predicate, queryset and search always agree."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kezhuan.areas.achievements.queries import achievements_visible_to
from kezhuan.areas.needs.queries import needs_visible_to
from kezhuan.areas.people.actions import add_member, create_officer, register_person
from kezhuan.kernel import access
from kezhuan.kernel.access import GROUPS, VISITOR, Actor, actor_for, can_view, get_visible, visible_among, visible_to
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.grants import grant
from kezhuan.kernel.models import Grant, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.search import NEWEST, Asked, search
from kezhuan.kernel.text import today
from tests.factories import city

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access")]

SECRETS = ("内部", "公开")
CLASSES = ("public", "internal", "trade_secret")
DOORS = ("public", "title_only", "closed_door")
STAGES = {
    "achievement": ("draft", "submitted", "listed", "registered", "withdrawn", "void"),
    "need": ("draft", "submitted", "published", "closed", "withdrawn", "void"),
}


class City:
    """One record for every kind, class and stage, owned by a firm in Tianhe; each part has a word of its own."""

    def __init__(self):
        self.owner = city.organisation(region="440106")
        owner = city.member(self.owner, Role.ADMINISTRATOR)
        bureau = city.organisation(kind="government", region="440100")
        ended = city.member(self.owner, since=date(2020, 1, 1))
        ended.person.memberships.update(until=today() - timedelta(days=1))
        future = city.member(self.owner, since=today() + timedelta(days=1))
        self.guest_of = city.organisation(region="440112")
        self.actors = {
            "visitor": VISITOR,
            "nobody's": actor_for(register_person(actor=owner, name="无单位").record.person),
            "owner": owner,
            "reader": city.member(self.owner, Role.READER),
            "former": actor_for(ended.person),
            "future": actor_for(future.person),
            "rival": city.member(city.organisation(region="440106")),
            "guest": city.member(self.guest_of),
            "city officer": city.member(bureau, Role.OFFICER),
            "district officer": city.officer("440106"),
            "officer of elsewhere": city.officer("440117"),
        }
        self.records, self.words = {}, {}
        cases = [("achievement", one) for one in CLASSES] + [("need", one) for one in DOORS]
        every = [(kind, openness, stage) for kind, openness in cases for stage in STAGES[kind]]
        for number, case in enumerate(every):
            self._make(*case, f"{number:02d}")

    def _make(self, kind, openness, stage, number):
        words = {"title": f"ttl{number}x", "public": f"pub{number}x", "full": f"ful{number}x"}
        by = self.actors["owner"]
        if kind == "achievement":
            row = city.achievement(
                self.owner, stage=stage, by=by, title=words["title"], summary=words["public"], secrecy=openness,
                confidential=words["full"], advantage=f"adv{number}x", keywords=(f"key{number}x",),
                title_en=f"eng{number}x",
            )  # fmt: skip
            words |= {"public too": f"adv{number}x", "keyword": f"key{number}x", "title too": f"eng{number}x"}
        else:
            row = city.need(
                self.owner, stage=stage, by=by, title=words["title"], problem=words["public"],
                confidentiality=openness, background=f"bac{number}x", keywords=(f"key{number}x",),
            )  # fmt: skip
            del words["full"]
            words |= {"public too": f"bac{number}x", "keyword": f"key{number}x"}
        record = Record.objects.get(pk=row.pk)
        self.records[kind, openness, stage] = record
        self.words[record.pk] = words


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield City()
        transaction.set_rollback(True)


EVERYBODY = {
    "visitor", "nobody's", "owner", "reader", "former", "future", "rival", "guest", "city officer", "district officer",
    "officer of elsewhere",
}  # fmt: skip
OWN, OFFICERS = {"owner", "reader"}, {"city officer", "district officer"}
INSIDE = OWN | OFFICERS
HIDDEN = (INSIDE, INSIDE, INSIDE, OWN)
OPEN = (EVERYBODY, EVERYBODY, INSIDE, OWN)
TITLE = (EVERYBODY, INSIDE, INSIDE, OWN)
SECRET = (INSIDE, OWN, OWN, OWN)
BEFORE = (OWN, OWN, OWN, OWN)
# kind, openness → stage → who sees title, public, full and inner part
STORY = {
    ("achievement", "public"): (BEFORE, HIDDEN, OPEN, OPEN, HIDDEN, HIDDEN),
    ("achievement", "internal"): (BEFORE, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    ("achievement", "trade_secret"): (BEFORE, SECRET, SECRET, SECRET, SECRET, SECRET),
    ("need", "public"): (BEFORE, HIDDEN, OPEN, OPEN, HIDDEN, HIDDEN),
    ("need", "title_only"): (BEFORE, HIDDEN, TITLE, TITLE, HIDDEN, HIDDEN),
    ("need", "closed_door"): (BEFORE, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
}  # fmt: skip
CASES = [
    (kind, openness, stage, by_group)
    for (kind, openness), stages in STORY.items()
    for stage, by_group in zip(STAGES[kind], stages, strict=True)
]


@pytest.mark.parametrize(("kind", "openness", "stage", "by_group"), CASES)
def test_the_story_of_who_sees_what(town, kind, openness, stage, by_group):
    record = town.records[kind, openness, stage]
    for group, wanted in zip(GROUPS, by_group, strict=True):
        assert {name for name, actor in town.actors.items() if can_view(actor, record, group)} == wanted, group
    assert {name for name, a in town.actors.items() if access.groups_seen(a, record)} == by_group[0]


@pytest.mark.parametrize("group", GROUPS)
def test_the_queryset_agrees_with_the_predicate(town, group):
    for name, actor in town.actors.items():
        wanted = {r.pk for r in Record.objects.select_related(f"{group}_to") if can_view(actor, r, group)}
        assert set(visible_to(actor, Record.objects.all(), group).values_list("pk", flat=True)) == wanted, name
        fetched = Record.objects.select_related(f"{group}_to")
        assert {record.pk for record in visible_among(actor, fetched, group)} == wanted, name
        for kind, rows in (("achievement", achievements_visible_to), ("need", needs_visible_to)):
            of_kind = set(Record.objects.filter(kind=kind, pk__in=wanted).values_list("pk", flat=True))
            assert set(rows(actor, group).values_list("pk", flat=True)) == of_kind, name


def test_fetching_agrees_with_the_predicate(town):
    for actor in town.actors.values():
        for record in town.records.values():
            if can_view(actor, record):
                assert get_visible(actor, Record, record.code) == record
            else:
                with pytest.raises(Missing):
                    get_visible(actor, Record, record.code)
    with pytest.raises(Missing):
        get_visible(VISITOR, Record, "N-1999-00001")


def asked(actor, words="", **more):
    found = search(actor, Asked(words=words, size=500, **more))
    assert found.status.behind == 0
    assert found.total == len(found.records) == len(set(found.records))
    return found


def listed(actor, group="title", **filters):
    rows = Record.objects.exclude(phase=Phase.VOID).filter(**filters).select_related(f"{group}_to")
    return {record.pk for record in rows if can_view(actor, record, group)}


def test_search_finds_exactly_what_the_predicate_shows(town):
    for name, actor in town.actors.items():
        found = asked(actor, facets=("kind", "stage"), order=NEWEST)
        assert set(found.records) == listed(actor), name
        for kind in ("achievement", "need", "organisation", "person"):
            assert set(asked(actor, kinds=(kind,)).records) == listed(actor, kind=kind)


def test_facet_counts_agree_with_the_predicate(town):
    for name, actor in town.actors.items():
        found = asked(actor, kinds=("achievement", "need"), facets=("kind", "stage", "field"))
        kinds = {one.value: one.count for one in found.facets["kind"]}
        assert kinds == {k: n for k in STAGES if (n := len(listed(actor, kind=k)))}, name
        stages = {one.value: one.count for one in found.facets["stage"]}
        wanted = [r.stage for r in Record.objects.filter(pk__in=listed(actor), kind__in=STAGES)]
        assert stages == {stage: wanted.count(stage) for stage in set(wanted)}, name
        # A field is told of records whose public part is seen, not of those whose title alone is.
        public = sum(len(listed(actor, "public", kind=kind)) for kind in STAGES)
        assert {one.value: one.count for one in found.facets["field"]} == ({"materials": public} if public else {})
        chosen = asked(actor, kinds=("need",), chosen={"stage": ("published", "closed")}, facets=("stage",))
        assert set(chosen.records) == listed(actor, kind="need", stage__in=("published", "closed")), name


APART = ("visitor", "rival", "owner", "district officer")
"""Somebody of each audience; those who are nothing to the firm are alike, and the proof `leaks` searches as each."""


def test_no_word_of_a_part_is_found_by_those_who_may_not_see_it(town):
    groups = {"title": "title", "title too": "title", "public": "public", "public too": "public", "keyword": "public"}
    for name in APART:
        actor = town.actors[name]
        for key, record in town.records.items():
            for part, word in town.words[record.pk].items():
                wanted = (
                    [record.pk]
                    if record.phase != Phase.VOID and can_view(actor, record, groups.get(part, part))
                    else []
                )
                assert asked(actor, word).records == wanted, (name, key, part)


def test_code_finds_whoever_may_see_the_title(town):
    for actor in map(town.actors.get, APART):
        for record in town.records.values():
            found = record.pk in asked(actor, record.code, kinds=(record.kind,)).records[:1]
            assert found == (record.phase != Phase.VOID and can_view(actor, record))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(extra=st.sets(st.integers(0, 40), max_size=4), data=st.data())
def test_predicate_queryset_and_search_agree_for_any_tokens(town, extra, data):
    known = sorted({token for actor in town.actors.values() for token in actor.tokens} | {"officer:440117", "org:999"})
    tokens = data.draw(st.sets(st.sampled_from(known), max_size=4)) | {f"org:{n}" for n in extra} | {"public"}
    actor, group = Actor(tokens=frozenset(tokens)), data.draw(st.sampled_from(GROUPS))
    wanted = {r.pk for r in Record.objects.select_related(f"{group}_to") if can_view(actor, r, group)}
    assert set(visible_to(actor, Record.objects.all(), group).values_list("pk", flat=True)) == wanted
    assert set(asked(actor).records) == listed(actor)


def test_groups_are_nested_for_every_record(town):
    for record in Record.objects.select_related(*(f"{group}_to" for group in GROUPS)):
        sets = [set(getattr(record, f"{group}_to").key.split("|")) - {""} for group in GROUPS]
        for outer, inner in pairwise(sets):
            assert inner <= outer or outer == {"public"}, record


def test_an_unknown_group_is_an_error(town):
    with pytest.raises(ValueError, match="no field group"):
        visible_to(VISITOR, Record.objects.all(), "secret")


# -- grants and memberships ------------------------------------------------------------


def test_a_grant_shows_the_public_part_and_no_more_while_it_lasts(town):
    from kezhuan.areas.needs.lifecycle import INTRODUCED, NEED
    from kezhuan.kernel import registry

    record, guest = town.records["need", "closed_door", "published"], town.actors["guest"]
    assert grant(record, town.guest_of.record, INTRODUCED)
    assert not grant(record, town.guest_of.record, INTRODUCED)
    NEED.refresh_audience(registry.row_of(record))
    record = Record.objects.get(pk=record.pk)
    assert access.groups_seen(guest, record) == {"title", "public"}
    assert access.groups_seen(town.actors["rival"], record) == frozenset()
    grant(record, town.guest_of.record, INTRODUCED, until=today() - timedelta(days=1))
    NEED.refresh_audience(registry.row_of(record))
    assert access.groups_seen(guest, Record.objects.get(pk=record.pk)) == frozenset()
    assert Grant.objects.count() == 1


@pytest.mark.parametrize(
    ("since", "until", "holds"), [(-5, None, True), (0, None, True), (0, 0, True), (1, None, False), (-5, -1, False)]
)
def test_a_membership_holds_from_its_first_day_to_its_last(since, until, holds):
    unit, day = city.organisation(), today()
    actor = city.member(unit, since=day + timedelta(days=since))
    actor.person.memberships.update(until=None if until is None else day + timedelta(days=until))
    actor = actor_for(actor.person)
    assert (actor.organisation == unit) == holds
    assert (access.organisation_token(unit.pk) in actor.tokens) == holds


def test_an_actor_speaks_for_one_organisation_at_a_time():
    first, second, foreign = (city.organisation() for _ in range(3))
    person = city.member(first).person
    from kezhuan.areas.people.actions import SYSTEM

    add_member(actor=SYSTEM, organisation=second, person=person)
    tokens = {access.organisation_token(unit.pk): unit for unit in (first, second, foreign)}
    for asked_for, got in ((first, first), (second, second), (foreign, first), (None, first)):
        actor = actor_for(person, asked_for and asked_for.pk)
        assert actor.organisation == got
        assert {tokens[token] for token in actor.tokens & set(tokens)} == {got}


def test_former_colleagues_no_longer_read_a_persons_details():
    from kezhuan.areas.people.lifecycle import PERSON

    old, new = city.organisation(), city.organisation()
    person = city.member(old, since=date(2020, 1, 1)).person
    person.memberships.update(until=date(2020, 12, 31))
    from kezhuan.areas.people.actions import SYSTEM

    add_member(actor=SYSTEM, organisation=new, person=person)
    PERSON.refresh_audience(person)
    assert not can_view(city.member(old), person.record, "public")
    assert can_view(city.member(new), person.record, "public")


# -- who may open and admit ------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.READER, None])
def test_readers_and_strangers_open_nothing(role):
    from kezhuan.areas.achievements.actions import register_achievement
    from kezhuan.areas.needs.actions import register_need

    unit = city.organisation()
    actor = city.member(unit, role) if role else city.member(city.organisation())
    before = Record.objects.count()
    for act, facts in ((register_need, city.need_facts()), (register_achievement, city.achievement_facts())):
        for owner in (unit, None):
            with pytest.raises(NotAllowed):
                act(actor=actor, owner=owner, facts=facts)
    assert Record.objects.count() == before


def test_only_the_officers_in_charge_open_at_a_later_stage():
    from kezhuan.areas.needs.actions import register_need

    unit = city.organisation(region="440106")
    for actor in (city.member(unit), city.officer("440117"), VISITOR):
        with pytest.raises(NotAllowed):
            register_need(actor=actor, owner=unit, facts=city.need_facts(), stage="published")
    for actor in (city.officer("440106"), city.officer()):
        need = register_need(actor=actor, owner=unit, facts=city.need_facts(), stage="published")
        assert need.record.stage == "published"
    with pytest.raises(NotAllowed):  # what nobody owns is the city's
        register_need(actor=city.officer("440106"), owner=None, facts=city.need_facts(), stage="published")


def test_administrators_and_officers_admit_members_and_nobody_makes_officers():
    unit = city.organisation(region="440106")
    person = city.member(city.organisation()).person
    for actor in (
        VISITOR,
        city.member(unit),
        city.member(city.organisation(), Role.ADMINISTRATOR),
        city.officer("440117"),
    ):
        with pytest.raises(NotAllowed):
            add_member(actor=actor, organisation=unit, person=person)
    for actor in (city.member(unit, Role.ADMINISTRATOR), city.officer("440106")):
        assert add_member(actor=actor, organisation=unit, person=person).role == Role.MEMBER
        with pytest.raises(NotAllowed):
            add_member(actor=actor, organisation=unit, person=person, role=Role.OFFICER)


def test_an_officers_account_is_made_with_its_department(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    users = [
        create_officer(name=f"官员{n}", email=f"o{n}@example.com", password="correct horse battery",
                       department="天河区科技局", jurisdiction="440106")
        for n in range(2)
    ]  # fmt: skip
    first, second = (actor_for(user.person) for user in users)
    assert first.organisation == second.organisation
    assert first.is_officer
    assert "officer:440106" in first.tokens
    assert "officer" not in first.tokens
