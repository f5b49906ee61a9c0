"""A call judges in stages with days: a first review, and a final one in which the shortlist alone is judged."""

from datetime import timedelta

import pytest

from kezhuan.areas.calls.facts import check_facts
from kezhuan.areas.calls.forms import initial_by, initial_like
from kezhuan.areas.calls.funnel import on_stage
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.staging import StageFacts
from kezhuan.areas.calls.staging_actions import TERM
from kezhuan.areas.reviews.judging import judging_of
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import API, client_of
from tests.factories import calls, city, reviews
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def days(first, last):
    return today() + timedelta(days=first), today() + timedelta(days=last)


STAGES = (
    StageFacts("first", *days(21, 30)),
    StageFacts("final", *days(31, 40)),
    StageFacts("spot-check", *days(41, 42)),
)


def refused(act):
    with pytest.raises(Refused) as found:
        act()
    return {problem.code for problem in found.value.problems}


def term_of(call):
    return Clock.objects.get(record=call.pk, name=TERM, ended_on=None).due_on


def test_only_the_shortlist_is_judged_again_and_chosen():
    officer = city.officer()
    units = [city.organisation(f"{name}大学", kind="university") for name in "甲乙丙"]
    call = reviews.closed_call(officer, *units, stages=STAGES)
    rows = {one.applicant_id: one for one in Application.objects.filter(item__call=call).select_related("record")}
    codes = [rows[one.pk].record.code for one in units]
    assert term_of(call) == STAGES[0].ends_on  # of the call's officers, until the first review is to be over
    client, address = client_of(officer), f"/calls/{call.record.code}/shortlist/"
    page = client.get(f"/calls/{call.record.code}/").content.decode()
    assert address in page
    assert f"{STAGES[1].begins_on} – {STAGES[1].ends_on}" in page
    assert client_of(city.clerk(units[0])).get(address).status_code == 403
    reviews.judged(officer, call)
    begun = client.get(address).context["form"].initial["applications"]
    assert sorted(begun) == sorted(codes)  # as the panel of the first review advises
    assert client.post(address, {"applications": [codes[0], "K-1999-00001"]}).status_code == 422
    assert client.post(address, {"applications": codes[:2]}).status_code == 302
    assert client.put(
        f"{API}/calls/{call.record.code}/shortlist", {"applications": [codes[1]]}, "application/json"
    ).status_code == 200  # fmt: skip
    stages = dict(Application.objects.filter(item__call=call).values_list("record__code", "record__stage"))
    assert [stages[one] for one in codes] == ["qualified", "shortlisted", "qualified"]
    assert term_of(call) == STAGES[1].ends_on
    assert [one.code for one in judging_of("call").items(call.record)] == [codes[1]]
    own = client_of(city.member(units[1], Role.ADMINISTRATOR)).get(f"/applications/{codes[1]}/").content.decode()
    assert f"{STAGES[1].begins_on} – {STAGES[1].ends_on}" in own
    final = reviews.panel(officer, call)
    assert final.items.count() == 1
    line = {code: Proposed(code == codes[0], "理由", 1) for code in codes}
    assert "call-unjudged" in refused(lambda: propose(actor=officer, call=call, proposed=line))
    advance(PANEL, final, "withdraw", actor=officer, note="测试")
    assert refused(lambda: propose(actor=officer, call=call, proposed=line)) == {"award-unlisted"}
    line = {code: Proposed(code == codes[1], "理由", 1) for code in codes}
    call = propose(actor=officer, call=Call.objects.get(pk=call.pk), proposed=line)
    assert term_of(call) == STAGES[2].ends_on  # the reviews are over: what comes next is the spot check
    call = advance(CALL, call, "decide", actor=officer)
    stages = dict(Application.objects.filter(item__call=call).values_list("record__code", "record__stage"))
    assert [stages[one] for one in codes] == ["rejected", "awarded", "rejected"]
    assert not Clock.objects.filter(record=call.pk, name=TERM, ended_on=None).exists()
    told = client.get(f"/calls/{call.record.code}/decisions/").content.decode()
    assert "shortlist made" in told
    # Of the sheet of an edition: who stood in the final review, not who was taken off the list before it.
    assert on_stage(call) == {"handed": 1, "units": 1, "items": 1}
    sheet = dict(tuple(one.values()) for one in taken(client, f"/calls/{call.record.code}/tables/edition/", "csv"))
    assert (sheet["Solutions in the final review (入围)"], sheet["Units in the final review"]) == ("1", "1")
    assert on_stage(calls.call()) is None
    ledger = taken(client, f"/calls/{call.record.code}/tables/solutions/", "csv")
    told = {one["Applicant"]: one for one in ledger}
    assert sorted(told) == sorted(["甲大学", "乙大学", "丙大学"])
    assert [told[one]["Stage"] for one in ("甲大学", "乙大学")] == ["not chosen", "chosen"]
    columns = "Who leads the work", "Fiscal money asked for (万元)", "Months", "Score", "Reason of the decision"
    assert [told["乙大学"][one] for one in columns] == ["李攻关", "100", "18", "80.00", "理由"]
    with pytest.raises(NotAllowed):
        propose(actor=city.clerk(units[0]), call=call, proposed=line)


def test_stages_follow_each_other_with_their_days_before_a_call_is_published():
    assert [one["kind"] for one in initial_by("agency")[1]["stages"]] == ["first", "final", "spot-check"]
    lame = calls.call_facts(stages=(StageFacts("final", *days(40, 39)),))
    assert {one.code for one in check_facts(lame)} == {"call-stages", "call-stage-days"}
    call = calls.call(stages=(StageFacts("first"), StageFacts("final", *days(1, 2))))
    officer = city.bureau()
    with pytest.raises(Refused) as found:
        advance(CALL, call, "publish", actor=officer)
    assert [one.code for one in found.value.problems] == ["call-stage-days", "call-stage-days"]
    assert initial_like(call)[1]["stages"] == [{"kind": "first"}, {"kind": "final"}]  # without their days
