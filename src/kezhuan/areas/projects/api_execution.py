"""执行进度 and 绩效 in the API: sums of payments by budget line, and what came of projects; money in fen."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kezhuan.api.identity import actor_of, reads
from kezhuan.api.records import reference
from kezhuan.api.schemas import Listed, RecordRef, Shown
from kezhuan.areas.projects.execution import by_line, performances
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.areas.projects.reports import REPORTS, rows_of
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Missing, NotAllowed

MOST = 1000
"""Projects of one answer: narrow it down by the budget year."""
LINE = ("budget_fen", "arranged_fen", "paid_fen", "returned_fen", "share_bp")
BUDGET = ("budget_year", "budget_subject", "budget_document")
PERFORMANCE = (
    "milestones", "passed", "late", "fiscal_fen", "fiscal_paid_fen", "firm_fen", "firm_paid_fen", "first_use",
    "accepted_on", "accepted_late", "evaluated_on",
)  # fmt: skip
router = Router(tags=["projects"])


class YearQuery(BaseModel):
    """The budget year of the calls; all without one."""

    model_config = ConfigDict(extra="forbid")
    year: int | None = Field(None, ge=2000, le=2100)


class ExecutionShown(Shown):
    """How far the money of a call's budget line has come; `share_bp` is what was paid and has not come back, of it."""

    budget_year: int | None
    budget_subject: str
    budget_document: str
    call: RecordRef | None
    budget_fen: int
    arranged_fen: int
    paid_fen: int
    returned_fen: int
    share_bp: int | None


class PerformanceShown(Shown):
    """What came of a project."""

    project: RecordRef | None
    milestones: int
    passed: int
    late: int
    fiscal_fen: int
    fiscal_paid_fen: int
    firm_fen: int
    firm_paid_fen: int
    first_use: bool | None
    accepted_on: date | None
    accepted_late: bool
    self_evaluated_on: date | None
    reached: list[str]
    words: str
    evaluated_on: date | None


class ProjectReportShown(Shown):
    """A report as a table: its columns in the reader's language, and its rows as text."""

    title: str
    columns: list[str]
    rows: list[list[str]]


@router.get(
    "/project-reports/{name}",
    auth=reads(PROGRAMME),
    response=ProjectReportShown,
    operation_id="project-reports",
    summary="Reports on calls and projects",
)
def report(request: HttpRequest, name: str, asked: Query[YearQuery]) -> dict[str, Any]:
    """Of `yearly`, `directions`, `leaders`, `quarters` and `milestones` one, for the officers in charge of projects; at
    most a thousand rows."""
    actor = _officer(request)
    if name not in REPORTS:
        raise Missing(name)
    found = REPORTS[name]
    return {
        "title": str(found.title),
        "columns": [str(one) for one in found.columns],
        "rows": [list(row) for row in rows_of(actor, name, asked.year, MOST)],
    }


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the officers in charge of projects see the payment list."))
    return actor


@router.get(
    "/execution",
    auth=reads(PROGRAMME),
    response=Listed[ExecutionShown],
    operation_id="execution",
    summary="Execution of the budget by budget line",
)
def execution(request: HttpRequest, asked: Query[YearQuery]) -> dict[str, Any]:
    """For the officers in charge of projects."""
    actor = _officer(request)
    return {
        "items": [
            {
                "call": reference(actor, one.of.record),
                **{name: getattr(one.of, name) for name in BUDGET},
                **{name: getattr(one, name) for name in LINE},
            }
            for one in by_line(actor, asked.year)
        ]
    }


@router.get(
    "/performance",
    auth=reads(PROGRAMME),
    response=Listed[PerformanceShown],
    operation_id="performance",
    summary="What came of projects",
)
def performance(request: HttpRequest, asked: Query[YearQuery]) -> dict[str, Any]:
    """For the officers in charge of projects; at most a thousand of a year."""
    actor = _officer(request)
    return {
        "items": [
            {
                "project": reference(actor, one.project.record),
                **{name: getattr(one, name) for name in PERFORMANCE},
                "self_evaluated_on": one.own.on if one.own is not None else None,
                "reached": one.own.reached if one.own is not None else [],
                "words": one.own.words if one.own is not None else "",
            }
            for one in performances(actor, asked.year, MOST)
        ]
    }
