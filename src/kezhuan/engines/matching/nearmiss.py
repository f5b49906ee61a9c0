"""Why not: the smallest single change that would lift a record just under the line over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .config import Config
from .facts import reason
from .index import Index
from .ranking import Ranking, best, shown_score
from .reasons import Reason
from .records import Facts, Item, NearMiss
from .rights import SETTLED
from .rows import Entries
from .units import units_of
from .weights import Query, bm25_counts, brevity, cosine_counts, norms
from .words import NeedWords

_FEW = 3  # words at most that are one change
OUT_OF_REACH = "out-of-reach"
"""The reason of what no single change would lift."""
_OVER = 1 + 1e-12  # above the line, not level with it


class _Asked(NamedTuple):
    """Where units stand in a need, by text and by number of the vocabulary; read once for all records."""

    by_unit: dict[str, int]
    by_number: dict[int, int]

    @classmethod
    def of(cls, query: Query) -> _Asked:
        """Those of a need as it is asked."""
        numbers = query.numbers.tolist()
        by_unit = {unit: at for at, unit in enumerate(query.units)}
        return cls(by_unit, {number: at for at, number in enumerate(numbers) if number >= 0})


def near_misses(
    index: Index,
    need: Item,
    k: int,
    below: int,
    allowed: NDArray[np.bool_] | None,
    least: float,
    wanted: Callable[[NearMiss], bool] | None = None,
    enough: int | None = None,
) -> list[NearMiss]:
    """See `Matcher.why_not`."""
    ranking = best(index, need, k + below, allowed)
    places = NeedWords(need, ranking.query.units, index.habits(ranking.query))
    asked = _Asked.of(ranking.query)
    line = max(least * least, float(ranking.scores[k - 1]) if len(ranking.scores) >= k else 0.0)
    first = min(k, int((ranking.scores * _OVER >= line).sum()))
    missed: list[NearMiss] = []
    for row in range(first, min(first + below, len(ranking.slots))):
        bare = _bare(index, ranking, row=row, line=line)
        if wanted is None or wanted(_shown(bare)):
            missed.append(_shown(_near_miss(index, need, ranking, places, asked, bare=bare)))
            enough = enough if enough is None or missed[-1].because.code == OUT_OF_REACH else enough - 1
            if enough == 0:
                break
    return missed


def _shown(miss: NearMiss) -> NearMiss:
    """With scores as people read them."""
    return replace(
        miss,
        score=shown_score(miss.score),
        line=shown_score(miss.line),
        alike=shown_score(miss.alike),
        new_score=shown_score(miss.new_score),
    )


def _bare(index: Index, ranking: Ranking, *, row: int, line: float) -> NearMiss:
    """How a record stands, before it is looked for what would lift it."""
    slot = int(ranking.slots[row])
    return NearMiss(
        supply=index.ids[slot],
        rank=row + 1,
        score=float(ranking.scores[row]),
        line=line,
        alike=float(ranking.words[row] + ranking.meaning[row]),
        because=Reason(OUT_OF_REACH, {}),
        new_score=float(ranking.scores[row]),
        new_rank=row + 1,
    )


def _near_miss(
    index: Index, need: Item, ranking: Ranking, places: NeedWords, asked: _Asked, *, bare: NearMiss
) -> NearMiss:
    row, line, miss = bare.rank - 1, bare.line, bare
    slot = int(ranking.slots[row])
    theirs = index.facts.at(slot)
    changes = _fact_changes(index.config, need.facts, theirs, ranking=ranking, row=row)
    by_fact = [one for one in changes if one[0] > line * _OVER]
    stated = [one for one in by_fact if not one[1].code.endswith("-unknown")]
    # Words of the need are not missing in a record that says them in another language.
    told = stated or (ranking.asked is not None and index.across.chinese(index)[slot] != ranking.asked.chinese)
    by_words = None if told else _word_change(index, ranking, places, asked, row=row, line=line)
    if stated or (by_fact and by_words is None):
        score, because, facts = min(stated or by_fact, key=lambda one: one[0])
        return replace(miss, because=because, facts=facts, new_score=score, new_rank=_rank(ranking, score))
    if by_words is not None:
        score, words = by_words
        because = Reason("words-missing", {"words": words})
        return replace(miss, because=because, words=words, new_score=score, new_rank=_rank(ranking, score))
    return miss


def _rank(ranking: Ranking, score: float) -> int:
    return 1 + int((ranking.scores >= score).sum())


def _fact_changes(
    config: Config, ours: Facts, theirs: Facts, *, ranking: Ranking, row: int
) -> Iterator[tuple[float, Reason, Facts]]:
    """Every fact that somebody could make agree: the score it would bring, how it stands, the facts after it.

    Where a record comes from is no change, nor is its field once it is stated.
    """
    weights = {name: float(column[row]) for name, column in ranking.weights.items()}
    agreeing: dict[str, tuple[object, float, dict[str, Any]]] = {
        "field": (ours.field, config.field_match, {"field": ours.field}),
        "trl": (ours.trl, config.trl_match, {"trl": ours.trl, "trl_scale": ours.trl_scale}),
        "price": (ours.money_fen, config.price_match, {"money_fen": ours.money_fen}),
        "mode": (tuple(sorted(ours.modes)), config.mode_match, {"modes": theirs.modes | ours.modes}),
        "deadline": (ours.deadline, config.deadline_match, {"deadline": ours.deadline}),
        "rights": (tuple(sorted(ours.rights)), config.rights_match, {"rights": frozenset(SETTLED)}),
    }
    for name, (wanted, match, change) in agreeing.items():
        if name in weights and weights[name] <= 0 and (name != "field" or not theirs.field):
            changed = replace(theirs, **change)
            if reason(name, ours, changed) is None:
                continue  # rights that a mode does without
            because = reason(name, ours, theirs) or Reason(f"{name}-unknown", {"need": wanted})
            after = weights | {name: match}
            score = float(ranking.words[row] + ranking.meaning[row]) * (1 + sum(after.values()))
            yield score, because, changed


def _word_change(
    index: Index, ranking: Ranking, places: NeedWords, asked: _Asked, *, row: int, line: float
) -> tuple[float, tuple[str, ...]] | None:
    """The fewest missing words of the need, weightiest first, that lift the record when added to its text."""
    query, slot = ranking.query, int(ranking.slots[row])
    missing = query.cosine + query.bm25
    missing[ranking.shared.unit[ranking.shared.row == row]] = 0
    factor = 1 + sum(float(column[row]) for column in ranking.weights.values())
    words = tuple(places.missing(missing, _FEW))
    for count in range(1, len(words) + 1):
        score = _score_with(index, ranking, asked, slot, words[:count]) * factor
        if score > line * _OVER:
            return score, words[:count]
    return None


def _score_with(index: Index, ranking: Ranking, asked: _Asked, slot: int, words: tuple[str, ...]) -> float:
    """Word score and meaning of a record with words added to its text, by the present statistics."""
    query = ranking.query
    entries = index.entries(slot)
    added = Counter(unit for word in words for unit in units_of(word))
    place = {number: at for at, number in enumerate(entries.unit.tolist())}
    units, counts = entries.unit.tolist(), entries.counts.tolist()
    written = index.vocabulary.units
    texts = [written[number] for number in units]
    newcomer = len(index.vocabulary)
    unknown: dict[int, int] = {}
    for unit, times in added.items():
        number = index.vocabulary.numbers.get(unit)
        if number is None:
            number, newcomer = newcomer, newcomer + 1
            unknown[number] = asked.by_unit.get(unit, -1)
        if number in place:
            counts[place[number]][2] = min(counts[place[number]][2] + times, 255)
        else:
            units.append(number)
            texts.append(unit)
            counts.append([0, 0, times])
    row = Entries(np.zeros(len(units), np.int64), np.array(units, np.int32), np.array(counts, np.uint8))
    lengths = index.lengths.view[[slot]] + np.array([[0, 0, added.total()]], np.int32)
    norm = norms(row, 1, index.statistics, index.config)[0]
    at = np.array([asked.by_number.get(unit, unknown.get(unit, -1)) for unit in units])
    cosine = cosine_counts(row, index.config) / norm * query.cosine[at]
    bm25 = bm25_counts(row, lengths, index.statistics, index.config) * query.bm25[at]
    meaning = index.across.worth_with(index, ranking.asked, texts, row.counts)
    alike = float(np.where(at >= 0, cosine + bm25, 0.0).sum())
    alike *= float(brevity(lengths, query.bend, index.statistics)[0])
    if index.latent is not None:
        meaning += index.latent.worth_with(ranking.near, texts, row.counts, alike, index.config)
    return alike + meaning
