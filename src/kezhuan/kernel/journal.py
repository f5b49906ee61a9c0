"""The journal: who did what, in one hash chain that nobody can rewrite.

Actions run inside `writing()`. Entries noted in it are numbered and chained when the outermost block ends, so the head
of the chain is the last lock each transaction takes and its sequence has no gaps.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.kernel import leases
from kezhuan.kernel.access import VISITOR, Actor
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Entry, EntryText, JournalHead, Record
from kezhuan.kernel.text import listed, now

FOR = "for"
"""Key under which an entry names whom its actor stood in for (代)."""


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


def erase_texts(of: Q) -> int:
    """Erase the words beside the entries that are asked for; the chain proves itself without them. Returns how many."""
    found = list(EntryText.objects.filter(entry__in=Entry.objects.filter(of)).values_list("pk", flat=True))
    return EntryText.objects.filter(pk__in=found).update(content={}, salt="")


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
    """What `verify` found: how many entries hold, and the first broken one with the reason."""

    entries: int
    broken_seq: int | None = None
    reason: str = ""


def verify(using: str = DEFAULT_DB_ALIAS) -> Verdict:
    """Prove the chain: numbers without gaps, hashes, texts that still match or were erased, head, triggers."""
    missing = missing_triggers(using)
    previous, expected = "0" * 64, 1
    rows = Entry.objects.using(using).select_related("text").order_by("seq")
    uids = dict(Record.objects.using(using).values_list("pk", "uid"))
    for entry in rows.iterator(chunk_size=2000):
        if entry.seq != expected:
            return Verdict(expected - 1, expected, _("entry %(number)s is missing") % {"number": expected})
        if entry.record_id and entry.record_id not in uids:
            return Verdict(expected - 1, entry.seq, _("the record it tells of is gone"))
        uid = str(uids[entry.record_id]) if entry.record_id else ""
        if entry.hash != _entry_hash(previous, entry, uid):
            return Verdict(expected - 1, entry.seq, _("its hash does not follow from its content and the entry before"))
        text = getattr(entry, "text", None)
        if text is not None and text.content and entry.data.get("text_hash") != _text_hash(text.salt, text.content):
            return Verdict(expected - 1, entry.seq, _("its text was changed"))
        previous, expected = entry.hash, expected + 1
    head = JournalHead.objects.using(using).filter(pk=1).first() or JournalHead()
    if (head.seq, head.hash) != (expected - 1, previous):
        return Verdict(expected - 1, expected, _("the head says %(count)s entries") % {"count": head.seq})
    if missing:
        return Verdict(expected - 1, expected, _("guards are missing: %(names)s") % {"names": listed(missing)})
    return Verdict(expected - 1)


_TABLE = "kernel_entry"
_REFUSAL = "the journal is append-only"
_SQLITE = {
    "journal_no_update": f"BEFORE UPDATE ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "journal_no_delete": f"BEFORE DELETE ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    # REPLACE deletes the old row without telling the DELETE trigger, so it is stopped before it inserts.
    "journal_no_replace": f"BEFORE INSERT ON {_TABLE} WHEN EXISTS (SELECT 1 FROM {_TABLE} WHERE seq = NEW.seq"
    f" OR hash = NEW.hash OR rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
}
_POSTGRES = {
    "journal_no_update": f"BEFORE UPDATE OR DELETE ON {_TABLE} FOR EACH ROW",
    "journal_no_truncate": f"BEFORE TRUNCATE ON {_TABLE} FOR EACH STATEMENT",
}


def make_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the guards on the journal's table; run after every migration: SQLite drops them with a rebuilt table."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "sqlite":
            for name, body in _SQLITE.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(f"CREATE TRIGGER {name} {body}")
            return
        cursor.execute(
            "CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        for name, body in _POSTGRES.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {_TABLE}")
            cursor.execute(f"CREATE TRIGGER {name} {body} EXECUTE FUNCTION journal_refuse()")
            # ALWAYS: a session in replica mode is stopped too.
            cursor.execute(f"ALTER TABLE {_TABLE} ENABLE ALWAYS TRIGGER {name}")


def missing_triggers(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the guards that are not there or are switched off."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'A'", [_TABLE])
        return sorted(set(trigger_names(using)) - {row[0] for row in cursor.fetchall()})


def trigger_names(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the guards that belong on the journal's table."""
    return sorted(_SQLITE if connections[using].vendor == "sqlite" else _POSTGRES)
