"""Projects to be accepted: by a panel of none of their sides, with evidence of others, and nobody judges their own."""

from datetime import timedelta

import pytest

from kezhuan.areas.calls.models import Application
from kezhuan.areas.people.actions import SYSTEM, add_member, sign_up
from kezhuan.areas.projects.evidence_actions import evaluate_self, name_user, record_test, report_first_use
from kezhuan.areas.projects.execution import performances
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.queries import money_of
from kezhuan.areas.projects.waiting import OFFICERS
from kezhuan.areas.reviews.permissions import runs
from kezhuan.engines.days import months_after
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_inspections import admitted
from tests.areas.test_projects import codes
from tests.areas.test_waiting_for_projects import matters
from tests.factories import city, projects
from tests.factories.projects import SAID, fresh, judged, reached

pytestmark = pytest.mark.django_db


def test_a_poster_that_takes_part_in_what_another_unit_undertakes_is_its_first_user_and_reports():
    officer = city.officer()
    (chosen,) = projects.awarded(city.organisation("南粤大学", kind="university"))
    poster = chosen.item.poster
    row = projects.project(chosen, stage="running", members=[(poster, 30_000_000)], by=officer)
    reached(row, officer)
    row = advance(PROJECT, fresh(row), "ask-acceptance", actor=city.clerk(chosen.applicant))
    assert codes(lambda: advance(PROJECT, row, "accept", actor=officer)) == {
        "user-report-missing", "acceptance-unjudged",
    }  # fmt: skip
    with pytest.raises(Conflict):
        name_user(actor=officer, project=fresh(row), user=city.organisation("首用公司").record.code)
    with pytest.raises(NotAllowed):
        report_first_use(actor=city.clerk(chosen.applicant), project=fresh(row), said=SAID)
    assert "首用" in "".join(matters(city.clerk(poster)).values())
    report_first_use(actor=city.clerk(poster), project=fresh(row), said=SAID)
    assert matters(city.clerk(poster)) == {}
    judged(row, officer)
    with pytest.raises(NotAllowed):  # what it says is evidence; it decides nothing
        advance(PROJECT, fresh(row), "accept", actor=city.clerk(poster))
    assert advance(PROJECT, fresh(row), "accept", actor=officer).record.stage == "accepted"


