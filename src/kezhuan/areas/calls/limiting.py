"""What a unit may undertake and receive in the calls of a kind and year, and how many directions they fund: the limits
engine over what was awarded, with the numbers that are in force."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.models import Application, Call
from kezhuan.engines.limits import (
    LeaderLimits,
    LeaderProject,
    LeaderUse,
    Refusal,
    award_refusals,
    direction_refusal,
    leader_use,
)
from kezhuan.kernel.access import region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.lifecycle import hold_records
from kezhuan.kernel.models import Record, RuleValue
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import listed, today, wan_from_fen


def most_undertaken_code(kind: str) -> str:
    """Code of the rule value: how many projects a unit undertakes in the calls of a kind and year."""
    return f"call.{kind}.most-undertaken"


def most_received_code(kind: str) -> str:
    """Code of the rule value: how much fiscal money a unit receives in them, in 分, without what it passes on."""
    return f"call.{kind}.most-received"


def most_directions_code(kind: str) -> str:
    """Code of the rule value: how many directions they fund."""
    return f"call.{kind}.most-directions"


def rules_of(call: Call) -> dict[str, RuleValue]:
    """The limits in force today for a call, by code; those without a value limit nothing."""
    codes = (one(call.call_kind) for one in (most_undertaken_code, most_received_code, most_directions_code))
    found = {code: rule_or_none(code, on=today(), jurisdiction=region_of(call)) for code in codes}
    return {code: rule for code, rule in found.items() if rule is not None}


def _limits_of(call: Call, rules: Mapping[str, RuleValue]) -> LeaderLimits | None:
    """What a unit may undertake and receive by the limits in force; None where no value says so."""
    undertaken = rules.get(most_undertaken_code(call.call_kind))
    received = rules.get(most_received_code(call.call_kind))
    if undertaken is None and received is None:
        return None
    return LeaderLimits(
        int(undertaken.value) if undertaken is not None else None,
        int(received.value) if received is not None else None,
    )


def _awarded(call: Call) -> Any:
    """What was awarded in the calls of this kind and year, everywhere in the city."""
    year = call.year
    of_year = Q(item__call__budget_year=year) | Q(item__call__budget_year=None, item__call__opens_at__year=year)
    rows = Application.objects.filter(of_year, item__call__call_kind=call.call_kind, record__stage="awarded")
    return rows.select_related("record", "item__need").order_by("pk")


def _project(row: Application, fen: int | None, passed_on: int) -> LeaderProject:
    # More passed on than awarded is refused elsewhere, with everything else that is wrong.
    return LeaderProject(row.record.code, undertakes=True, fiscal_fen=fen or 0, passed_on_fen=min(passed_on, fen or 0))


def projects_of(call: Call, units: Iterable[int]) -> dict[int, list[LeaderProject]]:
    """By unit what it undertakes already in the calls of this kind and year; what it takes part in does not count."""
    found: dict[int, list[LeaderProject]] = {unit: [] for unit in units}
    for row in _awarded(call).filter(applicant__in=list(found)):
        found[row.applicant_id].append(_undertaken(row))
    return found


def _undertaken(row: Application) -> LeaderProject:
    kept = row.kept_fen
    return _project(row, row.award_fen, row.passed_on_fen) if kept is None else _project(row, kept, 0)


by_tasks: list[Callable[[Collection[int]], Iterable[Application]]] = []
"""Filled by the area of chains: what units of these ids were awarded whose projects do tasks of their own lists."""


def uncounted_of(call: Call, units: Collection[int]) -> dict[int, list[LeaderProject]]:
    """By unit what it undertakes for tasks of its own list by calls of other kinds in the year of a chain leaders'
    call. It is not counted: the limits are those of the call and its kind, and no source says that they reach further;
    it is shown beside what is."""
    found: dict[int, list[LeaderProject]] = {}
    if call.call_kind == CallKind.CHAIN:
        for told in by_tasks:
            for row in told(units):
                other = row.item.call
                if other.call_kind != call.call_kind and other.year == call.year:
                    found.setdefault(row.applicant_id, []).append(_undertaken(row))
    return found


def uncounted_in_words(rows: Sequence[LeaderProject]) -> str:
    """What is not counted: by which applications, and how much; empty for nothing."""
    if not rows:
        return ""
    words = {"codes": listed(one.code for one in rows), "fen": wan_from_fen(sum(one.received_fen for one in rows))}
    return _("%(codes)s: %(fen)s 万元") % words


def _is_bound(call: Call, row: Application) -> bool:
    """Whether the limits reach an award: what somebody else's leader commissions binds a unit that leads a direction of
    the calls of this kind and year itself, and no other."""
    if row.commissioned_by_id in {None, row.applicant_id}:
        return True
    return bool(_awarded(call).filter(applicant=row.applicant_id, commissioned_by=None).exists())


def hold_units(ids: Iterable[int]) -> None:
    """Hold these units until the transaction ends, so that nothing else counts towards their limits meanwhile."""
    hold_records(Record.objects.filter(pk__in=set(ids)))


def signing_problems(application: Application, kept_fen: int) -> Iterator[Problem]:
    """What stands, by the same limits, against a task book by which so much of an award stays with its unit."""
    call = application.item.call
    rules = rules_of(call)
    limits = _limits_of(call, rules)
    if limits is not None and _is_bound(call, application):
        before = projects_of(call, [application.applicant_id])[application.applicant_id]
        for refusal in award_refusals(before, _project(application, kept_fen, 0), limits):
            yield _refused(call, application, refusal, rules)


def limit_problems(call: Call, proposed: Iterable[tuple[Application, Any]]) -> Iterator[Problem]:
    """What stands against proposals by the limits of the call's kind and year; each refusal names what uses it up.

    Each is an application with what is proposed for it: `awarded`, `award_fen`, `passed_on_fen`.
    """
    chosen = [(row, given) for row, given in proposed if given.awarded]
    rules = rules_of(call)
    limits = _limits_of(call, rules)
    if limits is not None:
        held = projects_of(call, {row.applicant_id for row, _given in chosen})
        for row, given in chosen:
            new, before = _project(row, given.award_fen, given.passed_on_fen), held[row.applicant_id]
            for refusal in award_refusals(before, new, limits) if _is_bound(call, row) else ():
                yield _refused(call, row, refusal, rules)
            before.append(new)
    yield from _direction_problems(call, chosen, rules)
    directions = dict.fromkeys(_direction(row) for row, _given in chosen)
    if call.most_directions is not None and len(directions) > call.most_directions:
        message = _("This call funds at most %(most)s directions, these are %(number)s: %(codes)s.")
        words = {"most": call.most_directions, "number": len(directions), "codes": listed(directions)}
        yield Problem("call-directions", message % words, "proposal")


def _refused(call: Call, row: Application, refusal: Refusal, rules: dict[str, RuleValue]) -> Problem:
    words = {"unit": row.applicant.record.title, "year": call.year, "codes": listed(refusal.used_by)}
    if refusal.code == "leader-undertakes-too-many":
        message = _("%(unit)s undertakes at most %(most)s projects of %(year)s; %(codes)s use this up.")
        source = rules[most_undertaken_code(call.call_kind)].source
        return Problem(refusal.code, message % {**words, "most": refusal.limit}, "proposal", source)
    message = _(
        "%(unit)s receives at most %(most)s 万元 of fiscal money in %(year)s, it would be %(fen)s with what it has by"
        " %(codes)s."
    )
    amounts = {"most": wan_from_fen(refusal.limit), "fen": wan_from_fen(refusal.reached)}
    words["codes"] = words["codes"] or _("nothing else")
    source = rules[most_received_code(call.call_kind)].source
    return Problem(refusal.code, message % {**words, **amounts}, "proposal", source)


def _direction_problems(
    call: Call, chosen: Sequence[tuple[Application, Any]], rules: dict[str, RuleValue]
) -> Iterator[Problem]:
    rule = rules.get(most_directions_code(call.call_kind))
    if rule is None:
        return
    funded = {_direction(row) for row in _awarded(call)}
    for code in dict.fromkeys(_direction(row) for row, _given in chosen):
        if (refusal := direction_refusal(funded, code, int(rule.value))) is not None:
            message = _("At most %(most)s directions of %(year)s are funded; with %(code)s they would be %(number)s.")
            words = {"most": refusal.limit, "year": call.year, "code": code, "number": refusal.reached}
            yield Problem(refusal.code, message % words, "proposal", rule.source)
        funded.add(code)


def _direction(row: Application) -> str:
    """A direction by the code of its need, or by its words where it stands for itself."""
    return row.item.need.code if row.item.need is not None else row.item.title


@dataclass(frozen=True)
class Used:
    """What a unit has used of its limits, for whoever proposes, and beside that what is not counted, in words."""

    unit: str
    use: LeaderUse
    uncounted: str = ""


def used_by(call: Call, rows: Sequence[Application]) -> list[Used]:
    """What each applicant of a call has used of its limits before this decision; nothing where none is in force."""
    limits = _limits_of(call, rules_of(call))
    if limits is None:
        return []
    names = {row.applicant_id: row.applicant.record.title for row in rows}
    held, uncounted = projects_of(call, names), uncounted_of(call, names)
    return [
        Used(name, leader_use(held[unit], limits), uncounted_in_words(uncounted.get(unit, ())))
        for unit, name in names.items()
    ]


KINDS = tuple(CallKind)
"""Kinds of calls whose limits a city may set."""
