"""Which matches of a need are suggested: all that is good enough but what was decided on, what is of the need's own
unit or of two organisations that do not want each other, and what repeats one supplier too often."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.matches.apart import decided_pairs, set_apart
from kezhuan.areas.matches.models import WORTH, PassedOver
from kezhuan.areas.matches.supply import Room
from kezhuan.areas.needs.models import Need
from kezhuan.engines.matching import Match
from kezhuan.kernel import rulebook
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.rulebook import Rule, rule_or_none
from kezhuan.kernel.text import batches, today

REPEATS = "match.repeats"
"""The dated value: of one supplier at most so much is suggested for a need, of whatever kinds. None ships."""
BATCH = 10_000
"""So many records are asked of a database at once: SQLite takes no more than 32,766."""
Lists = Mapping[Room, Sequence[Match]]
"""By room the matches of a need, best first, in the order of its `rooms`."""


def declare_rules() -> None:
    """Make the value known; called once when Django has loaded the models."""
    rulebook.declare(Rule(REPEATS, _("Suggestions of one supplier for a need, at most"), (Unit.COUNT,), least=1))


def most_repeats() -> int | None:
    """How much of one supplier is suggested for a need at most; None without a cap."""
    found = rule_or_none(REPEATS, on=today())
    return None if found is None else found.value


class Said(Enum):
    """What is said of a match: it is kept, or why it takes no place."""

    KEPT = "kept"
    DECIDED = "decided"
    REPEATS = "repeats"
    BARRED = "barred"


@dataclass
class Chooser:
    """Chooses for some needs; what it needs to know of them was read at once. Of what is offered it knows whom it
    `learn`t. A match below `worth` is never chosen."""

    cap: int | None
    decided: Mapping[int, frozenset[int]]
    barred: Mapping[int, frozenset[int]]
    owners: dict[int, int | None] = field(default_factory=dict)
    worth: float = WORTH

    def learn(self, supplies: Collection[int]) -> None:
        """Read whose these are, as far as that is not known yet; one query, or one for each batch of very many."""
        for fresh in batches(sorted(set(supplies) - self.owners.keys()), BATCH):
            self.owners.update(Record.objects.filter(pk__in=fresh).values_list("pk", "owner"))

    def choose(self, need: int, lists: Lists) -> Iterator[tuple[Match, str]]:
        """Of a need's lists the matches that are kept, each with why it is passed over.

        What is public is chosen from by itself: who may not see what is inside must not feel it there. Each kind has
        places of its own, and a supplier's best count, of whatever kind. What was decided on keeps its figures, but
        takes nobody's place.
        """
        for match, said, _room in self.judged(need, lists):
            if said != Said.BARRED:
                yield match, PassedOver.REPEATS if said == Said.REPEATS else ""

    def short(self, need: int, lists: Lists) -> set[Room]:
        """The rooms of a need whose places are not all taken by what its list holds, as far as it was asked for."""
        taken = Counter(room for _match, said, room in self.judged(need, lists) if said == Said.KEPT)
        return {room for room in lists if taken[room] < room.size}

    def judged(self, need: int, lists: Lists) -> Iterator[tuple[Match, Said, Room]]:
        """The matches of a need's lists until the places of each room are taken, with what is said of each."""
        for inside in (False, True):
            yield from self._of_lists(need, [(room, found) for room, found in lists.items() if room.inside == inside])

    def is_barred(self, need: int, supply: int) -> bool:
        """Whether the two are never brought together."""
        owner = self.owners.get(supply)
        return owner is not None and owner in self.barred.get(need, ())

    def _of_lists(self, need: int, lists: Sequence[tuple[Room, Sequence[Match]]]) -> Iterator[tuple[Match, Said, Room]]:
        of_owner: Counter[int] = Counter()
        left = [room.size for room, _matches in lists]
        for match, place in _best_first([matches for _room, matches in lists]):
            room, supply = lists[place][0], int(match.supply)
            owner = self.owners.get(supply)
            if match.score < self.worth:
                return
            if left[place] == 0:
                continue
            if supply in self.decided.get(need, ()):
                yield match, Said.DECIDED, room
            elif self.is_barred(need, supply):
                yield match, Said.BARRED, room
            elif owner is not None and self.cap is not None and of_owner[owner] >= self.cap:
                yield match, Said.REPEATS, room
            else:
                if owner is not None:
                    of_owner[owner] += 1
                left[place] -= 1
                yield match, Said.KEPT, room


def _best_first(lists: Sequence[Sequence[Match]]) -> Iterator[tuple[Match, int]]:
    """The matches of lists that are each best first, and of which list each is; of level ones the earlier list's."""
    marked = ([(match, place) for match in matches] for place, matches in enumerate(lists))
    return heapq.merge(*marked, key=lambda one: -one[0].score)


def chooser_for(needs: Sequence[int]) -> Chooser:
    """A chooser for these needs, which has yet to learn of what is offered; five queries."""
    decided: dict[int, set[int]] = defaultdict(set)
    for said in decided_pairs():
        for need, supply in said.filter(need__in=needs).values_list("need", "supply"):
            decided[need].add(supply)
    owner_of = dict(Need.objects.filter(pk__in=needs).values_list("pk", "record__owner"))
    apart = set_apart({owner for owner in owner_of.values() if owner is not None})
    return Chooser(
        most_repeats(),
        {need: frozenset(held) for need, held in decided.items()},
        {need: apart[owner] for need, owner in owner_of.items() if owner is not None},
    )
