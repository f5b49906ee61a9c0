"""What stands just under the line of a need's list, and what would lift it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kezhuan.areas.matches.apart import Apart, decided_pairs, set_apart_from
from kezhuan.areas.matches.models import WORTH
from kezhuan.areas.matches.queries import factors_in_force, is_decided_on
from kezhuan.areas.matches.supply import Room, rooms
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.engines.matching import NearMiss, is_like
from kezhuan.kernel.access import VISITOR, Actor
from kezhuan.kernel.search import Supply, audience_mask, live_index

BESIDE = 15
"""So many more results under the line are looked at than are shown. Counted in the demo city: with 5 all 97 needs have
the list that 100 give, with none 96 have; 15 leaves room for larger cities, where that was not counted."""


def just_below(
    actor: Actor, need: Need, limits: Mapping[str, int], apart: Apart | None = None
) -> dict[str, list[NearMiss]]:
    """By kind its records just under the line, above which they would be suggested, that nobody has decided on, as many
    as its limit: first those that one change would lift, then those that it takes more to lift, then those that nothing
    lifts. `apart` as in `every_suggestion`.

    The line is that of the list which the actor sees, and so are the places told: what was decided on, is set apart or
    passed over stands on no list, and what everybody may read has places of its own.

    Missing words are a change in what is like the need as it stands; what merely shares words with it is of another
    matter, and would be made up by adding words.
    """
    index, item, factors = live_index(), matching_item(need), factors_in_force()
    seen = _Seen(actor, need, set_apart_from(need) if apart is None else apart, index.catch_up().as_of)
    found = {}
    for kind, limit in limits.items():
        missed: list[NearMiss] = []
        for room in (one for one in rooms() if one.kind == kind):
            under = index.near_misses(
                item,
                room.size,
                limit + BESIDE,
                seen.supply(room),
                least=WORTH,
                factors=factors,
                but=seen.listed,
                worded=_is_like,
                enough=limit,
            )
            missed += (seen.placed(miss, room) for miss in under)
        found[kind] = sorted(missed, key=lambda miss: (_changes(miss), -miss.score))[:limit]
    return found


class _Seen:
    """The list of a need as an actor sees it, room by room."""

    def __init__(self, actor: Actor, need: Need, apart: Apart, as_of: tuple[int, str]) -> None:
        # Everybody's mask as it stands, so that what is worked out among public records serves all readers.
        public, inside = audience_mask(VISITOR, as_of), audience_mask(actor, as_of).copy()
        inside[np.flatnonzero(public)] = False
        self._read = {False: public, True: inside}
        self._gone = set(apart.records)
        if is_decided_on(need):
            for said in decided_pairs():
                self._gone.update(said.filter(need=need.pk).values_list("supply", flat=True))
        wanted = ("supply", "score", "passed_over", "supply__kind", "supply__owner", "supply__public_to")
        rows = need.suggestions.values_list(*wanted, named=True)
        self._rows = [row for row in rows if row.supply not in self._gone]
        self.listed = frozenset(row.supply for row in self._rows if not row.passed_over)

    def supply(self, room: Room) -> Supply:
        """What competes for the places of a room as far as the actor may read it: of a supplier at its cap no more than
        is suggested."""
        capped = {row.supply__owner for row in self._rows if row.passed_over and self._is_in(row, inside=room.inside)}
        but = self._gone | (Apart(frozenset(capped)).records - self.listed)
        return Supply(room.kind, room.profile.stages, self._read[room.inside], frozenset(but))

    def placed(self, miss: NearMiss, room: Room) -> NearMiss:
        """With its places among all of a kind that the actor sees, where `miss` has those in its room."""
        beside = [
            row.score
            for row in self._rows
            if not row.passed_over and row.supply__kind == room.kind and self._is_in(row, inside=not room.inside)
        ]
        now, then = (sum(other >= score for other in beside) for score in (miss.score, miss.new_score))
        return replace(miss, rank=miss.rank + now, new_rank=miss.new_rank + then)

    def _is_in(self, row: Any, *, inside: bool) -> bool:
        """Whether a suggestion is of what everybody may read, or what is `inside` and the actor may read."""
        read = self._read[inside]
        return row.supply__public_to < len(read) and bool(read[row.supply__public_to])


def _is_like(miss: NearMiss) -> bool:
    return is_like(miss, min(miss.line, 2 * WORTH))


def _changes(miss: NearMiss) -> int:
    return min(len(miss.changes), 2) or 3
