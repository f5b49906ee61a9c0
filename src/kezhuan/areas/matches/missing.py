"""What those who looked missed in a result or a need: the improvement list (改进清单) of whoever it is of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.achievements.queries import standing_of
from kezhuan.areas.matches.meanings import ENDED
from kezhuan.areas.matches.models import Introduction, Reason, Refusal
from kezhuan.areas.matches.queries import introductions_of
from kezhuan.areas.matches.supply import RESULTS
from kezhuan.areas.needs.models import Need
from kezhuan.engines.matching.rights import ASKING, STATES, among
from kezhuan.kernel.access import Actor, is_officer, reading, represents_owner, seen_by
from kezhuan.kernel.models import Entry
from kezhuan.kernel.present import is_named
from kezhuan.kernel.text import SHANGHAI, listed, wan_from_fen
from kezhuan.kernel.vocabulary import Mode, RightsState

hears_what_was_missed = (represents_owner | is_officer) & reading("full")
"""An improvement list is open: to those who act for whoever the record is of, and to the officers in charge of it who
may read the whole record."""


@dataclass(frozen=True)
class Missed:
    """One reason why the other side did not take a result or a need: how many of them, those that the reader may know
    of, what these say of it where the record itself says something else, and when it was last given."""

    reason: Reason
    others: int
    shown: tuple[Need, ...] | tuple[Achievement, ...]
    asked: str
    last: date


def missed_in(actor: Actor, row: Achievement | Need) -> list[Missed]:
    """Why the other side and officers refused a result or a need, or ended an introduction to it, the reason of most
    first.

    Each of the others counts once for a reason. What the own side gave as a reason says nothing of it. Empty for
    whoever may not see the list. Five queries at most.
    """
    if not hears_what_was_missed(actor, row):
        return []
    given: dict[Reason, dict[int, date]] = {}
    for other, reason, on in (*_refused(row), *_ended(actor, row)):
        days = given.setdefault(Reason(reason), {})
        days[other] = max(on, days.get(other, on))
    if not given:
        return []
    ids = {other for days in given.values() for other in days}
    model: type[Need | Achievement] = Need if isinstance(row, Achievement) else Achievement
    known = model._default_manager.filter(seen_by(actor, "record__public_to"), pk__in=ids)
    others = {one.pk: one for one in known.select_related("record__public_to")}
    found = []
    for reason, days in given.items():
        shown: Any = tuple(others[pk] for pk in sorted(days, key=lambda pk: days[pk], reverse=True) if pk in others)
        asked = _asked(reason, row, shown) if isinstance(row, Achievement) else _offered(reason, row, shown)
        found.append(Missed(reason, len(days), shown, asked, max(days.values())))
    return sorted(found, key=lambda one: (-one.others, list(Reason).index(one.reason)))


def _sides(row: Achievement | Need) -> tuple[str, str]:
    """The side of a pair that a record is on, and the other one."""
    return ("supply", "need") if isinstance(row, Achievement) else ("need", "supply")


def _refused(row: Achievement | Need) -> list[tuple[int, str, date]]:
    own, other = _sides(row)
    if not is_named(Refusal, own, row.record_id):
        return []
    # A need's list tells of results alone: who of a pool was thought of is not for its firm.
    refusals = Refusal.objects.filter(**{own: row.record_id}, supply__kind=RESULTS).exclude(side=own)
    return [(pk, reason, _day(at)) for pk, reason, at in refusals.values_list(other, "reason", "at")]


def _ended(actor: Actor, row: Achievement | Need) -> list[tuple[int, str, date]]:
    if not is_named(Introduction, _sides(row)[0], row.record_id):
        return []
    with_results = introductions_of(actor, row.record).filter(supply__kind=RESULTS)
    other_of = dict(with_results.values_list("pk", _sides(row)[1]))
    entries = Entry.objects.filter(record__in=other_of, kind__in=ENDED)
    return [
        (other_of[record], data["reason"], _day(at))
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
    if reason == Reason.RIGHTS:
        wanted = {mode for need in needs for mode in ASKING.intersection(need.modes)}
        if wanted:
            own = listed(RightsState(one).label for one in among(STATES, standing_of(row))) or _("nothing of rights")
            asked = listed(mode.label for mode in Mode if mode in wanted)
            return _("Your record says %(own)s; asked: %(asked)s.") % {"own": own, "asked": asked}
    if reason == Reason.TIMING:
        days = sorted({need.deadline for need in needs if need.deadline is not None})
        if days:
            return _("Wanted by: %(days)s.") % {"days": listed(one.isoformat() for one in days)}
    return ""


def _offered(reason: Reason, row: Need, results: tuple[Achievement, ...]) -> str:
    """What results offer of that for which they did not suit a need, beside what the need says."""
    if reason == Reason.TRL:
        levels = sorted({one.trl for one in results if one.trl is not None and one.trl_scale == row.trl_scale})
        if levels and row.min_trl is not None:
            offered = listed(f"TRL {one}" for one in levels)
            return _("Your need asks TRL %(own)s; offered: %(offered)s.") % {"own": row.min_trl, "offered": offered}
    if reason == Reason.PRICE:
        prices = sorted({one.price_fen for one in results if one.price_fen is not None})
        if prices:
            own = _("no budget") if row.budget_fen is None else _wan(row.budget_fen)
            offered = listed(_wan(one) for one in prices)
            return _("Your need says %(own)s; prices: %(offered)s.") % {"own": own, "offered": offered}
    if reason == Reason.TIMING and row.deadline is not None:
        return _("Your need is wanted by %(day)s.") % {"day": row.deadline.isoformat()}
    return ""


def _wan(fen: int) -> str:
    return _("%(wan)s 万元") % {"wan": wan_from_fen(fen)}
