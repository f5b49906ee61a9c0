"""What words mean across languages: a table of unit vectors, trained beforehand, in which 抛光 lies near polishing."""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .units import FUNCTION_UNITS, binds, is_cjk
from .vectors import largest

_FORMAT = "kezhuan meaning table 1"
_SHIPPED = Path(__file__).with_name("meaning.npz")
_FUNCTION_UNITS = frozenset(FUNCTION_UNITS)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the day that every file of a table bears, so that equal tables are equal files

Floats32 = NDArray[np.float32]


class UnusableTable(Exception):
    """A file that is no table of this version; the message says which."""


def carries(unit: str) -> bool:
    """Whether a unit may have a meaning: a pair of Chinese characters that does not only bind, or a word. Numbers,
    single letters and the codes made of them have none."""
    if is_cjk(unit):
        return len(unit) == 2 and not binds(unit)
    return len(unit) > 1 and unit[0].isalpha() and unit not in _FUNCTION_UNITS


@dataclass(frozen=True)
class Table:
    """Vectors of units, one byte a number.

    units: as text. shown: how each is best written for a reader; a stem as its commonest word. vectors: n × d; scale:
    what each row is multiplied by, rarity included. made_of: what it was trained on and how, for the record; its `sets`
    are those of others, by name, source and licence.
    """

    units: Sequence[str]
    shown: Sequence[str]
    vectors: NDArray[np.int8]
    scale: Floats32
    made_of: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def packed(
        cls, units: Sequence[str], shown: Sequence[str], vectors: NDArray[Any], made_of: Mapping[str, Any] | None = None
    ) -> Table:
        """A table of vectors in full, which are rounded."""
        scale = largest(vectors) / 127
        rounded = np.rint(vectors / scale).astype(np.int8)
        return cls(units, shown, rounded, scale[:, 0].astype(np.float32), made_of or {})

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self.vectors.shape[1])

    def rows_of(self, units: Iterable[str]) -> NDArray[np.int32]:
        """The row of each unit, −1 for one that is not in the table."""
        numbers = self._numbers
        return np.fromiter((numbers.get(unit, -1) for unit in units), np.int32)

    @property
    def _numbers(self) -> dict[str, int]:
        found: dict[str, int] | None = self.__dict__.get("_by_unit")
        if found is None:
            found = {unit: number for number, unit in enumerate(self.units)}
            self.__dict__["_by_unit"] = found
        return found

    def unpacked(self, rows: NDArray[np.int32]) -> Floats32:
        """Some vectors in full."""
        whole: Floats32 = self.vectors[rows].astype(np.float32) * self.scale[rows, None]
        return whole

    def texts(self, row: NDArray[np.int64], units: NDArray[np.int32], counts: NDArray[Any], size: int) -> Floats32:
        """Vectors of `size` texts, each the sum of its units' vectors weighed by 1 + log count, not normalised.

        Text `row[i]` has the unit of table row `units[i]`, `counts[i]` times.
        """
        columns, place = np.unique(units, return_inverse=True)
        weights = (1 + np.log(counts)).astype(np.float32)
        share = csr_array((weights, (row, place)), shape=(size, len(columns)))
        summed: Floats32 = share @ self.unpacked(columns)
        return summed

    def records(self, row: NDArray[np.int64], units: NDArray[np.int32], counts: NDArray[Any], size: int) -> Floats32:
        """The same of records, with counts by field; −1 among the units is one that the table does not have."""
        kept = units >= 0
        return self.texts(row[kept], units[kept], counts[kept].sum(axis=1, dtype=np.int64), size)

    def text(self, units: Iterable[str]) -> NDArray[np.float64]:
        """The direction of one text; all zero when none of its units is known."""
        counts = Counter(units)
        rows = self.rows_of(counts)
        times = np.fromiter(counts.values(), np.int64, len(counts))[rows >= 0]
        rows = rows[rows >= 0]
        summed = self.texts(np.zeros(len(rows), np.int64), rows, times, 1)[0].astype(np.float64)
        norm = math.sqrt(float(summed @ summed))
        direction: NDArray[np.float64] = summed / norm if norm > 0 else summed
        return direction

    def directions(self, texts: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """The directions of several texts by their units, a row for each; all zero where none is known."""
        row = np.repeat(np.arange(len(texts)), [len(units) for units in texts])
        known = self.rows_of(unit for units in texts for unit in units)
        pairs, counts = np.unique(np.column_stack([row, known])[known >= 0], axis=0, return_counts=True)
        summed = self.texts(pairs[:, 0], pairs[:, 1].astype(np.int32), counts, len(texts)).astype(np.float64)
        norms = np.sqrt((summed * summed).sum(axis=1, keepdims=True))
        directions: NDArray[np.float64] = summed / np.where(norms > 0, norms, 1.0)
        return directions

    @property
    def attribution(self) -> list[str]:
        """The sets of texts that it was trained on, each with its source and licence, as open licences ask to be told
        wherever the table goes; nothing of a city's own records."""
        return [f"{one['name']} ({one['licence']}), {one['source']}" for one in self.made_of.get("sets", ())]

    @property
    def mark(self) -> str:
        """A hash over everything that moves a score: equal tables have equal marks."""
        digest = hashlib.sha256("\n".join(self.units).encode())
        for array in (self.vectors, self.scale):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write the table to a file, which is the same to the byte for the same table."""
        texts = {"units": "\n".join(self.units), "shown": "\n".join(self.shown)}
        head = {"format": _FORMAT, "mark": self.mark, "made_of": self.made_of}
        draft = path.with_name(f".{path.name}.new")
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as folder:

            def put(name: str, data: bytes) -> None:
                folder.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_DEFLATED, 9)

            put("head.json", json.dumps(head, ensure_ascii=False, indent=1, sort_keys=True).encode())
            for name, text in texts.items():
                put(f"{name}.txt", text.encode())
            for name, array in (("vectors", self.vectors), ("scale", self.scale)):
                whole = io.BytesIO()
                np.save(whole, array)
                put(f"{name}.npy", whole.getvalue())
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> Table:
        """Read what `save` wrote. Raises UnusableTable for anything else."""
        try:
            with zipfile.ZipFile(path) as folder:
                head = json.loads(folder.read("head.json"))
                units, shown = (folder.read(f"{name}.txt").decode().split("\n") for name in ("units", "shown"))
                vectors, scale = (np.load(io.BytesIO(folder.read(f"{name}.npy"))) for name in ("vectors", "scale"))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise UnusableTable(f"{path} holds no table of meanings.") from error
        table = cls(units, shown, vectors, scale, head.get("made_of", {}))
        if head.get("format") != _FORMAT or not len(units) == len(shown) == len(vectors) == len(scale):
            raise UnusableTable(f"{path} was written by another version.")
        if head.get("mark") != table.mark:
            raise UnusableTable(f"{path} is damaged.")
        return table


@cache
def shipped() -> Table:
    """The table that comes with the program; read when it is first needed and kept."""
    return Table.load(_SHIPPED)
