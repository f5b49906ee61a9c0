"""The matcher: fit records, ask for the best of them for a need, and be told why."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from . import nearmiss, search, store
from .across import TableSource
from .asking import may_ask
from .config import FROZEN, Config
from .encoder import Encoder
from .facts import NAMES, reason
from .index import Index
from .meaning import shipped
from .meeting import ByTable, Teller, TheirWords, met
from .parts import SHIPPED, Factors
from .ranking import Ranking, best, permitted, rank, shown_score
from .reasons import Reason
from .records import Facts, Found, Id, Item, Match, NearMiss, Part
from .search import Behind, Best, Hits
from .weights import Floats
from .words import NeedWords

Mask = NDArray[np.bool_]
_DIRECTIONS_AT_ONCE = 4096
"""Records that get their directions in one turn: a tenth of a second."""
_BREATH = 0.001
"""Seconds between such turns. A lock that is let go of and taken again at once is mostly taken by whoever had it:
without a sleep that lets others run, a question could wait until all records have their directions."""


class Matcher:
    """Ranks supply records for needs. May be shared by threads: calls take turns.

    A slot is the position of a record in `ids`; `allowed` masks have one boolean per slot, dead slots included. The
    caller may keep own arrays aligned with slots: they stay valid until `generation` changes, which only `fit`,
    `partial_fit` and `merge` can do; new records always take slots at the end. `factors` multiply the frozen weights of
    parts for one question (`parts.NAMES`); a factor that is not given is 1.
    """

    def __init__(self, config: Config = FROZEN, table: TableSource = shipped, encoder: Encoder | None = None) -> None:
        """`table` gives the table of meanings, or None for a matcher that goes by words alone; it is asked when a need
        first meets records in the other language, and when the matcher is saved. With an encoder that tells what is
        near instead."""
        self.config = config
        self._table, self._encoder = table, encoder
        self._index = Index(config, table, encoder)
        self._turn = threading.RLock()
        # Held by whoever changes records or needs them unchanged for long; taken before `_turn`. Questions do not wait.
        self._changing = threading.RLock()

    def get_params(self, *, deep: bool = True) -> dict[str, Any]:
        """What the matcher was made with, by the names of the constructor: by it scikit-learn's `clone` makes another
        of the same settings and without records. `deep` changes nothing: none of it is an estimator."""
        return {"config": self.config, "table": self._table, "encoder": self._encoder}

    def fit(self, items: Iterable[Item], *, folder: str | Path | None = None) -> Self:
        """Replace all records. Of records with the same id the last counts.

        Items are read once, some at a time, so that a generator needs memory for the index only; slots are given in
        their order. Until all are read the former records answer. With an empty folder what grows with the records is
        written there and mapped, and goes into what `save` writes without being copied; the folder may then be deleted.
        """
        index = Index(self.config, self._table, self._encoder)
        index.fill(items, None if folder is None else Path(folder))
        with self._changing, self._turn:
            index.generation = self._index.generation + 1
            self._index = index
        return self

    def partial_fit(self, items: Iterable[Item], *, merge: bool = True) -> Self:
        """Add records, or replace those whose id is there.

        New records are weighed by the corpus statistics of the last merge; a merge follows by itself when enough have
        come together (`merge_due`). When the corpus has grown by an eighth, that is a recount (`recount_due`), and
        scores and near misses are then as `fit` would give them; until then they may differ. With `merge` False it is
        left to the caller, and slots are not renumbered.
        """
        with self._changing, self._turn:
            self._index.add(list(items))
            if merge and self._index.merge_due:
                self._index.settle()
        return self

    def read_ahead(self, items: Sequence[Item]) -> None:
        """Let the encoder, where there is one, read records that `partial_fit` is to take in: it takes its time, in
        which others may ask."""
        if self._encoder is not None:
            self._encoder.read_ahead(items)

    def complete(self) -> None:
        """Give every record its direction now, which `save` does, too, else the first need that asks for meaning: some
        records at a time, so that questions go on."""
        while True:
            with self._turn:
                if self._index.across.complete(self._index, _DIRECTIONS_AT_ONCE):
                    return
            time.sleep(_BREATH)

    @property
    def completed(self) -> bool:
        """Whether no need has to wait for `complete`."""
        with self._turn:
            return self._index.across.complete(self._index, 0)

    def delete(self, ids: Iterable[Id]) -> int:
        """Delete records; unknown ids are passed over. Returns how many were deleted."""
        with self._changing, self._turn:
            return self._index.delete(ids)

    def merge(self) -> Self:
        """Count the corpus anew now; scores are then as `fit` on the present records would give them."""
        with self._changing, self._turn:
            self._index.merge()
        return self

    def merged(self, folder: str | Path | None = None, *, recount: bool = True) -> Self:
        """A matcher with nothing left to merge, to take the place of this one, which answers on meanwhile.

        This one must not be changed any more, because the two share what a merge does not touch. When `generation`
        differs, slot i of the new one holds what the i-th living slot of this one held. A recount is written to the
        folder when one is given, as by `fit`; with `recount` False it is left for another time.
        """
        fresh = type(self)(self.config, self._table, self._encoder)
        with self._changing:
            place = None if folder is None else Path(folder)
            fresh._index = self._index.settled_copy(place, recount=recount)  # noqa: SLF001  of the same class
        return fresh

    @property
    def merge_due(self) -> bool:
        """Whether so many records have come since the last merge that another one is worth it."""
        return self._index.merge_due

    @property
    def recount_due(self) -> bool:
        """Whether the next merge will count the corpus anew, which takes time in proportion to it."""
        return self._index.recount_due

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, one: object) -> bool:
        return one in self._index.slot_by_id

    @property
    def ids(self) -> Sequence[Id]:
        """The id of every slot, dead slots included."""
        return self._index.ids

    @property
    def alive(self) -> Mask:
        """Whether each slot holds a record."""
        alive: Mask = self._index.alive.view.copy()
        return alive

    @property
    def generation(self) -> int:
        """Rises when slots are renumbered."""
        return self._index.generation

    def slot_of(self, one: Id) -> int:
        """The slot of a record. Raises KeyError when it is not there."""
        return self._index.slot_by_id[one]

    def facts_of(self, one: Id) -> Facts:
        """The facts of a record. Raises KeyError when it is not there."""
        with self._turn:
            return self._index.facts.at(self.slot_of(one))

    def kneighbors(
        self,
        needs: Sequence[Item],
        k: int = 10,
        *,
        allowed: Mask | None = None,
        factors: Factors = SHIPPED,
        progress: Callable[[int], None] | None = None,
    ) -> list[list[Match]]:
        """The best `k` records of each need; fewer where fewer share a word with it. See `kneighbors_iter`."""
        return list(self.kneighbors_iter(needs, k, allowed=allowed, factors=factors, progress=progress))

    def kneighbors_iter(
        self,
        needs: Iterable[Item],
        k: int = 10,
        *,
        allowed: Mask | None = None,
        factors: Factors = SHIPPED,
        progress: Callable[[int], None] | None = None,
    ) -> Iterator[list[Match]]:
        """The same, one need at a time, so that large runs need little memory.

        allowed: boolean per slot; others are never returned. progress: called with the number of needs done.
        Raises ValueError when `allowed` has not one boolean per slot or k is below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        for done, need in enumerate(needs, 1):
            with self._turn:
                index = self._index.weighed(factors)
                matches = self._matches(index, need, best(index, need, k, allowed))
            if progress is not None:
                progress(done)
            yield matches

    def may_ask(self, supply: Id, least: float, among: Mask, factors: Factors = SHIPPED) -> list[Id]:
        """Records among those marked for which, as needs, this one might reach the score `least`; none is missed.

        Far cheaper than asking each of them, for whoever keeps the best of many needs; `explain` then tells the scores.
        Raises KeyError when the record is not there.
        """
        with self._turn:
            slots = np.flatnonzero(permitted(self._index, among))
            found = may_ask(self._index.weighed(factors), self.slot_of(supply), slots, least * least)
            return [self._index.ids[slot] for slot in found.tolist()]

    def explain(self, need: Item, supply: Id, factors: Factors = SHIPPED) -> Match:
        """The score of one record for a need with its parts, the same numbers as `kneighbors` gives; rank is 0.

        Raises KeyError when the record is not there.
        """
        with self._turn:
            slots = np.array([self.slot_of(supply)])
            index = self._index.weighed(factors)
            return self._matches(index, need, rank(index, need, slots), first_rank=0)[0]

    def why_not(
        self,
        need: Item,
        k: int = 10,
        below: int = 10,
        *,
        allowed: Mask | None = None,
        least: float = 0.0,
        factors: Factors = SHIPPED,
        wanted: nearmiss.Told | None = None,
        worded: nearmiss.Told | None = None,
        enough: int | None = None,
    ) -> list[NearMiss]:
        """The `below` records just under the first `k` that reach the score `least`, each with the fewest changes by
        which it would pass the last of them, or `least` where they are fewer.

        To look for changes costs more than to find the records: they are looked for in those alone that are `wanted` as
        they stand, until one change is enough for `enough` of them; once so many are found, what no change can lift is
        left out. Missing words are a change in what is `worded`.
        """
        with self._turn:
            index = self._index.weighed(factors)
            return nearmiss.near_misses(index, need, k, below, allowed, least, wanted, worded, enough)

    def search(self, query: str, *, allowed: Mask | None = None, top: int | None = None) -> Found:
        """Records for the site's search box: those holding all words, best first; some of the words as a fallback.

        An empty query finds everything allowed, in slot order. With `top` only so many of the best are put in order and
        the others follow in slot order; with 0 nothing is scored.
        """
        with self._turn:
            return search.search(self._index, query, allowed, top)

    def find(self, query: str, *, allowed: Mask | None = None) -> Hits:
        """The same records in no order, for counting; `best_of` puts the first of them in order."""
        with self._turn:
            return search.find(self._index, query, allowed)

    def best_of(self, hits: Hits, slots: NDArray[np.int64], top: int, behind: Behind | None = None) -> Best:
        """The best `top` of some slots, best first, those behind a position when one is given; all of them must be
        among the hits."""
        with self._turn:
            return search.best_of(self._index, hits, slots, top, behind)

    def highlight(self, query: str | Item, text: str) -> list[tuple[int, int]]:
        """Where a text holds words of a query or need: spans (start inclusive, end exclusive), apart and in order."""
        with self._turn:
            return search.highlight(self._index, query, text)

    def save(self, folder: str | Path, *, beside: bool = False) -> None:
        """Write everything to a folder; what stands in files already is not written again. A crash leaves the former
        state readable. With `beside` this matcher goes on with the files it had, so that the folder may be deleted."""
        self.complete()
        with self._changing:
            store.save(copy(self._index) if beside else self._index, Path(folder))

    @classmethod
    def load(
        cls,
        folder: str | Path,
        config: Config = FROZEN,
        table: TableSource = shipped,
        encoder: Encoder | None = None,
    ) -> Self:
        """Read what `save` wrote. Raises DamagedIndex when the folder is missing, damaged, not of this program, or made
        with another encoder."""
        matcher = cls(config, table, encoder)
        matcher._index = store.load(Path(folder), config, table, encoder)
        return matcher

    def _matches(self, index: Index, need: Item, ranking: Ranking, first_rank: int = 1) -> list[Match]:
        scores = [shown_score(score) for score in ranking.scores.tolist()]
        shown = np.array(scores)
        scales = np.divide(shown, ranking.scores, out=np.ones(len(scores)), where=shown > 0)
        words = _WordReasons(index, need, ranking, scales)
        ids, facts = index.ids, index.facts
        out: list[Match] = []
        for row, slot in enumerate(ranking.slots.tolist()):
            parts = words.parts(row)
            if ranking.weights:
                theirs, alike = facts.at(slot), words.alike[row]
                for name in NAMES:
                    because = reason(name, need.facts, theirs)
                    if because is not None:
                        parts.append(Part(name, float(ranking.weights[name][row]) * alike, because))
            out.append(Match(ids[slot], first_rank + row, scores[row], tuple(parts)))
        return out


