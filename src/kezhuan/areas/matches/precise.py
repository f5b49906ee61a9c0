"""Who meets whom where room is short: an event, a broker's list, a call to experts. The best total over everybody's
suggestions, and what that costs against everybody's first wishes."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

import numpy as np
from django.utils.translation import gettext as _

from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.queries import suggestions_visible_to, undecided
from kezhuan.areas.matches.room import room_left
from kezhuan.areas.needs.models import Need
from kezhuan.areas.reviews.clearing import tied
from kezhuan.areas.reviews.models import Expert
from kezhuan.engines.assignment.candidates import Given, LostWish, Wishes, give, lost_wishes
from kezhuan.kernel.access import Actor, seen_by
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import listed

EXPERTS = "expert"
"""The kind that is kept from meeting its own; results are offered to whoever asks."""
MOST_NEEDS = 200
"""Needs of one plan: what a page shows at once. `./kezhuan match --all --per-need` takes as many as there are."""


@dataclass(frozen=True)
class Room:
    """How many each need meets at most, and how many needs each record meets, or with `by_owner` all of an organisation
    together. A record that says how many it takes meets no more than that leaves."""

    per_need: int
    per_supply: int
    by_owner: bool = False


@dataclass(frozen=True)
class Line:
    """A pair that meets, or a first wish that is `lost`: `wish` is its place on the need's list, `loser` the need that
    would have to give way. So many needs the other side meets at most: `room`."""

    row: Suggestion
    wish: int
    room: int
    lost: LostWish | None = None
    loser: Need | None = None


@dataclass(frozen=True)
class Plan:
    """Who meets whom, need by need, and what everybody's first wishes are worth; `without` have no suggestion at all.
    Suggested and left out are `tied`, experts who are tied to whoever poses the need, `full`, what takes no more needs
    than it has or is given here, and of the first wishes those that the caller has `barred`."""

    given: Given
    wished: float
    needs: int
    lines: tuple[Line, ...]
    without: tuple[Need, ...]
    tied: tuple[Suggestion, ...]
    full: tuple[Suggestion, ...]
    barred: tuple[Suggestion, ...]

    @property
    def met(self) -> list[Line]:
        """The pairs that meet."""
        return [line for line in self.lines if line.lost is None]

    @property
    def lost(self) -> list[Line]:
        """The first wishes that were not granted."""
        return [line for line in self.lines if line.lost is not None]

    @property
    def loss(self) -> float:
        """What want of room costs against everybody's first wishes."""
        return self.wished - self.given.total

    @property
    def is_proven(self) -> bool:
        """Whether no other choice could be better."""
        return self.given.bound - self.given.total <= 1e-6 * max(1.0, self.given.bound)


def plan_meetings(
    actor: Actor,
    kind: str,
    codes: Sequence[str],
    room: Room,
    without: Collection[tuple[int, int]] = (),
    bars: Callable[[Sequence[Suggestion]], Collection[int]] = lambda _rows: (),
) -> Plan:
    """The best choice for open needs that the actor may read, all of them or those with these codes, among what is
    suggested to them of a kind, `without` some pairs and those of which `bars` gives the numbers; experts meet nobody
    to whom they are tied. Raises `Refused` for codes of others and for too many needs. Four queries, one more where
    records say their own room, and some more for experts."""
    needs = _needs(actor, codes)
    places = {need.pk: place for place, need in enumerate(needs)}
    rows = undecided(suggestions_visible_to(actor)).filter(need__in=places, supply__kind=kind)
    found = list(rows.order_by("need", "-score", "pk").defer("parts"))
    having = {row.need_id for row in found}
    found = [row for row in found if (row.need_id, row.supply_id) not in without] if without else found
    region = actor.organisation.region if actor.organisation is not None else ""
    whose = {need.pk: {one for one in (need.record.owner_id, need.record.contact_id) if one} for need in needs}
    ties = ties_of(whose, {row.supply_id for row in found}, region) if kind == EXPERTS else set()
    left = room_left(list({row.supply_id: row.supply for row in found}.values()))
    open_to = [row for row in found if (row.need_id, row.supply_id) not in ties and left.get(row.supply_id) != 0]
    kept_out = frozenset(bars(open_to))
    chosen = _choose([row for row in open_to if row.pk not in kept_out], places, room, left)
    kept, given, wishes = chosen.rows, chosen.given, chosen.given.wishes
    lost = {one.pair: one for one in lost_wishes(given)}
    lines = []
    for own in wishes.lists:
        for wish, pair in enumerate(own[own >= 0].tolist(), 1):
            gone = lost.get(pair)
            if given.chosen[pair] or gone is not None:
                loser = needs[gone.loser] if gone is not None else None
                row, most = kept[pair], int(wishes.per_supply[wishes.supply[pair]])
                lines.append(Line(row, wish, min(left.get(row.supply_id, most), most), gone, loser))
    suggested_nothing = tuple(need for need in needs if need.pk not in having)
    tied_to = tuple(row for row in found if (row.need_id, row.supply_id) in ties)
    full = (*(row for row in found if left.get(row.supply_id) == 0), *chosen.beyond)
    barred = tuple(row for row in _first_wishes(open_to, room) if row.pk in kept_out)
    return Plan(given, chosen.wished, len(needs), tuple(lines), suggested_nothing, tied_to, full, barred)


