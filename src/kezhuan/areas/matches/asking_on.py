"""Needs whose best matches are passed over are asked for again, until their places are taken: by day, at night, and
where the city is matched as a whole."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from kezhuan.areas.matches.choosing import Chooser
from kezhuan.areas.matches.supply import Room, rooms
from kezhuan.engines.matching import Match

log = logging.getLogger(__name__)

MOST_ASKED = 2560
"""So many matches of a need are looked at and no more, unless so many are asked for at first: 64 times what is looked
at for a kind of which 20 are suggested. A need of which all these are passed over is left with fewer than it has
places, and whoever runs the city reads so. Measured among 20,000 records of like words: 0.4 s and 4 MB for each need,
so that the 64 needs of a batch keep some 250 MB."""

AllLists = Mapping[int, dict[Room, Sequence[Match]]]
"""By need its lists."""
Nearest = Callable[[Room, Sequence[int], int], Sequence[Sequence[Match]]]
"""The best of a room for some needs, so many of each."""


def ask_on(lists: AllLists, chooser: Chooser, asked: dict[Room, int], nearest: Nearest) -> list[int]:
    """Where what is passed over has left places empty, put lists of twice as many in their place until they are taken,
    or none that is worth it is left, or `MOST_ASKED` are looked at; returns the needs of which that left places empty.
    So many of each room were `asked` for, which is kept up with."""
    ended: set[int] = set()
    while short := shortened(lists, chooser, asked):
        for room, needs in short.items():
            if asked[room] >= MOST_ASKED:
                ended.update(needs)
                asked[room] += 1  # no list is so long, so that none of the room is asked for again
                continue
            asked[room] = min(2 * asked[room], MOST_ASKED)
            for need, held in zip(needs, nearest(room, needs, asked[room]), strict=True):
                lists[need][room] = held
    if ended:
        log.warning("%d needs have fewer matches than places after %d were looked at", len(ended), MOST_ASKED)
    return sorted(ended)


def first_asked() -> dict[Room, int]:
    """How many matches of each room are looked at first."""
    return {room: room.looked_at for room in rooms()}


def shortened(lists: AllLists, chooser: Chooser, asked: Mapping[Room, int]) -> dict[Room, list[int]]:
    """By room the needs that have empty places although there is more that may be worth it than was `asked` for."""
    cut = {
        need: {room for room, held in found.items() if len(held) >= asked[room] and held[-1].score >= chooser.worth}
        for need, found in lists.items()
    }
    chooser.learn({int(one.supply) for need in cut if cut[need] for held in lists[need].values() for one in held})
    short: dict[Room, list[int]] = defaultdict(list)
    for need, found in cut.items():
        for room in found & chooser.short(need, lists[need]) if found else ():
            short[room].append(need)
    return short
