"""Calls are decided with a reason for everybody, and what is asked about them is answered for everybody."""

import pytest

from kezhuan.areas.approvals.actions import ask_approval, sign_step
from kezhuan.areas.calls import pages_desk
from kezhuan.areas.calls.actions import Heard, edit_call, record_readings
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.changes import changes_since
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call, Proposal
from kezhuan.areas.calls.posting_again_actions import post_again
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.question_actions import answer_about_call, ask_about_call
from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.notices.lifecycle import NOTICE, OBJECTION
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.kernel.access import GROUPS, VISITOR, actor_for, can_view
from kezhuan.kernel.bulk import advance_records
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Entry, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import calls, city, reviews
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db

OUTCOMES = ["application.award", "application.pass-over"]


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


# -- the decision ------------------------------------------------------------------------------------------------------


def test_a_decision_has_a_reason_for_everybody_and_stays_within_item_and_budget():
    officer, units = city.officer(), [city.organisation(kind="university") for _ in range(2)]
    call, (one, other) = closed_with(officer, *units, budget_fen=150_000_000)
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "decide", by=officer)
    assert codes(refused) == {"call-unproposed"}
    yes, no = one.record.code, other.record.code
    for proposed, code in (
        ({yes: Proposed(True, "好"), no: Proposed(False, " ")}, "proposal-reason"),
        ({yes: Proposed(True, "好"), no: Proposed(True, "好")}, "award-too-many"),
        ({yes: Proposed(True, "好", 200_000_001)}, "award-above-item"),
        ({yes: Proposed(True, "好", 150_000_001)}, "award-above-budget"),
        ({"K-1999-00001": Proposed(True, "好")}, "proposal-unknown"),
    ):
        with pytest.raises(Refused) as refused:
            propose(actor=officer, call=call, proposed=proposed)
        assert code in codes(refused)
    desk, place = client_of(officer), f"/calls/{call.record.code}/"
    assert "Proposed decision" not in desk.get(place).content.decode()
    propose(actor=officer, call=call, proposed={yes: Proposed(True, "好", 100_000_000)})
    told = desk.get(place).content.decode()
    assert "1 to be chosen with CNY 1.00 million of fiscal money, 0 not; nothing is said of 1 yet" in told
    propose(actor=officer, call=call, proposed={yes: Proposed(True, "好", 150_000_000), no: Proposed(False, "成本高")})
    # The officers read on the call's page what is proposed; nobody else does.
    told = desk.get(place).content.decode()
    assert "<p>1 to be chosen with CNY 1.50 million of fiscal money, 1 not</p>" in told
    assert f"{place}tables/proposed/" in told
    assert "Proposed decision" not in client_of(city.clerk(units[0])).get(place).content.decode()
    call = moved(CALL, call, "decide", by=officer)
    rows = {row.record.code: row for row in Application.objects.select_related("record")}
    assert (rows[yes].record.stage, rows[yes].award_fen, rows[yes].verdict) == ("awarded", 150_000_000, "好")
    assert (rows[no].record.stage, rows[no].award_fen, rows[no].verdict) == ("rejected", None, "成本高")


