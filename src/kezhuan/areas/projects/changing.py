"""变更: what a change asked for after the signing makes of a task book, old and new, and what stands against it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.queries import targets_of
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.models import Change, MemberState, Milestone, Project
from kezhuan.areas.projects.queries import commitments_of, open_change
from kezhuan.areas.projects.sharing import SHARES, Moved, by_number, share_items, share_place, share_problems
from kezhuan.areas.projects.staffing import Staffer, as_rows, in_words
from kezhuan.engines.days import months_after
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, listed, wan_from_fen

Item = dict[str, Any]
"""What is changed: `what`, of which `number` (None: the project), from `old` to `new`; days as YYYY-MM-DD. Of the
leader's people `rows` are those of the new staff, of an `added` milestone its columns; of a share `fen` is what it
comes to."""
TASK = "task"
"""What a unit that joins beside the others takes up."""
OF_MILESTONES = ("indicator", "due_on", "method")
INDICATORS = frozenset({"indicator", "method", "commitment", "added", "removed"})
"""What the poster agrees to before it is approved: nothing is lowered without it."""


@dataclass(frozen=True)
class Aimed:
    """A milestone by its number as it shall be; what is left empty stays."""

    number: int
    indicator: str = ""
    due_on: date | None = None
    method: str = ""


@dataclass(frozen=True)
class Added:
    """A milestone that comes after the others: what is reached by which day, how that is found out, and the code of the
    member that answers for it (none: the leader)."""

    indicator: str
    due_on: date
    method: str
    organisation: str = ""


@dataclass(frozen=True)
class Wanted:
    """What a leader asks for: another last day, other milestones, further ones, and by their numbers those that go;
    other answers to the challenge's indicators by their number, other people of its own (None: the same), a member that
    leaves and who takes its place, by their codes, or who joins beside the others with a task of its own, as after two
    teams of a race merged; other shares of members, which the leader's makes room for; and why."""

    reason: str
    ends_on: date | None = None
    milestones: tuple[Aimed, ...] = ()
    added: tuple[Added, ...] = ()
    removed: tuple[int, ...] = ()
    commitments: Mapping[int, str] = field(default_factory=dict)
    staff: tuple[Staffer, ...] | None = None
    leaving: str = ""
    joining: str = ""
    task: str = ""
    shares: tuple[Moved, ...] = ()


def items_of(row: Project, wanted: Wanted) -> list[Item]:
    """What differs between the task book and what is wanted, in the order of the book."""
    asked: list[tuple[str, int | None, str]] = []
    if wanted.ends_on is not None:
        asked.append(("ends_on", None, wanted.ends_on.isoformat()))
    asked += [("commitment", number, clean(said)) for number, said in sorted(wanted.commitments.items())]
    for one in sorted(wanted.milestones, key=lambda one: one.number):
        if one.number in wanted.removed:
            continue
        words = (one.indicator, one.due_on.isoformat() if one.due_on else "", one.method)
        asked += [(what, one.number, clean(new)) for what, new in zip(OF_MILESTONES, words, strict=True)]
    found: list[Item] = []
    for what, number, new in asked:
        old = standing(row, what, number)
        if new and new != old:
            found.append({"what": what, "number": number, "old": old, "new": new})
    found += _plan_items(row, wanted)
    rows = as_rows(wanted.staff, row.leader.record.code) if wanted.staff is not None else row.staff
    if rows != row.staff:
        old, new = in_words(row.staff), in_words(rows)
        found.append({"what": "staff", "number": None, "old": old, "new": new, "rows": rows})
    if clean(wanted.joining) and clean(wanted.task) and not clean(wanted.leaving):
        found.append({"what": TASK, "number": None, "old": "", "new": clean(wanted.task)})
    return [*found, *share_items(row, wanted.shares)]


def _plan_items(row: Project, wanted: Wanted) -> Iterator[Item]:
    """The milestones that go, and those that come after the last one."""
    for number in sorted(set(wanted.removed)):
        old = standing(row, "removed", number)
        yield {"what": "removed", "number": number, "old": old, "new": ""}
    last = max(_milestones(row), default=0)
    for number, one in enumerate(wanted.added, last + 1):
        day, code = one.due_on.isoformat(), clean(one.organisation).upper() or row.leader.record.code
        told = {"indicator": clean(one.indicator), "due_on": day, "method": clean(one.method), "organisation": code}
        yield {"what": "added", "number": number, "old": "", "new": " · ".join(told.values()), "rows": told}


def standing(row: Project, what: str, number: int | None) -> str | None:
    """What stands in the task book at the place of an item; None where there is no such place."""
    if what == "ends_on":
        return row.ends_on.isoformat() if row.ends_on else ""
    if what == "staff":
        return in_words(row.staff)
    if what == TASK:
        return ""
    if what in SHARES:
        member = by_number(row).get(number or 0)
        return wan_from_fen(getattr(member, what)) if member is not None else None
    if what == "commitment":
        said = commitments_of(row)
        return said[number - 1] if number is not None and 1 <= number <= len(said) else None
    milestone = _milestones(row).get(number or 0)
    if what == "added":
        return "" if milestone is None else milestone.indicator
    if milestone is None:
        return None
    if what == "removed":
        return milestone.indicator
    return milestone.due_on.isoformat() if what == "due_on" else str(getattr(milestone, what))


def _milestones(row: Project) -> dict[int, Milestone]:
    return {one.number: one for one in row.milestones.all()}


