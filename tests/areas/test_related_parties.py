"""A party related to whoever posed a challenge applies as the rule of the call lets it (§9.4 vector 1)."""

import pytest

from kezhuan.areas.calls.application_actions import edit_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL, told_before_decision
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.projects.permissions import is_posed_inside
from kezhuan.areas.reviews.models import FoundTie, LookUp
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import calls, city, projects, reviews

pytestmark = pytest.mark.django_db
SAID = "发榜单位持有本单位三成股份"


def refused(act):
    with pytest.raises(Refused) as found:
        act()
    return {problem.code for problem in found.value.problems}


def holds_shares(officer, holder, of):
    """As somebody found who looked the party up."""
    looked = LookUp.objects.create(party=of.record, on=today(), source="企业信用信息公示系统", by=officer.person)
    FoundTie.objects.create(look_up=looked, party=of.record, kind="shareholder", other=holder.record)


def drafted(officer, **facts):
    """A call with a challenge of somebody who holds shares of the applicant, whose application is a draft."""
    firm, unit = city.organisation(), city.organisation("关联研究院", kind="university")
    call = calls.call(stage="published", by=officer, needs=[city.need(firm, stage="published")], **facts)
    holds_shares(officer, firm, unit)
    applicant = city.member(unit, Role.ADMINISTRATOR)
    return applicant, calls.application(call, unit, stage="draft", by=applicant)


def submit(applicant, row, **facts):
    row = Application.objects.select_related("record", "item__call__record").get(pk=row.pk)
    if facts:
        asked = calls.application_facts(**facts)
        row = edit_application(
            actor=applicant, application=row, facts=asked, expected_version=row.record.version
        )  # fmt: skip
    return advance(APPLICATION, row, "submit", actor=applicant)


def test_a_related_party_says_so_and_is_refused_where_the_call_refuses_it():
    officer = city.officer()
    applicant, row = drafted(officer, related_rule="refuse")
    assert refused(lambda: submit(applicant, row)) == {"related-party-claims"}
    assert refused(lambda: submit(applicant, row, related=SAID)) == {"related-party-claims"}
    other = calls.application(row.item.call, stage="draft")  # nothing is known of it until it says so itself
    clerk = city.clerk(other.applicant)
    assert refused(lambda: submit(clerk, other, related=SAID)) == {"related-party-claims"}
    assert submit(clerk, other, related="").record.stage == "submitted"


def test_a_related_party_that_says_so_is_told_of_in_the_notice_and_its_poster_is_no_first_user():
    officer = city.officer()
    applicant, row = drafted(officer, related_rule="disclose")
    page = client_of(applicant).get(f"/applications/{row.record.code}/").content.decode()
    assert "企业信用信息公示系统" in page  # what it lacks names the tie
    assert refused(lambda: submit(applicant, row)) == {"related-unsaid"}
    row = advance(APPLICATION, calls.checked(submit(applicant, row, related=SAID)), "accept", actor=officer)
    call = Call.objects.get(pk=row.item.call_id)
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    assert SAID in client_of(officer).get(f"/calls/{call.record.code}/proposal/").content.decode()
    call = propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "可行", 1)})
    ((_label, line),) = told_before_decision(call).facts
    assert SAID in line
    advance(CALL, call, "decide", actor=officer)
    project = projects.project(Application.objects.get(pk=row.pk), by=officer)
    assert is_posed_inside.test(VISITOR, project)
    assert is_posed_inside.among(VISITOR, type(project).objects.all()).exists()


def test_a_related_party_is_chosen_on_the_advice_of_a_panel_where_the_call_asks_for_a_review():
    officer = city.officer()
    applicant, row = drafted(officer, related_rule="review")
    row = advance(APPLICATION, calls.checked(submit(applicant, row, related=SAID)), "accept", actor=officer)
    call = Call.objects.get(pk=row.item.call_id)
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    proposed = {row.record.code: Proposed(True, "可行", 1)}
    assert refused(lambda: propose(actor=officer, call=call, proposed=proposed)) == {"related-unadvised"}
    reviews.judged(officer, call)
    call = propose(actor=officer, call=call, proposed=proposed)
    assert advance(CALL, call, "decide", actor=officer).record.stage == "decided"
