"""Calls: a list of needs is tested, published and applied for in time, and read by whom it is for."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from kezhuan.areas.calls import checks
from kezhuan.areas.calls.actions import Heard, edit_call, listable_need, prepare_call, put_on_list, record_readings
from kezhuan.areas.calls.application_actions import begin_application, edit_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL, CLOSE
from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.queries import applications_visible_to, calls_visible_to
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Indicator
from kezhuan.areas.people.actions import SYSTEM
from kezhuan.kernel import jobs, reminders
from kezhuan.kernel.access import GROUPS, VISITOR, can_view
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Job, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import SHANGHAI, today
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.factories import calls, city

pytestmark = pytest.mark.django_db


def sees(row, actor):
    record = Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)
    return [group for group in GROUPS if can_view(actor, record, group)]


def codes(refused):
    return {problem.code for problem in refused.value.problems}


def moved(life, row, *names, by, **words):
    for name in names:
        row = advance(life, row, name, actor=by, note="测试", **words)
    return row


def closed_with(officer, *units, winners=1, **facts):
    """A closed call, and an application of each unit that passed the formality check."""
    call = calls.call(stage="published", by=officer, winners=winners, **facts)
    rows = [calls.application(call, unit, stage="qualified") for unit in units]
    calls.end_time_of(call)
    return moved(CALL, call, "close", by=officer), rows


# -- the list and its wording ------------------------------------------------------------------------------------------


def test_only_officers_in_charge_make_calls_and_change_drafts():
    officer, firm = city.officer(), city.member(city.organisation(), Role.ADMINISTRATOR)
    for actor in (firm, VISITOR, city.member(officer.organisation)):
        with pytest.raises(NotAllowed):
            prepare_call(actor=actor, facts=calls.call_facts())
    call = calls.call(by=officer)
    elsewhere = city.officer("440106")
    for actor in (firm, elsewhere):
        with pytest.raises(NotAllowed):
            edit_call(actor=actor, call=call, facts=calls.call_facts(), expected_version=1)
        assert sees(call, actor) == []


def test_a_need_is_found_by_its_code_however_it_was_typed():
    need = city.need(city.organisation(), stage="published")
    assert listable_need(city.officer(), f" {need.record.code.lower()}") == need


@pytest.mark.parametrize("field", ["value", "unit", "test_method"])
def test_a_need_without_figure_unit_or_test_method_is_not_put_on_a_list(field):
    need = city.need(city.organisation(), stage="published")
    Indicator.objects.filter(need=need).update(**{field: ""})
    call = calls.call(by=city.bureau(), needs=[city.need(city.organisation(), stage="published")])
    with translation.override("zh-hans"), pytest.raises(Refused) as refused:
        put_on_list(actor=city.bureau(), call=call, need=need)
    (problem,) = refused.value.problems
    said = {"value": "数值", "unit": "单位", "test_method": "测试方法"}[field]
    assert said in str(problem.message)
    assert "表面粗糙度" in str(problem.message)


@pytest.mark.parametrize("facts", [{"confidentiality": "title_only"}, {"confidentiality": "closed_door"}])
def test_a_need_that_is_not_open_to_everybody_stands_on_no_list(facts):
    call = calls.call()
    with pytest.raises(Refused) as refused:
        put_on_list(actor=city.bureau(), call=call, need=city.need(city.organisation(), stage="published", **facts))
    assert codes(refused) == {"call-need-closed"}


def test_a_call_is_published_after_its_wording_was_tested_as_it_stands():
    officer = city.bureau()
    call = calls.call(readers_asked=2)
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "publish", by=officer)
    assert codes(refused) == {"call-untested"}
    record_readings(actor=officer, call=call, heard=[])  # takes back what was recorded
    with pytest.raises(Refused) as refused:
        record_readings(actor=officer, call=call, heard=[])
    assert codes(refused) == {"readings-empty"}
    heard = [Heard("甲", today(), True), Heard("乙", today(), False, words="测试条件不明")]
    record_readings(actor=officer, call=call, heard=heard)
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "publish", by=officer)
    assert codes(refused) == {"call-untested"}  # of two one did not understand
    put_on_list(actor=officer, call=call, need=city.need(city.organisation(), stage="published", title="第二项需求"))
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "publish", by=officer)
    assert codes(refused) == {"call-wording-changed"}
    record_readings(actor=officer, call=call, heard=[], minutes_no="论证〔2026〕3号", minutes_on=today())
    assert moved(CALL, call, "publish", by=officer).record.stage == "published"


def test_the_page_takes_minutes_alone_and_asks_for_no_expert_beside_them():
    call = calls.call()
    call.readings.all().delete()
    desk, place = client_of(city.bureau()), f"/calls/{call.record.code}/readings/"
    # What a browser sends back of the page as it comes.
    shown = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', desk.get(place).content.decode())
    empty = desk.post(place, dict(shown))
    assert (empty.status_code, "Nothing is entered" in empty.content.decode()) == (422, True)
    sent = desk.post(place, dict(shown) | {"minutes_no": "论证〔2026〕3号", "minutes_on": f"{today():%Y-%m-%d}"})
    assert sent.status_code == 302, sent.content.decode()
    call.refresh_from_db()
    assert (call.minutes_no, call.minutes_on, call.readings.count()) == ("论证〔2026〕3号", today(), 0)


def test_what_a_call_lacks_is_told_at_once_and_a_place_may_ask_for_more_days():
    call = calls.call(about="", ip_terms="", opens_at=None)
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "publish", by=city.bureau())
    assert codes(refused) == {"summary-missing", "ip-terms-missing", "call-dates-missing"}
    city.rule("call.shortest-days", 30, "calendar days")
    with pytest.raises(Refused) as refused:
        calls.call(stage="published")
    assert codes(refused) == {"call-too-short"}


def test_a_need_that_was_withdrawn_meanwhile_keeps_its_call_back():
    firm = city.organisation()
    owner = city.clerk(firm)
    need = city.need(firm, stage="published", by=owner)
    call = calls.call(needs=[need])
    moved(NEED, need, "withdraw", by=owner)
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "publish", by=city.bureau())
    assert codes(refused) == {"call-need-gone"}


# -- in time -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch):
    """The server's clock, which a test sets."""

    def set_to(moment):
        monkeypatch.setattr(checks, "now", lambda: moment)

    return set_to


