"""Projects for tests, made through the program's own actions."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.projects.actions import (
    Aim,
    BookFacts,
    Planned,
    Share,
    answer_invitation,
    open_project,
    sign_book,
    write_book,
)
from kezhuan.areas.projects.evidence_actions import Said
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project, Race
from kezhuan.areas.projects.payment_actions import judge_milestone, report_milestone
from kezhuan.areas.projects.race_actions import RaceFacts, open_race
from kezhuan.areas.projects.staffing import Staffer
from kezhuan.areas.projects.terms import Terms
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from tests.factories import calls, city, reviews

AWARD = 100_000_000
TERMS = Terms("task", "", "text", "按贡献协商分配", "退出成员已完成的成果归联合体，未用经费退回")


def awarded(
    *leaders: Organisation, by: Actor | None = None, fen: int = AWARD, passed_on: int = 0, **facts: Any
) -> list[Application]:
    """Applications of these units for one challenge, all chosen in a call that was decided."""
    actor = by or city.bureau()
    call = calls.call(stage="published", by=actor, winners=len(leaders), **facts)
    rows = [calls.application(call, leader, stage="qualified") for leader in leaders]
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=actor)
    if call.call_kind == "chain":
        reviews.judged(actor, call)
    proposed = {one.record.code: Proposed(True, "方案可行", fen, passed_on) for one in rows}
    advance(CALL, propose(actor=actor, call=call, proposed=proposed), "decide", actor=actor)
    found = Application.objects.select_related("record", "item__call__record", "item__poster", "applicant__record")
    return list(found.filter(pk__in=[one.pk for one in rows]).order_by("pk"))


def fresh(row: Project) -> Project:
    """The project as it is in the database now."""
    return Project.objects.select_related("record__owner__record").get(pk=row.pk)


def book(project: Project, members: Sequence[tuple[Organisation, int]] = (), **facts: Any) -> BookFacts:
    """A task book that can be filed: the leader with these members and their shares of fiscal money, a milestone, and
    three payments of fiscal money and one of the poster's."""
    leader, whole = project.leader.record.code, project.fiscal_fen
    first = whole * 3 // 10
    passed_on = sum(fen for _unit, fen in members)
    return BookFacts(
        **{
            "starts_on": today(),
            "ends_on": today() + timedelta(days=360),
            "staff": (Staffer("梁工", "总体设计", 3000),),
            "terms": TERMS,
            "own_fen": 7,
            "firm_fen": 11,
            "shares": (
                Share(leader, "总体设计与集成", whole - passed_on, 7),
                *(Share(unit.record.code, "工艺验证", fen) for unit, fen in members),
            ),
            "milestones": (Aim("样件粗糙度不高于0.1 nm", today() + timedelta(days=200), "第三方检测", leader),),
            "payments": (
                Planned("fiscal", "signing", first),
                Planned("fiscal", "milestone", first, 1),
                Planned("fiscal", "acceptance", whole - 2 * first),
                Planned("firm", "acceptance", 11),
            ),
            **facts,
        }
    )


def project(
    application: Application | None = None,
    *,
    stage: str = "drafted",
    members: Sequence[tuple[Organisation, int]] = (),
    by: Actor | None = None,
    **facts: Any,
) -> Project:
    """The project of an application that was chosen, taken to a stage by those who may."""
    if application is None:
        (application,) = awarded(city.organisation(kind="university"))
    leader, officer = city.clerk(application.applicant), by or city.bureau()
    made = open_project(actor=leader, application=application)
    if stage == "drafted" and not (members or facts):
        return made
    made = write_book(actor=leader, project=made, facts=book(made, members, **facts))
    if stage in {"drafted", "void"}:
        return city.taken(PROJECT, made, [("void", officer)] if stage == "void" else [])
    for unit, _fen in members:
        made = answer_invitation(actor=city.clerk(unit), project=made, accepts=True)
    made = city.taken(PROJECT, made, [("file", leader)])
    if stage == "filed":
        return made
    for unit in dict.fromkeys((*(unit for unit, _fen in members), *filter(None, [made.poster]))):
        made = sign_book(actor=city.clerk(unit), project=made)
    steps = {
        "signed": [("sign", officer)],
        "running": [("sign", officer), ("begin", leader)],
        "suspended": [("sign", officer), ("suspend", officer)],
        "terminated": [("sign", officer), ("terminate", officer)],
    }[stage]
    return city.taken(PROJECT, made, steps)


def project_written(
    row: Project, members: Sequence[tuple[Organisation, int]], by: Actor, *, stage: str = "signed", **facts: Any
) -> Project:
    """A project with this task book, answered, filed and signed by everybody, and at last by the bureau."""
    leader = city.clerk(row.leader)
    made = write_book(actor=leader, project=fresh(row), facts=book(fresh(row), members, **facts))
    for unit, _fen in members:
        made = answer_invitation(actor=city.clerk(unit), project=made, accepts=True)
    made = city.taken(PROJECT, made, [("file", leader)])
    for unit in (*(unit for unit, _fen in members), *filter(None, [made.poster])):
        made = sign_book(actor=city.clerk(unit), project=made)
    return city.taken(PROJECT, fresh(made), [("sign", by)] if stage == "signed" else [])


def race_facts(teams: Sequence[Project], **facts: Any) -> RaceFacts:
    """What a race of these projects says: its first gate is in a year, and first payments are 30 of 100."""
    return RaceFacts(
        **{
            "projects": tuple(row.record.code for row in teams),
            "first_fen": 15_000_000,
            "gates": (today() + timedelta(days=370),),
            "least_teams": 2,
            "most_teams": 5,
            "first_share_bp": 3000,
            **facts,
        }
    )


def race(teams: Sequence[Project], *, by: Actor | None = None, **facts: Any) -> Race:
    """A race of projects for one challenge whose task books are being written."""
    item = CallItem.objects.select_related("call__record").get(pk=teams[0].application.item_id)
    return open_race(actor=by or city.bureau(), item=item, facts=race_facts(teams, **facts))


SAID = Said(today(), True, "连续运行30天，指标达到任务书要求", "首用〔2026〕1号")


def reached(row, officer, passed=True):
    """The milestone is reported and judged."""
    report_milestone(actor=city.clerk(row.leader), project=fresh(row), number=1, words="样件达到0.09 nm")
    judge_milestone(actor=officer, project=fresh(row), number=1, passed=passed, words="检测报告齐全")


def judged(row, officer):
    """A panel of the bureau judges whether the project is accepted."""
    reviews.expert(f"验收专家{row.record.code}", by=officer)
    panel = reviews.panel(officer, fresh(row), per_item=1, scheme="open", title="验收评审")
    reviews.asked(officer, panel)
    return reviews.concluded(officer, reviews.scored(officer, panel))
