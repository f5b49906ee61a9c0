"""The city as it is matched as a whole: what everybody may read of open needs and of results on offer, and what is
decided already."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.matches.actions import asking_needs
from kezhuan.areas.matches.apart import set_apart
from kezhuan.areas.matches.choosing import most_repeats
from kezhuan.areas.matches.models import LAPSED, Introduction, Refusal
from kezhuan.areas.matches.queries import factors_in_force
from kezhuan.areas.matches.supply import RESULTS, public_mask
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.engines.matching import Item
from kezhuan.engines.matching.runs import Run, Wanted, prepare
from kezhuan.kernel.access import PUBLIC
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.search import LEVEL_PUBLIC, Supply, live_index
from kezhuan.kernel.search.documents import LEVELS
from kezhuan.kernel.search.meaning import encoder_in_use, table_in_use
from kezhuan.kernel.text import batches


@dataclass(frozen=True)
class City:
    """A run of the city's public needs, which are named by their codes; `decided` are pairs of codes that were refused
    or introduced."""

    run: Run
    needs: list[Item]
    decided: set[tuple[str, str]]
    firms: list[int | None]
    """The owner of each need."""

    def passed_over(self) -> set[tuple[str, str]]:
        """Pairs of codes that are left out: of a need's own unit, of two organisations that do not want to work with
        each other, and of a supplier of whom a need has so many better ones among its candidates as the cap allows."""
        cap, apart = most_repeats(), set_apart({owner for owner in self.firms if owner is not None})
        named, found = self._candidates("owner"), set[tuple[str, str]]()
        for need, firm, answer in zip(self.needs, self.firms, self.run.answers(), strict=True):
            here, of_owner = str(need.id), Counter[int]()
            for match in answer.lists[0]:
                code, owner = named[int(match.supply)]
                if owner is None or (here, code) in self.decided:
                    continue
                if owner in apart.get(firm or 0, ()) or (cap is not None and of_owner[owner] >= cap):
                    found.add((here, code))
                else:
                    of_owner[owner] += 1
        return found

    def supply(self) -> dict[int, tuple[str, str]]:
        """Code and title of every result that some need was given as a candidate, by its id in the run."""
        return self._candidates("title")

    def _candidates(self, column: str) -> dict[int, tuple[str, Any]]:
        """Code and one more column of every candidate, by its id in the run."""
        ids = sorted({int(match.supply) for answer in self.run.answers() for match in answer.lists[0]})
        named: dict[int, tuple[str, Any]] = {}
        for batch in batches(ids, 500):
            rows = Record.objects.filter(pk__in=[one // LEVELS for one in batch]).values_list("pk", "code", column)
            named |= {pk * LEVELS + LEVEL_PUBLIC: (code, value) for pk, code, value in rows}
        return named


def prepare_public(store: Path, k: int) -> City | None:
    """Freeze the city's public needs and the best `k` of its public results to be found; None without any need."""
    index = live_index()
    index.catch_up(wait=True)
    ids = Need.objects.filter(record__phase=Phase.PUBLIC, record__public_to__key=PUBLIC).order_by("pk")
    rows = [need for batch in batches(ids.values_list("pk", flat=True), 500) for need in asking_needs(batch)]
    needs = [replace(matching_item(need), id=need.record.code) for need in rows]

    def write_index(folder: Path) -> list[Wanted]:
        [mask], _reached = index.freeze(folder, [Supply(RESULTS, SUPPLY_STAGES, public_mask())])
        return [Wanted(k, mask)]

    if not needs:
        return None
    standing = Introduction.objects.filter(void_of=0).exclude(record__stage=LAPSED)
    decided = (
        Refusal.objects.filter(lifted_at=None)
        .values_list("need__record__code", "supply__code")
        .union(standing.values_list("need__record__code", "supply__code"))
    )
    run = prepare(
        store,
        needs,
        write_index,
        reasons=False,
        table=table_in_use,
        encoder=encoder_in_use(),
        factors=factors_in_force(),
    )
    return City(run, needs, set(decided), [need.record.owner_id for need in rows])
