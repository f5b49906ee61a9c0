"""Officers who sign two task books of one leader in the same second: the limits hold, and the refusal says why."""

import pytest

from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.chains.commissioning_actions import CommissionFacts, commission
from kezhuan.areas.chains.task_actions import keep_selection
from kezhuan.areas.chains.task_lifecycle import TASK
from kezhuan.areas.projects.actions import Planned, Share, open_project, sign_book, write_book
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project, Race
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.queries import money_of
from kezhuan.areas.projects.race_actions import GateFacts, hold_gate
from kezhuan.areas.projects.racing import state_of
from kezhuan.kernel import journal
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today
from tests.factories import city, projects, tasks
from tests.factories.databases import at_once
from tests.factories.projects import fresh

pytestmark = pytest.mark.django_db(transaction=True)


def test_officers_at_once_never_sign_past_the_limits_of_a_leader():
    leader, partner, officer = city.organisation("链主公司"), city.organisation("参与公司"), city.bureau()
    facts = {"call_kind": "chain", "budget_year": 2026, "fen": 120_000_000, "passed_on": 40_000_000}
    chosen = [projects.awarded(leader, by=officer, **facts)[0] for _ in range(2)]
    colleagues = [city.clerk(leader) for _ in range(2)]
    opened = at_once([lambda actor=one: open_project(actor=actor, application=chosen[0]) for one in colleagues])
    assert sorted(type(one).__name__ for one in opened) == ["Project", "Refused"]
    Project.objects.filter(application=chosen[0]).update(alive=False)
    # Each alone comes to 200 with what was decided of the other; both would come to 240.
    rows = [projects.project(one, stage="filed", members=[(partner, 1)]) for one in chosen]
    for row in rows:
        for unit in (partner, row.poster):
            sign_book(actor=city.clerk(unit), project=fresh(row))
    results = at_once([lambda row=row: advance(PROJECT, row, "sign", actor=officer) for row in rows])
    assert sorted(type(one).__name__ for one in results) == ["Project", "Refused"]
    (refused,) = [one for one in results if isinstance(one, Refused)]
    (problem,) = refused.problems
    assert problem.code == "leader-receives-too-much"
    signed = Application.objects.get(kept_fen__isnull=False)
    assert signed.record.code in str(problem.message)
    assert signed.kept_fen == 119_999_999
    assert journal.verify().broken_seq is None


def test_officers_at_once_commission_one_task_once_and_never_past_the_budget_line():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    colleague = city.officer()
    said = {"call_kind": "chain", "places": [Place("碳化硅衬底方向")], "budget_year": 2026}
    projects.awarded(leader, by=officer, fen=50_000_000, budget_fen=120_000_000, **said)
    rows = []
    for title in ("抛光液", "抛光垫"):
        row = tasks.task(leader, city.clerk(leader), stage="published", title=title)
        facts = tasks.commissioned(row, school)
        rows.append(keep_selection(actor=city.clerk(leader), task=row, facts=facts))
    facts = CommissionFacts(40_000_000, "记录齐备")
    twice = at_once([lambda by=one: commission(actor=by, task=rows[0], facts=facts) for one in (officer, colleague)])
    assert sorted(type(one).__name__ for one in twice) == ["Conflict", "Task"]
    Application.objects.exclude(commissioned_by=None).update(award_fen=0)
    type(rows[0]).objects.update(commission=None, project=None)
    results = at_once([lambda row=row: commission(actor=officer, task=row, facts=facts) for row in rows])
    assert sorted(type(one).__name__ for one in results) == ["Refused", "Task"]
    assert Application.objects.filter(commissioned_by=leader, award_fen=40_000_000).count() == 1


def test_a_task_given_up_and_the_project_of_its_commission_opened_at_once_leave_a_project_or_free_the_money():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    said = {"call_kind": "chain", "places": [Place("碳化硅衬底方向")], "budget_year": 2026}
    award = projects.awarded(leader, by=officer, fen=50_000_000, **said)[0]
    keeper, heads = city.clerk(leader), [city.clerk(school) for _number in range(3)]
    row = tasks.task(leader, keeper, stage="published")
    row = keep_selection(actor=keeper, task=row, facts=tasks.commissioned(row, school))
    Call.objects.filter(pk=award.item.call_id).update(awaits_budget=True)
    made = commission(actor=officer, task=row, facts=CommissionFacts(40_000_000, "记录齐备")).commission
    Call.objects.filter(pk=award.item.call_id).update(awaits_budget=False)
    made = Application.objects.select_related("record", "item__call__record").get(pk=made.pk)
    opening = [lambda actor=one: open_project(actor=actor, application=made) for one in heads]
    results = at_once([*opening, lambda: advance(TASK, row, "drop", actor=keeper, note="不再需要")])
    opened = [one for one in results if isinstance(one, Project)]
    stage = Application.objects.get(pk=made.pk).record.stage
    assert (len(opened), stage) in {(1, "awarded"), (0, "withdrawn")}
    assert {type(one).__name__ for one in results} <= {"Project", "Task", "Refused", "NotAllowed"}
    assert journal.verify().broken_seq is None


def test_payments_and_a_gate_at_once_wait_for_each_other_and_no_fen_is_lost():
    officer, leaders = city.bureau(), [city.organisation() for _ in range(2)]
    rows = [projects.project(one) for one in projects.awarded(*leaders, by=officer, fen=50_000_000)]
    opening = [lambda: projects.race(rows, by=officer, gates=(today(),))] * 2
    race, refused = sorted(at_once(opening), key=lambda one: isinstance(one, Exception))
    assert {problem.code for problem in refused.problems} == {"race-project"}
    for row in rows:
        book = {"own_fen": 0, "payments": (Planned("fiscal", "signing", 15_000_000),), "firm_fen": 0}
        book["shares"] = (Share(row.leader.record.code, "攻关", 15_000_000),)
        leader = city.clerk(row.leader)
        written = write_book(actor=leader, project=fresh(row), facts=projects.book(fresh(row), **book))
        advance(PROJECT, written, "file", actor=leader)
        sign_book(actor=city.clerk(row.poster), project=fresh(row))
        advance(PROJECT, fresh(row), "sign", actor=officer)
    tester, codes = city.organisation("检测院"), [row.record.code for row in rows]
    gate = GateFacts(today(), tester.record.code, "检1", {code: ["0.09"] for code in codes}, (codes[0],))
    results = at_once(
        [
            lambda: hold_gate(actor=officer, race=race, facts=gate),
            *(lambda row=row: pay(actor=officer, project=row, number=1, voucher="记-1", on=today()) for row in rows),
        ]
    )
    assert {type(one).__name__ for one in results} <= {"Race", "Payment", "Refused", "NotAllowed"}
    state = state_of(Race.objects.get(pk=race.pk))
    assert state.paid_fen + state.reserved_fen + state.freed_fen == 100_000_000
    assert [state.paid[code] for code in codes] == [money_of(fresh(row)).paid for row in rows]
    assert state.running == (codes[0],)