def item_problems(row: Project, items: Sequence[Item]) -> Iterator[Problem]:
    """What stands against these items: places that are none or have moved on, milestones that have passed, days."""
    milestones = _milestones(row)
    for one in items:
        now = standing(row, one["what"], one["number"])
        if now is None:
            message = _("The task book has no number %(number)s of this.")
            yield Problem("change-unknown", message % {"number": one["number"]}, one["what"])
        elif now != one["old"]:
            message = _("“%(old)s” stands in the task book no more: the change is refused and asked for anew.")
            yield Problem("change-stale", message % {"old": one["old"][:40]}, one["what"])
        elif one["what"] in (*OF_MILESTONES, "removed") and milestones[one["number"]].passed:
            message = _("Milestone %(number)s has passed: it is not changed any more.")
            yield Problem("change-passed", message % {"number": one["number"]}, one["what"])
        elif one["what"] in {"added", "removed"}:
            yield from _plan_problems(row, one)
    yield from share_problems(row, items)
    after = {*milestones} - {one["number"] for one in items if one["what"] == "removed"}
    if milestones and not after and not any(one["what"] == "added" for one in items):
        yield Problem("milestones-none", _("A task book has a milestone: one at least stays."), "removed")
    ends_on, days = _days_after(row, items)
    yield from day_problems(row, row.starts_on, ends_on, days)


def _plan_problems(row: Project, item: Item) -> Iterator[Problem]:
    """What keeps a milestone from going, as payments wait for it, or from coming."""
    number = item["number"]
    if item["what"] == "removed":
        if row.payments.filter(milestone__number=number).exists():
            message = _("A payment belongs to milestone %(number)s: it stays.")
            yield Problem("change-milestone-paid", message % {"number": number}, "removed")
        return
    told = item["rows"]
    if not told["indicator"] or not told["method"]:
        message = _("Say of a new milestone what is reached by which day, and how it is accepted.")
        yield Problem("milestone-incomplete", message, "added_indicator")
    if not row.members.filter(organisation__record__code=told["organisation"], state=MemberState.ACCEPTED).exists():
        message = _("No member of the project has the code %(code)s.")
        yield Problem("milestone-member", message % {"code": told["organisation"][:30]}, "added_organisation")


def _days_after(row: Project, items: Sequence[Item]) -> tuple[date | None, list[date]]:
    """The last day, and the days of the milestones in their order, once these items are carried out."""
    days, ends_on = {one.number: one.due_on for one in row.milestones.all()}, row.ends_on
    for one in items:
        if one["what"] == "ends_on":
            ends_on = date.fromisoformat(one["new"])
        elif one["what"] == "due_on":
            days[one["number"]] = date.fromisoformat(one["new"])
        elif one["what"] == "removed":
            days.pop(one["number"], None)
        elif one["what"] == "added":
            days[one["number"]] = date.fromisoformat(one["rows"]["due_on"])
    return ends_on, [days[number] for number in sorted(days)]


def day_problems(row: Any, starts_on: date | None, ends_on: date | None, days: Sequence[date]) -> Iterator[Problem]:
    """What is wrong with the days of a project and of its milestones: too long a time, out of order, outside."""
    most = row.application.item.months
    if starts_on and ends_on and most is not None and ends_on > months_after(starts_on, most):
        message = _("The challenge allows %(most)s months at most: choose an earlier last day.")
        yield Problem("project-long", message % {"most": most}, "ends_on")
    if list(days) != sorted(days):
        message = _("The milestones follow one another: put them in the order of their days.")
        yield Problem("milestones-order", message, "milestones")
    if starts_on and ends_on and any(not starts_on <= day <= ends_on for day in days):
        message = _("Milestones lie between the first and the last day of the project.")
        yield Problem("milestones-outside", message, "milestones")


def place_in_words(row: Project, item: Item) -> str:
    """What an item of a change is about, in words."""
    number = item["number"]
    if item["what"] in SHARES:
        return share_place(row, item)
    if item["what"] == "commitment":
        asked = targets_of(row.application)
        return indicator_in_words(asked[number - 1]) if number <= len(asked) else str(number)
    words = {
        "ends_on": _("Last day"),
        "staff": _("People who take part"),
        "indicator": _("Milestone %(number)s: what is reached"),
        "due_on": _("Milestone %(number)s: to be reached by"),
        "method": _("Milestone %(number)s: how it is accepted"),
        "added": _("Milestone %(number)s: comes"),
        "removed": _("Milestone %(number)s: goes"),
        TASK: _("Task of the unit that joins"),
    }
    return words[item["what"]] % {"number": number}


def touches_indicators(change: Change) -> bool:
    """Whether an indicator, or how it is accepted, would be another."""
    return any(one["what"] in INDICATORS for one in change.items)


def check_change(row: Any) -> Iterator[Problem]:
    """Whoever is to agree to the change has agreed, and it still fits the task book."""
    change = open_change(row)
    if change is None:
        return
    if change.joining_id is not None and change.agreed_on is None:
        yield Problem("change-unagreed", _("The unit that is to join has not agreed yet."), "joining")
    if change.poster_asked and change.poster_agreed_on is None:
        message = _("An indicator changes: the poster agrees first.")
        yield Problem("change-poster", message, "items")
    waiting = change.waits_for.values_list("organisation__record__title", flat=True)
    if units := list(waiting.order_by("number")):
        message = _("Money moves to the cost of %(units)s: each agrees first.")
        yield Problem("change-share-unagreed", message % {"units": listed(units)}, "shares")
    yield from item_problems(row, change.items)
