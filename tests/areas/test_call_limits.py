"""What a chain leader undertakes and receives in a call year: refused with what uses it up, at the decision too."""

import pytest

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.limiting import limit_problems, used_by
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record, RuleUse
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import calls, city, reviews

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return city.officer()


def closed(officer, leader, **facts):
    """A closed call for chain leaders' directions to which the leader applied."""
    call = calls.call(stage="published", by=officer, **{"call_kind": "chain", "budget_fen": 10**12, **facts})
    call.items.update(fiscal_fen=None)
    row = calls.application(call, leader, stage="qualified", asked_fen=None)
    calls.end_time_of(call)
    Call.objects.filter(pk=call.pk).update(budget_year=2026)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    if call.call_kind == "chain":
        reviews.judged(officer, call)
    return call, row


def awarded(officer, leader, fen, passed_on=0, **facts):
    call, row = closed(officer, leader, **facts)
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "好", fen, passed_on)})
    advance(CALL, call, "decide", actor=officer)
    return row


def refusals(officer, leader, fen, passed_on=0, **facts):
    call, row = closed(officer, leader, **facts)
    with pytest.raises(Refused) as refused:
        propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "好", fen, passed_on)})
    return refused.value.problems


def test_vector_4_a_third_project_and_a_fen_above_two_million_are_refused(officer):
    leader = city.organisation("链主公司")
    first = awarded(officer, leader, 120_000_000)
    (problem,) = refusals(officer, leader, 80_000_001)
    assert problem.code == "leader-receives-too-much"
    assert first.record.code in str(problem.message)
    assert "200.000001" in str(problem.message)
    assert "18号" in problem.clause
    second = awarded(officer, leader, 100_000_000, passed_on=20_000_000)  # what goes on to members is not received
    (problem,) = refusals(officer, leader, None)
    assert problem.code == "leader-undertakes-too-many"
    assert all(row.record.code in str(problem.message) for row in (first, second))
    # Another kind of call, another year and another unit have limits of their own.
    awarded(officer, leader, 100_000_000, call_kind="challenge")
    awarded(officer, city.organisation(), 200_000_000)


def test_vector_5_an_eleventh_direction_is_refused(officer):
    city.rule("call.chain.most-directions", 2, "count")  # the city's own value counts before the one for everywhere
    call, row = closed(officer, city.organisation())
    proposal = Proposed(True, "好")
    needs = [city.need(city.organisation(), stage="published").record for _ in range(10)]
    others = []
    for need in needs:
        item = replace_item(row, need)
        others.append((item, proposal))
    assert list(limit_problems(call, others)) == []
    (problem,) = limit_problems(call, [*others, (row, proposal)])
    assert problem.code == "too-many-directions"
    assert "11" in str(problem.message)
    # The call's own number counts beside it, and within the call alone.
    call.most_directions = 2
    assert [one.code for one in limit_problems(call, others[:2])] == []
    assert [one.code for one in limit_problems(call, others[:3])] == ["call-directions"]


def replace_item(row, need):
    """An unsaved application of another unit for another direction."""
    other = Application.objects.select_related("item__call__record", "item__need").get(pk=row.pk)
    other.applicant, other.item.need = city.organisation(), need
    return other


def test_limits_are_shown_to_whoever_proposes_and_stamped_with_the_decision(officer):
    leader = city.organisation("链主公司")
    awarded(officer, leader, 120_000_000)
    call, row = closed(officer, leader)
    (used,) = used_by(call, [Application.objects.select_related("applicant__record").get(pk=row.pk)])
    assert (used.use.left_projects, used.use.left_fen, used.use.difference_fen) == (1, 80_000_000, 120_000_000)
    page = client_of(officer).get(f"/calls/{call.record.code}/proposal/").content.decode()
    assert "链主公司" in page
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "好", 80_000_000)})
    advance(CALL, call, "decide", actor=officer)
    assert RuleUse.objects.filter(record=call.pk).count() == 3
    assert Record.objects.get(pk=row.pk).stage == "awarded"


def test_more_is_not_passed_on_than_is_awarded(officer):
    (problem,) = refusals(officer, city.organisation(), 10, 11)
    assert problem.code == "award-passed-on"


def test_a_template_for_chain_leaders_asks_what_the_letter_asks(officer):
    page = client_of(city.member(officer.organisation, Role.OFFICER)).get("/calls/new/?template=chain")
    assert page.status_code == 200
    assert "Scenes of use" in page.content.decode()
