"""What was decided on pairs: what the ranking learns from, and what it is judged by."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Min

from kezhuan.areas.matches.meanings import ENDED, MEANINGS, reason_of
from kezhuan.areas.matches.models import Introduction, Refusal
from kezhuan.areas.matches.supply import introduced_kinds, most_read, public_mask
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.engines.matching import Item
from kezhuan.engines.matching.learning import Decision, Pool, parts_of
from kezhuan.kernel.models import Entry
from kezhuan.kernel.search import live_index
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


@dataclass(frozen=True, slots=True)
class Said:
    """What was decided on a pair, of which kind its supply is, and in which `word`; without `parts` those of today
    count."""

    need: int
    supply: int
    kind: str
    at: float
    grade: int
    word: str
    parts: dict[str, float]


_elsewhere: list[Callable[[], Iterable[Said]]] = []


def decided_by(source: Callable[[], Iterable[Said]]) -> None:
    """Learn from what a source says was decided on pairs, too; called once when Django has loaded the models."""
    _elsewhere.append(source)


def decisions_of_city() -> Decided:
    """The last decision on every pair of a need and what is introduced to it, each among its kind."""
    every = [*_refusals(), *_introductions(), *(one for source in _elsewhere for one in source())]
    last = {(one.need, one.supply): one for one in sorted(every, key=lambda one: one.at)}
    bare = [pair for pair, said in last.items() if not said.parts]
    present = _present_parts(bare)
    decisions, told = [], Counter[str]()
    for pair, said in last.items():
        parts = said.parts or present.get(pair, {})
        if parts:
            decisions.append(Decision(said.need, said.supply, said.at, said.grade, parts, said.kind))
            told[said.word] += 1
    return Decided(decisions, dict(told), len(present), len(bare) - len(present))


def _introduced() -> list[str]:
    """The kinds on which sides decide; of others, as experts, nothing is ever taken up."""
    return [kind.slug for kind in introduced_kinds()]


def _refusals() -> Iterator[Said]:
    teaching = [reason for reason, meaning in MEANINGS.items() if meaning.teaches]
    said = Refusal.objects.filter(reason__in=teaching, supply__kind__in=_introduced())
    rows = said.values_list("need", "supply", "supply__kind", "at", "reason", "parts")
    for need, supply, kind, at, reason, parts in rows.iterator(chunk_size=2000):
        yield Said(need, supply, kind, at.timestamp(), 0, reason, parts)


def _introductions() -> Iterator[Said]:
    said = Entry.objects.filter(kind__in=ENDED, record__kind="introduction").order_by("seq")
    ended = {record: data.get("reason", "") for record, data in said.values_list("record", "data").iterator()}
    entries = Entry.objects.filter(record__kind="introduction").order_by("record")
    begun = dict(entries.values("record").annotate(first=Min("at")).values_list("record", "first"))
    held = Introduction.objects.filter(supply__kind__in=_introduced())
    rows = held.values_list("pk", "need", "supply", "supply__kind", "record__stage", "parts")
    for pk, need, supply, kind, stage, parts in rows.iterator(chunk_size=2000):
        if pk not in begun:
            continue  # a list brought it: it was never suggested here
        meaning = MEANINGS[reason_of(ended[pk])[0]] if stage == "dropped" and ended.get(pk) else None
        grade = 0 if meaning is not None and meaning.teaches else GRADES.get(stage, 1)
        word = ended[pk] if grade == 0 else "introduced"
        yield Said(need, supply, kind, begun[pk].timestamp(), grade, word, parts)


def _present_parts(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], dict[str, float]]:
    index, found = live_index(), {}
    for batch in batches(sorted(pairs), _BATCH):
        items = {item.id: item for item in _items({need for need, _ in batch})}
        for need, supply in batch:
            if need in items and (match := index.explain(items[need], supply)):
                found[need, supply] = parts_of(match)
    return found


def pools_of(lists: Collection[tuple[int, str]]) -> Iterator[Pool]:
    """What the shipped weights show today for needs, closed ones too, of a kind each, among what everybody may read."""
    index, public = live_index(), public_mask()
    for kind in sorted({kind for _need, kind in lists}):
        room = most_read(kind)
        wanted = room.supply(public)
        for batch in batches(sorted(need for need, own in lists if own == kind), _BATCH):
            items = _items(batch)
            for item, matches in zip(items, index.nearest(items, room.size, wanted), strict=True):
                yield Pool(item.id, {int(match.supply): parts_of(match) for match in matches}, kind)


def _items(ids: Iterable[int]) -> list[Item]:
    """Needs, open or not, as the matching engine takes them."""
    needs = Need.objects.filter(pk__in=ids).order_by("pk")
    return [matching_item(need) for need in needs.select_related("record").prefetch_related("indicators")]
