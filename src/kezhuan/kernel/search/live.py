"""The live index of a process: follows the journal, keeps a snapshot, rebuilds itself when it must."""

from __future__ import annotations

import logging
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

import numpy as np
from django.db import connections

from kezhuan.engines.matching import SHIPPED, Factors, Match, Matcher, NearMiss
from kezhuan.engines.matching import Item as MatchItem
from kezhuan.kernel import followers
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.search import status
from kezhuan.kernel.search.columns import Bools, Columns, Supply
from kezhuan.kernel.search.documents import LEVEL_PUBLIC, LEVELS, SearchDocument, by_record, read_documents, sources
from kezhuan.kernel.search.kept import Kept
from kezhuan.kernel.search.meaning import new_matcher
from kezhuan.kernel.search.snapshots import Snapshot, Snapshots
from kezhuan.kernel.search.standing import Standing
from kezhuan.kernel.search.status import Status
from kezhuan.kernel.text import batches

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


class LiveIndex:
    """Documents of all kinds in one matcher, with the columns that lists filter by. Safe for several threads.

    Every process has its own and follows the journal with it. What takes long and much memory at a large size, making
    the index anew and counting it anew, one process does in files; the others take its snapshot over (`base` tells one
    count from the next) and share the mapped files.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.matcher = new_matcher()
        self.columns = Columns()
        self.reached = NOTHING
        self._standing: Standing | None = None
        self._changed_since_save = self._turn = 0
        self._catching_up: threading.Thread | None = None
        self._opened = self._in_the_way = False
        self._writing, self._starting = threading.RLock(), threading.Lock()
        self._base = ""
        self._kept: Kept[tuple[NearMiss, ...]] = Kept()
        self._snapshots = None if folder is None else Snapshots(folder)

    # -- following -------------------------------------------------------------------------------------------------

    def catch_up(self, *, wait: bool = False, progress: Callable[[int], None] | None = None) -> Status:
        """Take in what the journal has beyond the index: at once when little, by a thread when much (unless `wait`)."""
        if not self._opened:
            with self._writing:
                if not self._opened:
                    self._open()
                    self._opened = True
        self._take_over_if_newer(wait=wait)
        head = followers.head()
        if head == self.reached:
            return self.status(head)
        if not wait and self._in_the_way:
            return self.status(head)
        changed = self._changed(head)
        if changed is None:
            self._forget()
        if wait or (changed is not None and len(changed) <= status.AT_ONCE):
            with self._writing:
                # Asked again: another thread may have taken in these entries, and later ones, meanwhile.
                head = followers.head()
                self._take_in(head, self._changed(head), progress)
                if wait:
                    self._merge_if_due()
            if self.matcher.merge_due:
                self._start(self._merge_if_due)
        else:
            self._start(self._catch_up_now)
        return self.status(head)

    def _start(self, work: Callable[[], None], *, beside: bool = False) -> None:
        """Do something long in a thread; unless it goes on `beside` them, no search takes anything in meanwhile."""
        with self._starting:
            if self._catching_up is None or not self._catching_up.is_alive():
                self._in_the_way = not beside
                thread = threading.Thread(target=self._apart, args=(work, beside), name="index", daemon=True)
                self._catching_up = thread
                thread.start()

    def _apart(self, work: Callable[[], None], beside: bool) -> None:
        try:
            with nullcontext() if beside else self._writing:
                work()
        except Exception:
            log.exception("the index could not be brought up to date; it tries again with the next search")
        finally:
            self._in_the_way = False
            connections.close_all()  # this thread's own; nobody uses them after it

    def _forget(self) -> None:
        """Answer nothing until it is made anew: in another journal's database the audiences are others."""
        log.warning(
            "the journal is not the one that this index followed to entry %s: the index is made anew", self.reached[0]
        )
        with self.lock:
            self.matcher, self.columns = new_matcher(), Columns()
            self.reached, self._standing = NOTHING, None
            self._base = ""

    def _catch_up_now(self) -> None:
        head = followers.head()
        self._take_in(head, self._changed(head), None)
        self._merge_if_due()
        self._save()

    def _merge_if_due(self) -> None:
        """Put a merged index in the place of the present one, which answers until then; `_writing` is held."""
        matcher = self.matcher
        if not matcher.merge_due:
            return
        if self._snapshots is None or not matcher.recount_due or len(matcher) < FEW:
            self._put_in_place(matcher, matcher.merged())
            return
        with self._snapshots.only_writer() as alone:
            if not alone:  # another process counts anew
                self._put_in_place(matcher, matcher.merged(recount=False))
                return
            with self._snapshots.room() as room:
                self._put_in_place(matcher, matcher.merged(room))
                self._save()

    def _put_in_place(self, former: Matcher, merged: Matcher) -> None:
        with self.lock:
            if self.matcher is not former:
                return  # forgotten meanwhile
            if merged.generation != former.generation:
                self.columns.reorder(np.flatnonzero(former.alive))
                self._standing = None
            self.matcher = merged
            if former.recount_due and not merged.recount_due:
                self._base, self._changed_since_save = uuid.uuid4().hex, self._changed_since_save + 1

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
            self._make_anew(head, progress)
            return
        done = 0
        for batch in batches(changed, PART):
            part = {pk: changed[pk] for pk in batch}
            self._replace(part, list(read_documents(part)))
            if len(changed) > status.AT_ONCE or len(self.matcher) < FEW:
                self._merge_if_due()
            done += len(part)
            if progress is not None:
                progress(done)
        self.reached = head
        self._changed_since_save += done

    def _replace(self, changed: Mapping[int, str], documents: Sequence[SearchDocument]) -> None:
        items = [document.item for document in documents]
        self.matcher.read_ahead(items)
        with self.lock:
            held = [
                number for pk in changed for level in range(LEVELS) if (number := pk * LEVELS + level) in self.matcher
            ]
            dead = [self.matcher.slot_of(number) for number in held]
            self.matcher.delete(held)
            if items:
                self.matcher.partial_fit(items, merge=False)
            self._turn += bool(held or documents)  # an entry that changes no document leaves what is kept as it is
            slots = [self.matcher.slot_of(document.id) for document in documents]
            self.columns.put(slots, documents, dict(changed))
            if self._standing is not None:
                self._standing.replaced(self.columns, dead)

    def _make_anew(self, head: tuple[int, str], progress: Callable[[int], None] | None) -> None:
        """Make the index anew, unless another process has just done so; `_writing` is held."""
        if self._snapshots is None or not Record.objects.all()[FEW : FEW + 1].exists():
            self._rebuild(head, progress, None)
            return
        with self._snapshots.only_writer(wait=True):
            if name := self._snapshots.newer(self._base):
                self._take_over(name)
            if self.reached != NOTHING and (changed := self._changed(head)) is not None:
                self._take_in(head, changed, progress)
                return
            with self._snapshots.room() as room:
                self._rebuild(head, progress, room)
                self._save()

    def _rebuild(self, head: tuple[int, str], progress: Callable[[int], None] | None, room: Path | None) -> None:
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

        matcher = new_matcher().fit(items(), folder=room)
        with self.lock:
            self.matcher, self.columns, self.reached, self._standing = matcher, columns, head, None
            self._changed_since_save += done
            self._base = uuid.uuid4().hex

    def rebuild(self, progress: Callable[[int], None] | None = None) -> Status:
        """Make the index anew from the database and save it; searches go on with the old one meanwhile."""
        with self._writing:
            self._opened = True
            head = followers.head()
            if self._snapshots is None:
                self._rebuild(head, progress, None)
            else:
                with self._snapshots.only_writer(wait=True), self._snapshots.room() as room:
                    self._rebuild(head, progress, room)
                    self._save()
        return self.status()

    def status(self, head: tuple[int, str] | None = None) -> Status:
        """How far the index is."""
        with self.lock:
            return Status(self.reached[0], followers.head() if head is None else head, len(self.matcher))

    # -- snapshots -------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Read the snapshot when there is a sound one; otherwise begin empty and follow from there."""
        name = "" if self._snapshots is None else self._snapshots.current()
        if name and self._snapshots and (snapshot := self._snapshots.read(name)):
            self._become(snapshot)
            if len(self.matcher) >= FEW and not self.matcher.completed:  # of older code, or by another table
                self._start(self.matcher.complete, beside=True)

    def _become(self, snapshot: Snapshot) -> None:
        with self.lock:
            self.matcher, self.columns, self._standing = snapshot.matcher, snapshot.columns, None
            self.reached, self._base = snapshot.reached, snapshot.base

    def _take_over_if_newer(self, *, wait: bool) -> None:
        """Take over the snapshot of another process that has counted anew; a thread reads it unless `wait`."""
        name = "" if self._snapshots is None else self._snapshots.newer(self._base)
        if name and wait:
            self._take_over(name)
        elif name:
            self._start(partial(self._take_over, name), beside=True)

    def _take_over(self, name: str) -> None:
        """Read it and follow the journal from there, before it answers in the place of the present index; until then
        searches take in what is new, and wait for no more than what has come meanwhile."""
        snapshot = self._snapshots.read(name) if self._snapshots else None
        if snapshot is None:
            return
        snapshot.matcher.complete()
        fresh = LiveIndex(None)
        fresh._become(snapshot)
        if fresh._follow():
            with self._writing:
                if fresh._follow():
                    self._become(Snapshot(fresh.matcher, fresh.columns, fresh.reached, fresh._base))

    def _follow(self) -> bool:
        """Take in what the journal has; False, and nothing done, when it is not the journal that it followed."""
        head = followers.head()
        if (changed := self._changed(head)) is not None:
            self._take_in(head, changed, None)
        return changed is not None

    def save(self) -> None:
        """Write a snapshot beside the old one and switch to it in one step."""
        with self._writing:
            self._save()

    def _save(self) -> None:
        if self._snapshots is None or not self._changed_since_save:
            return
        with self._snapshots.only_writer() as alone:
            if not alone:
                return
            # Searches go on: whoever would change the index waits for `_writing`.
            with self.lock:
                snapshot = Snapshot(self.matcher, self.columns, self.reached, self._base)
                self._changed_since_save = 0
            self._snapshots.write(snapshot)

    def freeze(self, folder: Path, supplies: Sequence[Supply]) -> tuple[list[Bools], tuple[int, str]]:
        """Write the matcher to a folder of the caller's, for questions that go on for hours; returns which slots hold
        the records wanted, and the entry of the journal up to which all this holds."""
        with self._writing:
            self.matcher.save(folder, beside=True)
            return [self.supply(one) for one in supplies], self.reached

    # -- asking ----------------------------------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """What questions share until the next change; read it under the lock."""
        if self._standing is None:
            self._standing = Standing(self.columns, self.matcher.alive)
        return self._standing

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """The lock, for a question of meaning; of many records those without a direction get it first, while others
        go on."""
        if len(self.matcher) >= FEW:
            self.matcher.complete()
        with self.lock:
            yield

    def supply(self, wanted: Supply) -> Bools:
        """Mask of the slots that hold the public part of the records wanted."""
        with self.lock:
            return self.columns.offered(wanted)

    def nearest(
        self, items: Sequence[MatchItem], k: int, wanted: Supply, factors: Factors = SHIPPED
    ) -> list[list[Match]]:
        """The best of the records wanted for each item; `Match.supply` is the record's id."""
        found = []
        for item in items:
            with self._asking():
                found += self.matcher.kneighbors([item], k, allowed=self.supply(wanted), factors=factors)
            if len(items) > 1:
                time.sleep(BREATH)
        return [[by_record(match) for match in matches] for matches in found]

    def may_ask(self, supply: int, least: float, needs: Supply, factors: Factors = SHIPPED) -> list[int]:
        """Ids of the needs wanted for which the public part of a record might reach a score; none is missed."""
        number = supply * LEVELS + LEVEL_PUBLIC
        with self._asking():
            if number not in self.matcher:
                return []
            found = self.matcher.may_ask(number, least, self.supply(needs), factors)
            return [int(one) // LEVELS for one in found]

    def explain(self, item: MatchItem, supply: int, factors: Factors = SHIPPED) -> Match | None:
        """How the public part of a record stands to an item; None when it is out of the index."""
        number = supply * LEVELS + LEVEL_PUBLIC
        with self._asking():
            return by_record(self.matcher.explain(item, number, factors)) if number in self.matcher else None

    def near_misses(
        self, item: MatchItem, k: int, below: int, among: Supply, *, least: float, factors: Factors = SHIPPED,
        but: frozenset[int] = frozenset(), worded: Callable[[NearMiss], bool] = lambda _miss: True,
        enough: int | None = None,
    ) -> list[NearMiss]:  # fmt: skip
        """Records just under the best k that reach `least`, each with the fewest changes to pass them; kept a while."""
        asked = (item, k, below, among.kind, among.stages, among.audiences.tobytes(), among.but, least)

        def work_out() -> tuple[NearMiss, ...]:
            return tuple(map(by_record, self.matcher.why_not(
                item, k, below, allowed=self.supply(among), least=least, factors=factors, enough=enough,
                wanted=lambda miss: by_record(miss).supply not in but, worded=worded,
            )))  # fmt: skip

        with self._asking():
            state = (weakref.ref(self.matcher), self._turn)  # a matcher that gave way is not held in memory
            return list(self._kept.answer(state, (*asked, frozenset(factors.items()), but, worded, enough), work_out))