def test_what_is_proposed_for_many_is_kept_page_by_page(monkeypatch):
    monkeypatch.setattr(pages_desk, "PART", 1)
    officer, units = city.officer(), [city.organisation(kind="university") for _ in range(3)]
    call, (one, two, three) = closed_with(officer, *units, budget_fen=150_000_000)
    url, browser = f"/calls/{call.record.code}/proposal/", client_of(officer)

    def post(page, row, awarded="yes", reason="好", award="100"):
        typed = {"awarded": awarded, "award": award, "passed": "", "reason": reason}
        sent = {f"{name}_{row.pk}": value for name, value in typed.items()}
        version = Record.objects.get(pk=call.pk).version
        return browser.post(f"{url}?page={page}", {**sent, "version": version})

    assert two.record.code not in browser.get(url).content.decode()
    assert post(1, one).url == f"{url}?page=2"
    # Nothing said of it: it stays open, and one goes on.
    assert post(2, two, awarded="", reason="").url == f"{url}?page=3"
    assert set(Proposal.objects.values_list("application", "award_fen")) == {(one.pk, 100_000_000)}
    for half in ({"reason": ""}, {"awarded": ""}):
        assert post(2, two, **half).status_code == 422
    # What was kept on another page takes up its winners and its part of the budget line.
    refused = post(3, three, reason="写下的理由", award="60")
    assert refused.status_code == 422
    for words in ("写下的理由", "at most 1 are chosen, these are 2", "150 万元, 160 are proposed"):
        assert words in refused.content.decode()
    assert post(3, three, awarded="no", award="").url == f"/calls/{call.record.code}/"
    assert post(1, one, award="90").url == f"{url}?page=2"
    assert dict(Proposal.objects.values_list("application", "award_fen")) == {one.pk: 90_000_000, three.pk: None}


def test_deciding_asks_as_much_for_many_applications_and_notes_each(django_assert_max_num_queries):
    officer, asked, shown = city.officer(), [], []
    city.rule("clock.application.rejected", 5, "calendar days")
    for losers in (1, 4):
        units = [city.organisation(kind="university") for _ in range(losers + 1)]
        call, rows = closed_with(officer, *units)
        inspection = moved(INSPECTION, city.inspection(rows[-1], officer), "admit", by=officer)
        inspector = actor_for(inspection.inspector)
        assert sees(rows[-1], inspector) == list(GROUPS)
        said = {one.record.code: Proposed(one is rows[0], "理由") for one in rows}
        propose(actor=officer, call=call, proposed=said)
        reviews.judged(officer, call)
        browser, place = client_of(officer), f"/calls/{call.record.code}/proposal/"
        for _ in range(2):  # what is looked up once for a process is not counted
            with django_assert_max_num_queries(60) as queries:
                assert browser.get(place).content.decode().count("80.00") == 2 * len(rows)
        shown.append(len(queries))
        with django_assert_max_num_queries(1000) as queries:
            moved(CALL, call, "decide", by=officer)
        asked.append(len(queries))
        entries = Entry.objects.filter(record__in=[one.pk for one in rows], kind__in=OUTCOMES).order_by("record")
        outcomes = [(one.record_id, one.kind, one.data) for one in entries]
        won, lost = {"from": "qualified", "to": "awarded"}, {"from": "qualified", "to": "rejected"}
        assert outcomes == [
            (rows[0].pk, OUTCOMES[0], won),
            *((one.pk, OUTCOMES[1], lost) for one in rows[1:]),
        ]
        assert sees(rows[0], VISITOR) == ["title", "public"]
        assert all(sees(one, VISITOR) == [] for one in rows[1:])
        assert sees(rows[-1], inspector) == list(GROUPS)
        waiting = Clock.objects.filter(record__in=[one.pk for one in rows], ended_on=None).select_related("record")
        assert {one.record_id: one.audience_id for one in waiting} == {
            one.pk: Record.objects.get(pk=one.pk).title_to_id for one in rows[1:]
        }
        versions = set(Record.objects.filter(pk__in=[one.pk for one in rows]).values_list("version", "closed_on"))
        assert versions == {(rows[0].record.version + 1, today())}
    assert asked[0] == asked[1]
    assert shown[0] == shown[1]
    assert not set(Application.objects.filter(record__stage="rejected").values_list("alive", flat=True)) - {False}
    with pytest.raises(ValueError, match=r"application\.submit"):
        advance_records(APPLICATION, rows, "submit", actor=officer)
    with pytest.raises(Conflict):
        advance_records(APPLICATION, rows, "award", actor=SYSTEM)


