"""A matcher on disk."""

from __future__ import annotations

from pathlib import Path

from .config import Config
from .index import Index


class DamagedIndex(Exception):
    """A folder that cannot be read as a saved matcher; the message says why and what to do."""


def save(index: Index, folder: Path) -> None:
    """See `Matcher.save`."""
    raise NotImplementedError


def load(folder: Path, config: Config) -> Index:
    """See `Matcher.load`."""
    raise DamagedIndex(f"{folder}: not readable; rebuild the index")
