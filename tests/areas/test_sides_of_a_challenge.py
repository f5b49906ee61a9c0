"""Whoever poses a challenge, or leads its chain, decides nothing about it: others choose, use it first and test it."""

import pytest

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.eligibility_actions import Check, judge_criteria
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.projects.evidence_actions import name_user, record_test, report_first_use
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import PaymentState
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.panel_actions import prepare_panel
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import calls, city, projects, reviews
from tests.factories.projects import SAID, fresh

pytestmark = pytest.mark.django_db


def test_an_officer_who_also_acts_for_the_poster_takes_no_step_about_its_challenge():
    officer, poster = city.officer(), city.organisation("出题公司")
    call = calls.call(stage="published", by=officer, needs=[city.need(poster, stage="published")])
    waiting = calls.application(call, stage="submitted")
    ready = calls.application(call, city.organisation("甲大学", kind="university"), stage="qualified")
    calls.end_time_of(call)
    call = city.taken(CALL, call, [("close", officer)])
    both = city.officer()
    add_member(actor=SYSTEM, organisation=poster, person=both.person, role=Role.READER)
    both = actor_for(both.person, both.organisation.pk)
    proposed = {ready.record.code: Proposed(True, "好", 1)}
    for step in (
        lambda actor: propose(actor=actor, call=call, proposed=proposed),
        lambda actor: advance(CALL, call, "decide", actor=actor),
        lambda actor: advance(CALL, call, "fail", actor=actor),
        lambda actor: advance(CALL, call, "withdraw", actor=actor, note="重来"),
        lambda actor: prepare_panel(actor=actor, about=call.record, facts=reviews.panel_facts()),
        lambda actor: advance(APPLICATION, waiting, "accept", actor=actor),
        lambda actor: advance(APPLICATION, waiting, "return", actor=actor, note="补材料"),
        lambda actor: advance(APPLICATION, waiting, "refuse", actor=actor, reason="other", note="不符"),
    ):
        with pytest.raises(NotAllowed):
            step(both)
    # Whoever works for the poster judges none of what answers it.
    own, other = reviews.expert("出题专家", by=officer, employer=poster), reviews.expert("专家", by=officer)
    panel = reviews.panel(officer, call)
    clearing = clear_panel(panel, [own, other])
    assert clearing.cleared.barred.tolist() == [[True, False]]
    advance(PANEL, panel, "withdraw", actor=officer, note="改由部门评议")
    propose(actor=officer, call=call, proposed=proposed)


def test_where_the_leader_of_a_chain_undertakes_a_panel_chooses_and_another_unit_uses_it_first():
    officer, leader = city.officer(), city.organisation("链主公司")
    user, tester = city.organisation("首用公司"), city.organisation("检测院", kind="institute")
    call = calls.call(stage="published", by=officer, call_kind="chain", places=[Place("碳化硅外延")])
    one = calls.application(call, leader, stage="qualified")
    calls.end_time_of(call)
    call = city.taken(CALL, call, [("close", officer)])
    chosen = {one.record.code: Proposed(True, "好", projects.AWARD)}
    assert codes(lambda: propose(actor=officer, call=call, proposed=chosen)) == {"leader-unjudged"}
    reviews.judged(officer, call, advised=False)
    assert codes(lambda: propose(actor=officer, call=call, proposed=chosen)) == {"leader-unadvised"}
    reviews.judged(officer, call)
    advance(CALL, propose(actor=officer, call=call, proposed=chosen), "decide", actor=officer)
    one = Application.objects.select_related("record", "item__call__record", "item__poster", "applicant").get(pk=one.pk)
    paid = (projects.Planned("fiscal", "acceptance", projects.AWARD),)
    row = projects.project(one, stage="running", by=officer, firm_fen=0, payments=paid)
    projects.reached(row, officer)
    row = advance(PROJECT, fresh(row), "ask-acceptance", actor=city.clerk(leader))
    assert codes(lambda: advance(PROJECT, row, "accept", actor=officer)) == {
        "user-missing", "user-report-missing", "test-report-missing", "acceptance-unjudged",
    }  # fmt: skip
    desk = client_of(officer)
    page = desk.get(f"/projects/{row.record.code}/").content.decode()
    assert f"/projects/{row.record.code}/first-user/" in page
    assert codes(lambda: name_user(actor=officer, project=fresh(row), user=leader.record.code)) == {"evidence-side"}
    name_user(actor=officer, project=fresh(row), user=user.record.code)
    with pytest.raises(NotAllowed):
        report_first_use(actor=city.clerk(leader), project=fresh(row), said=SAID)
    report_first_use(actor=city.clerk(user), project=fresh(row), said=SAID)
    record_test(actor=officer, project=fresh(row), tester=tester.record.code, said=SAID)
    projects.judged(row, officer)
    row = advance(PROJECT, fresh(row), "accept", actor=officer)
    assert row.record.stage == "accepted"
    (last,) = row.payments.filter(state=PaymentState.DUE)
    with pytest.raises(NotAllowed):
        pay(actor=city.clerk(leader), project=fresh(row), number=last.number, voucher="记字001", on=today())
    paid = pay(actor=officer, project=fresh(row), number=last.number, voucher="记字001", on=today())
    assert (paid.state, paid.planned_fen) == (PaymentState.PAID, projects.AWARD)


