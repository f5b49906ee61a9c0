"""Every pair of a side of a project or its race and a step that decides about it: nobody takes one for themselves."""

import pytest

from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.projects.change_actions import ask_change
from kezhuan.areas.projects.changing import Wanted
from kezhuan.areas.projects.evidence_actions import name_user, record_test
from kezhuan.areas.projects.landing_actions import record_landing
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.payment_actions import judge_milestone, pay, settle_project
from kezhuan.areas.projects.race_actions import open_race, reserve
from kezhuan.areas.projects.race_lifecycle import RACE
from kezhuan.areas.projects.race_test_actions import ask_tester
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.test_races import held_gate, read, teams_of
from tests.factories import city, projects
from tests.factories.projects import SAID, fresh, race_facts

pytestmark = pytest.mark.django_db


def officer_of(unit):
    """An officer in charge who reads for a unit too, and acts for the office."""
    person = city.officer().person
    office = actor_for(person).organisation
    add_member(actor=SYSTEM, organisation=unit, person=person, role=Role.READER)
    return actor_for(person, office.pk)


def refused(actor, steps):
    """Each of these steps is refused to somebody because of who they are, and nothing is written by it."""
    entries = Entry.objects.count()
    for name, step in steps.items():
        try:
            step(actor)
        except NotAllowed:
            continue
        pytest.fail(f"{name} was not refused")
    assert Entry.objects.count() == entries
    return len(steps)


def test_no_side_of_a_project_takes_a_step_that_decides_about_it_at_any_stage():
    officer, member, heir = city.officer(), city.organisation("参与公司"), city.organisation("接替公司")
    row = projects.project(stage="signed", by=officer, members=[(member, 30_000_000)])
    user, tester = city.organisation("首用公司"), city.organisation("检测院", kind="institute")
    Project.objects.filter(pk=row.pk).update(user=user)
    leaving = Wanted("产线搬迁", leaving=member.record.code, joining=heir.record.code)
    ask_change(actor=city.clerk(row.leader), project=fresh(row), wanted=leaving)
    about = {
        "judge": lambda actor: judge_milestone(actor=actor, project=fresh(row), number=1, passed=True, words="好"),
        "pay": lambda actor: pay(actor=actor, project=fresh(row), number=1, voucher="记-1", on=today()),
        "name the user": lambda actor: name_user(actor=actor, project=fresh(row), user=tester.record.code),
        "record a test": lambda actor: record_test(
            actor=actor, project=fresh(row), tester=tester.record.code, said=SAID
        ),
        "land": lambda actor: record_landing(
            actor=actor, project=fresh(row), member=member.record.code, entity=tester.record.code, on=today()
        ),
        "settle": lambda actor: settle_project(
            actor=actor, project=fresh(row), spent_fen=0, diligent=True, words="账目相符"
        ),
    }
    tried = 0
    for unit in (row.leader, row.poster, member, heir, user):
        both = officer_of(unit)
        tried += refused(both, about)
        for name, stage in PROJECT.stages.items():
            Record.objects.filter(pk=row.pk).update(stage=name, phase=stage.phase)
            moves = [move for move in PROJECT.moves.values() if name in move.source]
            steps = {
                f"{move.name} at {name}": lambda actor, move=move: advance(
                    PROJECT,
                    fresh(row),
                    move.name,
                    actor=actor,
                    note="测试",
                    reason=next((code for code, _words in move.reasons_for(row, actor)), ""),
                )
                for move in moves
            }
            tried += refused(both, steps)
    assert tried > 150
    # Somebody else in charge takes them: it is not the stage that keeps them back.
    Record.objects.filter(pk=row.pk).update(stage="signed", phase="active")
    about["pay"](officer)
    advance(PROJECT, fresh(row), "refuse-change", actor=officer, note="不同意")


def test_no_side_of_any_team_takes_a_step_of_their_race():
    officer, tester = city.officer(), city.organisation("检测院", kind="institute")
    rows = teams_of(officer, 2)
    sides = [officer_of(unit) for unit in (rows[0].leader, rows[1].leader, rows[0].poster)]
    facts, item = race_facts(rows), rows[0].application.item
    for both in sides:
        refused(both, {"open": lambda actor: open_race(actor=actor, item=item, facts=facts)})
    race = projects.race(rows, by=officer, gates=(today(),))
    one = {"team": rows[0].record.code, "fen": 1, "occasion": "acceptance"}
    steps = {
        "gate": lambda actor: held_gate(actor, read(race), tester, (rows[0].record.code,)),
        "tester": lambda actor: ask_tester(actor=actor, race=read(race), tester=tester.record.code),
        "reserve": lambda actor: reserve(actor=actor, race=read(race), **one),
        "wind up": lambda actor: advance(RACE, read(race), "wind-up", actor=actor),
        "void": lambda actor: advance(RACE, read(race), "void", actor=actor, note="误建"),
    }
    assert [refused(both, steps) for both in sides] == [5] * 3
    held_gate(officer, read(race), tester, (rows[0].record.code,))
