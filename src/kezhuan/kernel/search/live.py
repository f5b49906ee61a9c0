"""The live index of a process: follows the journal, keeps a snapshot, rebuilds itself when it must."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connections

from kezhuan.engines.matching import Item as MatchItem
from kezhuan.engines.matching import Match, Matcher, NearMiss
from kezhuan.kernel import followers
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.search.columns import Bools, Columns
from kezhuan.kernel.search.documents import LEVEL_PUBLIC, LEVELS, SearchDocument, read_documents, sources
from kezhuan.kernel.search.meaning import table_in_use
from kezhuan.kernel.search.standing import Standing
from kezhuan.kernel.text import batches

FORMAT = 2
"""Rises when snapshots of older code must not be read."""
AT_ONCE = 400
"""So many changed records are indexed before a search answers; more are taken in by a thread while searches go on."""
BATCH = 2000
"""Records read at a time when the index is made anew."""
FEW = 5000
"""Documents that are merged in a moment; more are merged by a thread while searches go on."""
PART = 200
"""Records taken in at a time while searches go on: they wait for no more than that."""
BREATH = 0.001
"""Seconds for which a long run of questions lets go of the lock after each, so that a reader's search goes first."""
NOTHING: tuple[int, str] = (0, "0" * 64)
"""Number and hash of a journal before its first entry."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """How far the index is: journal number reached, journal's head, and how many documents it holds."""

    reached: int
    head: int
    documents: int

    @property
    def behind(self) -> int:
        """Entries that are in the journal and not yet in the index."""
        return max(0, self.head - self.reached)

    @property
    def backlog(self) -> int:
        """The same when it is more than a search takes in before it answers, otherwise 0."""
        return self.behind if self.behind > AT_ONCE else 0


@dataclass(frozen=True)
class Supply:
    """Which records are asked for: of one kind, in these stages, with a public part that these audiences may read."""

    kind: str
    stages: tuple[str, ...]
    audiences: Bools


