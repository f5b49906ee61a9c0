"""执行进度 and 绩效: how far the money of each budget line has come, and what came of the projects it paid for.

Nothing of it is stored: every figure is a sum of rows that its page opens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from kezhuan.areas.calls.models import Call
from kezhuan.areas.projects.models import (
    EvidenceKind,
    Member,
    MemberState,
    PaymentState,
    Project,
    SelfEvaluation,
    Source,
)
from kezhuan.areas.projects.queries import payments_visible_to
from kezhuan.kernel.access import GROUPS, Actor, is_officer
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.kernel.text import SHANGHAI

WRITTEN = ("drafted", "filed", "void")
"""Stages of projects that have no signed task book: nothing is planned by them yet."""


@dataclass(frozen=True)
class Execution:
    """How far the fiscal money of a call, or of one of its projects, has come, in 分: what is arranged in signed task
    books (what was paid among it), what was returned, and of a call its budget."""

    of: Any
    budget_fen: int | None
    arranged_fen: int
    paid_fen: int
    returned_fen: int

    @property
    def share_bp(self) -> int | None:
        """What was paid and has not come back, of the budget line (of a project: of what is arranged), in basis points
        rounded down."""
        whole = self.arranged_fen if self.budget_fen is None else self.budget_fen
        return (self.paid_fen - self.returned_fen) * 10_000 // whole if whole else None


def _record(path: str) -> tuple[str, ...]:
    """A record with what a reference to it reads."""
    return (path, f"{path}__owner__record", *(f"{path}__{group}_to" for group in GROUPS))


def projects_in_charge(actor: Actor) -> QuerySet[Project]:
    """The projects with a signed task book of which the actor is in charge."""
    return is_officer.among(actor, Project.objects.exclude(record__stage__in=WRITTEN))


def years_of(actor: Actor) -> list[int]:
    """The budget years of the calls of these projects, the latest first."""
    years = projects_in_charge(actor).order_by().values_list("application__item__call__budget_year", flat=True)
    return sorted({year for year in years.distinct() if year is not None}, reverse=True)


def by_line(actor: Actor, year: int | None = None) -> list[Execution]:
    """The budget lines of the calls of these projects, of one budget year or of all; three queries."""
    calls = Call.objects.filter(pk__in=projects_in_charge(actor).values("application__item__call"))
    rows = list((calls if year is None else calls.filter(budget_year=year)).select_related(*_record("record")))
    sums = _sums(actor, "application__item__call", [one.pk for one in rows])
    found = [Execution(one, one.budget_fen or 0, *sums.get(one.pk, (0, 0, 0))) for one in rows]
    return sorted(found, key=lambda one: (-(one.of.budget_year or 0), one.of.budget_subject, one.of.record.code))


def by_project(actor: Actor, call: Call) -> list[Execution]:
    """The projects that a call's budget line pays for; three queries."""
    rows = list(
        projects_in_charge(actor).filter(application__item__call=call).select_related("record", "leader__record")
    )
    sums = _sums(actor, "pk", [one.pk for one in rows])
    return [Execution(one, None, *sums.get(one.pk, (0, 0, 0))) for one in sorted(rows, key=lambda one: one.record.code)]


def _sums(actor: Actor, path: str, ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """What is arranged, was paid and came back, by the key at a path from projects."""
    payments = payments_visible_to(actor).select_related(None).order_by().filter(**{f"project__{path}__in": ids})
    paid = Sum("planned_fen", filter=Q(state=PaymentState.PAID), default=0)
    sums = payments.values_list(f"project__{path}").annotate(arranged=Sum("planned_fen"), paid=paid)
    back = projects_in_charge(actor).order_by().filter(**{f"{path}__in": ids}).values_list(path)
    returned = dict(back.annotate(sum=Sum("returned_fen")))
    found = {key: (arranged, done, returned.pop(key, 0)) for key, arranged, done in sums}
    return found | {key: (0, 0, sum_) for key, sum_ in returned.items()}


@dataclass(frozen=True)
class Performance:
    """What came of a project: its milestones, those that were reported after their day, what of the fiscal and of the
    poster's money was paid (分), what the first user found, when it was accepted, and the evaluations."""

    project: Project
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
    own: SelfEvaluation | None
    evaluated_on: date | None


def memberships(actor: Actor, year: int | None = None, only: str = "", most: int | None = None) -> list[Member]:
    """Who takes part in the projects that the actor is in charge of, of the calls of one budget year or of all: all
    units, those of Hong Kong, Macao and Taiwan alone, or those that promised to set up an entity here."""
    rows = Member.objects.filter(project__in=projects_in_charge(actor).values("pk"), state=MemberState.ACCEPTED)
    rows = rows if year is None else rows.filter(project__application__item__call__budget_year=year)
    rows = rows.filter(ONLY[only]) if only in ONLY else rows
    told = rows.select_related(
        *_record("project__record"), "project__leader__record", "organisation__record", "entity__record"
    )
    return list(told.order_by("project", "number")[:most])


ONLY = {"hk-macao": Q(organisation__kind=OrganisationKind.HK_MACAO), "landing": Q(lands=True)}
"""Which members alone a list of consortia tells of."""


def performances(actor: Actor, year: int | None = None, most: int | None = None) -> list[Performance]:
    """What came of the projects that the actor is in charge of, of the calls of one budget year or of all; a constant
    number of queries."""
    rows = projects_in_charge(actor)
    rows = rows if year is None else rows.filter(application__item__call__budget_year=year)
    told = rows.select_related(
        *_record("record"), "leader__record", *_record("application__item__call__record"), "self_evaluation"
    )
    told = told.prefetch_related("milestones", "payments", "evidence", "decisions").order_by("pk")
    return [_performance(row) for row in told[:most]]


def _performance(row: Project) -> Performance:
    milestones, payments = list(row.milestones.all()), list(row.payments.all())

    def sum_of(source: str, *states: str) -> int:
        return sum(one.planned_fen for one in payments if one.source == source and one.state in states)

    used = [one.meets for one in row.evidence.all() if one.kind == EvidenceKind.FIRST_USER]
    planned = (PaymentState.PLANNED, PaymentState.DUE, PaymentState.PAID)
    evaluated = [one.at for one in row.decisions.all() if one.what == "evaluate"]
    return Performance(
        project=row,
        milestones=len(milestones),
        passed=sum(bool(one.passed) for one in milestones),
        late=sum(one.reported_on is not None and one.reported_on > one.due_on for one in milestones),
        fiscal_fen=sum_of(Source.FISCAL, *planned),
        fiscal_paid_fen=sum_of(Source.FISCAL, PaymentState.PAID) - row.returned_fen,
        firm_fen=sum_of(Source.FIRM, *planned),
        firm_paid_fen=sum_of(Source.FIRM, PaymentState.PAID),
        first_use=used[0] if used else None,
        accepted_on=row.accepted_on,
        accepted_late=bool(row.accepted_on and row.ends_on and row.accepted_on > row.ends_on),
        own=getattr(row, "self_evaluation", None),
        evaluated_on=evaluated[-1].astimezone(SHANGHAI).date() if evaluated else None,
    )
