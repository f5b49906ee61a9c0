"""What of a record could be changed to suit a need, and the fewest such changes that reach a line together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .facts import reason, weight_of_rights
from .index import Index
from .ranking import Ranking
from .reasons import Reason
from .records import Facts, Item
from .rights import SETTLED
from .rows import FIELDS, Entries
from .scripts import kind_of, marks_of
from .units import units_of
from .weights import bm25_counts, brevity, cosine_counts, norms
from .words import NeedWords

_FEW = 3  # words at most that are one change
_WORDED = 1  # what it asks to add them


class _Change(NamedTuple):
    """A fact that somebody could make agree: how it stands, and the columns that it sets."""

    because: Reason
    sets: Mapping[str, Any]

    @property
    def weight(self) -> int:
        """How much is asked of whoever changes it: conditions that are stated are met first, then a result is put into
        another field or words are added, then what nobody knows is told."""
        if self.because.code == "field-miss":
            return _WORDED
        return 2 * _WORDED if self.because.code.endswith("-unknown") else 0


class Lift(NamedTuple):
    """Changes that together bring a record to a score: facts after them, if any are changed, and words to be added."""

    score: float
    changes: tuple[Reason, ...]
    facts: Facts | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A need with the records that stand near the line, read once for all of them.

    by_unit, by_number: where units stand in the need, by text and by number of the vocabulary.
    """

    index: Index
    ours: Facts
    ranking: Ranking
    places: NeedWords
    by_unit: dict[str, int]
    by_number: dict[int, int]

    @classmethod
    def of(cls, index: Index, need: Item, ranking: Ranking) -> Question:
        """That of a need as it is asked."""
        query = ranking.query
        places = NeedWords(need, query.units, index.habits(query), query.lone)
        by_unit = {unit: at for at, unit in enumerate(query.units)}
        numbers = query.numbers.tolist()
        by_number = {number: at for at, number in enumerate(numbers) if number >= 0}
        return cls(index, need.facts, ranking, places, by_unit, by_number)


def changeable(ours: Facts, theirs: Facts, stated: Sequence[str]) -> Iterator[tuple[Reason, dict[str, Any]]]:
    """Every fact of a record that could be made to agree with those that a need states, and does not: how it stands,
    and the columns to set. Where a record comes from nobody can change.
    """
    sets: dict[str, dict[str, Any]] = {
        "field": {"field": ours.field},
        "trl": {"trl": ours.trl, "trl_scale": ours.trl_scale},
        "price": {"money_fen": ours.money_fen},
        "mode": {"modes": theirs.modes | ours.modes},
        "deadline": {"deadline": ours.deadline},
        "rights": {"rights": frozenset(SETTLED)},
    }
    for name, changed in sets.items():
        if name in stated:
            # Another mode may ask for rights that the present one does without.
            seen = replace(theirs, **sets["mode"]) if name == "rights" else theirs
            because = reason(name, ours, seen) or _not_compared(name, ours, theirs)
            if not because.code.endswith("-match"):
                yield because, changed


def _not_compared(name: str, ours: Facts, theirs: Facts) -> Reason:
    attribute = {"price": "money_fen", "mode": "modes"}.get(name, name)
    asked, told = (
        tuple(sorted(value)) if isinstance(value, frozenset) else value
        for value in (getattr(ours, attribute), getattr(theirs, attribute))
    )
    if name in ("field", "mode") and told:
        return Reason(f"{name}-miss", {"need": asked, "supply": told})  # in another script
    return Reason(f"{name}-unknown", {"need": asked})


