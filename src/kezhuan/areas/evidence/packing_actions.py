"""Evidence handed to somebody who checks it without us: a package that this site signs. The only writers of keys."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from kezhuan.areas.evidence.actions import EVIDENCE, told_in
from kezhuan.areas.evidence.models import SiteKey
from kezhuan.areas.evidence.reconstruction import original_of
from kezhuan.engines import packages
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, can_view, groups_seen
from kezhuan.kernel.contents import MEGABYTE
from kezhuan.kernel.disclosures import note_opened
from kezhuan.kernel.documents import documents_of, read_whole
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Document, JournalHead, Record
from kezhuan.kernel.text import now

LARGEST = 100 * MEGABYTE
"""Bytes of the files in a package; what does not fit is named in its manifest by its hash alone."""
README = "README.txt"
_HOW = """{title}

签名证据包 · signed package of evidence

manifest.json 列出每份文件的大小和 SHA-256，manifest.sig 是它的 Ed25519 签名，public-key.pem 是签名公钥。
manifest.json names each file with size and SHA-256, manifest.sig is its Ed25519 signature, public-key.pem the key.

核对 to check it:
  1. 公钥须是签发网站公布的 the key must be one that the site publishes: {site}/evidence-keys/
  2. openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.sig
  3. sha256sum 每份文件 each file
或 or: ./kezhuan verify-package FILE --key public-key.pem
"""


ABSENT = "不在此处，或请求者无权打开 not here, or not for this reader to open"
TOO_LARGE = "证据包已达上限 the package is full"


@dataclass(frozen=True)
class _Wanted:
    """A file that evidence names: as what, by which hash, and its name where the evidence tells it."""

    what: str
    sha256: str
    name: str = ""


TOLD = ("code", "kind", "uid", "title", "unit", "move", "at")


@dataclass(frozen=True)
class KeyShown:
    """A public key of this site: since when it signs (None: has signed nothing yet), and whether it still does."""

    public: str
    since: datetime | None
    in_use: bool

    @property
    def pem(self) -> str:
        """The key as OpenSSL reads it."""
        return packages.pem_of(self.public)


def site_keys() -> list[KeyShown]:
    """The public keys of this site, the one in use first."""
    own = packages.public_of(packages.key_of(settings.SECRET_KEY))
    held = dict(SiteKey.objects.values_list("public", "since"))
    former = [KeyShown(public, since, False) for public, since in held.items() if public != own]
    return [KeyShown(own, held.get(own), True), *former]


def pack_evidence(*, actor: Actor, document: Document) -> tuple[str, bytes]:
    """The name and the bytes of a signed package: the evidence file, and of the files that it names (its record's,
    minutes, proofs of notices, signed sheets) those that the actor may open. Raises `Missing` for who may not open
    it, and `Refused` where bytes are gone or damaged."""
    record = document.record
    if document.kind != EVIDENCE or not can_view(actor, record, document.group):
        raise Missing(document.sha256)
    told, content = told_in(document), read_whole(document)
    original = original_of(document).record
    files, opened = {f"evidence/{document.name}": content}, [document]
    wanted = list(_wanted(told))
    held = _held(actor, original, told, [one.sha256 for one in wanted])
    size, left = len(content), []
    for number, one in enumerate(wanted, 1):
        found = held.get(one.sha256)
        if found is None or size + found.size > LARGEST:
            why = ABSENT if found is None else TOO_LARGE
            left.append({"what": one.what, "name": one.name, "sha256": one.sha256, "why": why})
            continue
        files[f"{one.what}/{number:03}-{(one.name or found.name).replace('/', '_')}"] = read_whole(found)
        size += found.size
        opened.append(found)
    name = f"{document.name.removesuffix('.json')}.zip"
    files[README] = _HOW.format(title=name, site=settings.SITE_URL).encode()
    with journal.writing():
        key = _signing_key(actor)
        for shown in opened:
            note_opened(actor, shown)
        packed = packages.packed(_about(told, actor, left), files, key)
        data = {"document": document.pk, "sha256": hashlib.sha256(packed).hexdigest(), "key": packages.public_of(key)}
        journal.note("evidence.packed", record=record, actor=actor, data=data)
    return name, packed


def _wanted(told: dict[str, Any]) -> Iterator[_Wanted]:
    """What an evidence file names by its hash and a package holds as a file, each once: the record's own files, signed
    sheets, minutes of its approvals, and proofs of its notices."""
    seen = set()
    named = [_Wanted("files", one["sha256"], one["name"]) for one in told["documents"]]
    named += [_Wanted("signatures", one["sha256"]) for one in told["signatures"]]
    named += [_Wanted("minutes", step["minutes_sha256"]) for one in told["approvals"] for step in one["steps"]]
    named += [
        _Wanted("proofs", proof)
        for one in told["notices"]
        for channel in one["channels"]
        for proof in channel["proofs_sha256"]
    ]
    for one in named:
        if one.sha256 and one.sha256 not in seen:
            seen.add(one.sha256)
            yield one


def _held(actor: Actor, original: Record, told: dict[str, Any], wanted: list[str]) -> dict[str, Document]:
    """Those of the files that the actor may open, by their hash: of the record, its approvals and its notices."""
    codes = [one["code"] for part in ("approvals", "notices") for one in told[part]]
    found: dict[str, Document] = {}
    for record in (original, *Record.objects.filter(code__in=codes)):
        rows = documents_of(record, groups_seen(actor, record)).filter(stored__in=wanted)
        found |= {one.sha256: one for one in rows}
    return found


def _about(told: dict[str, Any], actor: Actor, left: list[dict[str, str]]) -> dict[str, Any]:
    """What the manifest says beside its files: of which decision they are, who had them packed when, how far the
    journal had come, and which files of the evidence it does not hold."""
    head = JournalHead.objects.filter(pk=1).first()
    return {
        "site": settings.SITE_URL,
        "made_at": now().isoformat(timespec="seconds"),
        "made_for": actor.organisation.record.title if actor.organisation is not None else actor.name,
        "evidence": {name: told[name] for name in TOLD},
        "journal": {"seq": head.seq, "hash": head.hash} if head is not None else {},
        "not_included": left,
    }


def _signing_key(actor: Actor) -> Ed25519PrivateKey:
    """The key that signs now; noted when it signs for the first time, so that it is known when another has taken its
    place."""
    key = packages.key_of(settings.SECRET_KEY)
    public = packages.public_of(key)
    _row, fresh = SiteKey.objects.get_or_create(public=public, defaults={"since": now()})
    if fresh:
        journal.note("evidence.key", actor=actor, data={"public": public})
    return key
