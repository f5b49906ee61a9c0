"""Needs whose best matches are passed over are asked for again, until their places are taken."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kezhuan.areas.matches.choosing import chooser_for
from kezhuan.areas.matches.models import WORTH
from kezhuan.areas.matches.supply import Room, public_mask, rooms
from kezhuan.engines.matching import Factors, Item, Match
from kezhuan.kernel.search import LiveIndex


def ask_on(index: LiveIndex, items: Mapping[int, Item], lists: dict[int, list[list[Match]]], factors: Factors) -> None:
    """Where what is passed over has left places empty, put lists of twice as many in their place until they are taken
    or none that is worth it is left. `lists` has those of each need, one for each of its `rooms`."""
    public, asked, every = public_mask(), first_asked(), rooms()
    while short := shortened(lists, asked):
        for room, needs in short.items():
            asked[room] *= 2
            more = index.nearest([items[need] for need in needs], asked[room], room.supply(public), factors)
            for need, held in zip(needs, more, strict=True):
                lists[need][every.index(room)] = held


def first_asked() -> dict[Room, int]:
    """How many matches of each room are looked at first."""
    return {room: room.looked_at for room in rooms()}


def shortened(lists: Mapping[int, Sequence[Sequence[Match]]], asked: Mapping[Room, int]) -> dict[Room, list[int]]:
    """By room the needs that have empty places although there is more that may be worth it than was `asked` for."""
    by_room = {need: dict(zip(rooms(), held, strict=True)) for need, held in lists.items()}
    cut = {
        need: {room for room, held in found.items() if len(held) >= asked[room] and held[-1].score >= WORTH}
        for need, found in by_room.items()
    }
    if not any(cut.values()):
        return {}
    supplies = {int(match.supply) for need in cut if cut[need] for held in lists[need] for match in held}
    chooser = chooser_for([need for need, found in cut.items() if found], sorted(supplies))
    short: dict[Room, list[int]] = defaultdict(list)
    for need, found in cut.items():
        for room in found & chooser.short(need, by_room[need]) if found else ():
            short[room].append(need)
    return short