def test_nobody_who_acts_for_an_applicant_decides():
    officer = city.officer()
    unit = city.organisation(kind="university")
    both = city.member(officer.organisation, Role.OFFICER)
    add_member(actor=SYSTEM, organisation=unit, person=both.person, role=Role.MEMBER)
    both = actor_for(both.person, officer.organisation.pk)
    call, (row,) = closed_with(officer, unit)
    with pytest.raises(NotAllowed):
        propose(actor=both, call=call, proposed={row.record.code: Proposed(True, "好")})
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "好")})
    with pytest.raises(NotAllowed):
        moved(CALL, call, "decide", by=both)


def test_vector_11_an_open_objection_to_the_notice_keeps_the_decision_back():
    officer = city.officer()
    call, (row,) = closed_with(officer, city.organisation(kind="university"))
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "好", 100_000_000)})
    city.rule("notice.call.decide", 1, "calendar days")
    city.rule("notice.call.decide.objections", 0, "calendar days")
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "decide", by=officer)
    assert codes(refused) == {"notice-missing"}
    notice = city.notice(call, officer, stage="running", move="decide")
    told = str(notice.content)
    assert row.applicant.record.title in told
    assert "100" in told
    objected = city.objection(notice, officer)
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "decide", by=officer)
    assert codes(refused) == {"objection-open"}
    moved(OBJECTION, objected, "dismiss", by=officer)
    moved(NOTICE, notice, "complete", by=officer)
    assert moved(CALL, call, "decide", by=officer).record.stage == "decided"
    # Who dismissed the objection stands among the decisions, with who was barred from it.
    told = taken(client_of(officer), f"/calls/{call.record.code}/decisions/", "csv")
    said = {one["Matter"]: (one["Who decided"], row.applicant.record.title in one["Who was barred"]) for one in told}
    for what in ("objection · dismissed", "notice · completed the notice"):
        assert said[what] == (officer.name, True), said


def test_a_decision_goes_by_an_approval_where_a_route_stands():
    officer = city.officer()
    signer = city.member(officer.organisation, Role.OFFICER)
    call, (row,) = closed_with(officer, city.organisation(kind="university"))
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "好")})
    city.route(city.post(officer.organisation, "局长", signer), kind="call", move="decide")
    with pytest.raises(Refused):
        moved(CALL, call, "decide", by=officer)
    asked = ask_approval(actor=officer, row=Call.objects.get(pk=call.pk), move="decide")
    sign_step(actor=signer, step=asked.steps.get())
    assert Record.objects.get(pk=row.pk).stage == "awarded"


def test_a_withdrawn_call_takes_its_applications_along():
    call = calls.call(stage="published")
    rows = [calls.application(call, stage=stage) for stage in ("draft", "submitted", "returned", "qualified")]
    moved(CALL, call, "withdraw", by=city.bureau())
    assert set(Record.objects.filter(pk__in=[row.pk for row in rows]).values_list("stage", flat=True)) == {"lapsed"}


def test_a_list_nobody_was_left_for_is_declared_so_and_not_before():
    call = calls.call(stage="published")
    row = calls.application(call)
    calls.end_time_of(call)
    call = moved(CALL, call, "close", by=city.bureau())
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "decide", by=city.bureau())
    assert "call-unchecked" in codes(refused)
    with pytest.raises(Refused) as refused:
        moved(CALL, call, "fail", by=city.bureau())
    assert codes(refused) == {"call-claimed"}
    moved(APPLICATION, row, "refuse", by=city.bureau(), reason="conditions")
    assert moved(CALL, call, "fail", by=city.bureau()).record.stage == "unclaimed"


# -- questions ---------------------------------------------------------------------------------------------------------


