"""证据卷: what was known when something was decided, kept as one file with the record, byte for byte, for good.

The file is made by the program in the transaction of the move and nobody takes it back; its SHA-256 stands in the
journal's entry of the file. Beside it the journal keeps what the rows said, so that all of it can be rebuilt from there
later (see `reconstruction`). What others may read only elsewhere (opinions, who objected and why, what a contract says
and what was paid under it) is told by its hash: whoever has the original can show that it is that one.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhuan.exchange.models import Signature
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.approvals import steps_told
from kezhuan.kernel.documents import Upload, keep_document, read_whole
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Approval, Document, Entry, Notice, Record, RuleUse, RuleValue
from kezhuan.kernel.text import now

FORMAT = "kezhuan-evidence-2"
FIRST_FORMAT = "kezhuan-evidence-1"
"""Of files whose index counts the items of each part and names none."""
SAYS = "says"
"""Stands with files that hold the opinion on the step at which they were frozen; earlier ones had it empty."""
EVIDENCE = "evidence"
"""The kind of the document."""
PARTS: dict[str, Text] = {
    "rules": _("rules in force"),
    "matter": _("what was decided on"),
    "approvals": _("approvals and minutes"),
    "notices": _("notices and objections"),
    "signatures": _("signatures"),
    "contract": _("the contract"),
    "documents": _("files"),
    "journal": _("steps before"),
}
"""The parts of an evidence file in words; what stands before them is its head."""
FROZEN = "evidence.frozen"
"""Kind of the entry that keeps beside an evidence file what it was made of."""
WORDS = ("title", "unit", "achievement", "matter", "contract")
"""What an evidence file tells that only rows say which change: the journal keeps it in words."""


Tell = Callable[[Any], dict[str, Any]]
_contracts: list[Tell] = []


def tell_contracts_by(tell: Tell) -> None:
    """Register what tells, of a row that was decided on, the contract that it rests on; nothing where there is none.
    Contracts stand above evidence: what is agreed on freezes evidence itself."""
    _contracts[:] = [tell]


def hash_of(*parts: object) -> str:
    """The SHA-256 of texts in canonical form; of nothing nothing."""
    if not any(parts):
        return ""
    told = json.dumps([str(one) for one in parts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def part_hash(told: Any) -> str:
    """The SHA-256 of a part of an evidence file, in canonical form."""
    return hashlib.sha256(
        json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def used_rules(record: Record) -> list[RuleValue]:
    """The rule values that were used for a record and its approvals until now."""
    records = [record.pk, *Approval.objects.filter(about=record).values_list("pk", flat=True)]
    rows = RuleUse.objects.filter(record__in=records).select_related("rule_value").order_by("rule_value__code", "pk")
    return [one.rule_value for one in rows]


def told_rule(one: RuleValue) -> dict[str, Any]:
    """A rule value as an evidence file tells it."""
    return {
        "code": one.code,
        "place": one.jurisdiction,
        "value": one.value,
        "unit": one.unit,
        "from": one.effective_from.isoformat(),
        "source": one.source,
    }


def considered_told(row: Approval) -> dict[str, str]:
    """The hash of what else was considered, where it was said; it is read by whoever reads the approval."""
    return {"considered_sha256": hash_of(row.considered)} if row.considered else {}


def _approval(row: Approval) -> dict[str, Any]:
    return {
        "code": row.record.code,
        "move": row.move,
        "stage": row.record.stage,
        "content_sha256": row.content_hash,
        "asked_by": row.asked_by.record.title,
        **considered_told(row),
        "steps": [
            {
                "post": told.step.post.name,
                "mode": told.step.mode,
                "outcome": told.step.outcome,
                "on": _day(told.step.signed_on),
                "signer": told.step.signer.record.title if told.step.signer is not None else "",
                "meeting": told.step.meeting,
                "minutes_no": told.step.minutes_no,
                "minutes_sha256": told.step.document.sha256 if told.step.document is not None else "",
                "entitled": told.step.entitled,
                "attended": told.step.attended,
                "recused": told.step.recused,
                "opinion_sha256": hash_of(told.opinion),
            }
            for told in steps_told(row)
        ],
    }


def _day(day: Any) -> str:
    return day.isoformat() if day is not None else ""


def _notice(row: Notice) -> dict[str, Any]:
    channels = row.channels.select_related("start_proof", "end_proof").order_by("kind")
    return {
        "code": row.record.code,
        "move": row.move,
        "stage": row.record.stage,
        "audience": row.audience,
        "content_sha256": row.content_hash,
        "days": row.days,
        "day_kind": row.day_kind,
        "channels": [
            {
                "kind": one.kind,
                "from": _day(one.started_on),
                "to": _day(one.ended_on),
                "proofs_sha256": [proof.sha256 for proof in (one.start_proof, one.end_proof) if proof is not None],
            }
            for one in channels
        ],
        "objections": [
            {
                "code": one.record.code,
                "received_on": one.received_on.isoformat(),
                "stage": one.record.stage,
                "said_sha256": hash_of(one.name, one.unit, one.contact, one.record.summary),
            }
            for one in row.objections.select_related("record").order_by("pk")
        ],
    }


def words_hash(entry: Entry) -> str:
    """The hash of the words beside an entry, as an evidence file tells it; nothing where there are none."""
    text = getattr(entry, "text", None)
    return hash_of(json.dumps(text.content, ensure_ascii=False, sort_keys=True)) if text is not None else ""


def _steps(record: Record) -> list[dict[str, Any]]:
    """What was done before, in the journal's order; words by their hash."""
    rows = Entry.objects.filter(record=record).select_related("text", "actor__record").order_by("seq")
    return [
        {
            "seq": one.seq,
            "at": one.at.isoformat(),
            "what": one.kind,
            "who": one.actor.record.title if one.actor is not None else "",
            "hash": one.hash,
            "words_sha256": words_hash(one),
        }
        for one in rows
    ]


