"""调阅: an inspector reads what they are admitted to, in its days, as far as it is opened; every look is noted."""

from datetime import UTC, datetime, timedelta

import pytest

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.inspections.actions import add_letter, close_expired, prepare_inspection
from kezhuan.areas.inspections.lifecycle import INSPECTION, TOLD
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.inspections.queries import inspections_visible_to
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.needs.lifecycle import INTRODUCED, NEED
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel import jobs, registry
from kezhuan.kernel.access import GROUPS, actor_for, can_view, groups_seen, visible_to
from kezhuan.kernel.documents import Upload, attach_document, may_attach
from kezhuan.kernel.errors import Missing, NotAllowed, Refused
from kezhuan.kernel.grants import grant
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Grant, Message, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox.words import outgoing
from kezhuan.kernel.registry import row_of
from kezhuan.kernel.search import Asked, search
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def text_letter():
    return Upload("调阅函.txt", "调阅函".encode(), True)


@pytest.fixture
def user():
    return sign_up(name="王审", email="audit@example.com", password="long-enough-secret")


@pytest.fixture
def inspector(user):
    return lambda: actor_for(user.person)


def fresh(row):
    return Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)


def admitted(actor, *rows, since=0, until=9, **more):
    """An inspection of these rows, admitted by the actor."""
    row = prepare_inspection(
        actor=actor, email="audit@example.com", body="市审计局", letter_no="穗审调〔2026〕7号",
        since=today() + since * DAY, until=today() + until * DAY, codes=[one.record.code for one in rows],
        letter=text_letter(), **more,
    )  # fmt: skip
    return advance(INSPECTION, row, "admit", actor=actor)


