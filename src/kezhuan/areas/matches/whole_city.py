"""The city as it is matched as a whole: open needs that everybody may read with what is on offer of a kind, as far as
most may read it, and what is decided already."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from django.conf import settings

from kezhuan.areas.matches.actions import asking_needs
from kezhuan.areas.matches.apart import decided_pairs, set_apart
from kezhuan.areas.matches.choosing import most_repeats
from kezhuan.areas.matches.precise import EXPERTS, ties_of
from kezhuan.areas.matches.precise_shown import FILE
from kezhuan.areas.matches.queries import factors_in_force
from kezhuan.areas.matches.room import room_left
from kezhuan.areas.matches.supply import most_read, own_rows, public_mask
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.engines.matching import Item
from kezhuan.engines.matching.runs import Run, Wanted, prepare
from kezhuan.engines.tables.opening import claimed_format
from kezhuan.kernel import journal
from kezhuan.kernel.access import PUBLIC, SYSTEM
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.search import LEVEL_PUBLIC, live_index
from kezhuan.kernel.search.documents import LEVELS
from kezhuan.kernel.search.meaning import encoder_in_use, table_in_use
from kezhuan.kernel.text import batches
from kezhuan.web.exports import note_export

BATCH = 500


@dataclass(frozen=True, slots=True)
class Posed:
    """A need's number, its owner, and whose it is: the owner and the person whom it names."""

    need: int
    owner: int | None
    whose: frozenset[int]

    @classmethod
    def of(cls, need: Need) -> "Posed":
        """The same of a need with its record."""
        own = need.record
        return cls(need.pk, own.owner_id, frozenset(one for one in (own.owner_id, own.contact_id) if one is not None))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that some need was given as a candidate. `room` is how many more needs it takes by its own word, None
    where it says nothing."""

    record: int
    code: str
    title: str
    owner: int | None
    room: int | None


@dataclass(frozen=True)
class City:
    """A run of the city's public needs, which are named by their codes, with a kind of supply; `decided` are pairs of
    codes that were refused or introduced."""

    run: Run
    kind: str
    needs: list[Item]
    posed: list[Posed]
    decided: set[tuple[str, str]]

    @cached_property
    def supply(self) -> dict[int, Candidate]:
        """Every record that some need was given as a candidate, by its id in the run."""
        ids = sorted({int(match.supply) for answer in self.run.answers() for match in answer.lists[0]})
        found: dict[int, Candidate] = {}
        for batch in batches(ids, BATCH):
            rows = list(Record.objects.filter(pk__in=[one // LEVELS for one in batch]).select_related(*own_rows("")))
            left = room_left(rows)
            for row in rows:
                own = Candidate(row.pk, row.code, row.title, row.owner_id, left.get(row.pk))
                found[row.pk * LEVELS + LEVEL_PUBLIC] = own
        return found

    def note_taken(self, out: Path, count: int) -> None:
        """Note in the journal that a file was written of what not everybody may read, as of a list taken along."""
        if most_read(self.kind).inside:
            with journal.writing():
                ending = claimed_format(out)
                note_export(
                    SYSTEM, name=FILE, ending=ending[0] if ending else "", count=count, filters={"kind": [self.kind]}
                )

    def passed_over(self) -> set[tuple[str, str]]:
        """Pairs of codes that are left out: of a need's own unit, of two organisations that do not want to work with
        each other, of experts and whoever they are tied to, and of a supplier of whom a need has so many better ones
        among its candidates as the cap allows."""
        apart = set_apart({need.owner for need in self.posed if need.owner is not None})
        cap, ties, found = most_repeats(), self._ties(), set[tuple[str, str]]()
        for item, (need, candidates) in zip(self.needs, self._candidates(), strict=True):
            here, of_owner = str(item.id), Counter[int]()
            for one in candidates:
                if (here, one.code) in self.decided:
                    continue
                repeated = one.owner is not None and cap is not None and of_owner[one.owner] >= cap
                if repeated or (need.need, one.record) in ties or one.owner in apart.get(need.owner or 0, ()):
                    found.add((here, one.code))
                elif one.owner is not None:
                    of_owner[one.owner] += 1
        return found

    def _candidates(self) -> Iterator[tuple[Posed, list[Candidate]]]:
        for need, answer in zip(self.posed, self.run.answers(), strict=True):
            yield need, [self.supply[int(match.supply)] for match in answer.lists[0]]

    def _ties(self) -> set[tuple[int, int]]:
        """Needs and experts who are tied to whoever poses them, by the rules of the city."""
        if self.kind != EXPERTS:
            return set()
        found = set[tuple[int, int]]()
        for batch in batches(self._candidates(), BATCH):
            experts = {one.record for _need, candidates in batch for one in candidates}
            found |= ties_of({need.need: need.whose for need, _candidates in batch}, experts, settings.CITY)
        return found


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
    decided = {pair for said in decided_pairs() for pair in said.values_list("need__record__code", "supply__code")}
    run = prepare(
        store,
        needs,
        write_index,
        reasons=False,
        table=table_in_use,
        encoder=encoder_in_use(),
        factors=factors_in_force(),
    )
    return City(run, kind, needs, [Posed.of(need) for need in rows], decided)