def documents_told(record: Record) -> list[dict[str, Any]]:
    """The files of a record as an evidence file tells them; not evidence files themselves."""
    rows = Document.objects.filter(record=record, withdrawn_at=None).exclude(kind=EVIDENCE).order_by("pk")
    return [{"name": one.name, "kind": one.kind, "sha256": one.sha256, "size": one.size} for one in rows]


def _signatures(record: Record) -> list[dict[str, Any]]:
    rows = Signature.objects.filter(record=record).select_related("printed", "document", "signed_by__record")
    return [
        {
            "way": one.way,
            "version_code": one.printed.code,
            "by": one.signed_by.record.title if one.signed_by is not None else "",
            "at": one.signed_at.isoformat(),
            "sha256": one.document.sha256,
        }
        for one in rows.order_by("pk")
    ]


def index_of(told: dict[str, Any]) -> dict[str, Any]:
    """The index of an evidence file: by part each item with its number, what it is called and its SHA-256."""
    if told["format"] == FIRST_FORMAT:
        return {part: len(told[part]) for part in PARTS}
    return {
        part: [
            {"no": f"{place}.{number}", "title": _called(told, part, one), "sha256": part_hash(one)}
            for number, one in enumerate(items_of(told, part), 1)
        ]
        for place, part in enumerate(PARTS, 1)
    }


def items_of(told: dict[str, Any], part: str) -> list[Any]:
    """The items of a part, as its index counts them: what is told as a whole is one."""
    held = told[part]
    return held if isinstance(held, list) else [held] if held else []


def _called(told: dict[str, Any], part: str, item: Any) -> str:
    source = told if part == "matter" else item
    return " ".join(str(source[name]) for name in _CALLED[part] if source.get(name))


_CALLED = {
    "rules": ("code", "place"),
    "matter": ("code", "title"),
    "approvals": ("code", "move"),
    "notices": ("code", "move"),
    "signatures": ("version_code",),
    "contract": ("code", "title"),
    "documents": ("name",),
    "journal": ("seq", "what"),
}


def evidence_of(row: Any, move: str, actor: Actor, matter: Any) -> dict[str, Any]:
    """What is known of a record now, as its evidence file tells it; `matter` is what was decided on."""
    record: Record = row.record
    approvals = Approval.objects.filter(about=record).select_related("record", "asked_by__record").order_by("pk")
    notices = Notice.objects.filter(about=record).select_related("record").order_by("pk")
    found: dict[str, Any] = {
        "rules": [told_rule(one) for one in used_rules(record)],
        "matter": matter,
        "approvals": [_approval(one) for one in approvals],
        "notices": [_notice(one) for one in notices],
        "signatures": _signatures(record),
        "contract": next((tell(row) for tell in _contracts), {}),
        "documents": documents_told(record),
        "journal": _steps(record),
    }
    head = {
        "format": FORMAT,
        "kind": record.kind,
        "uid": str(record.uid),
        "code": record.code,
        "title": record.title,
        "unit": record.owner.record.title if record.owner is not None else "",
        "achievement": [about.code, about.title] if (about := getattr(row, "achievement", None)) is not None else [],
        "move": move,
        "stage": record.stage,
        "version": record.version,
        "at": now().isoformat(),
        "by": actor.name,
        "note_sha256": hash_of(getattr(row, "said", "")),
    }
    if reason := getattr(row, "said_reason", ""):
        head["reason"] = reason
    return head | {"index": index_of(head | found)} | found


def file_of(told: dict[str, Any]) -> bytes:
    """The bytes of an evidence file: JSON in one canonical form, UTF-8."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def told_in(document: Document) -> dict[str, Any]:
    """What an evidence file tells. Raises `Refused` where its bytes are gone or damaged."""
    told: dict[str, Any] = json.loads(read_whole(document))
    return told


@dataclass(frozen=True)
class Freeze:
    """A step for `Move.then`, after everything else that the move does: keep what was known when it was taken, with the
    matter as `tell` tells it, and the reason that was chosen."""

    move: str
    tell: Callable[[Any], Any]

    def __call__(self, row: Any, actor: Actor) -> None:
        fresh = registry.row_of(row.record)
        fresh.said, fresh.said_reason = getattr(row, "said", ""), getattr(row, "said_reason", "")
        told = evidence_of(fresh, self.move, actor, self.tell(fresh))
        content = file_of(told)
        name = f"证据卷-{row.record.code}-{self.move}-{row.record.version}.json"
        kept = keep_document(
            actor=actor, record=row.record, upload=Upload(name, content, True), kind=EVIDENCE, group="inner"
        )
        data = {
            "document": kept.pk,
            "format": FORMAT,
            "move": self.move,
            "version": row.record.version,
            SAYS: True,
            "last": told["journal"][-1]["seq"] if told["journal"] else 0,
            "rules": [one.pk for one in used_rules(row.record)],
            "parts": {part: part_hash(told[part]) for part in WORDS},
        }
        if fresh.said_reason:
            data["reason"] = fresh.said_reason
        words = {part: told[part] for part in WORDS}
        journal.note(FROZEN, record=row.record, actor=actor, data=data, texts={"told": words})
