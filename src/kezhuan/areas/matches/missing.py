"""What those who looked missed in a result: the improvement list (改进清单) of whoever offers it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.matches.models import Reason, Refusal
from kezhuan.areas.matches.queries import introductions_of
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.access import Actor, is_officer, reading, represents_owner, seen_by
from kezhuan.kernel.models import Entry
from kezhuan.kernel.text import SHANGHAI, listed, wan_from_fen

ENDED = ("introduction.decline", "introduction.drop")
"""The entries with which an introduction ends for a reason."""
hears_what_was_missed = (represents_owner | is_officer) & reading("full")
"""A result's improvement list is open: to those who act for its unit, and to the officers in charge of it who may read
the whole record."""


@dataclass(frozen=True)
class Missed:
    """One reason why needs did not take a result: how many of them, those that the reader may know of, what these ask
    where the result's own record says something else, and when it was last given."""

    reason: Reason
    needs: int
    shown: tuple[Need, ...]
    asked: str
    last: date


def missed_in(actor: Actor, row: Achievement) -> list[Missed]:
    """Why firms and officers refused a result or ended an introduction to it, the reason of most needs first.

    A need counts once for a reason. What the result's own side gave as a reason says nothing of the result. Empty for
    whoever may not see the list. Five queries at most.
    """
    if not hears_what_was_missed(actor, row):
        return []
    given: dict[Reason, dict[int, date]] = {}
    for need, reason, on in (*_refused(row), *_ended(actor, row)):
        days = given.setdefault(Reason(reason), {})
        days[need] = max(on, days.get(need, on))
    ids = {need for days in given.values() for need in days}
    known = Need.objects.filter(seen_by(actor, "record__public_to"), pk__in=ids)
    needs = {need.pk: need for need in known.select_related("record__public_to")}
    found = []
    for reason, days in given.items():
        shown = tuple(needs[pk] for pk in sorted(days, key=lambda pk: days[pk], reverse=True) if pk in needs)
        found.append(Missed(reason, len(days), shown, _asked(reason, row, shown), max(days.values())))
    return sorted(found, key=lambda one: (-one.needs, list(Reason).index(one.reason)))


def _refused(row: Achievement) -> list[tuple[int, str, date]]:
    refusals = Refusal.objects.filter(supply=row.record_id).exclude(side="supply")
    return [
        (need, reason, at.astimezone(SHANGHAI).date())
        for need, reason, at in refusals.values_list("need", "reason", "at")
    ]


def _ended(actor: Actor, row: Achievement) -> list[tuple[int, str, date]]:
    need_of = dict(introductions_of(actor, row.record).values_list("pk", "need"))
    entries = Entry.objects.filter(record__in=need_of, kind__in=ENDED)
    return [
        (need_of[record], data["reason"], _day(at))
        for record, data, at, by in entries.values_list("record", "data", "at", "acting_for")
        if by != row.record.owner_id
    ]


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _asked(reason: Reason, row: Achievement, needs: tuple[Need, ...]) -> str:
    """What the needs ask of that which they missed, beside what the result's record says."""
    if reason == Reason.TRL:
        levels = sorted(
            {need.min_trl for need in needs if need.min_trl is not None and need.trl_scale == row.trl_scale}
        )
        if levels:
            own = _("not told") if row.trl is None else f"TRL {row.trl}"
            asked = listed(f"TRL {one}" for one in levels)
            return _("Your record says %(own)s; asked: %(asked)s.") % {"own": own, "asked": asked}
    if reason == Reason.PRICE:
        budgets = sorted({need.budget_fen for need in needs if need.budget_fen is not None})
        if budgets:
            own = _("no price") if row.price_fen is None else _wan(row.price_fen)
            asked = listed(_wan(one) for one in budgets)
            return _("Your record says %(own)s; budgets: %(asked)s.") % {"own": own, "asked": asked}
    if reason == Reason.TIMING:
        days = sorted({need.deadline for need in needs if need.deadline is not None})
        if days:
            return _("Wanted by: %(days)s.") % {"days": listed(one.isoformat() for one in days)}
    return ""


def _wan(fen: int) -> str:
    return _("%(wan)s 万元") % {"wan": wan_from_fen(fen)}
