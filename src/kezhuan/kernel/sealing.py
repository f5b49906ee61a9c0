"""Sealed records: their words and files are encrypted, from the first that is written, until they are opened.

Whoever acts for the unit reads its own by the site's sealing key, which is neither in the database nor in the data
folder nor in a backup; whoever has the opening code opens them all (see `engines.sealing` and decision 0047). A kind
says of its rows that they are sealed, and who reads which part of them meanwhile; here nothing is asked.
"""

import json
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from kezhuan.engines import sealing as engine
from kezhuan.engines.sealing import Unreadable
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models import Record, Sealed

LOOKED = "sealed.look"
"""Kind of the entry on somebody, not of its unit, who wanted to read what is sealed."""


def site_seals() -> bool:
    """Whether this site can seal anything: it has a sealing key."""
    return bool(settings.SEALING_KEY)


def is_sealed(record: Record) -> bool:
    """Whether a record is sealed and not opened yet; one query."""
    return Sealed.objects.filter(pk=record.pk).exists()


def key_of(record: int) -> bytes | None:
    """The key of a sealed record (by its number) as its unit reads it, None for one that is not sealed; one query.

    Raises `Refused` where the site has no sealing key any more, or another one.
    """
    held = Sealed.objects.filter(pk=record).values_list("own_key", flat=True).first()
    return None if held is None else _own(bytes(held))


def seal_words(record: Record, words: dict[str, Any], opening: str) -> None:
    """Keep the words of a record encrypted, in place of those it had; the first time for whoever has the code of this
    public half. Call inside `writing()`, with the record held or new."""
    content = json.dumps(words, ensure_ascii=False).encode()
    held = Sealed.objects.filter(pk=record.pk).first()
    if held is not None:
        held.words = engine.seal(_own(bytes(held.own_key)), content)
        held.save(update_fields=["words"])
        return
    key = engine.new_key()
    Sealed.objects.create(
        record=record,
        words=engine.seal(key, content),
        own_key=engine.seal(_site_key(), key),
        opening_key=engine.wrap(opening, key),
    )


def words_of(record: Record) -> dict[str, Any]:
    """The words of a sealed record as its unit reads them; raises `Refused` as `key_of` does."""
    held = Sealed.objects.get(pk=record.pk)
    return _words(held, _own(bytes(held.own_key)))


def key_by_code(record: Record, code: tuple[str, str]) -> bytes:
    """The key of a sealed record for whoever has its opening code; raises `Unreadable` for another."""
    return engine.unwrap(code, bytes(Sealed.objects.get(pk=record.pk).opening_key))


def take_words(record: Record, key: bytes) -> dict[str, Any]:
    """The words of a sealed record that is opened now: nothing encrypted of them stays. Call inside `writing()`."""
    held = Sealed.objects.get(pk=record.pk)
    words = _words(held, key)
    held.delete()
    return words


def note_look(actor: Actor, record: Record, by: str) -> None:
    """Note that somebody who is not of its unit, nor of one that reads it with that, wanted to read a sealed record;
    `by` is page, document or api. Visitors are not noted: nothing is known of them."""
    own = actor.organisation is not None and record.owner_id == actor.organisation.pk
    if actor.is_signed_in and not own and is_sealed(record) and not can_view(actor, record, "full"):
        with journal.writing():
            journal.note(LOOKED, record=record, actor=actor, data={"by": by})


def note_refused(actor: Actor, code: str, by: str) -> None:
    """The same of somebody who may not even know of the record of this code."""
    held = Sealed.objects.filter(record__code=code).select_related("record").first() if actor.is_signed_in else None
    if held is not None:
        note_look(actor, held.record, by)


def _words(held: Sealed, key: bytes) -> dict[str, Any]:
    words: dict[str, Any] = json.loads(engine.unseal(key, bytes(held.words)))
    return words


def _site_key() -> bytes:
    if not settings.SEALING_KEY:
        raise Refused(_keyless())
    return engine.derived(settings.SEALING_KEY.encode(), "sealing key of the site")


def _own(wrapped: bytes) -> bytes:
    try:
        return engine.unseal(_site_key(), wrapped)
    except Unreadable:
        raise Refused(_keyless()) from None


def _keyless() -> Problem:
    message = _(
        "This site does not have the sealing key with which this was sealed: ask its administrators to put it back."
        " With its opening code the office can still open it."
    )
    return Problem("sealing-key-missing", message)
