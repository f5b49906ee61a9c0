"""The journal: who did what, in one hash chain that nobody can rewrite.

Actions run inside `writing()`. Entries noted in it are numbered and chained when the outermost block ends, so the head
of the chain is the last lock each transaction takes and its sequence has no gaps.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.kernel import guards, leases
from kezhuan.kernel.access import VISITOR, Actor
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import CodeCounter, Entry, EntryText, JournalHead, Record, User
from kezhuan.kernel.text import listed, now

FOR = "for"
"""Key under which an entry names whom its actor stood in for (代)."""
ERASED = "journal.erased"
"""Kind of the entry that tells which entries lost their words."""
FIRST = "0" * 64
"""What the first entry names as the hash before it."""


@dataclass
class _Pending:
    record: Record | None
    kind: str
    actor: Actor
    at: datetime
    data: dict[str, Any]
    texts: dict[str, Any]
    backfilled: bool


@dataclass
class _Transaction:
    pending: list[_Pending] = field(default_factory=list)


_current: ContextVar[_Transaction | None] = ContextVar("journal_transaction", default=None)


@contextmanager
def writing() -> Iterator[None]:
    """One transaction in which things change and entries are noted; blocks nest, the outermost one commits.

    An inner block that fails takes back its changes and its entries; whoever catches the error goes on without them.
    """
    around = _current.get()
    if around is not None:
        noted = len(around.pending)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del around.pending[noted:]
            raise
        return
    with transaction.atomic():
        opened = _Transaction()
        token = _current.set(opened)
        try:
            yield
            # Work of a job commits only while the job is still its worker's.
            leases.confirm_held()
            _append(opened.pending)
        finally:
            _current.reset(token)


def one_at_a_time(key: str) -> None:
    """Wait for whoever else writes what a key stands for, even the first of all; call inside `writing()`."""
    CodeCounter.objects.get_or_create(key=key)
    CodeCounter.objects.select_for_update(no_key=True).get(key=key)


def note(
    kind: str,
    *,
    record: Record | None = None,
    actor: Actor = VISITOR,
    data: dict[str, Any] | None = None,
    texts: dict[str, Any] | None = None,
    at: datetime | None = None,
    backfilled: bool = False,
) -> None:
    """Note an entry of the open `writing()` block: what happened to the record by whom, acting for whom.

    `data` holds identifiers and field names only; names, values and words of people go into `texts`, which can be
    erased. What a deputy does names the represented. Raises `RuntimeError` outside `writing()`: a change without its
    entry is a bug; and `Refused` for the mark of a state secret: what stands here can be corrected by nobody, so this
    is looked at once more, whoever writes it.
    """
    opened = _current.get()
    if opened is None:
        raise RuntimeError(f"journal entry {kind!r} outside writing()")
    refuse_marked_texts([data, texts])
    if actor.represented is not None:
        data = {**(data or {}), FOR: str(actor.represented.record.uid)}
    moment = (at or now()).astimezone(UTC)
    opened.pending.append(_Pending(record, kind, actor, moment, _as_read(data), _as_read(texts), backfilled))


def noted_now(record: Record, kinds: Collection[str]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What the open block has noted of a record and not written yet, data and words: no query finds it before the end
    of the transaction, and whoever keeps what is known now needs it."""
    opened = _current.get()
    found = opened.pending if opened is not None else []
    return [
        (one.data, one.texts)
        for one in found
        if one.record is not None and one.record.pk == record.pk and one.kind in kinds
    ]


def erase_texts(of: Q, *, record: Record, actor: Actor) -> None:
    """Erase the words beside the entries that are asked for, as somebody who is asked to forget a record does.

    The chain proves itself without them; an entry tells which were erased: what is missing otherwise was taken away.
    """
    found = list(
        EntryText.objects.filter(entry__in=Entry.objects.filter(of)).order_by("pk").values_list("pk", flat=True)
    )
    EntryText.objects.filter(pk__in=found).update(content={}, salt="")
    note(ERASED, record=record, actor=actor, data={"texts": _runs(found)})


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Rising numbers as first and last of each run without a gap."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def _as_read(content: dict[str, Any] | None) -> dict[str, Any]:
    """The content as the database gives it back, so that its hash can be computed again."""
    read: dict[str, Any] = json.loads(_canonical(content or {}))
    return read


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _text_hash(salt: str, content: dict[str, Any]) -> str:
    return hashlib.sha256(salt.encode() + _canonical(content)).hexdigest()


def _entry_hash(previous: str, entry: Entry, record_uid: str) -> str:
    body = [
        previous,
        entry.seq,
        record_uid,
        entry.kind,
        entry.actor_id,
        entry.acting_for_id,
        entry.at.isoformat(timespec="microseconds"),
        entry.data,
        entry.backfilled,
    ]
    return hashlib.sha256(_canonical(body)).hexdigest()


