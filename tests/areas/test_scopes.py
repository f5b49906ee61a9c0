"""An officer's power per programme, district and department: what they see, decide and are reminded of, and no more."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from kezhuan.areas.people.scope_actions import end_duty, give_duty, set_scope
from kezhuan.kernel.access import GROUPS, actor_for, can_view, is_officer, visible_to
from kezhuan.kernel.charges import Charge, officer_tokens
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Audience, AudienceToken, Clock, Duty, Entry, Membership, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.opening import require_may_open
from kezhuan.kernel.registry import row_of
from kezhuan.kernel.reminders import letters_of
from kezhuan.kernel.search import Asked, search
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return city.organisation("科技局", kind="government", region="440100")


@pytest.fixture
def head(office):
    return city.member(office, Role.ADMINISTRATOR)


def officer_of(office, **scope):
    """An officer of the office with a scope."""
    actor = city.member(office, Role.OFFICER)
    actor.person.memberships.update(**scope)
    return actor_for(actor.person)


def records():
    """A submitted need and a submitted result of Tianhe and of Panyu, by kind and district."""
    made = {}
    for region in ("440106", "440113"):
        unit = city.organisation(region=region)
        made["need", region] = city.need(unit, stage="submitted").record
        made["achievement", region] = city.achievement(unit, stage="submitted").record
    return {key: Record.objects.get(pk=record.pk) for key, record in made.items()}


SCOPES = [
    ({}, {("need", "440106"), ("need", "440113"), ("achievement", "440106"), ("achievement", "440113")}),
    ({"programme": "need"}, {("need", "440106"), ("need", "440113")}),
    ({"jurisdiction": "440106"}, {("need", "440106"), ("achievement", "440106")}),
    ({"programme": "need", "jurisdiction": "440106"}, {("need", "440106")}),
    ({"department": "成果处"}, {("achievement", "440106"), ("achievement", "440113")}),
    ({"department": "成果处", "jurisdiction": "440113"}, {("achievement", "440113")}),
    ({"department": "成果处", "programme": "need"}, set()),
    ({"department": "综合处", "programme": "need"}, {("need", "440106"), ("need", "440113")}),
    ({"department": "无职责处"}, set()),
]


def test_scope_says_what_is_seen_found_and_decided(office):
    Duty.objects.create(organisation=office, department="成果处", programme="achievement")
    Duty.objects.create(organisation=office, department="综合处", programme="")
    made = records()
    rows = Record.objects.filter(pk__in=[one.pk for one in made.values()])
    for scope, reached in SCOPES:
        actor = officer_of(office, **scope)
        for group in GROUPS:
            seen = {key for key, record in made.items() if can_view(actor, record, group)}
            assert seen == (reached if group != "inner" else set()), scope
            found = set(visible_to(actor, rows, group).values_list("pk", flat=True))
            assert found == {made[key].pk for key in seen}, scope
        assert {key for key, record in made.items() if is_officer.test(actor, row_of(record))} == reached, scope
        found = search(actor, Asked(kinds=("need", "achievement"), size=50)).records
        assert set(found) == {made[key].pk for key in reached}, scope
        client = client_of(actor)
        for (kind, region), record in made.items():
            status = 200 if (kind, region) in reached else 404
            assert client.get(f"/{kind}s/{record.code}/").status_code == status, scope
            assert client.get(f"/api/v1/{kind}s/{record.code}").status_code == status, scope
        waiting = client.get("/inbox/").content.decode()
        assert {key for key, record in made.items() if record.code in waiting} == reached, scope


def test_scoped_officer_decides_inside_the_scope_alone(office):
    from kezhuan.areas.needs.lifecycle import NEED

    unit = city.organisation(region="440106")
    need, actor = city.need(unit, stage="submitted"), officer_of(office, programme="achievement")
    with pytest.raises(NotAllowed):
        advance(NEED, need, "publish", actor=actor)
    with pytest.raises(NotAllowed):
        require_may_open(actor, "need", unit, "published")
    require_may_open(actor, "achievement", unit, "listed")
    assert not actor.is_city_officer
    assert client_of(actor).get("/jobs/").status_code == 403
    actor = officer_of(office, programme="need", jurisdiction="440106")
    assert advance(NEED, need, "publish", actor=actor).record.stage == "published"


def test_programme_of_a_notice_is_that_of_its_subject(office):
    result, bureau = city.achievement(city.organisation(), stage="listed"), city.officer()
    notice = city.notice(result, bureau)
    assert can_view(officer_of(office, programme="achievement"), notice.record, "full")
    assert is_officer.test(officer_of(office, programme="achievement"), notice)
    assert not can_view(officer_of(office, programme="need"), notice.record)
    assert not is_officer.test(officer_of(office, programme="need"), notice)


def test_reminders_reach_the_officers_of_the_programme(office):
    need = city.need(city.organisation(region="440106"), stage="submitted")
    due = Clock.objects.get(record=need.pk, ended_on=None).due_on

    def told():
        return {person for person, _office in letters_of(due - timedelta(days=1), due)}

    both = [officer_of(office, programme=one, jurisdiction="440106") for one in ("need", "achievement")]
    assert told() == {both[0].person.pk}
    both[0].person.memberships.update(programme="organisation")
    other = officer_of(office, programme="need")
    assert told() == {other.person.pk}


# -- who divides it ----------------------------------------------------------------------------------------------------


def held_by(actor):
    return Membership.objects.select_related("organisation__record", "person__record").get(
        person=actor.person, until=None
    )


def test_office_divides_its_power_and_history_keeps_it(office, head):
    other = city.member(office, Role.OFFICER)
    give_duty(actor=head, organisation=office, department="成果处", programme="achievement")
    give_duty(actor=head, organisation=office, department=" 成果处 ", programme="achievement")
    assert Duty.objects.count() == 1
    set_scope(actor=head, membership=held_by(other), jurisdiction="440106", department="成果处")
    actor = actor_for(other.person)
    assert actor.charges == {Charge("440106", "achievement")}
    assert other.person.memberships.count() == 2
    entry = Entry.objects.filter(kind="organisation.member").latest("seq")
    assert (entry.actor_id, entry.data["jurisdiction"]) == (head.person.pk, "440106")
    end_duty(actor=head, duty=Duty.objects.get())
    assert actor_for(other.person).charges == frozenset()
    kinds = Entry.objects.filter(kind__startswith="organisation.duty").values_list("kind", flat=True)
    assert list(kinds) == ["organisation.duty", "organisation.duty-ended"]


def test_the_only_officer_keeps_acting_when_the_scope_changes():
    lone = city.officer()
    head = city.member(lone.organisation, Role.ADMINISTRATOR)
    head.person.memberships.update(role=Role.MEMBER)
    set_scope(actor=city.officer(), membership=held_by(lone), programme="need")
    assert actor_for(lone.person).charges == {Charge("", "need")}


def test_nobody_widens_their_own_power_and_strangers_divide_nothing(office, head):
    other = city.member(office, Role.OFFICER)
    for stranger in (
        city.officer("440106"), officer_of(office, programme="need"), city.member(office),
        city.member(city.organisation(), Role.ADMINISTRATOR),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            set_scope(actor=stranger, membership=held_by(other), programme="need")
        with pytest.raises(NotAllowed):
            give_duty(actor=stranger, organisation=office, department="成果处")
    with pytest.raises(Refused) as refused:
        set_scope(actor=other, membership=held_by(other))
    assert refused.value.problems[0].code == "scope-own"
    firm = city.organisation()
    with pytest.raises(NotAllowed):  # no office
        give_duty(actor=city.member(firm, Role.ADMINISTRATOR), organisation=firm, department="科研处")


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"programme": "person"}, "programme-unknown"),
        ({"jurisdiction": "110000"}, "region-unknown"),
        ({"department": "无职责处"}, "department-unknown"),
    ],
)
def test_scope_names_what_there_is(office, head, scope, code):
    with pytest.raises(Refused) as refused:
        set_scope(actor=head, membership=held_by(city.member(office, Role.OFFICER)), **scope)
    assert [one.code for one in refused.value.problems] == [code]


def test_pages_divide_power(office, head):
    other, client = city.member(office, Role.OFFICER), client_of(head)
    address = f"/organisations/{office.record.code}/"
    assert "In charge of" in client.get(address).content.decode()
    assert client.post(f"{address}duties/", {"department": "", "programme": ""}).status_code == 422
    assert client.post(f"{address}duties/", {"department": "成果处", "programme": "achievement"}).status_code == 302
    assert "成果处" in client.get(f"{address}duties/").content.decode()
    page = f"{address}members/{held_by(other).pk}/scope/"
    assert client.post(page, {"programme": "nothing"}).status_code == 422
    assert client.post(page, {"programme": "", "jurisdiction": "440106", "department": "成果处"}).status_code == 302
    assert "成果处 · Tianhe" in client.get(address).content.decode()
    number = Duty.objects.get().pk
    assert client.get(f"{address}duties/{number}/end/").status_code == 200
    assert Duty.objects.exists()
    assert client.post(f"{address}duties/{number}/end/").status_code == 302
    assert not Duty.objects.exists()
    stranger = client_of(city.member(office))
    for below in ("duties/", f"members/{held_by(other).pk}/scope/"):
        assert stranger.get(address + below).status_code == 403


# -- what was there before ---------------------------------------------------------------------------------------------


def test_records_from_before_are_read_by_the_officers_of_their_programme(office):
    from importlib import import_module

    migration = import_module("kezhuan.kernel.migrations.0021_scoped_readers")
    made = records()
    wanted = {key: {group: getattr(one, f"{group}_to").key for group in GROUPS} for key, one in made.items()}
    for record in made.values():
        for group in GROUPS:
            tokens = [one for one in getattr(record, f"{group}_to").key.split("|") if one.count(":") < 2]
            old, is_new = Audience.objects.get_or_create(key="|".join(tokens))
            if is_new:
                AudienceToken.objects.bulk_create([AudienceToken(audience=old, token=one) for one in tokens])
            Record.objects.filter(pk=record.pk).update(**{f"{group}_to": old})
    assert not can_view(officer_of(office, programme="need"), Record.objects.get(pk=made["need", "440106"].pk))
    migration.name_programmes(apps, SimpleNamespace(connection=connection))
    for key, record in made.items():
        now = Record.objects.get(pk=record.pk)
        assert {group: getattr(now, f"{group}_to").key for group in GROUPS} == wanted[key]


def test_tokens_of_officers():
    assert officer_tokens("") == {"officer"}
    assert officer_tokens("440106", "need") == {"officer", "officer:440106", "officer::need", "officer:440106:need"}