class At:
    """Lets the program believe that it is another moment, for its days."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch

    def __call__(self, moment):
        from kezhuan.kernel import text

        class Fixed(datetime):
            @classmethod
            def now(cls, tz=None):
                return moment.astimezone(tz)

        self.monkeypatch.setattr(text, "datetime", Fixed)


@pytest.fixture
def at(monkeypatch):
    return At(monkeypatch)


# -- what is seen ------------------------------------------------------------------------------------------------------


def test_inspector_of_the_bureau_sees_what_the_bureau_sees_and_changes_nothing(user, inspector):
    unit, bureau = city.organisation(), city.officer()
    need, other = city.need(unit, stage="submitted"), city.need(unit, stage="submitted")
    secret = city.achievement(unit, stage="submitted", secrecy="trade_secret")
    admitted(bureau, need, secret)
    assert groups_seen(inspector(), fresh(need)) == {"title", "public", "full"}
    assert groups_seen(inspector(), fresh(secret)) == {"title"}
    assert groups_seen(inspector(), fresh(other)) == frozenset()
    for group in GROUPS:
        rows = visible_to(inspector(), Record.objects.filter(kind="need"), group)
        assert list(rows.values_list("pk", flat=True)) == ([need.pk] if group != "inner" else [])
    assert NEED.open_to(inspector(), row_of(fresh(need))) == []
    with pytest.raises(NotAllowed):
        advance(NEED, need, "publish", actor=inspector())
    assert not may_attach(inspector(), row_of(fresh(need)))
    assert not inspector().is_officer


def test_inspector_of_a_unit_sees_its_inner_part_and_nobody_elses_records(user, inspector):
    unit = city.organisation()
    boss = city.member(unit, Role.ADMINISTRATOR)
    need, foreign = city.need(unit, stage="submitted"), city.need(city.organisation(), stage="published")
    with pytest.raises(Refused) as refused:
        admitted(boss, foreign, unit=unit)
    assert refused.value.problems[0].code == "matters-unknown"
    admitted(boss, need, unit=unit)
    assert groups_seen(inspector(), fresh(need)) == {"title", "public", "full", "inner"}


def test_what_a_stage_keeps_closed_opens_with_its_stage(user, inspector):
    unit = city.organisation()
    boss = city.member(unit, Role.ADMINISTRATOR)
    draft = city.achievement(unit, by=boss)
    admitted(boss, draft, unit=unit)
    assert groups_seen(inspector(), fresh(draft)) == frozenset()
    advance(ACHIEVEMENT, draft, "submit", actor=boss)
    assert groups_seen(inspector(), fresh(draft)) == {"title", "public", "full", "inner"}
    advance(ACHIEVEMENT, draft, "return", actor=city.officer(), note="补充")
    assert groups_seen(inspector(), fresh(draft)) == frozenset()


def test_blind_introduction_is_opened_to_the_inspector_when_both_have_agreed(user, inspector):
    firm, university, bureau = city.organisation("盲审公司"), city.organisation(kind="university"), city.officer()
    intro = city.introduction(bureau, firm, university)
    admitted(bureau, intro)
    assert groups_seen(inspector(), fresh(intro)) == frozenset()
    client, address = client_of(inspector()), f"/introductions/{intro.record.code}/"
    assert client.get(address).status_code == 404
    for side in (firm, university):
        advance(INTRODUCTION, intro, "agree", actor=city.member(side))
    assert groups_seen(inspector(), fresh(intro)) == {"title", "public", "full"}
    assert "盲审公司" in client.get(address).content.decode()


# -- its days ----------------------------------------------------------------------------------------------------------


def test_access_begins_and_ends_by_itself_at_midnight_in_shanghai(user, inspector, at):
    unit, bureau = city.organisation(), city.officer()
    need = city.need(unit, stage="submitted", title="抛光 qzxvmidnight", problem="大尺寸衬底")
    file = attach_document(actor=city.member(unit), record=need.record, upload=text_letter())
    first, last = today() + 2 * DAY, today() + 4 * DAY
    admitted(bureau, need, since=2, until=4)
    before_entries = Entry.objects.filter(kind__startswith="need.").count()
    code, client = need.record.code, client_of(inspector())

    def midnight(day):
        return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)

    def seen():
        return {
            "page": client.get(f"/needs/{code}/").status_code == 200,
            "api": client.get(f"/api/v1/needs/{code}").status_code == 200,
            "api list": code in client.get("/api/v1/needs").content.decode(),
            "list": code in client.get("/needs/").content.decode(),
            "search": search(inspector(), Asked(words="qzxvmidnight")).records == [need.pk],
            "facets": search(inspector(), Asked(kinds=("need",), facets=("stage",))).total == 1,
            "export": code in client.post("/needs/", {"export": "csv"}).getvalue().decode("utf-8-sig"),
            "document": client.get(f"/documents/{file.pk}/").status_code == 200,
        }

    nowhere, everywhere = dict.fromkeys(seen(), False), dict.fromkeys(seen(), True)
    second = timedelta(seconds=1)
    for moment, wanted in (
        (midnight(first) - second, nowhere), (midnight(first), everywhere),
        (midnight(last + DAY) - second, everywhere), (midnight(last + DAY), nowhere),
    ):  # fmt: skip
        at(moment)
        # A session lasts for days; what it may see is asked anew each time.
        assert seen() == wanted, moment
    # Nobody did anything for it: the records were not touched.
    assert Entry.objects.filter(kind__startswith="need.").count() == before_entries


def test_any_grant_with_days_ends_by_itself_also_in_calendar_feed_and_watches(at):
    from kezhuan.web.feed_pages import _actors

    guest = city.organisation()
    actor, need = city.member(guest), city.need(city.organisation(), stage="published", confidentiality="closed_door")
    grant(need.record, guest.record, INTRODUCED, until=today())
    NEED.refresh_audience(need)
    assert groups_seen(actor_for(actor.person), fresh(need)) == {"title", "public"}
    assert all(can_view(one, fresh(need)) for one in _actors(actor.person))
    tomorrow = datetime.combine(today() + DAY, datetime.min.time(), tzinfo=UTC) - timedelta(hours=8)
    at(tomorrow)
    assert groups_seen(actor_for(actor.person), fresh(need)) == frozenset()
    assert not any(can_view(one, fresh(need)) for one in _actors(actor.person))


def test_file_written_in_these_days_is_not_fetched_after_them(user, inspector, at, monkeypatch):
    from kezhuan.exchange.models import Export
    from kezhuan.web import exports

    need = city.need(city.organisation(), stage="submitted")
    admitted(city.officer(), need, until=0)
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    client = client_of(inspector())
    assert client.post("/needs/", {"export": "csv"}).status_code == 302
    jobs.run_pending()
    number = Export.objects.get().pk
    assert need.record.code in client.get(f"/exports/{number}/").getvalue().decode("utf-8-sig")
    at(datetime.combine(today() + DAY, datetime.min.time(), tzinfo=UTC) - timedelta(hours=8))
    assert client.get(f"/exports/{number}/").status_code == 404


def test_end_takes_access_at_once_and_the_day_after_is_recorded(user, inspector, at):
    bureau, unit = city.officer(), city.organisation()
    need, other = city.need(unit, stage="submitted"), city.need(unit, stage="submitted")
    first, second = admitted(bureau, need), admitted(bureau, other, until=0)
    advance(INSPECTION, first, "end", actor=bureau, note="已结束")
    assert not can_view(inspector(), fresh(need))
    assert can_view(inspector(), fresh(other))
    at(datetime.combine(today() + DAY, datetime.min.time(), tzinfo=UTC) - timedelta(hours=7))
    close_expired(type("Running", (), {"finish": lambda self: None})())
    assert Record.objects.get(pk=second.pk).stage == "ended"
    assert Entry.objects.filter(kind="inspection.expire").count() == 1
    with pytest.raises(NotAllowed):
        advance(INSPECTION, admitted(bureau, need), "expire", actor=bureau)


# -- who is told, what is noted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [True, False])
def test_owner_is_told_unless_the_letter_forbids_it(user, inspector, told):
    unit, bureau = city.organisation(), city.officer()
    boss = city.member(unit, Role.ADMINISTRATOR)
    need = city.need(unit, stage="submitted", by=boss)
    row = admitted(bureau, need, owner_told=told)
    assert Message.objects.filter(person=boss.person, letter=TOLD, acting_for=unit).count() == told
    for message in Message.objects.filter(letter=TOLD):
        assert "市审计局" in outgoing(message).text
    address, client = f"/inspections/{row.record.code}/", client_of(boss)
    assert client.get(address).status_code == (200 if told else 404)
    shown = client.get(f"/needs/{need.record.code}/").content.decode()
    assert ("opened to an inspection" in shown) is told
    client_of(inspector()).get(f"/needs/{need.record.code}/")
    if told:
        assert "王审" in client.get(address).content.decode()
    for place in (f"/needs/{need.record.code}/", f"/api/v1/needs/{need.record.code}/history", "/inbox/"):
        assert ("inspection" in client.get(place).content.decode().lower().replace("inspections", "")) is (
            told and place != "/inbox/"
        )
    assert [one.pk for one in inspections_visible_to(boss)] == ([row.pk] if told else [])


def test_every_look_is_noted_and_only_looks_at_the_matter(user, inspector):
    unit, bureau = city.organisation(), city.officer()
    need, public = city.need(unit, stage="submitted"), city.need(unit, stage="published")
    file = attach_document(actor=city.member(unit), record=need.record, upload=text_letter())
    row = admitted(bureau, need)
    client, code = client_of(inspector()), need.record.code

    def noted():
        rows = Entry.objects.filter(kind="inspection.view").order_by("seq")
        return [(one.actor_id, one.record_id, one.data.get("other"), one.data["by"]) for one in rows]

    uid = str(need.record.uid)
    for address, by in (
        (f"/needs/{code}/", "page"), (f"/documents/{file.pk}/", "document"), ("/needs/", "list"),
        (f"/api/v1/needs/{code}", "api"), ("/api/v1/needs", "api"), (f"/api/v1/needs/{code}/documents", "api"),
        (f"/records/{code}/papers/", "document"), (f"/api/v1/needs/{code}/matches", "api"),
        (f"/api/v1/needs/{code}/near-misses", "api"), (f"/search/?q={code}", "list"),
        (f"/api/v1/search?q={code}", "api"),
    ):  # fmt: skip
        before = noted()
        assert client.get(address).status_code == 200
        assert noted() == [*before, (user.person_id, row.pk, uid, by)], address
    before = noted()
    assert code in client.post("/needs/", {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert noted()[len(before) :] == [(user.person_id, row.pk, uid, "export")]
    before = noted()
    client.get(f"/needs/{public.record.code}/")
    client_of(bureau).get(f"/needs/{code}/")
    assert noted() == before
    # Whoever admitted reads every look on the inspection's page.
    assert client_of(bureau).get(f"/inspections/{row.record.code}/").content.decode().count("looked at") >= 9


# -- who admits --------------------------------------------------------------------------------------------------------


def test_only_the_bureau_and_a_units_administrators_admit(user):
    unit = city.organisation()
    need = city.need(unit, stage="submitted")
    for actor, own in (
        (city.member(unit), unit), (city.member(unit, Role.READER), unit), (city.officer("440106"), None),
        (city.member(city.organisation(), Role.ADMINISTRATOR), unit), (city.member(unit, Role.ADMINISTRATOR), None),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            admitted(actor, need, unit=own)
    assert not Grant.objects.exists()


def test_nobody_is_admitted_without_the_letter_or_after_its_days(user, inspector):
    bureau, need = city.officer(), city.need(city.organisation(), stage="submitted")
    given = {
        "actor": bureau, "email": "audit@example.com", "body": "市纪委监委", "letter_no": "调函1号", "since": today(),
        "until": today(), "codes": [need.record.code],
    }  # fmt: skip
    row = prepare_inspection(**given)
    with pytest.raises(Refused) as refused:
        advance(INSPECTION, row, "admit", actor=bureau)
    assert refused.value.problems[0].code == "inspection-letter"
    assert not can_view(inspector(), fresh(need))
    with pytest.raises(NotAllowed):
        add_letter(actor=city.member(city.organisation()), inspection=row, letter=text_letter())
    add_letter(actor=bureau, inspection=row, letter=text_letter())
    advance(INSPECTION, row, "admit", actor=bureau)
    for wrong, code in (
        ({"email": "nobody@example.com"}, "email-unknown"), ({"until": today() - DAY}, "inspection-days"),
        ({"codes": []}, "matters-missing"), ({"codes": ["N-1999-00001"]}, "matters-unknown"),
        ({"letter_no": " "}, "text-missing"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            prepare_inspection(**given | wrong)
        assert [one.code for one in refused.value.problems] == [code]


def test_owners_of_one_inspection_see_nothing_of_each_others(user):
    bureau = city.officer()
    bosses = [city.member(city.organisation(), Role.ADMINISTRATOR) for _ in range(2)]
    needs = [city.need(boss.organisation, stage="submitted", by=boss) for boss in bosses]
    row = admitted(bureau, *needs)
    client_of(actor_for(user.person)).get("/needs/")
    for boss, own, other in ((bosses[0], *needs), (bosses[1], *reversed(needs))):
        for address in (f"/inspections/{row.record.code}/", f"/api/v1/inspections/{row.record.code}"):
            shown = client_of(boss).get(address).content.decode()
            assert own.record.code in shown
            assert other.record.code not in shown


def test_pages_prepare_admit_and_end(user, inspector):
    from django.core.files.uploadedfile import SimpleUploadedFile

    bureau, need = city.officer(), city.need(city.organisation(), stage="submitted")
    client = client_of(bureau)
    assert client.get("/inspections/new/").status_code == 200
    given = {
        "email": "audit@example.com", "body": "市审计局", "letter_no": "7号", "since": today(), "until": today(),
        "codes": f"{need.record.code}\n", "owner_told": "on",
    }  # fmt: skip
    wrong = client.post("/inspections/new/", given | {"codes": "N-1999-00001"})
    assert (wrong.status_code, "N-1999-00001" in wrong.content.decode()) == (422, True)
    address = client.post("/inspections/new/", given)["Location"]
    assert client.get("/inspections/").content.decode().count("7号") >= 1
    assert client.post(f"{address}letter/", {}).status_code == 422
    file = SimpleUploadedFile("函.txt", b"letter")
    assert client.post(f"{address}letter/", {"file": file, "declared_open": "on"}).status_code == 302
    code = Inspection.objects.get().record.code
    assert client_of(inspector()).get("/inspections/").content.decode().count(address) == 0
    assert client.post(f"/records/{code}/moves/admit/").status_code == 302
    reading = client_of(inspector())
    assert address in reading.get("/inspections/").content.decode()
    assert need.record.code in reading.get(address).content.decode()
    assert reading.get(f"{address}letter/").status_code == 403
    assert reading.get("/inspections/new/").status_code == 403
    client.post(f"/records/{code}/moves/end/", {"note": "完成"})
    assert reading.get(f"/needs/{need.record.code}/").status_code == 404
    assert registry.kind_of("inspection").list_page == "inspections"
    with pytest.raises(Missing):
        from kezhuan.kernel.access import get_visible

        get_visible(city.member(city.organisation()), Inspection, code)


def test_inspections_are_a_list_like_others_for_those_who_may_know_of_them(user, inspector):
    """Found by words, narrowed, taken along and read through the API; an owner whom nobody tells learns nothing."""
    officer, owner = city.officer(), city.member(city.organisation())
    row = admitted(officer, city.need(owner.organisation, by=owner, stage="published"), owner_told=False)
    for actor, knows in ((officer, 1), (inspector(), 1), (owner, 0), (city.member(city.organisation()), 0)):
        client = client_of(actor)
        assert client.get("/inspections/?q=审计局&stage=admitted").context["pager"].total == knows
        assert client.get("/api/v1/inspections").json()["total"] == knows
        file = b"".join(client.post("/inspections/", {"export": "csv"}).streaming_content).decode()
        assert file.count(row.record.code) == knows
    assert client_of(None).get("/api/v1/inspections").json()["total"] == 0
    client_of(officer).post(f"/records/{row.record.code}/moves/end/", {"note": "完成"})
    assert client_of(officer).get("/inspections/?stage=admitted").context["pager"].total == 0
