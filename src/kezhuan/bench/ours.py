"""This engine as the bench of speed asks it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kezhuan.bench.engines import Keeping
from kezhuan.engines.matching import FROZEN, Item, Matcher


class Ours(Keeping):
    """What is acknowledged stands in a database, as it does in the program, and the index follows it."""

    label = "kezhuan"

    def build(self, items: Iterable[Item]) -> None:
        """Fit into files and save."""
        folder = self.setting.folder
        made = folder / "made"
        made.mkdir()
        Matcher().fit(items, folder=made).save(folder / "index")
        shutil.rmtree(made)
        base = sqlite3.connect(folder / "records.db")
        base.executescript("PRAGMA journal_mode=WAL; CREATE TABLE records (id TEXT PRIMARY KEY, title TEXT, body TEXT)")
        base.close()

    def open(self) -> None:
        """Map the index, and open the database that records are acknowledged in."""
        self.matcher = Matcher.load(self.setting.folder / "index")
        self._base = sqlite3.connect(self.setting.folder / "records.db")
        self._base.execute("PRAGMA synchronous=FULL")

    def first(self, need: Item) -> list[str]:
        """With parts and reasons, as a page asks."""
        return _ids(self.matcher, need, self.setting.top)

    def exact(self, needs: Sequence[Item]) -> list[list[str]]:
        """The same by looking everything up."""
        matcher = Matcher.load(self.setting.folder / "index", replace(FROZEN, exact_most=2**62))
        return [_ids(matcher, need, self.setting.top) for need in needs]

    def add(self, items: Sequence[Item]) -> None:
        """One transaction, then the index."""
        with self._base:
            rows = [(str(one.id), one.title, one.text) for one in items]
            self._base.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
        self.matcher.partial_fit(items, merge=False)

    def delete(self, ids: Sequence[str]) -> None:
        """One transaction, then the index."""
        with self._base:
            self._base.executemany("DELETE FROM records WHERE id = ?", [(one,) for one in ids])
        self.matcher.delete(ids)


def _ids(matcher: Matcher, need: Item, top: int) -> list[str]:
    return [str(match.supply) for match in matcher.kneighbors([need], top)[0]]
