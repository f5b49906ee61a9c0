"""The formality check says of each condition whether it is met, and what that rests on; R&D is worked out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings

from kezhuan.areas.calls.application_actions import edit_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.eligibility import TIER_CODES
from kezhuan.areas.calls.eligibility_actions import Check, judge_criteria
from kezhuan.areas.calls.facts import Condition
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Proposal
from kezhuan.areas.calls.pages_shortlist import final_reviews
from kezhuan.areas.calls.spot_actions import record_spot_check
from kezhuan.areas.calls.spot_checking import SpotCheck
from kezhuan.areas.calls.staging import StageFacts
from kezhuan.areas.calls.staging_actions import let_next_run
from kezhuan.engines.limits import RndTier, rnd_refusal
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.feeds import address, open_feed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, RuleUse
from kezhuan.kernel.rules import shipped
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import calls, city
from tests.web.test_exports import taken

MILLION = 100_000_000  # yuan in 分
SHIPPED = {one.code: one.value for one in shipped() if one.jurisdiction == "420500"}


def test_vector_16_by_the_shares_that_ship_for_yichang():
    small, middle, *least = (SHIPPED[code] for code in TIER_CODES)
    tiers = (RndTier(small, least[0]), RndTier(middle, least[1], inclusive=True), RndTier(None, least[2]))
    assert rnd_refusal(60 * MILLION, 234 * MILLION // 100, tiers).limit == 400  # 3.9 percent of 60 million
    assert rnd_refusal(60 * MILLION, 240 * MILLION // 100, tiers) is None
    assert rnd_refusal(50 * MILLION - 1, 240 * MILLION // 100, tiers).limit == 500
    assert rnd_refusal(201 * MILLION, 603 * MILLION // 100, tiers) is None


def refused(step):
    with pytest.raises(Refused) as found:
        step()
    return {one.code for one in found.value.problems}


@pytest.mark.django_db
def test_an_application_passes_once_it_meets_every_condition_and_its_unit_reads_what_is_missing():
    officer = city.officer()
    asked = (Condition("具备研究基础", True), Condition("上年研发投入达到要求", rule="rnd"))
    call = calls.call(by=officer, conditions=asked)
    assert refused(lambda: advance(CALL, call, "publish", actor=officer)) == {"call-rnd-unset"}
    for code in TIER_CODES:
        city.rule(code, SHIPPED[code], "fen" if SHIPPED[code] > 1000 else "basis points")
    advance(CALL, call, "publish", actor=officer)
    row = calls.application(call, stage="draft", revenue_fen=60 * MILLION)
    own, code = city.clerk(row.applicant), row.record.code
    assert refused(lambda: advance(APPLICATION, row, "submit", actor=own)) == {"rnd-missing"}
    short = calls.application_facts(revenue_fen=60 * MILLION, rnd_fen=234 * MILLION // 100)
    row = edit_application(actor=own, application=row, facts=short, expected_version=1)
    place = f"/applications/{code}/"
    assert "3.9 percent" in client_of(own).get(place).content.decode()
    row = advance(APPLICATION, row, "submit", actor=own)
    file = attach_document(actor=own, record=row.record, upload=Upload("实验室批文.txt", b"proof", True))
    basis = f"file-{file.sha256}"
    assert refused(lambda: advance(APPLICATION, row, "accept", actor=officer)) == {"criteria-open", "criteria-unmet"}
    with pytest.raises(NotAllowed):
        judge_criteria(actor=own, application=row, checks=[Check("met", basis)])
    for wrong, said in (
        ([Check("met")], "check-basis"), ([Check("met", "file-0")], "check-basis"),
        ([Check("unmet", basis)], "check-words"), ([Check("perhaps")], "check-outcome"),
        ([None, Check("met", "promise")], "check-worked-out"), ([None] * 3, "checks-many"),
    ):  # fmt: skip
        assert refused(lambda wrong=wrong: judge_criteria(actor=officer, application=row, checks=wrong)) == {said}
    # Said on the page: the unit reads it with the step that follows, not before.
    desk = client_of(officer)
    assert "实验室批文.txt" in desk.get(f"{place}criteria/").content.decode()
    said = {"outcome_0": "unmet", "words_0": "缺省级批文", "version": row.record.version}
    assert desk.post(f"{place}criteria/", said).status_code == 302
    assert "缺省级批文" not in client_of(own).get(place).content.decode()
    row = advance(APPLICATION, Application.objects.get(pk=row.pk), "return", actor=officer, note="见形式审查")
    assert "缺省级批文" in client_of(own).get(place).content.decode()
    enough = calls.application_facts(revenue_fen=60 * MILLION, rnd_fen=240 * MILLION // 100)
    edit_application(actor=own, application=row, facts=enough, expected_version=row.record.version)
    row = advance(APPLICATION, Application.objects.get(pk=row.pk), "supplement", actor=own)
    assert refused(lambda: advance(APPLICATION, row, "accept", actor=officer)) == {"criteria-unmet"}
    row = judge_criteria(actor=officer, application=row, checks=[Check("met", basis)])
    row = advance(APPLICATION, row, "accept", actor=officer)
    assert {one.rule_value.code for one in RuleUse.objects.filter(record=row.pk)} >= set(TIER_CODES)
    (line,) = taken(desk, f"/calls/{call.record.code}/criteria/", "csv")
    assert line["具备研究基础"] == "met · 实验室批文.txt"
    assert line["上年研发投入达到要求"].endswith("4 percent")
    assert client_of(own).get(f"/calls/{call.record.code}/criteria/").status_code == 403


@pytest.mark.django_db
def test_who_looked_again_stands_with_the_application_and_whoever_is_shortlisted_has_the_day_in_their_calendar():
    officer = city.officer()
    days = {"begins_on": today() + timedelta(days=30), "ends_on": today() + timedelta(days=31)}
    spot = {name: day + timedelta(days=9) for name, day in days.items()}
    first = {name: day - timedelta(days=5) for name, day in days.items()}
    stages = (StageFacts("first", **first), StageFacts("final", **days), StageFacts("spot-check", **spot))
    call = calls.call(stage="published", by=officer, stages=stages)
    row = calls.application(call, stage="shortlisted")
    own = city.clerk(row.applicant)
    (meeting,) = final_reviews(own)
    assert (meeting.record.pk, meeting.at, meeting.until) == (row.pk, days["begins_on"], days["ends_on"])
    assert final_reviews(officer) == final_reviews(city.clerk(city.organisation())) == []
    open_feed(own.person)
    feed = client_of(VISITOR).get(address(own.person).removeprefix(settings.SITE_URL)).content.decode()
    assert f"DTSTART;VALUE=DATE:{days['begins_on']:%Y%m%d}" in feed
    looked = SpotCheck("王处、李专家", today(), "实验室现场与原始记录", "to-mend")
    with pytest.raises(NotAllowed):
        record_spot_check(actor=own, application=row, said=looked)
    assert refused(lambda: record_spot_check(actor=officer, application=row, said=looked)) == {"spot-words"}
    late = replace(looked, on=today() + timedelta(days=1), who=" ", finding="")
    assert refused(lambda: record_spot_check(actor=officer, application=row, said=late)) == {
        "spot-missing", "spot-finding", "day-later",
    }  # fmt: skip
    desk, place = client_of(officer), f"/applications/{row.record.code}/"
    typed = {"who": looked.who, "on": today(), "looked_at": looked.looked_at, "finding": "to-mend", "words": "缺台账"}
    # Once something is proposed the spot check is what is next to end, until one is recorded.
    Proposal.objects.create(application=row, awarded=True, reason="好")
    let_next_run(call)
    terms = Clock.objects.filter(record=call.pk, ended_on=None)
    assert [one.due_on for one in terms.all()] == [spot["ends_on"]]
    assert desk.post(f"{place}spot-checks/new/", typed).status_code == 302
    assert not terms.exists()
    assert "缺台账" in client_of(own).get(place).content.decode()
    (line,) = taken(desk, f"/calls/{call.record.code}/tables/spot-checks/", "csv")
    assert (line["Who looked"], line["What was found"], line["Note"]) == ("王处、李专家", "to be put right", "缺台账")
    empty = desk.get(f"/calls/{call.record.code}/tables/ranking/").content.decode()
    assert "No panel has concluded yet" in empty
    assert "No rows." not in empty
    assert 'name="export"' not in empty
    (line,) = taken(client_of(own), f"/calls/{call.record.code}/tables/list/", "csv")
    assert (line["No."], line["Fiscal money at most (万元)"]) == ("1", "200")
    assert client_of(own).get(f"/calls/{call.record.code}/tables/ranking/").status_code == 403


@pytest.mark.django_db
def test_who_may_not_read_the_formality_table_is_led_back_to_the_call():
    call = calls.call(stage="published")
    client = client_of(city.clerk(city.organisation()))
    answer = client.get(f"/calls/{call.record.code}/criteria/")
    assert answer.status_code == 403
    assert ("Back to the call", f"/calls/{call.record.code}/") in [
        (one.label, one.url) for one in answer.context["ways"]
    ]
    came = client.get(f"/calls/{call.record.code}/proposal/", headers={"referer": "http://testserver/calls/"})
    ways = [one.url for one in came.context["ways"]]
    assert (came.status_code, ways[:2]) == (403, [f"/calls/{call.record.code}/", "http://testserver/calls/"])


@pytest.mark.django_db
def test_where_experts_do_not_know_the_applicants_that_it_names_them_is_a_reason_to_send_it_back():
    officer, unit = city.bureau(), city.organisation("甲大学", kind="university")
    for scheme, shown in (("open", False), ("blind", True), ("double_blind", True)):
        call = calls.call(stage="published", by=officer, review_scheme=scheme)
        row = calls.application(call, unit)
        place = f"/applications/{row.record.code}/"
        assert ('<option value="named"' in client_of(officer).get(place).content.decode()) == shown

        def back(row=row, **words):
            return advance(APPLICATION, row, "return", actor=officer, note="第二页写有姓名", **words)

        # A reason is chosen from those that are offered; elsewhere words do, and no list is asked for.
        wrong, code = ("", "reason-missing") if shown else ("named", "reason-unknown")
        assert refused(lambda back=back, wrong=wrong: back(reason=wrong)) == {code}
        back(**({"reason": "named"} if shown else {}))
        told = client_of(city.clerk(unit)).get(place).content.decode()
        assert ("names its unit or people" in told) == shown
        assert "第二页写有姓名</div>" in told
