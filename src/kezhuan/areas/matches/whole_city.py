"""The city as it is matched as a whole: open needs that everybody may read with what is on offer of a kind, as far as
most may read it, and what is decided already."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ulp
from pathlib import Path

from django.conf import settings

from kezhuan.areas.matches.actions import asking_needs
from kezhuan.areas.matches.asking_on import AllLists, Nearest, ask_on
from kezhuan.areas.matches.choosing import Chooser, Lists, Said, chooser_for
from kezhuan.areas.matches.precise import EXPERTS, ties_of
from kezhuan.areas.matches.precise_shown import FILE
from kezhuan.areas.matches.queries import factors_in_force
from kezhuan.areas.matches.room import room_left
from kezhuan.areas.matches.supply import Room, most_read, own_rows, public_mask
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.engines.matching import Item, Match
from kezhuan.engines.matching.runs import Run, Wanted, prepare
from kezhuan.engines.tables.opening import claimed_format
from kezhuan.kernel import journal
from kezhuan.kernel.access import PUBLIC, SYSTEM
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.search import LEVEL_PUBLIC, by_record, live_index
from kezhuan.kernel.search.documents import LEVELS
from kezhuan.kernel.search.meaning import encoder_in_use, table_in_use
from kezhuan.kernel.text import batches
from kezhuan.web.exports import note_export

BATCH = 500
AT_ONCE = 64
"""So many needs are asked on for at once: as by day and at night."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A need's number and code, and whose it is: its owner and the person whom it names."""

    need: int
    code: str
    whose: frozenset[int]

    @classmethod
    def of(cls, need: Need) -> "Posed":
        """The same of a need with its record."""
        own = need.record
        return cls(need.pk, own.code, frozenset(one for one in (own.owner_id, own.contact_id) if one is not None))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that some need was given as a candidate. `room` is how many more needs it takes by its own word, None
    where it says nothing."""

    record: int
    code: str
    title: str
    room: int | None


@dataclass
class _Chooser(Chooser):
    """Keeps apart what a plan does as well: experts and whoever they are tied to, pairs of codes that must not meet,
    and what takes no more needs."""

    posed: Mapping[int, Posed] = field(default_factory=dict)
    experts: bool = False
    never: AbstractSet[tuple[str, str]] = frozenset()
    supply: dict[int, Candidate] = field(default_factory=dict)
    _ties: set[tuple[int, int]] = field(default_factory=set)

    def learn(self, supplies: Collection[int]) -> None:
        """Read what these are, too, and to whom they are tied."""
        fresh = sorted(set(supplies) - self.owners.keys())
        super().learn(supplies)
        for batch in batches(fresh, BATCH):
            rows = list(Record.objects.filter(pk__in=batch).select_related(*own_rows("")))
            left = room_left(rows)
            self.supply |= {row.pk: Candidate(row.pk, row.code, row.title, left.get(row.pk)) for row in rows}
            if self.experts:
                self._ties |= ties_of({need: one.whose for need, one in self.posed.items()}, batch, settings.CITY)

    def is_full(self, supply: int) -> bool:
        """Whether a record takes no more needs, by its own word."""
        return self.supply[supply].room == 0

    def is_barred(self, need: int, supply: int) -> bool:
        """Whether the two do not meet."""
        return self.is_full(supply) or self.must_not_meet(need, supply)

    def must_not_meet(self, need: int, supply: int) -> bool:
        """Whether they would not meet if there were room, either."""
        named = (self.posed[need].code, self.supply[supply].code)
        return super().is_barred(need, supply) or named in self.never or (need, supply) in self._ties


@dataclass
class Chosen:
    """The candidates of each need of a city, best first, and by their ids in its run the records that they are.

    So many pairs were `passed` over: of a need's own unit, of two organisations that do not want to work with each
    other, of experts and whoever they are tied to, named as not to meet, and of a supplier of whom a need has so many
    better ones as the cap allows; so many candidates are `full`. So many needs `ended` with fewer candidates than were
    asked for, for no more are looked at.
    """

    lists: list[list[Match]] = field(default_factory=list)
    supply: dict[int, Candidate] = field(default_factory=dict)
    passed: int = 0
    full: int = 0
    ended: int = 0

    def add(self, chooser: _Chooser, need: int, lists: Lists) -> None:
        """Add the candidates of the next need."""
        kept = []
        for match, said, _room in chooser.judged(need, lists):
            pk = int(match.supply)
            if said == Said.KEPT:
                kept.append(replace(match, supply=_in_run(pk)))
                self.supply[_in_run(pk)] = chooser.supply[pk]
            elif said == Said.BARRED and not chooser.must_not_meet(need, pk):
                self.full += 1
            elif said != Said.DECIDED:
                self.passed += 1
        self.lists.append(kept)


@dataclass(frozen=True)
class City:
    """A run of the city's public needs, which are named by their codes, with a kind of supply, that is to find so many
    candidates for each."""

    run: Run
    kind: str
    k: int
    needs: list[Item]
    posed: list[Posed]

    def chosen(self, never: AbstractSet[tuple[str, str]] = frozenset()) -> Chosen:
        """Everybody's candidates, as many as there are to be where there are so many: without what is decided on or
        passed over, and without pairs of codes that must `never` meet. The run is carried out."""
        chosen = Chosen()
        for batch in batches(zip(self.posed, self.needs, self.run.answers(), strict=True), AT_ONCE):
            items = {one.need: item for one, item, _answer in batch}
            lists: AllLists = {one.need: {self._room: _by_record(answer.lists[0])} for one, _item, answer in batch}
            chooser = self._chooser([one for one, _item, _answer in batch], never)
            chosen.ended += len(ask_on(lists, chooser, {self._room: self.k}, self._nearest(items)))
            chooser.learn({int(one.supply) for held in lists.values() for one in held[self._room]})
            for need, held in lists.items():
                chosen.add(chooser, need, held)
        return chosen

    def _nearest(self, items: Mapping[int, Item]) -> Nearest:
        """The best of the run's supply for its needs, as the run found them."""
        [wanted] = self.run.wanted

        def nearest(_room: Room, needs: Sequence[int], k: int) -> list[list[Match]]:
            asking = [items[need] for need in needs]
            found = self.run.matcher.kneighbors(asking, k, allowed=wanted.allowed, factors=self.run.factors)
            return [_by_record(matches) for matches in found]

        return nearest

    @cached_property
    def _room(self) -> Room:
        """The places that a need has in a plan: as many as it is to have candidates."""
        own = most_read(self.kind)
        return replace(own, profile=replace(own.profile, kept=self.k, kept_inside=self.k))

    def _chooser(self, posed: Sequence[Posed], never: AbstractSet[tuple[str, str]]) -> _Chooser:
        plain = chooser_for([one.need for one in posed])
        return _Chooser(
            plain.cap,
            plain.decided,
            plain.barred,
            worth=ulp(0.0),  # whatever the two have in common
            posed={one.need: one for one in posed},
            experts=self.kind == EXPERTS,
            never=never,
        )

    def note_taken(self, out: Path, count: int) -> None:
        """Note in the journal that a file was written of what not everybody may read, as of a list taken along."""
        if most_read(self.kind).inside:
            with journal.writing():
                ending = claimed_format(out)
                note_export(
                    SYSTEM, name=FILE, ending=ending[0] if ending else "", count=count, filters={"kind": [self.kind]}
                )


def _by_record(matches: Sequence[Match]) -> list[Match]:
    return [by_record(match) for match in matches]


def _in_run(record: int) -> int:
    """The id by which a run knows a record."""
    return record * LEVELS + LEVEL_PUBLIC


def prepare_public(store: Path, k: int, kind: str) -> City | None:
    """Freeze the city's public needs and the best `k` of a kind to be found; None without any need."""
    index = live_index()
    index.catch_up(wait=True)
    ids = Need.objects.filter(record__phase=Phase.PUBLIC, record__public_to__key=PUBLIC).order_by("pk")
    rows = [need for batch in batches(ids.values_list("pk", flat=True), BATCH) for need in asking_needs(batch)]

    def write_index(folder: Path) -> list[Wanted]:
        [mask], _reached = index.freeze(folder, [most_read(kind).supply(public_mask())])
        return [Wanted(k, mask)]

    needs = [replace(matching_item(need), id=need.record.code) for need in rows]
    if not needs:
        return None
    run = prepare(
        store,
        needs,
        write_index,
        reasons=False,
        table=table_in_use,
        encoder=encoder_in_use(),
        factors=factors_in_force(),
    )
    return City(run, kind, k, needs, [Posed.of(need) for need in rows])