def test_an_application_one_second_after_deadline_and_grace_is_refused(clock):
    call = calls.call(stage="published", grace_minutes=30)
    rows = [calls.application(call, stage="draft") for _ in range(2)]
    last = Call.objects.get(pk=call.pk).closes_at + timedelta(minutes=30)
    clock(last)
    assert moved(APPLICATION, rows[0], "submit", by=city.clerk(rows[0].applicant)).record.stage == "submitted"
    clock(last + timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        moved(APPLICATION, rows[1], "submit", by=city.clerk(rows[1].applicant))
    assert codes(refused) == {"call-over"}
    with pytest.raises(Refused) as refused:
        calls.application(call)
    assert codes(refused) == {"call-over"}
    # A deadline is told with its zone.
    assert "UTC+8" in str(refused.value.problems[0].message)


def test_before_it_opens_nothing_is_taken():
    future = datetime(2030, 1, 1, tzinfo=UTC)
    call = calls.call(stage="published", opens_at=future, closes_at=future + timedelta(days=30))
    with pytest.raises(Refused) as refused:
        calls.application(call)
    assert codes(refused) == {"call-not-open-yet"}


def test_the_clock_closes_a_call_and_drafts_are_told_as_not_submitted():
    call = calls.call(stage="published")
    draft, sent = calls.application(call, stage="draft"), calls.application(call)
    job = Job.objects.get(name=CLOSE)
    deadline = Call.objects.get(pk=call.pk).deadline
    assert deadline < job.due_at < deadline + timedelta(minutes=1)
    # Its unit has the draft in the inbox until the last day, and is reminded; to submit one is no answer to anybody.
    clerk, (term, over) = city.clerk(draft.applicant), Clock.objects.filter(name="draft").order_by("pk")
    assert term.due_on == (deadline - timedelta(seconds=1)).astimezone(SHANGHAI).date()
    assert [one.clock.due for one in inbox.lines(clerk)] == [term.due_on]
    told = reminders.letters_of(term.due_on - timedelta(days=1), term.due_on)
    assert {number for letter in told.values() for number in letter} == {term.pk}
    assert (over.record_id, over.ended_on, over.answered) == (sent.pk, today(), False)
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "close", by=SYSTEM)
    assert codes(refused) == {"call-still-open"}
    with pytest.raises(NotAllowed):
        moved(CALL, call, "close", by=city.bureau())
    calls.end_time_of(call)
    Job.objects.filter(pk=job.pk).update(due_at=job.made_at)
    jobs.run_pending()
    stages = dict(Record.objects.filter(pk__in=(call.pk, draft.pk, sent.pk)).values_list("pk", "stage"))
    assert stages == {call.pk: "closed", draft.pk: "missed", sent.pk: "submitted"}
    assert not Clock.objects.filter(name="draft", ended_on=None).exists()
    page = client_of(city.clerk(draft.applicant)).get(f"/applications/{draft.record.code}/").content.decode()
    assert "not submitted" in page


# -- who applies -------------------------------------------------------------------------------------------------------


def test_vector_1_the_poster_is_refused_as_lead_claimant():
    firm = city.organisation()
    call = calls.call(stage="published", needs=[city.need(firm, stage="published")])
    with pytest.raises(Refused) as refused:
        calls.application(call, firm)
    (problem,) = refused.value.problems
    assert problem.code == "poster-claims-own-list"
    page = client_of(city.clerk(firm)).get(f"/calls/{call.record.code}/items/1/apply/")
    assert page.status_code == 403


