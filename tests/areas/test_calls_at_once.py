"""Two officers who decide, a unit that applies twice in the same second: one decision, one application."""

import os

import pytest

from kezhuan.areas.calls.application_actions import begin_application
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.projects.actions import answer_invitation
from kezhuan.areas.projects.models import Member, MemberState
from kezhuan.kernel import journal
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Record
from tests.factories import calls, city, projects, reviews
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def kinds_of(results):
    return sorted(type(result).__name__ for result in results)


def test_officers_at_once_decide_a_call_once_and_a_unit_applies_once():
    call = calls.call(stage="published", winners=2, budget_fen=150_000_000)
    item, unit = CallItem.objects.select_related("call__record").get(call=call), city.organisation()
    colleagues = [city.member(unit) for _ in range(3)]
    results = at_once(
        [
            lambda actor=actor: begin_application(actor=actor, item=item, facts=calls.application_facts())
            for actor in colleagues
        ]
    )
    assert kinds_of(results) == ["Application", "Refused", "Refused"]
    rows = [calls.application(call, stage="qualified") for _ in range(2)]
    calls.end_time_of(call)
    officers = [city.officer() for _ in range(3)]
    call = advance(CALL, call, "close", actor=officers[0])
    # Each alone is within the budget line of 150; together they would not be.
    version = call.record.version
    results = at_once(
        [
            lambda actor=actor, row=row: propose(
                actor=actor,
                call=call,
                proposed={one.record.code: Proposed(one is row, "理由", 100_000_000) for one in rows},
                expected_version=version,
            )
            for actor, row in zip(officers, rows, strict=False)
        ]
    )
    assert kinds_of(results) == ["Call", "Conflict"]
    results = at_once([lambda actor=actor: advance(CALL, call, "decide", actor=actor) for actor in officers])
    assert kinds_of(results) == ["Call", "Conflict", "Conflict"]
    assert Entry.objects.filter(record_id=call.pk, kind="call.decide").count() == 1
    stages = list(Record.objects.filter(pk__in=[row.pk for row in rows]).values_list("stage", flat=True))
    assert sorted(stages) == ["awarded", "rejected"]
    assert sum(Application.objects.filter(award_fen__gt=0).values_list("award_fen", flat=True)) == 100_000_000
    assert journal.verify().broken_seq is None


OFFICERS = int(os.environ.get("PROOF_OFFICERS", "5"))


def test_officers_at_once_never_pass_the_limits_of_a_leader():
    leader, officer = city.organisation("链主公司"), city.officer()
    # It takes part in six projects of others, who pass money on to it: nothing of this counts towards its own limits.
    for _ in range(6):
        call = advance(CALL, _proposed(officer, city.organisation(), 150_000_000, 90_000_000), "decide", actor=officer)
        one = Application.objects.select_related("record", "applicant", "item__call__record", "item__poster")
        row = projects.project(one.get(item__call=call), members=[(leader, 90_000_000)], by=officer)
        answer_invitation(actor=city.clerk(leader), project=projects.fresh(row), accepts=True)
    assert Member.objects.filter(organisation=leader, state=MemberState.ACCEPTED).count() == 6
    closed = [_proposed(officer, leader, 100_000_000) for _ in range(OFFICERS)]
    officers = [city.officer() for _ in closed]
    results = at_once(
        [
            lambda actor=actor, call=call: advance(CALL, call, "decide", actor=actor)
            for actor, call in zip(officers, closed, strict=True)
        ]
    )
    assert kinds_of(results) == ["Call"] * 2 + ["Refused"] * (OFFICERS - 2)
    won = Application.objects.filter(record__stage="awarded", applicant=leader).select_related("record")
    assert sum(row.award_fen for row in won) == 200_000_000  # 2,000,000.00 yuan, to the fen
    for refused in (one for one in results if isinstance(one, Refused)):
        told = {problem.code: str(problem.message) for problem in refused.problems}
        assert set(told) == {"leader-undertakes-too-many", "leader-receives-too-much"}
        assert all(row.record.code in said for said in told.values() for row in won)


def _proposed(officer, unit, fen, passed_on=0):
    """A closed call whose only application, of this unit, is proposed to be awarded."""
    call = calls.call(stage="published", by=officer, call_kind="chain")
    row = calls.application(call, unit, stage="qualified")
    calls.end_time_of(call)
    call = advance(CALL, call, "close", actor=officer)
    reviews.judged(officer, call)
    propose(actor=officer, call=call, proposed={row.record.code: Proposed(True, "好", fen, passed_on)})
    return call