def _first_wishes(rows: Sequence[Suggestion], room: Room) -> Iterator[Suggestion]:
    """Of rows need by need, best first, as many of each as it may get."""
    for _need, own in groupby(_one_of_each(rows, room), key=lambda row: row.need_id):
        yield from islice(own, room.per_need)


def reasons_of(lines: Sequence[Line]) -> dict[int, list[dict[str, object]]]:
    """The parts of the pairs of some lines, by the number of the suggestion; one query."""
    return dict(Suggestion.objects.filter(pk__in=[line.row.pk for line in lines]).values_list("pk", "parts"))


def _needs(actor: Actor, codes: Sequence[str]) -> list[Need]:
    rows = Need.objects.filter(seen_by(actor, "record__public_to"), record__phase=Phase.PUBLIC)
    rows = rows.select_related("record__owner__record", "record__public_to").order_by("pk")
    if codes:
        rows = rows.filter(record__code__in=codes)
    found = list(rows[: MOST_NEEDS + 1])
    if len(found) > MOST_NEEDS:
        message = _(
            "A plan here has at most %(most)s needs: name those that take part. The command line matches all needs"
            " where room is short."
        )
        raise Refused(Problem("needs-many", message % {"most": MOST_NEEDS}, "needs"))
    if unknown := sorted(set(codes) - {need.record.code for need in found})[:5]:
        message = _("These are no open needs that you may read: %(codes)s.")
        raise Refused(Problem("needs-unknown", message % {"codes": listed(unknown)}, "needs"))
    return found


def ties_of(whose: Mapping[int, Collection[int]], experts: Collection[int], region: str) -> set[tuple[int, int]]:
    """Needs and experts who are tied to whose they are, a firm or the person whom it names, by the rules of a place."""
    return tied(whose, list(Expert.objects.filter(pk__in=experts)), region)


@dataclass(frozen=True)
class _Chosen:
    """A choice among `rows`, which number its pairs, what everybody's first wishes are worth, and rows that were taken
    `beyond` the room that a record has of its own and gave way."""

    rows: list[Suggestion]
    given: Given
    wished: float
    beyond: list[Suggestion]


def _choose(rows: Sequence[Suggestion], places: Mapping[int, int], room: Room, left: Mapping[int, int]) -> _Chosen:
    """The best choice, in which each record has what is `left` of its own room.

    Where an organisation's records share its room, those that were given more than their own keep their best pairs, and
    the needs of the others are chosen for anew, among what else the organisation has, too. What is given then need not
    be the best; the bound is that of the first choice, which no later one can exceed.
    """
    kept = _one_of_each(rows, room)
    given = first = _give(kept, places, room, left)
    gone: dict[int, Suggestion] = {}
    while beyond := _beyond(kept, given, left):
        gone |= {row.pk: row for row in beyond}
        kept = _one_of_each([row for row in rows if row.pk not in gone], room)
        given = _give(kept, places, room, left)
    return _Chosen(kept, replace(given, bound=first.bound), first.wished, list(gone.values()))


def _give(rows: Sequence[Suggestion], places: Mapping[int, int], room: Room, left: Mapping[int, int]) -> Given:
    numbers: dict[int | None, int] = {}
    supply = [numbers.setdefault(_place_of(row, room), len(numbers)) for row in rows]
    most = [min(left.get(place or 0, room.per_supply), room.per_supply) for place in numbers]
    wishes = Wishes.of(
        np.array([places[row.need_id] for row in rows], np.int64),
        np.array(supply, np.int64),
        np.array([row.score for row in rows], np.float64),
        per_need=np.full(len(places), room.per_need),
        per_supply=np.array(most, np.int64),
    )
    return give(wishes)


def _beyond(rows: Sequence[Suggestion], given: Given, left: Mapping[int, int]) -> list[Suggestion]:
    """Of what each record was given the least that is beyond what is left of its own room."""
    of_record: dict[int, list[Suggestion]] = defaultdict(list)
    for row, chosen in zip(rows, given.chosen.tolist(), strict=True):
        if chosen and row.supply_id in left:
            of_record[row.supply_id].append(row)
    return [
        row
        for supply, held in of_record.items()
        for row in sorted(held, key=lambda one: (-one.score, one.pk))[left[supply] :]
    ]


def _place_of(row: Suggestion, room: Room) -> int | None:
    """Whose room a pair takes: an organisation's by its number below zero, which no record has."""
    owner = row.supply.owner_id if room.by_owner else None
    return row.supply_id if owner is None else -owner


def _one_of_each(rows: Sequence[Suggestion], room: Room) -> list[Suggestion]:
    """With room by organisation each stands once on a need's list, by its best record."""
    kept = []
    for _need, own in groupby(rows, key=lambda row: row.need_id):
        seen: set[int | None] = set()
        for row in own:
            if (place := _place_of(row, room)) not in seen:
                seen.add(place)
                kept.append(row)
    return kept
