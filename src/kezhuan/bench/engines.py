"""What the bench asks of an engine: to take in a corpus, to answer and, of those that keep their records, to add and
delete with the durability that each of them has.

Every engine is handed texts and takes them apart itself, into the same units, so the time that takes counts for all.
What is added counts as kept when it would be there after a power cut: written through to the disk.
"""

from __future__ import annotations

import importlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kezhuan.engines.matching import Item
from kezhuan.engines.matching.records import text_of
from kezhuan.engines.matching.units import fold, units_of

Cut = Literal["pairs", "words", "both"]


class Missing(Exception):
    """A peer that is not installed here; the message names it."""


def installed(module: str, name: str) -> Any:
    """A peer's module. Raises Missing with its name."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Missing(name) from error


@dataclass(frozen=True)
class Setting:
    """How an engine is set: an empty folder for its files, how many answers are wanted, how texts are cut, whether a
    word that a need says twice counts twice, the address of a PostgreSQL server and the folder of an encoder."""

    folder: Path
    top: int
    cut: Cut = "pairs"
    repeated: bool = False
    postgres: str = ""
    encoder: Path | None = None


class Engine(ABC):
    """An engine that is built, and asked by the process that built it."""

    label: str
    forks = True
    """Whether a process that is forked can go on asking; a connection or a lock is of one process."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    @property
    def how(self) -> str:
        """How texts are cut for it."""
        return f"{self.setting.cut}{', repeated' if self.setting.repeated else ''}"

    @abstractmethod
    def build(self, items: Iterable[Item]) -> None:
        """Take in a whole corpus. Raises Missing where the engine is not installed."""

    def open(self) -> None:  # noqa: B027  what is only in memory is open
        """Open what was built, in this process."""

    @abstractmethod
    def first(self, need: Item) -> list[str]:
        """The ids of the first records for a need, best first."""

    def clear(self) -> None:  # noqa: B027  most have nothing but their folder and memory
        """Let go of what was built, in whatever process, except for the folder."""

    def memory(self) -> tuple[int, int]:
        """Bytes of memory of its own, and bytes of files that it has mapped into memory."""
        return memory_of(os.getpid())

    def tokens(self, item: Item) -> list[str]:
        """What of a record is indexed, in order."""
        return tokens_of(text_of(item), self.setting.cut)

    def asked(self, need: Item) -> list[str]:
        """What a need is asked with."""
        tokens = self.tokens(need)
        return tokens if self.setting.repeated else list(dict.fromkeys(tokens))


class Keeping(Engine):
    """An engine that keeps its records on the disk, where another process opens them, and takes single ones in."""

    @abstractmethod
    def add(self, items: Sequence[Item]) -> None:
        """Add records, kept when this returns."""

    @abstractmethod
    def delete(self, ids: Sequence[str]) -> None:
        """Delete records, gone for good when this returns."""

    def disk(self) -> int:
        """Bytes on the disk."""
        return sum(one.stat().st_blocks * 512 for one in self.setting.folder.rglob("*") if one.is_file())


def memory_of(process: int) -> tuple[int, int]:
    """Bytes in memory that are a process's own, and those of files; (0, 0) where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0, 0
    sizes = {
        name: int(rest.split()[0]) * 1024 for name, _, rest in (one.partition(":") for one in lines) if "kB" in rest
    }
    return sizes.get("RssAnon", 0) + sizes.get("RssShmem", 0), sizes.get("RssFile", 0)


def tokens_of(text: str, cut: Cut) -> list[str]:
    """Pairs of Chinese characters, or words as a dictionary cuts them, or both; English as stems everywhere."""
    pairs = units_of(text) if cut != "words" else []
    if cut == "pairs":
        return pairs
    words = [word for word in installed("rjieba", "rjieba").cut(fold(text)) if word.strip()]
    if cut == "words":
        return list(chain.from_iterable(units_of(word) if word.isascii() else [word] for word in words))
    return pairs + [word for word in words if len(word) > 2 and not word.isascii()]


def first_of(scores: Any, most: int) -> list[int]:
    """The rows of the best positive scores in order; equals in row order."""
    scores = np.asarray(scores)
    top = min(most, len(scores))
    least = np.partition(scores, len(scores) - top)[len(scores) - top]
    ahead = np.flatnonzero((scores >= least) & (scores > 0))
    rows: list[int] = ahead[np.argsort(-scores[ahead], kind="stable")][:top].tolist()
    return rows
