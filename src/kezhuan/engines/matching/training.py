"""Train a table of meanings from texts that stand in Chinese and in English: numpy and scipy, minutes on one core.

First the rare agreements of both sides are folded into few dimensions (a truncated singular value decomposition of both
texts side by side), then the vectors are moved so that of a batch of texts in Chinese the right one is found for each
in English, and the other way round (in-batch contrastive loss). Draws come from a fixed seed, so that on one thread the
same texts give the same table to the byte.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from .folding import folded, unit_rows
from .meaning import Floats32, Table, carries
from .units import is_cjk, spots_of, units_of

LEAST_PAIRS = 500
"""Fewer texts in two languages than this teach nothing."""


class Pair(NamedTuple):
    """One thing told in both languages: title, keywords and abstract together, whatever there is."""

    chinese: str
    english: str


class TooFew(Exception):
    """There are fewer usable pairs than LEAST_PAIRS; `found` tells how many."""

    def __init__(self, found: int) -> None:
        super().__init__(f"{found} pairs, at least {LEAST_PAIRS} are needed")
        self.found = found


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a table is trained. Chosen on the dev half of the English-to-Chinese truth set, whose records were left out
    of training; see docs/measurements.md for what each gave.

    least: texts that a unit must stand in. dropped: share of the units of a text that is hidden from each look at it.
    heat: what cosines are divided by. step: of Adam, falling to a twentieth.
    """

    dimensions: int = 128
    least: int = 3
    rounds: int = 15
    batch: int = 256
    dropped: float = 0.5
    heat: float = 0.05
    step: float = 0.003
    seed: int = 0


def train(
    pairs: Iterable[Pair],
    made_of: Mapping[str, Any],
    recipe: Recipe | None = None,
    progress: Callable[[int, int], None] = lambda done, whole: None,
    base: Table | None = None,
) -> Table:
    """The table that pairs of texts teach. `made_of` is kept with it. Raises TooFew.

    With `base` what that table knows is taken over and taught on: its units stay, and new ones begin where the texts in
    the other language lie in which they are told. The sets that it was trained on are named in the new one too.
    """
    recipe = recipe or Recipe()
    texts, shown = _read(pairs)
    if len(texts) < LEAST_PAIRS:
        raise TooFew(len(texts))
    if base is not None:
        return _teach_on(base, texts, shown, made_of, recipe, progress)
    counts = Counter(unit for sides in texts for side in sides for unit in set(side))
    units = sorted(unit for unit, count in counts.items() if count >= recipe.least)
    rarity = np.array([math.log(1 + len(texts) / counts[unit]) for unit in units], np.float32)
    numbers = {unit: number for number, unit in enumerate(units)}
    chinese, english = (_matrix([sides[side] for sides in texts], numbers, rarity) for side in (0, 1))
    draw = np.random.default_rng(recipe.seed)
    vectors = _fold(chinese, english, recipe, draw)
    _contrast(vectors, chinese, english, recipe, draw, progress)
    vectors *= rarity[:, None]
    record = {**made_of, "pairs": len(texts), "units": len(units), "recipe": asdict(recipe)}
    return Table.packed(units, [_commonest(shown[unit]) for unit in units], vectors, record)


def _teach_on(
    base: Table,
    texts: Sequence[tuple[Counter[str], Counter[str]]],
    shown: Mapping[str, Counter[str]],
    made_of: Mapping[str, Any],
    recipe: Recipe,
    progress: Callable[[int, int], None],
) -> Table:
    counts = Counter(unit for sides in texts for side in sides for unit in set(side))
    known = set(base.units)
    fresh = sorted(unit for unit, count in counts.items() if count >= recipe.least and unit not in known)
    units = [*base.units, *fresh]
    numbers = {unit: number for number, unit in enumerate(units)}
    old = base.unpacked(np.arange(len(base.units), dtype=np.int32))
    plain = np.ones(len(units), np.float32)
    chinese, english = (_matrix([sides[side] for sides in texts], numbers, plain) for side in (0, 1))
    length = float(np.median(np.linalg.norm(old, axis=1)))
    draw = np.random.default_rng(recipe.seed)
    # Not nothing, or a word whose every neighbour is new as well could never be moved.
    start = draw.standard_normal((len(fresh), base.dimensions), np.float32) * np.float32(0.1 * length)
    vectors = np.vstack([old, start / np.float32(base.dimensions**0.5)])
    for ours, theirs in ((chinese, english), (english, chinese)):
        summed = theirs @ vectors
        summed /= np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-6)
        placed = (ours.T @ summed)[len(old) :]
        norms = np.linalg.norm(placed, axis=1, keepdims=True)
        vectors[len(old) :] += np.where(norms > 0, placed / np.maximum(norms, 1e-6) * length, 0).astype(np.float32)
    # Rarity is in the vectors of the base already, so they are longer and are moved by longer steps.
    step = recipe.step * float(old.std()) / 0.1
    _contrast(vectors, chinese, english, replace(recipe, step=step), draw, progress)
    record = {**made_of, "pairs": len(texts), "units": len(units), "recipe": asdict(recipe), "base": base.mark}
    record["sets"] = [*base.made_of.get("sets", ()), *made_of.get("sets", ())]
    return Table.packed(units, [*base.shown, *(_commonest(shown[unit]) for unit in fresh)], vectors, record)


