"""What a unit has posed: each challenge with the applications to it, the projects that came of it, the unit's own
payments and its reports as first user."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.calls.queries import calls_visible_to
from kezhuan.areas.projects.models import Evidence, EvidenceKind, PaymentState, Project, Source
from kezhuan.areas.projects.queries import projects_visible_to
from kezhuan.kernel.access import Actor

OVER = frozenset({"decided", "unclaimed", "withdrawn"})
"""Stages of calls of which a poster learns how many applied."""


@dataclass(frozen=True)
class Posed:
    """A challenge on a call's list; how many applications were handed in and chosen once the call is over; a project
    that came of it, none or one a row; of the unit's own payments to it what is planned in all, due and paid (分); its
    report as first user."""

    item: CallItem
    handed_in: int | None
    chosen: int
    project: Project | None = None
    planned_fen: int = 0
    due_fen: int = 0
    paid_fen: int = 0
    report: Evidence | None = None


def posed_by(actor: Actor, most: int) -> list[Posed]:
    """What the unit that the actor acts for has posed, in the calls that they see, the newest first; of at most so many
    challenges. Six queries."""
    unit = actor.organisation
    if unit is None:
        return []
    seen = calls_visible_to(actor).exclude(record__stage="draft").values("pk")
    asked = CallItem.objects.filter(poster=unit, call__in=seen).select_related("call__record", "need")
    items = list(asked.order_by("-call", "number")[:most])
    ids = [one.pk for one in items]
    handed = Application.objects.filter(item__in=ids, submitted_at__isnull=False).order_by().values_list("item")
    counts = {
        item: (number, chosen)
        for item, number, chosen in handed.annotate(
            number=Count("pk"), chosen=Count("pk", filter=Q(record__stage="awarded"))
        )
    }
    rows = projects_visible_to(actor).filter(poster=unit, application__item__in=ids).order_by("pk")
    projects: dict[int, list[Project]] = {}
    for row in rows.prefetch_related("payments", "evidence"):
        projects.setdefault(row.application.item_id, []).append(row)
    found = []
    for one in items:
        handed_in, chosen = counts.get(one.pk, (0, 0)) if one.call.record.stage in OVER else (None, 0)
        own: Sequence[Project | None] = projects.get(one.pk) or [None]
        found += [_posed(one, handed_in, chosen, row) for row in own]
    return found


def _posed(item: CallItem, handed_in: int | None, chosen: int, row: Project | None) -> Posed:
    if row is None:
        return Posed(item, handed_in, chosen)
    own = [one for one in row.payments.all() if one.source == Source.FIRM]

    def fen(*states: str) -> int:
        return sum(one.planned_fen for one in own if one.state in states)

    report = next((one for one in row.evidence.all() if one.kind == EvidenceKind.FIRST_USER), None)
    planned = fen(PaymentState.PLANNED, PaymentState.DUE, PaymentState.PAID)
    return Posed(item, handed_in, chosen, row, planned, fen(PaymentState.DUE), fen(PaymentState.PAID), report)