def test_a_question_is_read_by_everybody_with_its_answer_and_nobody_learns_who_asked():
    officer, asker, other = city.officer(), city.member(city.organisation("问者公司")), city.member(city.organisation())
    call = calls.call(stage="published", by=officer)
    place = f"/calls/{call.record.code}/"
    ask_about_call(actor=asker, call=call, words="测试温度是多少？")
    readers = (asker, officer, other, VISITOR)

    def read(words):
        return [words in client_of(actor).get(place).content.decode() for actor in readers]

    assert read("测试温度是多少？") == [True, True, False, False]
    for actor in (asker, other, VISITOR):
        with pytest.raises(NotAllowed):
            answer_about_call(actor=actor, call=call, number=1, words="室温")
    answer_about_call(actor=officer, call=call, number=1, words="室温，相对湿度百分之五十")
    assert read("室温，相对湿度百分之五十") == [True] * 4
    assert read("问者公司")[2:] == [False, False]
    with pytest.raises(Conflict):
        answer_about_call(actor=officer, call=call, number=1, words="另一个答复")
    for words in ("", "文" * 2001, "绝密★"):
        with pytest.raises(Refused):
            ask_about_call(actor=asker, call=call, words=words)
    with pytest.raises(NotAllowed):
        ask_about_call(actor=officer, call=call, words="我也问")
    calls.end_time_of(call)
    with pytest.raises(NotAllowed):
        ask_about_call(actor=asker, call=call, words="还能问吗？")


# -- posted again ------------------------------------------------------------------------------------------------------


def test_an_item_that_nobody_claimed_in_a_decided_call_is_posted_again_with_its_changes_shown():
    officer, unit = city.officer(), city.organisation("甲大学", kind="university")
    needs = [city.need(city.organisation(), stage="published", title=title) for title in ("需求甲", "需求乙", "需求丙")]
    call = calls.call(stage="published", by=officer, needs=needs, budget_fen=900_000_000)
    one = calls.application(call, unit, stage="qualified")
    again = calls.application(call, city.organisation(), stage="submitted")  # withdrawn, it is no claim
    Application.objects.filter(pk=again.pk).update(item=call.items.get(number=3))
    moved(APPLICATION, again, "withdraw", by=city.clerk(again.applicant))
    calls.end_time_of(call)
    call = moved(CALL, call, "close", by=officer)
    with pytest.raises(NotAllowed, match="once it is decided"):  # before the decision nothing is left over
        post_again(actor=officer, call=call)
    # What the hall tells of a call that is closed its page tells too.
    for address in ("/calls/", f"/calls/{call.record.code}/"):
        told = client_of(VISITOR).get(address).content.decode()
        assert "3 on the list → 2 applications" in told
        assert "0 reviewed" in told
    assert 'id="funnel"' not in told
    propose(actor=officer, call=call, proposed={one.record.code: Proposed(True, "可行", 1)})
    call = moved(CALL, call, "decide", by=officer)
    desk = client_of(officer)
    assert f"/calls/{call.record.code}/post-again/" in desk.get(f"/calls/{call.record.code}/").content.decode()
    with pytest.raises(NotAllowed):
        post_again(actor=city.clerk(unit), call=call)
    assert desk.post(f"/calls/{call.record.code}/post-again/").status_code == 302
    new = Call.objects.get(earlier=call.pk)
    assert [item.title for item in new.items.order_by("number")] == ["需求乙", "需求丙"]
    assert (new.budget_fen, call.budget_fen) == (None, 900_000_000)  # what is left of the line is entered anew
    place = new.items.get(number=2)
    place.fiscal_fen = 100_000_000
    place.save()
    told = changes_since(Call.objects.get(pk=call.pk), Call.objects.get(pk=new.pk))
    assert not any("需求甲" in words for row in told for words in row)
    assert ["需求丙" in what for what, _before, _now in told if what.startswith("Item")] == [True]
    record_readings(actor=officer, call=new, heard=[Heard("王院士", today(), True)])
    times = calls.call_facts()
    edit_call(actor=officer, call=new, facts=times, expected_version=Call.objects.get(pk=new.pk).record.version)
    moved(CALL, Call.objects.get(pk=new.pk), "publish", by=officer)
    page = client_of(VISITOR).get(f"/calls/{new.record.code}/").content.decode()
    assert all(words in page for words in ("Nobody claimed these items of a call before", call.record.code))
    assert new.record.code in client_of(VISITOR).get(f"/calls/{call.record.code}/").content.decode()
    old_rule, whole = calls.call(stage="unclaimed", by=officer), calls.call(stage="decided", by=officer)
    with pytest.raises(NotAllowed, match="nothing is left"):  # every item of it was applied for
        post_again(actor=officer, call=whole)
    refused = desk.get(f"/calls/{whole.record.code}/post-again/")
    assert (refused.status_code, "nothing is left" in refused.content.decode()) == (403, True)
    plain = client_of(city.clerk(unit)).get(f"/calls/{whole.record.code}/post-again/").content.decode()
    assert "nothing is left" not in plain
    # A number that an earlier form kept under another rule does not keep it from being posted again.
    Call.objects.filter(pk=old_rule.pk).update(award_most=7)
    assert post_again(actor=officer, call=Call.objects.select_related("record").get(pk=old_rule.pk)).award_most is None


