"""Directions of records in one byte a number, by slot: those that stand in a file are mapped, later ones in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .rows import Growing
from .segments import KeptFile, in_files
from .weights import Floats

Bytes = NDArray[np.int8]
_BLOCK = 1 << 14


def largest(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    """Of each row the number that lies farthest from 0, which is to become 127, as a column; 1 where all are 0."""
    most = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    return np.where(most > 0, most, 1)


def pack(directions: NDArray[np.floating]) -> tuple[Bytes, Floats]:
    """Directions in one byte a number, and their norms; what is all zero stays so."""
    packed = np.rint(directions / largest(directions) * 127).astype(np.int8)
    return packed, norms_of(packed)


def norms_of(packed: Bytes) -> Floats:
    """The length of every row."""
    norms: Floats = np.sqrt((packed.astype(np.float64) ** 2).sum(axis=1))
    return norms


def cosines(packed: Bytes, norms: Floats, direction: Floats) -> Floats:
    """How near rows are to a direction of length 1, the same to the bit whatever rows stand beside them."""
    found: Floats = (packed.astype(np.float64) * direction).sum(axis=1) / norms
    return found


def nearness(cosines: NDArray[np.floating], share: float, floor: float) -> Floats:
    """What cosines are worth: nothing up to what texts with nothing in common reach, then in proportion."""
    worth: Floats = share * np.maximum((cosines - floor) / (1 - floor), 0.0)
    return worth


class Vectors:
    """A row for every slot. `file` is the one in which the first rows stand, when there is one."""

    def __init__(self, kept: Bytes | None = None, file: KeptFile | None = None) -> None:
        self._kept = np.zeros((0, 0), np.int8) if kept is None else kept
        self._live: Growing | None = None
        self.file = file

    def __len__(self) -> int:
        return len(self._kept) + (self._live.size if self._live else 0)

    @property
    def in_file(self) -> bool:
        """Whether all rows stand in the file, and it is there."""
        return self.file is not None and self.file.is_there and len(self) == len(self._kept)

    def extend(self, rows: Bytes) -> None:
        """Append rows."""
        if self._live is None:
            self._live = Growing(np.zeros((0, rows.shape[1]), np.int8))
        self._live.extend(rows)

    def take(self, slots: NDArray[np.int64]) -> Bytes:
        """The rows of some slots."""
        border = len(self._kept)
        late = slots >= border
        if self._live is None or (border and not late.any()):
            return self._kept[slots]
        live: Bytes = self._live.view
        if not border:
            return live[slots]
        out = np.empty((len(slots), live.shape[1]), np.int8)
        out[late], out[~late] = live[slots[late] - border], self._kept[slots[~late]]
        return out

    def apart(self) -> Vectors:
        """A copy that may be added to while this one is in use."""
        twin = Vectors(self._kept, self.file)
        if self._live is not None:
            twin._live = Growing(self._live.view.copy())
        return twin

    def only(self, slots: NDArray[np.int64]) -> Vectors:
        """The rows of some slots, numbered anew."""
        return Vectors(self.take(slots))

    def write(self, path: Path) -> None:
        """Write all rows to a file, some at a time."""
        width = self.take(np.arange(min(len(self), 1))).shape[1]
        if not len(self) or not width:
            np.save(path, np.zeros((0, width), np.int8))
            return
        room = in_files(path.parent)(path.stem, (len(self), width), np.int8)
        for first in range(0, len(self), _BLOCK):
            slots = np.arange(first, min(first + _BLOCK, len(self)))
            room[slots] = self.take(slots)
