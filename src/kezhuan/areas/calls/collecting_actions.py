"""Needs that are collected for a call (需求征集): what came in, of which those that fit are put on its list at once."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kezhuan.areas.calls.actions import MOST_ITEMS, challenge_of, next_number, require_draft, require_terms
from kezhuan.areas.calls.checks import indicator_problems
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.areas.calls.queries import indicators_of, listable_needs
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, listed

MOST_COLLECTED = 2000


def collect_needs(*, actor: Actor, call: Call, codes: Sequence[str]) -> Call:
    """Say which needs came in for a call that is prepared, by their codes, in place of what was said before. Raises
    `NotAllowed`, or `Refused` naming codes of no need that the actor reads."""
    asked = list(dict.fromkeys(clean(one).upper() for one in codes if clean(one)))
    if len(asked) > MOST_COLLECTED:
        message = _("At most %(most)s needs are collected for a call.")
        raise Refused(Problem("collected-many", message % {"most": MOST_COLLECTED}, "codes"))
    with journal.writing():
        row: Call = held(call)
        require_draft(actor, row)
        rows = Need.objects.filter(record__code__in=asked).exclude(record__phase__in=(Phase.DRAFT, Phase.VOID))
        found = dict(visible_to(actor, rows).values_list("record__code", "pk"))
        if strangers := [code[:30] for code in asked if code not in found]:
            message = _("No need has the code “%(codes)s”.")
            raise Refused(Problem("collected-unknown", message % {"codes": listed(strangers[:10])}, "codes"))
        row.collected.set(found[code] for code in asked)
        touch(CALL, row, actor=actor, fields=["collected"])
    return row


def list_collected(*, actor: Actor, call: Call, fiscal_fen: int | None = None, months: int | None = None) -> int:
    """Put on the list of a call that is prepared all collected needs that fit it and do not stand there yet, one to be
    chosen for each; returns how many. Raises `NotAllowed`, or `Refused` where none fits."""
    require_terms(fiscal_fen, months, 1)
    with journal.writing():
        row: Call = held(call)
        require_draft(actor, row)
        fit = fitting(actor, row)
        if not fit:
            message = _("No collected need fits the list that does not stand there: see what each lacks.")
            raise Refused(Problem("collected-none", message, "fiscal"))
        number = next_number(row)
        if number - 1 + len(fit) > MOST_ITEMS:
            raise Refused(Problem("call-list-full", _("A list has at most 200 items: make another call."), "fiscal"))
        CallItem.objects.bulk_create(
            challenge_of(row, place, need, fiscal_fen=fiscal_fen, months=months)
            for place, need in enumerate(fit, number)
        )
        touch(CALL, row, actor=actor, fields=["items"])
    return len(fit)


def fitting(actor: Actor, call: Call) -> list[Need]:
    """The collected needs that fit a list and do not stand on it: published, open to everybody, posed by somebody, each
    indicator with value, unit and test method. Three queries."""
    rows = listable_needs(actor).filter(record__in=call.collected.values("pk"), record__owner__isnull=False)
    rows = rows.exclude(record__in=call.items.filter(need__isnull=False).values("need"))
    return [
        one
        for one in rows.prefetch_related("indicators").order_by("pk")
        if not list(indicator_problems(one.record.title, indicators_of(one)))
    ]
