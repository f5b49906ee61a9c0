"""漏斗: what became of the applications to calls, in numbers alone; every page, sheet and list counts them here."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q

from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.calls.staging import has_final
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.kernel.models import Entry

LISTED, UNLISTED = "application.shortlist", "application.take-off"
"""How the journal calls that an application was put on the shortlist, and taken off it."""
PASSED = ("qualified", "shortlisted", "awarded", "rejected")
"""Stages of applications that passed the formality check."""
_HANDED = Q(applications__submitted_at__isnull=False, applications__commissioned_by=None)
_NUMBERS = {
    "handed": Count("applications", filter=_HANDED),
    "units": Count("applications__applicant", filter=_HANDED, distinct=True),
    "items": Count("pk", filter=_HANDED, distinct=True),
    "passed": Count("applications", filter=_HANDED & Q(applications__record__stage__in=PASSED)),
    "chosen": Count("applications", filter=_HANDED & Q(applications__record__stage="awarded")),
}
ALL = (*_NUMBERS, "judged")
HALL = ("handed", "judged", "chosen")
NOTHING: Mapping[str, int] = dict.fromkeys(ALL, 0)


def on_stage(call: Any) -> Mapping[str, int] | None:
    """How many applications stood on the shortlist for its final review (入围), of how many `units` for how many
    `items`; nothing of a call without one. What was put on it and taken off again stood there no more."""
    if not has_final(call):
        return None
    rows = Application.objects.filter(item__call=call.pk, submitted_at__isnull=False)
    moved = Entry.objects.filter(record__application__item__call=call.pk, kind__in=(LISTED, UNLISTED)).order_by("seq")
    last = {pk for pk, kind in dict(moved.values_list("record", "kind")).items() if kind == LISTED}
    there = rows.filter(Q(pk__in=last) | Q(record__stage="shortlisted")).values_list("applicant", "item")
    found = list(there)
    return {"handed": len(found), "units": len({unit for unit, _item in found}),
            "items": len({item for _unit, item in found})}  # fmt: skip


def funnels_of(calls: Collection[int], names: Sequence[str] = ALL) -> Mapping[int, Mapping[str, int]]:
    """By call how many applications were `handed` in, by how many `units`, to how many `items`, how many `passed` the
    formality check, were `judged`, here or elsewhere, and `chosen`, or those of the numbers that are named; no call
    stands there that has none. One query, from the items of these calls on: nothing else leads there."""
    if not calls:
        return {}
    by_panels = PanelItem.objects.order_by().filter(
        panel__about__in=calls, panel__record__stage__in=("scored", "concluded")
    )  # fmt: skip
    # What their panels judged is asked once, and each application looked up in it.
    judged = Q(applications__in=by_panels.values("record")) | ~Q(applications__judged_elsewhere={})
    counted_by = {**_NUMBERS, "judged": Count("applications", filter=_HANDED & judged)}
    told = CallItem.objects.order_by().filter(call__in=calls).values("call")
    rows = told.annotate(**{name: counted_by[name] for name in names}).values_list("call", *names)
    return {pk: dict(zip(names, counted, strict=True)) for pk, *counted in rows if counted[0]}