def _append(pending: Sequence[_Pending]) -> None:
    if not pending:
        return
    head, _made = JournalHead.objects.select_for_update(no_key=True).get_or_create(pk=1)
    entries, texts = [], []
    for item in pending:
        data = dict(item.data)
        salt = ""
        if item.texts:
            salt = secrets.token_hex(16)
            data["text_hash"] = _text_hash(salt, item.texts)
        entry = Entry(
            seq=head.seq + 1,
            record=item.record,
            kind=item.kind,
            actor=item.actor.person,
            acting_for=item.actor.organisation,
            at=item.at,
            data=data,
            backfilled=item.backfilled,
        )
        entry.hash = _entry_hash(head.hash, entry, str(item.record.uid) if item.record else "")
        head.seq, head.hash = entry.seq, entry.hash
        entries.append(entry)
        if item.texts:
            texts.append(EntryText(entry=entry, salt=salt, content=item.texts))
    Entry.objects.bulk_create(entries, batch_size=500)
    EntryText.objects.bulk_create(texts, batch_size=500)
    head.save(update_fields=["seq", "hash"])


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many entries hold, and the first broken one with the reason.

    Beside it: the hash of the last entry that holds, and of how many entries the words were erased.
    """

    entries: int
    broken_seq: int | None = None
    reason: str = ""
    head: str = field(default="", compare=False)
    erased: int = field(default=0, compare=False)


class _Erasures:
    """Which words may be missing: those that the journal itself says were erased."""

    def __init__(self, using: str, uids: Mapping[int, UUID]) -> None:
        self._uids = uids
        self._users = dict(User.objects.using(using).values_list("pk", "person"))
        rows = Entry.objects.using(using)
        self.told: set[int] = set()
        telling = set()
        for record, data in rows.filter(kind=ERASED).values_list("record", "data"):
            telling.add(record)
            for first, last in data["texts"]:
                self.told.update(range(first, last + 1))
        # Formerly nothing told which words went with somebody: theirs, beside the entries before that one.
        self._until = {
            str(uids.get(record)): seq
            for record, seq in rows.filter(kind="person.anonymise").values_list("record", "seq")
            if record not in telling
        }

    def cover(self, entry: Entry) -> bool:
        """Whether the words beside an entry may be missing."""
        return entry.seq in self.told or any(entry.seq < self._until.get(uid, 0) for uid in self._people_of(entry))

    def _people_of(self, entry: Entry) -> Iterator[str]:
        """Whom the words beside an entry are about: the uids of people, and of other records that nobody looks for."""
        yield from (str(entry.data.get(key)) for key in ("member", "deputy", "successor"))
        if entry.record_id:
            yield str(self._uids[entry.record_id])
        if entry.kind.startswith(("account.", "token.", "webhook.")):
            for person in (entry.actor_id, self._users.get(entry.data.get("user", 0))):
                yield str(self._uids.get(person or 0))


def verify(using: str = DEFAULT_DB_ALIAS, noted: tuple[int, str] | None = None) -> Verdict:
    """Prove the chain: numbers without gaps, hashes, texts that still match or were erased, head, guards.

    `noted` is the number and hash of an entry that somebody wrote down earlier: the chain must lead through it. Without
    it, whoever may write into the database as they like could make the whole chain anew.
    """
    unsound = guards.faulty(using)
    previous, expected, erased = FIRST, 1, 0
    rows = Entry.objects.using(using).select_related("text").order_by("seq")
    uids = dict(Record.objects.using(using).values_list("pk", "uid"))
    erasures = _Erasures(using, uids)

    def broken(seq: int, reason: str) -> Verdict:
        return Verdict(expected - 1, seq, reason, previous, erased)

    for entry in rows.iterator(chunk_size=2000):
        if entry.seq != expected:
            return broken(expected, _("entry %(number)s is missing") % {"number": expected})
        if entry.record_id and entry.record_id not in uids:
            return broken(entry.seq, _("the record it tells of is gone"))
        if entry.hash != _entry_hash(previous, entry, str(uids[entry.record_id]) if entry.record_id else ""):
            return broken(entry.seq, _("its hash does not follow from its content and the entry before"))
        if noted is not None and noted[0] == entry.seq and noted[1] != entry.hash:
            return broken(entry.seq, _("its hash is not the one that was noted: it or one before was rewritten"))
        fault, is_erased = _fault_of_text(entry, erasures)
        if fault:
            return broken(entry.seq, fault)
        previous, expected, erased = entry.hash, expected + 1, erased + is_erased
    if noted is not None and noted[0] >= expected:
        return broken(expected, _("the chain ends before entry %(number)s, which was noted") % {"number": noted[0]})
    head = JournalHead.objects.using(using).filter(pk=1).first() or JournalHead()
    if (head.seq, head.hash) != (expected - 1, previous):
        return broken(expected, _("the head says %(count)s entries") % {"count": head.seq})
    if unsound:
        return broken(expected, _("guards are missing or altered: %(names)s") % {"names": listed(unsound)})
    return Verdict(expected - 1, head=previous, erased=erased)


def _fault_of_text(entry: Entry, erasures: _Erasures) -> tuple[str, bool]:
    """What is wrong with the words beside an entry, if anything is; whether they were erased."""
    text, promised = getattr(entry, "text", None), entry.data.get("text_hash")
    if text is None or not text.content:
        if promised and not erasures.cover(entry):
            return _("its text is missing, and no entry tells that it was erased"), False
        return "", bool(promised)
    if promised != _text_hash(text.salt, text.content):
        return _("its text was changed"), False
    if entry.seq in erasures.told:
        return _("its text was erased, and stands there again"), False
    return "", False