def test_a_unit_applies_once_for_an_item_and_again_after_it_withdrew():
    call, unit = calls.call(stage="published"), city.organisation()
    first = calls.application(call, unit)
    with pytest.raises(Refused) as refused:
        calls.application(call, unit)
    assert codes(refused) == {"application-twice"}
    moved(APPLICATION, first, "withdraw", by=city.clerk(unit))
    assert calls.application(call, unit).record.stage == "submitted"


def test_what_an_application_lacks_is_told_at_its_fields():
    call = calls.call(stage="published")
    row = calls.application(
        call, stage="draft", offer="", leader="", months=30, asked_fen=300_000_000, commitments=(), evidence=(),
        answers=(), promised=False,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        moved(APPLICATION, row, "submit", by=city.clerk(row.applicant))
    assert {problem.field for problem in refused.value.problems} == {
        "summary", "leader", "months", "asked", "commitment_0", "evidence_0", "answer_0", "promised",
    }  # fmt: skip
    item = CallItem.objects.select_related("call").get(call=call)
    for answers in (("文" * 2001,), ("", "12"), ("", "a"), ("", "", "")):
        with pytest.raises(Refused):
            begin_application(
                actor=city.member(city.organisation()), item=item, facts=calls.application_facts(answers=answers)
            )


def test_a_supplement_is_written_and_handed_in_after_the_deadline():
    call = calls.call(stage="published")
    row = calls.application(call, stage="returned")
    writer = city.clerk(row.applicant)
    calls.end_time_of(call)
    version = row.record.version
    facts = calls.application_facts(evidence=("补充：重点实验室批文",))
    row = edit_application(actor=writer, application=row, facts=facts, expected_version=version)
    with pytest.raises(Conflict):
        edit_application(actor=writer, application=row, facts=facts, expected_version=version)
    assert moved(APPLICATION, row, "supplement", by=writer).record.stage == "submitted"


# -- who reads what ----------------------------------------------------------------------------------------------------


def test_applications_are_read_by_their_unit_and_the_officers_until_one_is_chosen():
    poster = city.organisation()
    officer, district = city.officer(), city.officer("440106")
    call = calls.call(
        stage="published", by=officer, needs=[city.need(poster, stage="published")], questions=(),
    )  # fmt: skip
    one, other = (calls.application(call, stage="draft", answers=()) for _ in range(2))
    mine, rival, posing = city.clerk(one.applicant), city.clerk(other.applicant), city.clerk(poster)
    everybody = (mine, rival, posing, officer, district, VISITOR)
    assert [bool(sees(one, actor)) for actor in everybody] == [True] + [False] * 5
    for row in (one, other):
        handed = moved(APPLICATION, row, "submit", by=city.clerk(row.applicant))
        moved(APPLICATION, calls.checked(handed, officer), "accept", by=officer)
    assert [bool(sees(one, actor)) for actor in everybody] == [True, False, False, True, False, False]
    calls.end_time_of(call)
    call = moved(CALL, call, "close", by=officer)
    proposed = {
        one.record.code: Proposed(True, "路线成熟", 100_000_000),
        other.record.code: Proposed(False, "成本偏高"),
    }
    propose(actor=officer, call=call, proposed=proposed)
    assert "路线成熟" not in client_of(mine).get(f"/applications/{one.record.code}/").content.decode()
    moved(CALL, call, "decide", by=officer)
    assert sees(one, VISITOR) == ["title", "public"]
    assert sees(one, posing) == ["title", "public", "full"]
    assert [bool(sees(other, actor)) for actor in everybody] == [False, True, False, True, False, False]
    for actor in everybody:
        found = set(applications_visible_to(actor).values_list("pk", flat=True))
        assert found == {row.pk for row in (one, other) if sees(row, actor)}
        assert set(calls_visible_to(actor).values_list("pk", flat=True)) == {call.pk}
    assert "成本偏高" in client_of(rival).get(f"/applications/{other.record.code}/").content.decode()
    public = client_of(VISITOR).get(f"/calls/{call.record.code}/").content.decode()
    funnel = public[public.index('id="funnel"') :]
    numbers = re.findall(r'<td class="number">(\d+)</td>', funnel[: funnel.index("</table>")])
    assert numbers == ["1", "2", "2", "1"]  # on the list, applications, units, chosen
    assert one.applicant.record.title in public
    assert other.applicant.record.title not in public


def test_a_list_for_those_who_signed_in_shows_visitors_its_title_alone():
    call = calls.call(stage="published", disclosure="signed_in")
    assert sees(call, VISITOR) == ["title"]
    assert sees(call, city.member(city.organisation())) == ["title", "public"]
    page = client_of(VISITOR).get(f"/calls/{call.record.code}/").content.decode()
    assert call.record.title in page
    assert "表面粗糙度" not in page
    item = client_of(VISITOR).get(f"/calls/{call.record.code}/items/1/apply/")
    assert item.status_code in {302, 404}
