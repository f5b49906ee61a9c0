"""Which matches of a need are suggested: all that is good enough but what was decided on, what is of the need's own
unit or of two organisations that do not want each other, and what repeats one supplier too often."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.matches.apart import decided_pairs, set_apart
from kezhuan.areas.matches.models import WORTH, PassedOver
from kezhuan.areas.matches.supply import Room, rooms
from kezhuan.areas.needs.models import Need
from kezhuan.engines.matching import Match
from kezhuan.kernel import rulebook
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.rulebook import Rule, rule_or_none
from kezhuan.kernel.text import today

REPEATS = "match.repeats"
"""The dated value: of one supplier at most so much is suggested for a need, of whatever kinds. None ships."""


def declare_rules() -> None:
    """Make the value known; called once when Django has loaded the models."""
    rulebook.declare(Rule(REPEATS, _("Suggestions of one supplier for a need, at most"), (Unit.COUNT,), least=1))


def most_repeats() -> int | None:
    """How much of one supplier is suggested for a need at most; None without a cap."""
    found = rule_or_none(REPEATS, on=today())
    return None if found is None else found.value


@dataclass(frozen=True)
class Chooser:
    """Chooses for some needs; what it needs to know of them was read at once."""

    cap: int | None
    decided: Mapping[int, frozenset[int]]
    barred: Mapping[int, frozenset[int]]
    owners: Mapping[int, int | None]

    def choose(self, need: int, lists: Sequence[Sequence[Match]]) -> Iterator[tuple[Match, str]]:
        """Of a need's lists, one for each of its `rooms`, the matches that are kept, each with why it is passed over.

        What is public is chosen from by itself: who may not see what is inside must not feel it there. Each kind has
        places of its own, and a supplier's best count, of whatever kind. What was decided on keeps its figures, but
        takes nobody's place.
        """
        return ((match, why) for match, why, _room in self._chosen(need, lists))

    def short(self, need: int, lists: Mapping[Room, Sequence[Match]]) -> set[Room]:
        """The rooms of a need whose places are not all taken by what its list holds, as far as it was asked for."""
        taken: Counter[Room] = Counter()
        for match, why, room in self._chosen(need, list(lists.values())):
            taken[room] += not why and int(match.supply) not in self.decided.get(need, ())
        return {room for room in lists if taken[room] < room.size}

    def _chosen(self, need: int, lists: Sequence[Sequence[Match]]) -> Iterator[tuple[Match, str, Room]]:
        every = list(zip(rooms(), lists, strict=True))
        for inside in (False, True):
            yield from self._of_lists(need, [(room, found) for room, found in every if room.inside == inside])

    def _of_lists(self, need: int, lists: Sequence[tuple[Room, Sequence[Match]]]) -> Iterator[tuple[Match, str, Room]]:
        of_owner: Counter[int] = Counter()
        left = [room.size for room, _matches in lists]
        for match, place in _best_first([matches for _room, matches in lists]):
            room = lists[place][0]
            supply = int(match.supply)
            owner = self.owners.get(supply)
            if match.score < WORTH:
                return
            if left[place] == 0:
                continue
            if supply in self.decided.get(need, ()):
                yield match, "", room
            elif owner is not None and owner in self.barred.get(need, ()):
                continue
            elif owner is not None and self.cap is not None and of_owner[owner] >= self.cap:
                yield match, PassedOver.REPEATS, room
            else:
                if owner is not None:
                    of_owner[owner] += 1
                left[place] -= 1
                yield match, "", room


def _best_first(lists: Sequence[Sequence[Match]]) -> Iterator[tuple[Match, int]]:
    """The matches of lists that are each best first, and of which list each is; of level ones the earlier list's."""
    marked = ([(match, place) for match in matches] for place, matches in enumerate(lists))
    return heapq.merge(*marked, key=lambda one: -one[0].score)


def chooser_for(needs: Sequence[int], supplies: Sequence[int]) -> Chooser:
    """What choosing among these pairs rests on; six queries."""
    decided: dict[int, set[int]] = defaultdict(set)
    for said in decided_pairs():
        for need, supply in said.filter(need__in=needs).values_list("need", "supply"):
            decided[need].add(supply)
    owner_of = dict(Need.objects.filter(pk__in=needs).values_list("pk", "record__owner"))
    apart = set_apart({owner for owner in owner_of.values() if owner is not None})
    owners = dict(Record.objects.filter(pk__in=supplies).values_list("pk", "owner"))
    return Chooser(
        most_repeats(),
        {need: frozenset(held) for need, held in decided.items()},
        {need: apart[owner] for need, owner in owner_of.items() if owner is not None},
        owners,
    )
