"""Snapshots of the index in a folder: one is in force, one process at a time writes, and all read."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kezhuan.engines.matching import Matcher
from kezhuan.kernel.search.columns import Columns
from kezhuan.kernel.search.meaning import encoder_in_use, table_in_use

FORMAT = 5
"""Rises when snapshots of older code must not be read."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """An index at one moment: how far in the journal (number and hash of the entry), and a mark of the count of the
    whole corpus on which it rests, the same until everything is counted anew."""

    matcher: Matcher
    columns: Columns
    reached: tuple[int, str]
    base: str


class Snapshots:
    """The folder of snapshots as one process uses it; calls that write must take turns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen = ""
        self._alone = False

    def current(self) -> str:
        """The name of the snapshot in force; empty without one."""
        try:
            return (self.folder / "CURRENT").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""

    def newer(self, base: str) -> str:
        """The name of a snapshot not looked at yet that rests on another count; of what differs less, nothing."""
        name = self.current()
        if not name or name == self.seen:
            return ""
        try:
            meta = json.loads((self.folder / name / "meta.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""  # replaced at this moment; looked at again with the next question
        if meta.get("format") == FORMAT and meta.get("base") != base:
            return name
        self.seen = name
        return ""

    def read(self, name: str) -> Snapshot | None:
        """Read a snapshot, or the one that another process put in its place meanwhile; None when it is of older code or
        unsound, which the log tells."""
        while True:
            self.seen = name
            try:
                return self._load(self.folder / name)
            except Exception as problem:  # noqa: BLE001  whatever is wrong with a snapshot, the database is the truth
                if (now := self.current()) not in {"", name}:
                    name = now
                    continue
                log.warning("the index snapshot cannot be used (%s); it is made anew", problem)
                return None

    def _load(self, place: Path) -> Snapshot | None:
        meta = json.loads((place / "meta.json").read_text(encoding="utf-8"))
        if meta["format"] != FORMAT:
            return None
        matcher = Matcher.load(place / "matcher", table=table_in_use, encoder=encoder_in_use())
        columns = Columns.load(place / "columns.npz")
        if not np.array_equal(matcher.ids, columns.document_ids):
            raise ValueError("columns and matcher disagree")
        return Snapshot(matcher, columns, (meta["seq"], meta["hash"]), meta["base"])

    def write(self, snapshot: Snapshot) -> None:
        """Write a snapshot beside the old one and switch to it in one step; within `only_writer`."""
        # Never the name of another one: readers tell a new snapshot by it, and the one in force must stay until then.
        name = f"snapshot-{snapshot.reached[0]}-{uuid.uuid4().hex[:12]}"
        place = self.folder / name
        place.mkdir()
        snapshot.matcher.save(place / "matcher")
        snapshot.columns.save(place / "columns.npz")
        seq, seen = snapshot.reached
        meta = {"format": FORMAT, "seq": seq, "hash": seen, "base": snapshot.base}
        (place / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
        fresh = self.folder / f"CURRENT.{os.getpid()}"
        fresh.write_text(name, encoding="ascii")
        fresh.replace(self.folder / "CURRENT")
        self.seen = name
        for old in self.folder.glob("snapshot-*"):
            if old.name != name:
                shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def room(self) -> Iterator[Path]:
        """An empty folder beside the snapshots; files made in it become part of a snapshot written meanwhile."""
        room = self.folder / f"room-{os.getpid()}"
        for left in self.folder.glob("room-*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        room.mkdir()
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)

    @contextmanager
    def only_writer(self, *, wait: bool = False) -> Iterator[bool]:
        """Whether no other process writes meanwhile; may be nested."""
        if self._alone:
            yield True
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "LOCK").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except OSError:
                yield False
                return
            self._alone = True
            try:
                yield True
            finally:
                self._alone = False
