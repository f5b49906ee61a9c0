"""漏斗: what became of the applications to calls, in numbers alone; every page, sheet and list counts them here."""

from collections.abc import Collection, Mapping

from django.db.models import Count, Q

from kezhuan.areas.calls.models import Application
from kezhuan.areas.reviews.models import PanelItem

PASSED = ("qualified", "shortlisted", "awarded", "rejected")
"""Stages of applications that passed the formality check."""
NUMBERS = ("handed", "units", "items", "passed", "judged", "chosen")
NOTHING: Mapping[str, int] = dict.fromkeys(NUMBERS, 0)


def funnels_of(calls: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """By call how many applications were `handed` in, by how many `units`, to how many `items`, how many `passed` the
    formality check, were `judged`, here or elsewhere, and `chosen`; no call stands there that has none.

    Two queries, each from the items of these calls on: whether one application was judged is not asked for each.
    """
    if not calls:
        return {}
    handed = Application.objects.filter(item__call__in=calls, submitted_at__isnull=False, commissioned_by=None)
    told = handed.order_by().values("item__call").annotate(
        handed=Count("pk"),
        units=Count("applicant", distinct=True),
        items=Count("item", distinct=True),
        passed=Count("pk", filter=Q(record__stage__in=PASSED)),
        judged=Count("pk", filter=~Q(judged_elsewhere={})),
        chosen=Count("pk", filter=Q(record__stage="awarded")),
    )  # fmt: skip
    found = {pk: dict(zip(NUMBERS, counted, strict=True)) for pk, *counted in told.values_list("item__call", *NUMBERS)}
    here = PanelItem.objects.filter(
        record__application__item__call__in=calls, record__application__submitted_at__isnull=False,
        record__application__commissioned_by=None, record__application__judged_elsewhere={},
        panel__record__stage__in=("scored", "concluded"),
    )  # fmt: skip
    judged = here.order_by().values("record__application__item__call").annotate(number=Count("record", distinct=True))
    for pk, number in judged.values_list("record__application__item__call", "number"):
        if pk in found:  # of what was handed in between the two, the next reader learns
            found[pk]["judged"] += number
    return found