class _WordReasons:
    """The lexical parts of one ranking; words are looked up for all its records when the first is read."""

    def __init__(self, index: Index, need: Item, ranking: Ranking, scales: Floats) -> None:
        self._need, self._query, self._most = need, ranking.query, index.config.shown_words
        self._units = ranking.query.units
        self._shared, self._habits = ranking.shared, index.habits(ranking.query)
        title = np.bincount(self._shared.row, self._shared.title, minlength=len(scales)) * scales
        self._words: list[float] = (ranking.words * scales).tolist()
        self._meaning: list[float] = (ranking.meaning * scales).tolist()
        self.alike: list[float] = [words + meaning for words, meaning in zip(self._words, self._meaning, strict=True)]
        near = np.flatnonzero(ranking.meaning > 0)
        own = index.across.chinese(index)[ranking.slots] if len(near) else ()
        chinese = ranking.asked.chinese if ranking.asked else False
        self._code = ["akin-words" if one == chinese else "near-words" for one in own]
        self._across, self._latent = index.across, index.latent if ranking.near else None
        self._place = dict(zip(near.tolist(), range(len(near)), strict=True))
        self._theirs = TheirWords(index, ranking.slots[near]) if len(near) else None
        self._title: list[float] = title.tolist()
        self._reading = threading.Lock()
        self._shown: dict[bool, list[tuple[str, ...]]] = {}
        self._asked: dict[str, tuple[list[str], Floats]] = {}

    def parts(self, row: int) -> list[Part]:
        title, whole, meaning = self._title[row], self._words[row], self._meaning[row]
        parts: list[Part] = []
        if title > 0:
            parts.append(Part("title", title, Reason("title-words", partial(self._params, row, title=True))))
        if whole > title:
            parts.append(Part("words", whole - title, Reason("shared-words", partial(self._params, row, title=False))))
        if meaning > 0:
            parts.append(Part("meaning", meaning, Reason(self._code[row], partial(self._near, row))))
        return parts

    def _near(self, row: int) -> Mapping[str, Any]:
        code, theirs = self._code[row], self._theirs
        if code == "akin-words" and self._latent is not None:
            teller: Teller | None = ByTable(self._latent.told(self._across.table))
        else:
            teller = self._across.teller
        if teller is None or theirs is None:
            return {"words": ()}
        with self._reading:
            if code not in self._asked:
                words = NeedWords(self._need, self._units, self._habits).whole(self._units)
                self._asked[code] = words, teller.asked(words)
        place, ours = self._place[row], frozenset(self._units)
        pairs = met(teller, *self._asked[code], theirs.of(place), self._most, need=ours, record=theirs.units(place))
        return {"words": tuple(f"{one}～{other}" for one, other in pairs)}

    def _params(self, row: int, *, title: bool) -> Mapping[str, Any]:
        if not self._shown:
            self._read()
        return {"words": self._shown[title][row]}

    def _read(self) -> None:
        with self._reading:
            if not self._shown:
                shared, places = self._shared, NeedWords(self._need, self._units, self._habits, self._query.lone)
                worth = {True: shared.title, False: shared.worth - shared.title}
                count = len(self._words)
                self._shown = {
                    title: places.shared(count, shared.row, self._query.stated(shared.unit), values, self._most)
                    for title, values in worth.items()
                }