def test_a_project_whose_leader_is_related_to_the_poster_reaches_its_last_payment_and_nobody_judges_their_own():
    officer = city.officer()
    (chosen,) = projects.awarded(city.organisation("南粤大学", kind="university"))
    Application.objects.filter(pk=chosen.pk).update(related="同一控制人")
    chosen.refresh_from_db()
    poster, leader = chosen.item.poster, chosen.applicant
    row = projects.project(chosen, stage="running", members=[(poster, 30_000_000)], by=officer)
    user, outsider = city.organisation("首用公司"), city.organisation("检测院", kind="institute")
    pay(actor=officer, project=fresh(row), number=1, voucher="记-1", on=today())
    head = city.clerk(leader)
    assert codes(lambda: advance(PROJECT, row, "ask-acceptance", actor=head)) == {"milestones-open"}
    reached(row, officer)
    pay(actor=officer, project=fresh(row), number=2, voucher="记-2", on=today())
    row = advance(PROJECT, fresh(row), "ask-acceptance", actor=head)
    browser, place = client_of(head), f"/projects/{row.record.code}/"
    assert '<span class="tag neutral">acceptance asked for</span>' in browser.get(place).content.decode()
    row = advance(PROJECT, row, "rectify", actor=officer, note="补测")
    # What is put aside to be put right is no success, and why stands at the head of the page.
    told = browser.get(place).content.decode()
    assert '<div class="said">补测</div>' in told
    assert '<span class="tag wait"><span aria-hidden="true">○</span>being put right</span>' in told
    row = advance(PROJECT, row, "ask-acceptance", actor=head)
    assert codes(lambda: advance(PROJECT, row, "accept", actor=officer)) == {
        "user-missing", "user-report-missing", "test-report-missing", "acceptance-unjudged",
    }  # fmt: skip
    # Who undertakes is related to the poster, so that its word is no evidence.
    with pytest.raises(NotAllowed):
        report_first_use(actor=city.clerk(poster), project=fresh(row), said=SAID)
    assert codes(lambda: name_user(actor=officer, project=fresh(row), user=leader.record.code)) == {"evidence-side"}
    name_user(actor=officer, project=fresh(row), user=user.record.code)
    report_first_use(actor=city.clerk(user), project=fresh(row), said=SAID)
    tests = {"actor": officer, "project": fresh(row), "said": SAID}
    assert codes(lambda: record_test(tester=poster.record.code, **tests)) == {"evidence-side"}
    record_test(tester=outsider.record.code, **tests)
    judged(row, officer)
    # All pairs of a side and a step: whoever is an officer and of a side takes none.
    steps = [name for name, move in PROJECT.moves.items() if "accepting" in move.source]
    for unit in (leader, poster, user):
        both = city.officer()
        add_member(actor=SYSTEM, organisation=unit, person=both.person, role=Role.READER)
        both = actor_for(both.person, both.organisation.pk)
        for name in steps:
            with pytest.raises(NotAllowed):
                advance(PROJECT, fresh(row), name, actor=both, note="测试")
        with pytest.raises(NotAllowed):
            pay(actor=both, project=fresh(row), number=3, voucher="记-3", on=today())
        with pytest.raises(NotAllowed):
            record_test(actor=both, project=fresh(row), tester=outsider.record.code, said=SAID)
    row = advance(PROJECT, fresh(row), "accept", actor=officer)
    inspector = sign_up(name="王审", email="audit@example.com", password="long-enough-secret").person
    matter = admitted(officer, row)
    page = client_of(actor_for(inspector)).get(f"/projects/{row.record.code}/decisions/").content.decode()
    assert Entry.objects.filter(kind="inspection.view", record=matter.pk).count() == 1  # each look is noted
    assert all(words in page for words in ("南粤大学", "首用公司", poster.record.title))
    assert client_of(head).get(f"/projects/{row.record.code}/").status_code == 200
    with pytest.raises(NotAllowed):
        evaluate_self(actor=officer, project=fresh(row), reached=["0.09 nm"], words="好")
    assert codes(lambda: evaluate_self(actor=head, project=fresh(row), reached=[], words="好")) == {"race-figures"}
    assert matters(head) == {row.record.code: "待绩效自评"}
    typed = {"words": "在产线应用", "reached_0": "0.09 nm"}
    assert client_of(head).post(f"/projects/{row.record.code}/self-evaluation/", typed).status_code == 302
    assert not OFFICERS[-1].records(officer).exists()
    with pytest.raises(Refused, match=months_after(fresh(row).accepted_on, 12).isoformat()) as refused:
        advance(PROJECT, fresh(row), "evaluate", actor=officer, note="良好")
    assert {one.code for one in refused.value.problems} == {"evaluation-early"}
    Project.objects.filter(pk=row.pk).update(accepted_on=today() - timedelta(days=370))
    # To be paid comes first in the inbox; it is paid after the evaluation, too.
    assert (matters(head), matters(officer)) == ({}, {row.record.code: "有应拨款项"})
    assert [one.pk for one in OFFICERS[-1].records(officer)] == [row.pk]
    assert not OFFICERS[-2].records(officer).exists()
    # On the last day of the term it is not late yet.
    for days, late in ((0, []), (1, [row.pk])):
        on = months_after(today() - timedelta(days=days), -36)
        Project.objects.filter(pk=row.pk).update(accepted_on=on)
        assert [one.pk for one in OFFICERS[-2].records(officer)] == late
    assert advance(PROJECT, fresh(row), "evaluate", actor=officer, note="良好").record.stage == "evaluated"
    assert pay(actor=officer, project=fresh(row), number=3, voucher="记-3", on=today()).state == "paid"
    assert money_of(fresh(row)).paid == projects.AWARD
    (done,) = performances(officer)
    assert (done.milestones, done.passed, done.late, done.first_use, done.accepted_late) == (1, 1, 0, True, False)
    assert (done.fiscal_fen, done.fiscal_paid_fen, done.firm_paid_fen) == (projects.AWARD, projects.AWARD, 0)
    assert (done.own.reached, done.evaluated_on) == (["0.09 nm"], today())
    assert performances(city.officer("440117")) == []
    address = f"/payments/?state=paid&amp;project={row.record.code}"
    assert address in client_of(officer).get("/payments/performance/").content.decode()
    assert client_of(officer).get("/api/v1/performance").json()["items"][0]["words"] == "在产线应用"


def test_a_panel_with_somebody_of_a_side_accepts_nothing_and_what_is_not_accepted_frees_the_rest():
    officer = city.officer()
    row = projects.project(stage="running", by=officer)
    reached(row, officer)
    row = advance(PROJECT, fresh(row), "ask-acceptance", actor=city.clerk(row.leader))
    report_first_use(actor=city.clerk(row.poster), project=fresh(row), said=SAID)
    panel = judged(row, officer)
    joins = city.organisation("接任公司")
    asked = row.changes.create(number=1, joining=joins, reason="接任", asked_on=today())
    for side in (row.leader, row.poster, joins):
        both = add_member(actor=SYSTEM, organisation=side, person=officer.person, role=Role.READER)
        assert not runs.test(actor_for(officer.person), panel)
        both.delete()
    assert runs.test(actor_for(officer.person), panel)
    asked.delete()
    expert = panel.reviews.get().expert
    held = add_member(actor=SYSTEM, organisation=row.leader, person=expert.person, role=Role.READER)
    with pytest.raises(Refused) as refused:
        advance(PROJECT, fresh(row), "accept", actor=officer)
    assert {problem.code for problem in refused.value.problems} == {"panel-own"}
    held.delete()
    panel.items.update(advised=False)
    assert codes(lambda: advance(PROJECT, fresh(row), "accept", actor=officer)) == {"acceptance-unadvised"}
    row = advance(PROJECT, fresh(row), "fail", actor=officer, note="未达到指标")
    money = money_of(fresh(row))
    assert (money.paid, money.reserved, money.freed) == (0, 0, projects.AWARD)