class Changes:
    """All that could be changed in one record of a ranking, and what it would bring."""

    def __init__(self, question: Question, row: int, *, worded: bool) -> None:
        """`worded`: whether words of the need that it does not hold may be added to its text."""
        ranking = question.ranking
        self._question, self._row, self._worded = question, row, worded
        self._slot = int(ranking.slots[row])
        self.theirs = question.index.facts.at(self._slot)
        self.weights = {name: float(column[row]) for name, column in ranking.weights.items()}
        self._options = [_Change(*one) for one in changeable(question.ours, self.theirs, tuple(self.weights))]
        self._alike = float(ranking.words[row] + ranking.meaning[row])

    def smallest(self, over: float) -> Lift | None:
        """The fewest changes that together bring a score above one; None where even all of them do not.

        Of as many changes those that ask least, then fewest words, then the lowest score.
        """
        for size in range(1, len(self._options) + 2):
            found = [
                ((self._weight(chosen), 0, score), chosen)
                for chosen in combinations(self._numbers, size)
                if (score := self._alike * self._factor(chosen)) > over
            ]
            if not any(key[0] <= _WORDED for key, _chosen in found):
                found += self._with_words(size - 1, over)
            if found:
                (_asks, words, score), chosen = min(found)
                return self._lift(score, chosen, words)
        return None

    def most(self, more: float = 0.0) -> float:
        """The best score that changes bring, with more weight of what nobody can change."""
        every = (chosen for size in range(len(self._options) + 1) for chosen in combinations(self._numbers, size))
        return max([self._alike, *self._alike_with]) * (max(map(self._factor, every)) + more)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The weightiest words of the need that it does not hold, as many as one change may add."""
        if not self._worded:
            return ()
        query, shared = self._question.ranking.query, self._question.ranking.shared
        missing = query.cosine + query.bm25
        held = shared.unit[shared.row == self._row]
        missing[held] = missing[query.stated(held)] = 0
        return tuple(self._question.places.missing(missing, _FEW))

    @property
    def _numbers(self) -> range:
        return range(len(self._options))

    def _weight(self, chosen: Sequence[int]) -> int:
        return sum(self._options[number].weight for number in chosen)

    def _with_words(self, size: int, over: float) -> Iterator[tuple[tuple[int, int, float], tuple[int, ...]]]:
        for chosen in combinations(self._numbers, size):
            factor = self._factor(chosen)
            scores = ((count, alike * factor) for count, alike in enumerate(self._alike_with, 1))
            reached = next(((count, score) for count, score in scores if score > over), None)
            if reached is not None:
                yield (self._weight(chosen) + _WORDED, *reached), chosen

    def _lift(self, score: float, chosen: Sequence[int], words: int) -> Lift:
        because = [self._options[number].because for number in chosen]
        added = self.words[:words] if words else ()
        if added:
            because.append(Reason("words-missing", {"words": added}))
        return Lift(score, tuple(because), self._after(chosen) if chosen else None, added)

    def _after(self, chosen: Sequence[int]) -> Facts:
        sets: dict[str, Any] = {}
        for number in chosen:
            sets |= self._options[number].sets
        return replace(self.theirs, **sets)

    def _factor(self, chosen: Sequence[int]) -> float:
        """By what the facts multiply the score after some changes: each moves its own weight, but that of rights also
        hangs on the modes."""
        one, names = 1 + sum(self.weights.values()), {self._name(number) for number in chosen}
        apart = sum(self._moved[number] for number in chosen)
        return one + apart + (self._rights_asked if names >= {"mode", "rights"} else 0.0)

    def _name(self, number: int) -> str:
        return self._options[number].because.code.partition("-")[0]

    @cached_property
    def _moved(self) -> list[float]:
        """By how much each change alone moves the sum of weights."""
        return self._sums([[number] for number in self._numbers])

    @cached_property
    def _rights_asked(self) -> float:
        """By how much a change of mode and rights moves it more than the two do apart."""
        both = [number for number in self._numbers if self._name(number) in {"mode", "rights"}]
        return self._sums([both])[0] - sum(self._moved[number] for number in both)

    def _sums(self, changes: Sequence[Sequence[int]]) -> list[float]:
        before = sum(self.weights.values())
        return [sum(self._weights_after(chosen).values()) - before for chosen in changes]

    def _weights_after(self, chosen: Sequence[int]) -> dict[str, float]:
        """The weights after some changes, each of which makes its fact agree; that of rights hangs on modes, too."""
        config, ours = self._question.index.config, self._question.ours
        agreed = {name: float(getattr(config, f"{name}_match")) for name in map(self._name, chosen)}
        if "rights" in self.weights:
            agreed["rights"] = weight_of_rights(ours, self._after(chosen), config)
        return self.weights | agreed

    @cached_property
    def _alike_with(self) -> list[float]:
        """The score without facts once the first one, two, … missing words are added."""
        held = _Held.of(self._question, self._slot) if self.words else None
        counts = range(1, len(self.words) + 1)
        return [alike_with(self._question, held, self.words[:count]) for count in counts] if held is not None else []


class _Held(NamedTuple):
    """A record as it stands: its slot, its units by number with counts, the place of each in the need (−1 where it has
    none), and which are pairs and which words, as `scripts.marks_of` tells it."""

    slot: int
    units: NDArray[np.int32]
    counts: NDArray[np.uint8]
    at: NDArray[np.int64]
    marks: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    @classmethod
    def of(cls, question: Question, slot: int) -> _Held:
        """That of a slot, read once for all words that might be added."""
        index, entries = question.index, question.index.entries(slot)
        at = [question.by_number.get(number, -1) for number in entries.unit.tolist()]
        marks = index.edges.kinds(index.vocabulary, entries.unit)
        return cls(slot, entries.unit, entries.counts, np.array(at, np.int64), marks)


def alike_with(question: Question, held: _Held, words: tuple[str, ...]) -> float:
    """Word score and meaning of a record with words added to its text, by the present statistics."""
    index, ranking = question.index, question.ranking
    query, numbers = ranking.query, index.vocabulary.numbers
    added = Counter(unit for word in words for unit in units_of(word))
    counts, fresh = held.counts.copy(), dict[str, int]()  # units that it does not hold yet, with their numbers
    for unit, times in added.items():
        number = numbers.get(unit, len(numbers) + len(fresh))  # such a number has none: it is as rare as can be
        place = np.flatnonzero(held.units == number)
        if len(place):
            counts[place[0], 2] = min(int(counts[place[0], 2]) + times, 255)
        else:
            fresh[unit] = number
    counts = np.concatenate([counts, np.array([(0, 0, added[unit]) for unit in fresh], np.uint8).reshape(-1, FIELDS)])
    units = np.append(held.units, np.array(list(fresh.values()), np.int32))
    at = np.append(held.at, np.array([question.by_unit.get(unit, -1) for unit in fresh], np.int64))
    pair, word = (np.append(*both) for both in zip(held.marks, marks_of(list(fresh)), strict=True))

    def texts() -> list[str]:
        return [*map(index.vocabulary.units.__getitem__, held.units.tolist()), *fresh]

    row = Entries(np.zeros(len(units), np.int64), units, counts)
    lengths = index.lengths.view[[held.slot]] + np.array([[0, 0, added.total()]], np.int32)
    norm = norms(row, 1, index.statistics, index.config)[0]
    cosine = cosine_counts(row, index.config) / norm * query.cosine[at]
    bm25 = bm25_counts(row, lengths, index.statistics, index.config) * query.bm25[at]
    meaning = index.across.worth_with(index, ranking.asked, texts, counts, (pair, word))
    alike = float(np.where(at >= 0, cosine + bm25, 0.0).sum())
    alike *= float(brevity(lengths, query.bend, index.statistics)[0])
    if index.latent is not None and ranking.near is not None and not kind_of(counts, pair, word, index.config)[0]:
        meaning += index.latent.worth_with(ranking.near, texts(), counts, alike)
    return alike + meaning
