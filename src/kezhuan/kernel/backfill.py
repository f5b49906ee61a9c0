"""Entering afterwards (补录): a record that begins its life at a later stage than others has passed over the moves that
lead there. Where one of them goes by a route of approval, or after a notice, this asks for the reason; the entry of its
opening is marked as entered afterwards and names the moves, the reason and where the record comes from."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel import approvals, notices, rulebook
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Route
from kezhuan.kernel.text import clean, listed, today


@dataclass(frozen=True)
class Backfill:
    """Why something is entered afterwards, and where it comes from."""

    reason: str
    source: str = ""


@dataclass(frozen=True)
class PassedOver:
    """The names of the moves that an opening passed over although they go by a route or after a notice."""

    moves: tuple[str, ...] = ()
    reason: str = ""
    source: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """What the entry of the opening says of it, in codes."""
        return {"passed_over": list(self.moves)} if self.moves else {}

    @property
    def texts(self) -> dict[str, str]:
        """What it says of it in words."""
        return {"note": "；".join(filter(None, (self.reason, self.source)))} if self.moves else {}


NOTHING = PassedOver()


def moves_to(lifecycle: Any, stage: str) -> list[Any]:
    """The moves by which a record comes from the first stage to this one, on the shortest way."""
    first = next(iter(lifecycle.stages))
    ways: dict[str, list[Any]] = {first: []}
    waiting = deque([first])
    while waiting and stage not in ways:
        here = waiting.popleft()
        for move in lifecycle.moves.values():
            for end in move.ends if here in move.source else ():
                if end not in ways:
                    ways[end] = [*ways[here], move]
                    waiting.append(end)
    return ways.get(stage, [])


def passed_over(actor: Actor, lifecycle: Any, row: Any, why: Backfill | None) -> PassedOver:
    """What the opening of a row at its stage passes over. Raises `Refused` when this needs a reason and has none."""
    moves = moves_to(lifecycle, row.record.stage) if actor.is_officer else []
    if not moves:
        return NOTHING
    routed = approvals.routes_for(actor, row)
    held = [
        move
        for move in moves
        if move.name in routed or (move.notice is not None and notices.required_days(row, move.name) is not None)
    ]
    return _explained(held, why)


def passed_over_anywhere(actor: Actor, lifecycle: Any, stage: str, why: Backfill | None) -> PassedOver:
    """The same of many records of one kind, wherever they are: what a route or a notice of any place asks for."""
    moves = moves_to(lifecycle, stage) if actor.is_officer else []
    if not moves:
        return NOTHING
    names = [move.name for move in moves]
    routes = Route.objects.filter(kind=lifecycle.kind, move__in=names, unit=None, ended_at=None)
    routed = set(routes.values_list("move", flat=True))
    codes = {notices.days_code(lifecycle.kind, one.name): one for one in moves if one.notice is not None}
    asked = rulebook.versions_in_force(today()).filter(code__in=codes).values_list("code", flat=True)
    noticed = {codes[code].name for code in asked}
    held = [move for move in moves if move.name in routed | noticed]
    return _explained(held, why)


def _explained(moves: Iterable[Any], why: Backfill | None) -> PassedOver:
    held = list(moves)
    if not held:
        return NOTHING
    if why is None or not clean(why.reason):
        message = _(
            "%(moves)s goes by an approval or after a notice. Enter it at the stage before and take that step, or give"
            " the reason for entering it afterwards (补录)."
        )
        raise Refused(Problem("stage-reason", message % {"moves": listed(f"“{one.label}”" for one in held)}, "reason"))
    refuse_marked_texts([why.reason, why.source], "reason")
    return PassedOver(tuple(one.name for one in held), clean(why.reason), clean(why.source))