class LiveIndex:
    """Documents of all kinds in one matcher, with the columns that lists filter by. Safe for several threads."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.matcher = Matcher(table=table_in_use)
        self.columns = Columns()
        self.reached = NOTHING
        self._standing: Standing | None = None
        self._opened = False
        self._changed_since_save = 0
        self._catching_up: threading.Thread | None = None
        self._writing = threading.Lock()
        self._starting = threading.Lock()

    # -- following -------------------------------------------------------------------------------------------------

    def catch_up(self, *, wait: bool = False, progress: Callable[[int], None] | None = None) -> Status:
        """Take in what the journal has beyond the index: at once when little, by a thread when much (unless `wait`)."""
        if not self._opened:
            with self._writing:
                if not self._opened:
                    self._open()
                    self._opened = True
        head = followers.head()
        if head == self.reached:
            return self.status(head[0])
        if not wait and self._is_catching_up():
            return self.status(head[0])
        changed = self._changed(head)
        if changed is None:
            self._forget()
        if wait or (changed is not None and len(changed) <= AT_ONCE):
            with self._writing:
                # Asked again: another thread may have taken in these entries, and later ones, meanwhile.
                head = followers.head()
                self._take_in(head, self._changed(head), progress)
                if wait:
                    self._merge_if_due()
            if self.matcher.merge_due:
                self._start(self._merge_apart)
        else:
            self._start(self._catch_up_apart)
        return self.status(head[0])

    def _start(self, work: Callable[[], None]) -> None:
        with self._starting:
            if not self._is_catching_up():
                self._catching_up = threading.Thread(target=work, name="index", daemon=True)
                self._catching_up.start()

    def _is_catching_up(self) -> bool:
        return self._catching_up is not None and self._catching_up.is_alive()

    def _forget(self) -> None:
        """Answer nothing until it is made anew: in another journal's database the audiences are others."""
        log.warning(
            "the journal is not the one that this index followed to entry %s: the index is made anew", self.reached[0]
        )
        with self.lock:
            self.matcher, self.columns = Matcher(table=table_in_use), Columns()
            self.reached, self._standing = NOTHING, None

    def _catch_up_apart(self) -> None:
        try:
            with self._writing:
                head = followers.head()
                self._take_in(head, self._changed(head), None)
                self._merge_if_due()
                self._save()
        except Exception:
            log.exception("the index could not be brought up to date; it tries again with the next search")
        finally:
            connections.close_all()  # this thread's own; nobody uses them after it

    def _merge_apart(self) -> None:
        with self._writing:
            self._merge_if_due()

    def _merge_if_due(self) -> None:
        """Put a merged index in the place of the present one, which answers until then; `_writing` is held."""
        matcher = self.matcher
        if not matcher.merge_due:
            return
        merged = matcher.merged()
        with self.lock:
            if self.matcher is not matcher:
                return  # forgotten meanwhile
            if merged.generation != matcher.generation:
                self.columns.reorder(np.flatnonzero(matcher.alive))
            self.matcher, self._standing = merged, None

    def _changed(self, head: tuple[int, str]) -> dict[int, str] | None:
        """Ids and kinds of records changed since `reached`; None when the journal is not the one it followed."""
        seq, seen = self.reached
        if seq and not Entry.objects.filter(seq=seq, hash=seen).exists():
            return None
        return followers.changed_records(seq, head[0])

    def _take_in(
        self, head: tuple[int, str], changed: Mapping[int, str] | None, progress: Callable[[int], None] | None
    ) -> None:
        if changed is None or self.reached == NOTHING:
            self._rebuild(head, progress)
            return
        done = 0
        for batch in batches(changed, PART):
            part = {pk: changed[pk] for pk in batch}
            self._replace(part, list(read_documents(part)))
            if len(changed) > AT_ONCE or len(self.matcher) < FEW:
                self._merge_if_due()
            done += len(part)
            if progress is not None:
                progress(done)
        self.reached = head
        self._changed_since_save += done

    def _replace(self, changed: Mapping[int, str], documents: Sequence[SearchDocument]) -> None:
        with self.lock:
            self._standing = None
            fresh = {document.id for document in documents}
            gone = [
                number
                for pk in changed
                for level in range(LEVELS)
                if (number := pk * LEVELS + level) not in fresh and number in self.matcher
            ]
            if gone:
                self.matcher.delete(gone)
            if documents:
                self.matcher.partial_fit([document.item for document in documents], merge=False)
            slots = [self.matcher.slot_of(document.id) for document in documents]
            self.columns.put(slots, documents, dict(changed))

    def _rebuild(self, head: tuple[int, str], progress: Callable[[int], None] | None) -> None:
        columns, done = Columns(), 0

        def items() -> Iterator[MatchItem]:
            """The items of all records, a batch of records at a time; each takes the next slot."""
            nonlocal done
            records = Record.objects.filter(kind__in=sources()).order_by("pk").values_list("pk", "kind")
            for batch in batches(records.iterator(chunk_size=BATCH), BATCH):
                kinds = dict(batch)
                documents = list(read_documents(kinds))
                columns.put(range(columns.size, columns.size + len(documents)), documents, kinds)
                yield from (document.item for document in documents)
                done += len(kinds)
                if progress is not None:
                    progress(done)

        matcher = Matcher(table=table_in_use).fit(items())
        with self.lock:
            self.matcher, self.columns, self.reached, self._standing = matcher, columns, head, None
            self._changed_since_save += done

    def rebuild(self, progress: Callable[[int], None] | None = None) -> Status:
        """Make the index anew from the database and save it; searches go on with the old one meanwhile."""
        with self._writing:
            self._opened = True
            head = followers.head()
            self._rebuild(head, progress)
            self._save()
        return self.status()

    def status(self, head: int | None = None) -> Status:
        """How far the index is."""
        with self.lock:
            return Status(self.reached[0], followers.head()[0] if head is None else head, len(self.matcher))

    # -- snapshots -------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Read the snapshot when there is a sound one of this journal; otherwise begin empty and follow from there."""
        if self.folder is None or not (current := self.folder / "CURRENT").is_file():
            return
        try:
            name = current.read_text(encoding="ascii").strip()
            meta = json.loads((self.folder / name / "meta.json").read_text(encoding="utf-8"))
            if meta["format"] != FORMAT:
                return
            matcher = Matcher.load(self.folder / name / "matcher", table=table_in_use)
            columns = Columns.load(self.folder / name / "columns.npz")
            if not np.array_equal(matcher.ids, columns.document_ids):
                raise ValueError("columns and matcher disagree")
        except Exception as problem:  # noqa: BLE001  whatever is wrong with a snapshot, the database is the truth
            log.warning("the index snapshot cannot be used (%s); it is made anew", problem)
            return
        with self.lock:
            self.matcher, self.columns, self._standing = matcher, columns, None
            self.reached = (meta["seq"], meta["hash"])

    def save(self) -> None:
        """Write a snapshot beside the old one and switch to it in one step."""
        with self._writing:
            self._save()

    def _save(self) -> None:
        if self.folder is None or not self._changed_since_save:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._only_writer() as alone:
            if not alone:
                return
            name = f"snapshot-{self.reached[0]}-{os.getpid()}"
            place = self.folder / name
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            # Searches go on: whoever would change the index waits for `_writing`.
            with self.lock:
                matcher, columns, reached = self.matcher, self.columns, self.reached
                self._changed_since_save = 0
            matcher.save(place / "matcher")
            columns.save(place / "columns.npz")
            meta = {"format": FORMAT, "seq": reached[0], "hash": reached[1]}
            (place / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
            fresh = self.folder / f"CURRENT.{os.getpid()}"
            fresh.write_text(name, encoding="ascii")
            fresh.replace(self.folder / "CURRENT")
            for old in self.folder.glob("snapshot-*"):
                if old.name != name:
                    shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _only_writer(self) -> Iterator[bool]:
        assert self.folder is not None
        with (self.folder / "LOCK").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True

    # -- asking ----------------------------------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """What questions share until the next change; read it under the lock."""
        if self._standing is None:
            self._standing = Standing.of(self.columns, self.matcher.alive)
        return self._standing

    def highlight(self, words: str, text: str) -> list[tuple[int, int]]:
        """Where a text holds the words asked for: spans apart and in order."""
        return self.matcher.highlight(words, text)

    def supply(self, wanted: Supply) -> Bools:
        """Mask of the slots that hold the public part of the records wanted."""
        columns = self.columns
        stages = [columns.known("stage", stage) for stage in wanted.stages]
        offered: Bools = (
            (columns.number("level") == LEVEL_PUBLIC)
            & (columns.facet("kind") == columns.known("kind", wanted.kind))
            & np.isin(columns.facet("stage"), stages)
            & has_audience(columns, wanted.audiences)
        )
        return offered

    def nearest(self, items: Sequence[MatchItem], k: int, wanted: Supply) -> list[list[Match]]:
        """The best of the records wanted for each item; `Match.supply` is the record's id."""
        found = []
        for item in items:
            with self.lock:
                found += self.matcher.kneighbors([item], k, allowed=self.supply(wanted))
            if len(items) > 1:
                time.sleep(BREATH)
        return [[_by_record(match) for match in matches] for matches in found]

    def may_ask(self, supply: int, least: float, needs: Supply) -> list[int]:
        """Ids of the needs wanted for which the public part of a record might reach a score; none is missed."""
        number = supply * LEVELS + LEVEL_PUBLIC
        with self.lock:
            if number not in self.matcher:
                return []
            return [int(one) // LEVELS for one in self.matcher.may_ask(number, least, self.supply(needs))]

    def explain(self, item: MatchItem, supply: int) -> Match | None:
        """How the public part of a record stands to an item; None when it is out of the index."""
        number = supply * LEVELS + LEVEL_PUBLIC
        with self.lock:
            return _by_record(self.matcher.explain(item, number)) if number in self.matcher else None

    def near_misses(self, item: MatchItem, k: int, below: int, wanted: Supply, least: float) -> list[NearMiss]:
        """Records just under the best k that reach the score `least`, each with the smallest change to pass them."""
        with self.lock:
            missed = self.matcher.why_not(item, k, below, allowed=self.supply(wanted), least=least)
        return [dataclasses.replace(miss, supply=int(miss.supply) // LEVELS) for miss in missed]


def has_audience(columns: Columns, audiences: Bools) -> Bools:
    """Mask of the slots whose audience is among those marked."""
    held = columns.number("audience")
    known: Bools = held < len(audiences)
    seen: Bools = known & audiences[np.minimum(held, len(audiences) - 1)]
    return seen


def _by_record(match: Match) -> Match:
    return Match(int(match.supply) // LEVELS, match.rank, match.score, match.parts)


class _Held:
    """This process's index, and the lock under which it is made."""

    index: LiveIndex | None = None
    making = threading.Lock()


def live_index() -> LiveIndex:
    """This process's index."""
    with _Held.making:
        folder = Path(settings.DATA) / "index"
        if _Held.index is None or _Held.index.folder != folder:
            _Held.index = LiveIndex(folder)
        return _Held.index


def forget_live_index() -> None:
    """Drop this process's index (tests, and a data folder that was put back from a copy)."""
    with _Held.making:
        _Held.index = None