def found_first(table: Table, pairs: Iterable[Pair]) -> list[float]:
    """For every English side of pairs that were held back, one over the rank of its own Chinese side among all; what is
    level with it, as where nothing is known, ranks before it."""
    texts, _shown = _read(pairs)
    chinese, english = (np.array([table.text(text[side].elements()) for text in texts]) for side in (0, 1))
    alike = english @ chinese.T
    ranks = (alike >= np.diag(alike)[:, None]).sum(axis=1)
    found: list[float] = (1 / ranks).tolist()
    return found


def _commonest(forms: Counter[str]) -> str:
    return max(sorted(forms), key=forms.__getitem__)


def _read(pairs: Iterable[Pair]) -> tuple[list[tuple[Counter[str], Counter[str]]], dict[str, Counter[str]]]:
    """Units with counts of either side, each of its own script; and in which forms each unit was written."""
    texts: list[tuple[Counter[str], Counter[str]]] = []
    shown: dict[str, Counter[str]] = {}
    for pair in pairs:
        chinese = Counter(unit for unit in units_of(pair.chinese) if is_cjk(unit) and carries(unit))
        english: Counter[str] = Counter()
        for unit, start, end in spots_of(pair.english):
            if not is_cjk(unit) and carries(unit):
                english[unit] += 1
                shown.setdefault(unit, Counter())[pair.english[start:end].lower()] += 1
        for unit in chinese:
            shown.setdefault(unit, Counter())[unit] += 1
        if chinese and english:
            texts.append((chinese, english))
    return texts, shown


def _matrix(texts: Sequence[Counter[str]], numbers: Mapping[str, int], rarity: Floats32) -> Any:
    rows, columns, counts = [], [], []
    for row, text in enumerate(texts):
        for unit, count in text.items():
            number = numbers.get(unit)
            if number is not None:
                rows.append(row)
                columns.append(number)
                counts.append(count)
    weights = (1 + np.log(np.array(counts, np.float32))) * rarity[columns]
    return csr_array((weights.astype(np.float32), (rows, columns)), shape=(len(texts), len(numbers)))


def _fold(chinese: Any, english: Any, recipe: Recipe, draw: np.random.Generator) -> Floats32:
    """The right singular vectors of both sides side by side."""
    whole = csr_array(unit_rows(chinese) + unit_rows(english))
    values, right = folded(whole, recipe.dimensions, draw)
    real = values > values[0] * 1e-3  # a direction beyond what few texts hold is noise
    vectors = np.zeros((whole.shape[1], recipe.dimensions))
    vectors[:, : len(values)] = right.T * np.where(real, 1 / np.sqrt(np.where(real, values, 1.0)), 0.0)
    spread = vectors.std() or 1.0
    return np.ascontiguousarray(vectors / spread * 0.1, np.float32)


def _contrast(
    vectors: Floats32,
    chinese: Any,
    english: Any,
    recipe: Recipe,
    draw: np.random.Generator,
    progress: Callable[[int, int], None],
) -> None:
    """Move the vectors in place, by Adam on the units that a batch holds."""
    mean, square, steps = np.zeros_like(vectors), np.zeros_like(vectors), 0
    size = min(recipe.batch, chinese.shape[0])
    for done in range(recipe.rounds):
        order = draw.permutation(chinese.shape[0])
        sides = [_hide(side, recipe.dropped, draw) for side in (chinese, english)]
        step = recipe.step * (1.05 - done / recipe.rounds)
        for first in range(0, len(order) - size + 1, size):
            at = order[first : first + size]
            columns, gradient = _gradient(vectors, [side[at] for side in sides], recipe.heat)
            steps += 1
            mean[columns] = 0.9 * mean[columns] + 0.1 * gradient
            square[columns] = 0.999 * square[columns] + 0.001 * gradient * gradient
            moved = mean[columns] / (1 - 0.9**steps)
            vectors[columns] -= np.float32(step) * moved / (np.sqrt(square[columns] / (1 - 0.999**steps)) + 1e-8)
        progress(done + 1, recipe.rounds)


def _hide(matrix: Any, share: float, draw: np.random.Generator) -> Any:
    seen = matrix.copy()
    seen.data *= draw.random(seen.nnz) >= share
    seen.eliminate_zeros()
    return seen


def _gradient(vectors: Floats32, sides: Sequence[Any], heat: float) -> tuple[NDArray[np.int64], Floats32]:
    """Of the loss of one batch, for the units it holds: how often a text is not the nearest to its own counterpart."""
    size = sides[0].shape[0]
    both = csr_array(vstack(sides))
    columns, place = np.unique(both.indices, return_inverse=True)
    share = csr_array((both.data, place, both.indptr), shape=(2 * size, len(columns)))
    summed = share @ vectors[columns]
    norms = np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-6)
    direction = summed / norms
    ours, theirs = direction[:size], direction[size:]
    alike = ours @ theirs.T / np.float32(heat)
    wrong = _softmax(alike, 1) + _softmax(alike, 0)
    wrong[np.arange(size), np.arange(size)] -= 2
    wrong /= np.float32(2 * size * heat)
    pull = np.vstack([wrong @ theirs, wrong.T @ ours])
    pull = (pull - direction * (pull * direction).sum(axis=1, keepdims=True)) / norms
    return columns, share.T @ pull


def _softmax(logits: Floats32, axis: int) -> Floats32:
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    shares: Floats32 = powers / powers.sum(axis=axis, keepdims=True)
    return shares
