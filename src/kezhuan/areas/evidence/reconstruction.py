"""What was known at a decision, rebuilt later and compared field by field with the evidence file that was frozen then.

Nothing here reads the file but to compare. Which approvals, notices, files and steps there were, at which stage and by
whom, is told by the journal up to the entry of the decision; what changes in rows by itself, the journal keeps in
words; what never changes stands in its rows. A row that somebody changed past the program is named.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

from kezhuan.areas.evidence.actions import (
    EVIDENCE,
    FIRST_FORMAT,
    FROZEN,
    SAYS,
    Freeze,
    considered_told,
    hash_of,
    index_of,
    part_hash,
    told_in,
    told_rule,
    words_hash,
)
from kezhuan.areas.evidence.comparing import UNTOLD, Field, Leaf, Likeness, compare
from kezhuan.exchange.models import Signature
from kezhuan.kernel import registry
from kezhuan.kernel.approvals import KIND, SAID
from kezhuan.kernel.approvals import RUNNING as ON_ITS_WAY
from kezhuan.kernel.documents import read_document
from kezhuan.kernel.models import Approval, ApprovalStep, Document, Entry, Notice, Objection, Record, RuleValue
from kezhuan.kernel.notices import COMPLETED


@dataclass(frozen=True)
class Reconstruction:
    """An evidence file, what it tells, and every field of it."""

    document: Document
    told: dict[str, Any]
    fields: tuple[Field, ...]

    @property
    def differing(self) -> tuple[Field, ...]:
        """The fields that do not agree; none where the as-of view equals the reconstruction."""
        return tuple(one for one in self.fields if one.likeness == Likeness.DIFFERS)


def named(row: Model, record: Record | None = None) -> str:
    """A row as it is named where it differs."""
    about = f" ({record.code})" if record is not None else ""
    return f"{row._meta.label} {row.pk}{about}"


def reconstruct(document: Document) -> Reconstruction:
    """Rebuild what the evidence file tells, and compare. Raises `Refused` where its bytes are gone or damaged."""
    frozen = told_in(document)
    # The index tells of the file alone: it must be that of what stands in it.
    built = _Rebuilder(document).built() | {"index": Leaf(index_of(frozen))}
    return Reconstruction(document, frozen, tuple(compare("", built, frozen, document)))


def evidence_files(code: str = "") -> Iterator[Document]:
    """All evidence files, or those of a record, oldest first, each with the record of its decision: not the copies that
    cases of exemption hold."""
    rows = Document.objects.filter(kind=EVIDENCE, withdrawn_at=None).select_related("record").order_by("pk")
    rows = rows.filter(record__code=code) if code else rows
    return (one for one in rows.iterator(chunk_size=500) if is_original(one))


def is_original(document: Document) -> bool:
    """Whether an evidence file lies with the record that was decided on: its name says which."""
    return document.name.startswith(f"证据卷-{document.record.code}-")


def move_of(document: Document) -> str:
    """The move at which an evidence file was frozen, as the name of one says that lies with its own record."""
    return document.name.removeprefix(f"证据卷-{document.record.code}-").rpartition("-")[0]


def original_of(document: Document) -> Document:
    """The evidence file with the record that was decided on, of the same bytes; itself where it is that one."""
    rows = Document.objects.filter(stored=document.stored, kind=EVIDENCE).select_related("record").order_by("pk")
    return next((one for one in rows if is_original(one)), document)


class _Rebuilder:
    """Rebuilds what was known at the entry of one evidence file."""

    def __init__(self, document: Document) -> None:
        self.document, self.record = document, document.record
        own = Entry.objects.filter(record=self.record)
        attached = own.filter(kind="document.attach", data__document=document.pk)
        self.entry = attached.select_related("actor__record").get()
        self.until = self.entry.seq
        frozen = own.filter(kind=FROZEN, data__document=document.pk).select_related("text").first()
        self.data: dict[str, Any] = frozen.data if frozen is not None else {}
        text = getattr(frozen, "text", None)
        self.words: dict[str, Any] = text.content.get("told", {}) if text is not None else {}
        taken = own.filter(seq__gt=self.until, data__has_key="to").select_related("text")
        self.move = taken.filter(kind__startswith=f"{self.record.kind}.").order_by("seq").first()
        # What was decided without a step of the record, such as on a loss, is named by the entry beside the file alone.
        moves = registry.kind_of(self.record).lifecycle.moves
        self.aside = "" if self.data.get("move", "") in moves else self.data.get("move", "")
        if self.aside:
            self.move = None

    def built(self) -> dict[str, Any]:
        """Everything that the file tells, as leaves."""
        parts = {
            "rules": self._rules(),
            "matter": self._words("matter"),
            "approvals": self._approvals(),
            "notices": self._notices(),
            "signatures": self._signatures(),
            "contract": self._words("contract"),
            "documents": self._documents(),
            "journal": self._steps(),
        }
        return self._head() | parts | self._bytes()

    def _head(self) -> dict[str, Any]:
        record, row = self.record, named(self.record)
        move, stage = self._step_taken()
        text = getattr(self.move, "text", None)
        note = text.content.get("note", "") if text is not None else ""
        erased = text is not None and not text.content
        return {
            "format": Leaf(self.data.get("format", FIRST_FORMAT)),
            "kind": Leaf(record.kind, row),
            "uid": Leaf(str(record.uid), row),
            "code": Leaf(record.code, row),
            "move": move,
            "stage": stage,
            "version": Leaf(self.data["version"]) if self.data else UNTOLD,
            "at": Leaf(self.entry.at),
            "by": Leaf(self.entry.actor.record.title, party=self.entry.actor.record) if self.entry.actor else Leaf(""),
            "note_sha256": Leaf(None, likeness=Likeness.ERASED) if erased else Leaf(hash_of(note)),
            **({"reason": self._reason()} if "reason" in self.data else {}),
            **{part: self._words(part) for part in ("title", "unit", "achievement")},
        }

    def _reason(self) -> Leaf:
        """The reason that was chosen for the step."""
        return UNTOLD if self.move is None else Leaf(self.move.data.get("reason", ""))

    def _step_taken(self) -> tuple[Leaf, Leaf]:
        """What was decided, and the stage that it led to."""
        if self.aside:
            return Leaf(self.aside), Leaf(self._stage(self.record.pk))
        if self.move is None:
            return UNTOLD, UNTOLD
        return Leaf(self.move.kind.partition(".")[2]), Leaf(self.move.data.get("to", ""))

    def _bytes(self) -> dict[str, Any]:
        """The file itself, and where nothing has happened since the rows as they stand."""
        content = read_document(self.document)
        sha256 = hashlib.sha256(content).hexdigest()
        told: dict[str, Any] = {"file_sha256": Leaf(self.entry.data["sha256"]), "bytes_sha256": Leaf(sha256)}
        if (tell := self._teller()) is not None:
            told["present"] = Leaf(part_hash(tell(registry.row_of(self.record))), named(registry.row_of(self.record)))
        return told

    def _teller(self) -> Any:
        """What tells the matter of the row today, where no step was taken on the record since."""
        kind = registry.kind_of(self.record)
        if self.move is None:
            return None
        steps = [f"{kind.slug}.{name}" for name in ("edit", "forget", *kind.lifecycle.moves)]
        if Entry.objects.filter(record=self.record, seq__gt=self.move.seq, kind__in=steps).exists():
            return None
        move = kind.lifecycle.moves[self.move.kind.partition(".")[2]]
        return next((one.tell for one in move.then if isinstance(one, Freeze)), None)

    def _words(self, part: str) -> Any:
        """What the journal kept in words; once they are erased, told by their hash."""
        if part in self.words:
            return Leaf(self.words[part])
        return Leaf(None, self.data.get("parts", {}).get(part, ""), likeness=Likeness.ERASED) if self.data else UNTOLD

    def _rules(self) -> Any:
        if not self.data:
            return UNTOLD
        rows = RuleValue.objects.in_bulk(self.data["rules"])
        found = [rows[one] for one in self.data["rules"] if one in rows]
        return [{name: Leaf(value, named(one)) for name, value in told_rule(one).items()} for one in found]

    # -- the journal of a record, as far as it had come ----------------------------------------------------------------

    def _stage(self, record: int) -> str | None:
        """The stage of a record at that moment; None where it was not there yet."""
        stage = None
        for data in (
            Entry.objects.filter(record=record, seq__lt=self.until).order_by("seq").values_list("data", flat=True)
        ):
            stage = data.get("to") or data.get("stage") or stage
        return stage

    def _sha256(self, document: int | None) -> str:
        """The hash of a file, by the entry that attached it."""
        rows = Entry.objects.filter(kind="document.attach", data__document=document, seq__lt=self.until)
        return str(rows.values_list("data__sha256", flat=True).first() or "")

    def _steps(self) -> Any:
        if not self.data:
            return UNTOLD
        rows = Entry.objects.filter(record=self.record, seq__lte=self.data["last"]).order_by("seq")
        return [_step(one) for one in rows.select_related("text", "actor__record")]

    def _documents(self) -> list[Any]:
        own = Entry.objects.filter(record=self.record, seq__lt=self.until).order_by("seq").select_related("text")
        gone = set(own.filter(kind="document.withdraw").values_list("data__document", flat=True))
        added = [one for one in own.filter(kind="document.attach") if one.data["document"] not in gone]
        rows = Document.objects.in_bulk([one.data["document"] for one in added])
        known = [(one, rows.get(one.data["document"])) for one in sorted(added, key=lambda one: one.data["document"])]
        return [_document(one, row) for one, row in known if row is None or row.kind != EVIDENCE]

    def _signatures(self) -> list[Any]:
        rows = Signature.objects.filter(record=self.record, signed_at__lte=self.entry.at)
        told = rows.select_related("printed", "document", "signed_by__record").order_by("pk")
        return [
            {
                "way": Leaf(one.way, named(one)),
                "version_code": Leaf(one.printed.code, named(one)),
                "by": _name(one.signed_by, named(one)),
                "at": Leaf(one.signed_at.isoformat(), named(one)),
                "sha256": Leaf(self._sha256(one.document_id), named(one)),
            }
            for one in told
        ]

    # -- approvals -----------------------------------------------------------------------------------------------------

    def _approvals(self) -> list[Any]:
        asked = Entry.objects.filter(record=self.record, kind="approval.asked", seq__lt=self.until).order_by("seq")
        rows = {str(one.record.uid): one for one in Approval.objects.filter(about=self.record).select_related("record")}
        told = asked.select_related("actor__record")
        pairs = [
            (one, rows[one.data["other"]]) for one in told if one.data["other"] in rows
        ]  # a row that is gone differs
        return [self._approval(entry, row) for entry, row in sorted(pairs, key=lambda pair: pair[1].pk)]

    def _approval(self, asked: Entry, row: Approval) -> dict[str, Any]:
        stage, here = self._stage(row.pk), named(row, row.record)
        steps = row.steps.select_related("post", "signer__record", "document")
        return {
            "code": Leaf(row.record.code, here),
            "move": Leaf(asked.data["move"], here),
            "stage": Leaf(stage, here),
            "content_sha256": Leaf(row.content_hash, here),
            "asked_by": _name(self._asker(asked, row), here),
            **{name: Leaf(told, here) for name, told in considered_told(row).items()},
            # Signers are added on the way: which there were while it ran is not told.
            "steps": UNTOLD if stage == ON_ITS_WAY else [self._approval_step(one, row) for one in steps],
        }

    def _asker(self, asked: Entry, row: Approval) -> Any:
        """Whoever asked for it, or took it over last."""
        edits = Entry.objects.filter(record=row.pk, kind=f"{KIND}.edit", seq__lt=self.until).order_by("-seq")
        taken = (one for one in edits.select_related("actor__record") if "asked_by" in one.data["fields"])
        return next(taken, asked).actor

    def _approval_step(self, step: ApprovalStep, row: Approval) -> dict[str, Any]:
        here = named(step, row.record)
        closed = Entry.objects.filter(record=row.pk, kind__in=SAID, seq__lt=self.until, data__step=step.pk)
        entry = closed.select_related("text").first()
        told = {
            "post": step.post.name,
            "mode": step.mode,
            "outcome": step.outcome,
            "on": step.signed_on.isoformat() if step.signed_on is not None else "",
            "meeting": step.meeting,
            "minutes_no": step.minutes_no,
            "minutes_sha256": self._sha256(step.document_id),
            "entitled": step.entitled,
            "attended": step.attended,
            "recused": step.recused,
        }
        text = getattr(entry, "text", None)
        opinion = Leaf(hash_of(text.content.get("note", "") if text is not None else ""), here)
        if text is not None and not text.content:
            opinion = Leaf(None, here, likeness=Likeness.ERASED)
        # One that was returned names no step in its entry, as the evidence file does; the opinion on the last step was
        # not yet written where a file was frozen with it, before that was minded.
        late = SAYS not in self.data and entry is not None and entry.seq == self._last_said(row)
        said = UNTOLD if step.outcome == "returned" or late else opinion
        return {name: Leaf(value, here) for name, value in told.items()} | {
            "signer": _name(step.signer, here),
            "opinion_sha256": said,
        }

    def _last_said(self, row: Approval) -> int | None:
        found = Entry.objects.filter(record=row.pk, kind__in=SAID, seq__lt=self.until)
        return found.order_by("-seq").values_list("seq", flat=True).first()

    # -- notices -------------------------------------------------------------------------------------------------------

    def _notices(self) -> list[Any]:
        rows = Notice.objects.filter(about=self.record).select_related("record").order_by("pk")
        staged = [(one, self._stage(one.pk)) for one in rows]
        return [self._notice(one, stage) for one, stage in staged if stage is not None]

    def _notice(self, row: Notice, stage: str) -> dict[str, Any]:
        here = named(row, row.record)
        plain = ("move", "audience", "days", "day_kind")
        channels = row.channels.order_by("kind")
        objections = row.objections.select_related("record").order_by("pk")
        return {name: Leaf(getattr(row, name), here) for name in plain} | {
            "code": Leaf(row.record.code, here),
            "stage": Leaf(stage, here),
            "content_sha256": Leaf(row.content_hash, here),
            # Until it is complete its days are written one by one.
            "channels": [self._channel(one, row) for one in channels] if stage == COMPLETED else UNTOLD,
            "objections": [self._objection(one) for one in objections if self._stage(one.pk) is not None],
        }

    def _channel(self, channel: Any, row: Notice) -> dict[str, Any]:
        here = named(channel, row.record)
        days = {"from": channel.started_on, "to": channel.ended_on}
        proofs = [one for one in (channel.start_proof_id, channel.end_proof_id) if one is not None]
        return {name: Leaf(on.isoformat() if on is not None else "", here) for name, on in days.items()} | {
            "kind": Leaf(channel.kind, here),
            "proofs_sha256": Leaf([self._sha256(one) for one in proofs], here),
        }

    def _objection(self, row: Objection) -> dict[str, Any]:
        here = named(row, row.record)
        said = hash_of(row.name, row.unit, row.contact, row.record.summary)
        forgotten = Q(record=row.pk, kind__endswith=".forget") | Q(record=row.pk, kind="journal.erased")
        gone = Entry.objects.filter(forgotten, seq__gt=self.until).exists()
        return {
            "code": Leaf(row.record.code, here),
            "received_on": Leaf(row.received_on.isoformat(), here),
            "stage": Leaf(self._stage(row.pk), here),
            "said_sha256": Leaf(None, here, likeness=Likeness.ERASED) if gone else Leaf(said, here),
        }


def _name(person: Any, row: str) -> Leaf:
    return Leaf("", row) if person is None else Leaf(person.record.title, row, party=person.record)


def _step(entry: Entry) -> dict[str, Any]:
    text = getattr(entry, "text", None)
    here = named(entry)
    words = Leaf(None, here, likeness=Likeness.ERASED) if text is not None and not text.content else None
    return {
        "seq": Leaf(entry.seq, here),
        "at": Leaf(entry.at.isoformat(), here),
        "what": Leaf(entry.kind, here),
        "who": _name(entry.actor, here),
        "hash": Leaf(entry.hash, here),
        "words_sha256": words or Leaf(words_hash(entry), here),
    }


def _document(entry: Entry, row: Document | None) -> dict[str, Any]:
    text = getattr(entry, "text", None)
    here = named(row or Document(pk=entry.data["document"]))
    name = text.content.get("name") if text is not None else None
    return {
        "name": Leaf(name, here) if name is not None else Leaf(None, here, likeness=Likeness.ERASED),
        "kind": Leaf(row.kind if row is not None else None, here),
        "sha256": Leaf(entry.data["sha256"], here),
        "size": Leaf(row.size if row is not None else None, here),
    }