def test_an_item_whose_applications_were_all_refused_is_posted_again_with_its_list():
    officer = city.officer()
    call = calls.call(stage="published", by=officer)
    calls.application(call, stage="refused")
    calls.end_time_of(call)
    call = moved(CALL, moved(CALL, call, "close", by=officer), "fail", by=officer)
    new = post_again(actor=officer, call=call)
    assert [one.title for one in new.items.all()] == [one.title for one in call.items.all()] != []
    assert not any(what.startswith("Item") for what, _before, _now in changes_since(call, new))


def test_a_list_nobody_claimed_is_posted_again_once_with_its_changes_shown():
    officer = city.officer()
    needs = [city.need(city.organisation(), stage="published", title=title) for title in ("需求甲", "需求乙")]
    old = calls.call(stage="unclaimed", by=officer, needs=needs)
    for actor in (city.officer("440106"), city.member(city.organisation()), VISITOR):
        with pytest.raises(NotAllowed):
            post_again(actor=actor, call=old)
    owner = city.clerk(needs[1].record.owner)
    moved(NEED, needs[1], "withdraw", by=owner)
    new = post_again(actor=officer, call=old)
    with pytest.raises(Conflict):
        post_again(actor=officer, call=old)
    assert new.record.code not in client_of(VISITOR).get(f"/calls/{old.record.code}/").content.decode()
    assert [one.title for one in new.items.all()] == ["需求甲"]  # the other need is published no more
    assert (new.record.stage, new.opens_at, new.closes_at) == ("draft", None, None)
    assert (new.conditions, new.questions, new.budget_fen) == (old.conditions, old.questions, old.budget_fen)
    facts = calls.call_facts(about="放宽了时限。", paid_on=("milestone", "acceptance"), poster_pays="block")
    edit_call(actor=officer, call=new, facts=facts, expected_version=new.record.version)
    record_readings(actor=officer, call=new, heard=[Heard("王院士", today(), True)])
    moved(CALL, new, "publish", by=officer)
    assert new.record.code in client_of(VISITOR).get(f"/calls/{old.record.code}/").content.decode()
    page = client_of(VISITOR).get(f"/calls/{new.record.code}/").content.decode()
    assert old.record.code in page
    told = [(before, now) for _what, before, now in changes_since(old, Call.objects.get(pk=new.pk))]
    assert ("面向产线的碳化硅衬底攻关。", "放宽了时限。") in told
    assert {
        ("on signing, after its milestone, after acceptance", "after its milestone, after acceptance"),
        ("it is shown beside them", "they wait for it"),
    } <= set(told)
    assert [before.splitlines()[0] for before, now in told if not now] == ["需求乙"]
    assert "放宽了时限。" in page