@pytest.mark.parametrize("kind", ["challenge", "contest", "proof", "agency"])
def test_a_chain_leader_is_chosen_by_a_panel_in_a_call_of_any_kind(kind):
    officer, leader, other = city.officer(), city.organisation("链主公司"), city.organisation("普通公司")
    call = calls.call(stage="published", by=officer, call_kind=kind, winners=2, related_rule="review")
    one, two = (calls.application(call, unit, stage="qualified") for unit in (leader, other))
    calls.end_time_of(call)
    call = city.taken(CALL, call, [("close", officer)])
    chosen = {row.record.code: Proposed(True, "好", projects.AWARD) for row in (one, two)}
    plain = propose(actor=officer, call=call, proposed=chosen)  # neither of them leads a chain
    Organisation.objects.filter(pk=leader.pk).update(chain_leader=True)
    for step in (
        lambda: propose(actor=officer, call=call, proposed=chosen),
        lambda: advance(CALL, plain, "decide", actor=officer),
    ):
        with pytest.raises(Refused) as refused:
            step()
        (problem,) = refused.value.problems
        assert problem.code == "leader-unjudged"
        assert one.record.code in problem.message
        assert two.record.code not in problem.message
    passed_over = chosen | {one.record.code: Proposed(False, "指标依据不足")}
    propose(actor=officer, call=call, proposed=passed_over)
    reviews.judged(officer, call, advised=False)
    assert codes(lambda: propose(actor=officer, call=call, proposed=chosen)) == {"leader-unadvised"}
    reviews.judged(officer, call)
    advance(CALL, propose(actor=officer, call=call, proposed=chosen), "decide", actor=officer)


def test_an_officer_of_a_side_reads_nowhere_what_colleagues_said_of_the_conditions():
    officer, unit = city.officer(), city.organisation("甲大学", kind="university")
    call = calls.call(stage="published", by=officer)
    own, rival = calls.application(call, unit), calls.application(call)
    for one in (own, rival):
        judge_criteria(actor=officer, application=one, checks=[Check("noted", "promise", "材料存疑待核")])
    both = city.officer()
    add_member(actor=SYSTEM, organisation=unit, person=both.person, role=Role.MEMBER)
    both = actor_for(both.person, both.organisation.pk)
    page, table, api = f"/calls/{call.record.code}/", f"/calls/{call.record.code}/criteria/", "/api/v1/applications"
    one, each = f"/applications/{rival.record.code}/", f"{api}/{rival.record.code}"

    def told(actor):
        desk = client_of(actor)
        assert table in desk.get(f"/calls/{call.record.code}/").content.decode() or actor is both
        found = [desk.get(table), desk.post(table, {"export": "csv"}), *map(desk.get, (one, each, api))]
        return [(answer.status_code, "材料存疑待核" in answer.getvalue().decode()) for answer in found]

    assert told(officer) == [(200, True)] * 5
    assert told(both) == [(403, False)] * 2 + [(200, False)] * 3
    assert table not in client_of(both).get(page).content.decode()
    # After the step that follows its unit reads it, as before, and no officer of a side of another's.
    judge_criteria(actor=officer, application=rival, checks=[Check("met", "promise", "材料存疑待核")])
    advance(APPLICATION, fresh_application(rival), "accept", actor=officer)
    assert "材料存疑待核" in client_of(city.clerk(rival.applicant)).get(one).content.decode()
    assert [client_of(both).get(where).content.decode().count("材料存疑待核") for where in (one, each)] == [0, 0]


def fresh_application(row):
    return Application.objects.select_related("record").get(pk=row.pk)
