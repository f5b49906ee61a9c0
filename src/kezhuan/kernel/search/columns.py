"""Columns beside the index's slots: kind, audience, level, day and facets of each document, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kezhuan.kernel.search.documents import LEVEL_PUBLIC, LEVELS, SearchDocument

Ints = NDArray[Any]
Bools = NDArray[np.bool_]
NUMBERS = {"record": np.int64, "level": np.int8, "audience": np.int32, "opened": np.int32}
"""The number columns and their kinds: every question reads whole columns, so they are as narrow as they can be."""
NARROW, WIDE = np.uint16, np.uint32
"""The kinds of facet columns: wide when a facet has more values than the narrow one tells apart."""
FEW_VALUES = 64
"""A facet of up to so many values is counted value by value, in bits: ten times as quick as slot by slot."""
WORD = 64
MOST_OFFERS = 16
"""Masks of supply kept at a time: most readers share one, and so do all needs that are matched anew."""
PACKED_FROM = 1 << 12
"""So many slots are worth packing; beyond the packed ones up to an eighth of all are counted slot by slot."""


@dataclass(frozen=True)
class Supply:
    """Which records are asked for: of one kind, in these stages, with a public part that these audiences may read, all
    `but` some."""

    kind: str
    stages: tuple[str, ...]
    audiences: Bools
    but: frozenset[int] = frozenset()


SEVERAL = "\x1f"
"""Between the values of a facet of which a document has several."""


class Columns:
    """One row per slot of the matcher. Facet values are interned; code 0 means that a document has no value."""

    def __init__(self) -> None:
        self.size = 0
        self.numbers: dict[str, Ints] = {name: np.zeros(0, kind) for name, kind in NUMBERS.items()}
        self.facets: dict[str, Ints] = {"kind": np.zeros(0, NARROW)}
        self.values: dict[str, list[str]] = {"kind": [""]}
        self._codes: dict[str, dict[str, int]] = {"kind": {"": 0}}
        self._several: dict[str, list[int]] = {}
        self._packed: dict[str, NDArray[np.uint64]] = {}
        self._offers: dict[object, Bools] = {}

    def _room_for(self, size: int) -> None:
        held = len(self.numbers["record"])
        if size > held:
            grown = max(size, held * 3 // 2 + 64)
            for columns in (self.numbers, self.facets):
                for name, column in columns.items():
                    columns[name] = np.concatenate([column, np.zeros(grown - held, column.dtype)])
        self.size = max(self.size, size)

    def code(self, facet: str, value: str) -> int:
        """The interned number of a facet's value, made when new."""
        if facet not in self.facets:
            self.facets[facet] = np.zeros(len(self.numbers["record"]), NARROW)
            self.values[facet], self._codes[facet] = [""], {"": 0}
        codes = self._codes[facet]
        if value not in codes:
            codes[value] = len(self.values[facet])
            if codes[value] > np.iinfo(self.facets[facet].dtype).max:
                self.facets[facet] = self.facets[facet].astype(WIDE)
            self.values[facet].append(value)
            if SEVERAL in value:
                self._several.setdefault(facet, []).append(codes[value])
        return codes[value]

    def known(self, facet: str, value: str) -> int:
        """The number of a facet's value, or -1 when no document has it."""
        return self._codes.get(facet, {}).get(value, -1)

    def put(self, slots: Sequence[int], documents: Sequence[SearchDocument], kinds: dict[int, str]) -> None:
        """Write the documents' columns at their slots."""
        if not documents:
            return
        self._room_for(max(slots) + 1)
        first = min(slots)
        self._packed = {name: bits for name, bits in self._packed.items() if bits.shape[1] * WORD <= first}
        self._offers = {wanted: mask[:first] for wanted, mask in self._offers.items()}
        at = np.asarray(slots, np.int64)
        rows = [(d.record, d.level, d.audience, d.opened_on.toordinal()) for d in documents]
        for name, column in zip(NUMBERS, np.asarray(rows, np.int64).T, strict=True):
            self.numbers[name][at] = column
        names = {"kind"}.union(*(d.facets for d in documents))
        for name in names:
            codes = [
                self.code(name, kinds[d.record] if name == "kind" else str(d.facets.get(name, ""))) for d in documents
            ]
            self.facets[name][at] = codes
        for name in set(self.facets) - names:
            self.facets[name][at] = 0

    def reorder(self, old_slots: Ints) -> None:
        """Follow a renumbering: new slot i holds what stood at `old_slots[i]`."""
        for columns in (self.numbers, self.facets):
            for name, column in columns.items():
                columns[name] = column[old_slots]
        self.size = len(old_slots)
        self._packed, self._offers = {}, {}

    def number(self, name: str) -> Ints:
        """A number column, one value per slot."""
        return self.numbers[name][: self.size]

    def facet(self, name: str) -> Ints:
        """A facet column's codes, one per slot; all zero when no document ever had the facet."""
        column = self.facets.get(name)
        return np.zeros(self.size, NARROW) if column is None else column[: self.size]

    def holds(self, facet: str, values: Sequence[str], slots: slice = slice(None)) -> Bools:
        """Mask of the slots, of all or of some in a row, that have one of these values of a facet."""
        codes = [code for value in values if (code := self.known(facet, value)) >= 0]
        for code in self._several.get(facet, ()):
            if code not in codes and not set(values).isdisjoint(self.values[facet][code].split(SEVERAL)):
                codes.append(code)
        mask: Bools
        if len(codes) == 1:
            mask = self.facet(facet)[slots] == codes[0]
            return mask
        wanted = np.zeros(len(self.values.get(facet, ("",))), np.bool_)
        wanted[codes] = True
        mask = wanted.take(self.facet(facet)[slots])
        return mask

    def count(self, facet: str, mask: Bools) -> NDArray[np.int64]:
        """How many of the slots in a mask have each code of a facet; those without a value are not counted."""
        bits = self._bits(facet)
        start = bits.shape[1] * WORD
        # Whatever is not chosen counts as without a value: far quicker than taking the others out.
        rest = self.facet(facet)[start:] * mask[start:]
        counts = np.bincount(rest, minlength=max(len(bits), 1))
        if start:
            words = np.packbits(mask[:start], bitorder="little").view(np.uint64)
            counts[: len(bits)] += np.bitwise_count(bits & words).sum(axis=1, dtype=np.int64)
        counts[0] = 0
        return counts

    def _bits(self, facet: str) -> NDArray[np.uint64]:
        """For each code of a facet which of the first slots have it; of none where that is not worth the room."""
        held = self._packed.get(facet)
        values, whole = len(self.values.get(facet, ())), self.size // WORD * WORD
        if values > FEW_VALUES or whole < PACKED_FROM:
            return np.zeros((0, 0), np.uint64)
        if held is None or whole - held.shape[1] * WORD > whole // 8:
            codes = self.facet(facet)[:whole]
            rows = [np.packbits(codes == code, bitorder="little").view(np.uint64) for code in range(values)]
            held = self._packed[facet] = np.array(rows, np.uint64).reshape(values, whole // WORD)
        return held

    def offered(self, wanted: Supply) -> Bools:
        """Mask of the slots, dead ones among them, that hold the public part of the records wanted; not to be written
        to, because the next question has the same one."""
        key = (wanted.kind, wanted.stages, wanted.audiences.tobytes())
        mask = self._offers.get(key)
        if mask is None or len(mask) < self.size:
            known = self._offers.pop(key, np.zeros(0, np.bool_))
            mask = np.append(known, self._offered(wanted, slice(len(known), self.size)))
            mask.flags.writeable = False
            while len(self._offers) >= MOST_OFFERS:
                del self._offers[next(iter(self._offers))]
            self._offers[key] = mask
        return mask & ~np.isin(self.number("record"), list(wanted.but)) if wanted.but else mask

    def _offered(self, wanted: Supply, slots: slice) -> Bools:
        offered = self.holds("kind", (wanted.kind,), slots) & self.holds("stage", wanted.stages, slots)
        offered &= self.number("level")[slots] == LEVEL_PUBLIC
        offered &= has_audience(self.number("audience")[slots], wanted.audiences)
        return offered

    @property
    def document_ids(self) -> Ints:
        """The document number of each slot."""
        return self.number("record") * LEVELS + self.number("level")

    def save(self, path: Path) -> None:
        """Write the columns to one file."""
        arrays: dict[str, Any] = {f"n_{name}": self.number(name) for name in NUMBERS}
        arrays |= {f"f_{name}": self.facet(name) for name in self.facets}
        arrays |= {f"v_{name}": np.asarray(values, dtype=np.str_) for name, values in self.values.items()}
        np.savez(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> Columns:
        """Read the columns written by `save`."""
        columns = cls()
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            for key in held.files:
                name = key[2:]
                if key.startswith("n_"):
                    columns.numbers[name] = held[key]
                elif key.startswith("f_"):
                    columns.facets[name] = held[key]
                else:
                    columns.values[name] = [str(value) for value in held[key]]
                    columns._codes[name] = {value: code for code, value in enumerate(columns.values[name])}
                    several = [code for code, value in enumerate(columns.values[name]) if SEVERAL in value]
                    columns._several |= {name: several} if several else {}
        columns.size = len(columns.numbers["record"])
        return columns


def has_audience(held: NDArray[np.int32], audiences: Bools) -> Bools:
    """Which of the audience ids held are among those marked."""
    known: Bools = held < len(audiences)
    known &= audiences.take(np.minimum(held, len(audiences) - 1))
    return known
