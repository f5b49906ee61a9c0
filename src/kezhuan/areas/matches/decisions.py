"""What was decided on pairs: what the ranking learns from, and what it is judged by."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Min

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.matches.meanings import ENDED, MEANINGS, reason_of
from kezhuan.areas.matches.models import Introduction, Refusal
from kezhuan.areas.matches.supply import RESULTS, public_mask
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.engines.matching import Item
from kezhuan.engines.matching.learning import Decision, Pool, parts_of
from kezhuan.kernel.models import Entry
from kezhuan.kernel.profiles import KEPT
from kezhuan.kernel.search import Supply, live_index
from kezhuan.kernel.text import batches

GRADES = {"introduced": 1, "agreed": 2, "met": 3, "intent": 4, "contract": 5}
"""How far an introduction came, by its stage. One that ended came as far as an acceptance, unless its reason says that
the pair did not fit."""
_BATCH = 200


@dataclass(frozen=True)
class Decided:
    """All decisions that say something of a pair's parts. `told` counts them by what was said; `with_present_parts` are
    those from before parts were kept, with the parts of today; `without` have none, as a side is gone."""

    decisions: list[Decision]
    told: dict[str, int]
    with_present_parts: int
    without: int


def decisions_of_city() -> Decided:
    """The last decision on every pair of a need and a result."""
    last: dict[tuple[int, int], tuple[float, int, str, dict[str, float]]] = {}
    for need, supply, at, grade, word, parts in sorted((*_refusals(), *_introductions()), key=lambda one: one[2]):
        last[need, supply] = (at, grade, word, parts)
    bare = [pair for pair, (_at, _grade, _word, parts) in last.items() if not parts]
    present = _present_parts(bare)
    decisions, told = [], Counter[str]()
    for (need, supply), (at, grade, word, kept) in last.items():
        parts = kept or present.get((need, supply), {})
        if parts:
            decisions.append(Decision(need, supply, at, grade, parts))
            told[word] += 1
    return Decided(decisions, dict(told), len(present), len(bare) - len(present))


_Said = tuple[int, int, float, int, str, dict[str, float]]


def _refusals() -> Iterator[_Said]:
    teaching = [reason for reason, meaning in MEANINGS.items() if meaning.teaches]
    said = Refusal.objects.filter(reason__in=teaching, supply__kind=RESULTS)
    rows = said.values_list("need", "supply", "at", "reason", "parts")
    for need, supply, at, reason, parts in rows.iterator(chunk_size=2000):
        yield need, supply, at.timestamp(), 0, reason, parts


def _introductions() -> Iterator[_Said]:
    said = Entry.objects.filter(kind__in=ENDED, record__kind="introduction").order_by("seq")
    ended = {record: data.get("reason", "") for record, data in said.values_list("record", "data").iterator()}
    entries = Entry.objects.filter(record__kind="introduction").order_by("record")
    begun = dict(entries.values("record").annotate(first=Min("at")).values_list("record", "first"))
    of_results = Introduction.objects.filter(supply__kind=RESULTS)
    rows = of_results.values_list("pk", "need", "supply", "record__stage", "parts")
    for pk, need, supply, stage, parts in rows.iterator(chunk_size=2000):
        if pk not in begun:
            continue  # a list brought it: it was never suggested here
        meaning = MEANINGS[reason_of(ended[pk])[0]] if stage == "dropped" and ended.get(pk) else None
        grade = 0 if meaning is not None and meaning.teaches else GRADES.get(stage, 1)
        yield need, supply, begun[pk].timestamp(), grade, ended[pk] if grade == 0 else "introduced", parts


def _present_parts(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], dict[str, float]]:
    index, found = live_index(), {}
    for batch in batches(sorted(pairs), _BATCH):
        items = {item.id: item for item in _items({need for need, _ in batch})}
        for need, supply in batch:
            if need in items and (match := index.explain(items[need], supply)):
                found[need, supply] = parts_of(match)
    return found


def pools_of(needs: Iterable[int]) -> Iterator[Pool]:
    """What the shipped weights show today for needs, closed ones too, among what everybody may read."""
    index, wanted = live_index(), Supply(RESULTS, SUPPLY_STAGES, public_mask())
    for batch in batches(sorted(needs), _BATCH):
        items = _items(batch)
        for item, matches in zip(items, index.nearest(items, KEPT, wanted), strict=True):
            yield Pool(item.id, {int(match.supply): parts_of(match) for match in matches})


def _items(ids: Iterable[int]) -> list[Item]:
    """Needs, open or not, as the matching engine takes them."""
    needs = Need.objects.filter(pk__in=ids).order_by("pk")
    return [matching_item(need) for need in needs.select_related("record").prefetch_related("indicators")]
