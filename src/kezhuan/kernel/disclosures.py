"""Who was shown what is confidential: noted in the journal once a day for each reader and record.

Each kind says of a row what is confidential about it before an actor (`Kind.confidential`). Whoever acts for its owner
reads their own, and every look of an inspector is noted as such (see `inspecting`); for everybody else the first look
of a day makes an entry, before the answer is sent: when the entry cannot be written the record is not shown. Lines of
lists and search results show titles and words and are not noted; what a match says of a record is (`note_words`).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import GROUPS, PUBLIC, Actor, visible_to
from kezhuan.kernel.inspecting import inspects
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import Disclosure, Document, Record
from kezhuan.kernel.text import today

KEPT = timedelta(days=2)
"""For so long it is remembered what was noted; a day begins anew, and no clock is off by more."""


def confidential(actor: Actor, row: Any) -> str:
    """What is confidential about a row that the actor is shown and that is not their own: a word, or nothing."""
    judge = registry.kind_of(row.record).confidential
    own = actor.organisation is not None and row.record.owner_id == actor.organisation.pk
    if judge is None or own or not actor.is_signed_in or inspects(actor, row.record):
        return ""
    return judge(actor, row)


def confidential_among(actor: Actor, rows: Iterable[Any]) -> list[str]:
    """The uids of those of these rows that are confidential and not the actor's own: what a file of them tells."""
    return [str(row.record.uid) for row in rows if confidential(actor, row)]


def confidential_records(actor: Actor, kind: registry.Kind, ids: Sequence[int]) -> list[str]:
    """The same of the records of these ids, read anew: one query, or none for a kind without anything confidential."""
    if kind.confidential is None:
        return []
    audiences = (f"record__{group}_to" for group in GROUPS)
    rows = kind.model._default_manager.filter(pk__in=ids).select_related("record", *audiences).order_by("pk")
    return confidential_among(actor, visible_to(actor, rows))


def note_shown(actor: Actor, rows: Iterable[Any]) -> None:
    """Note which of these rows, shown in full to the actor, are confidential and not their own, as far as today's
    entries do not tell it already. One query when there are such rows, none otherwise."""
    _note(actor, {str(row.record.uid): word for row in rows if (word := confidential(actor, row))})


WORDS = "words"
"""Why a record was shown of which a match named the words that both sides share."""


def note_words(actor: Actor, records: Iterable[Record]) -> None:
    """Note the same of records whose words, facts or figures stand in the reasons of a match, when not everybody may
    read their public part; a record that the actor has looked at today is noted already. The records are fetched with
    `public_to`."""
    own = actor.organisation.pk if actor.organisation is not None else None
    hidden = [one for one in records if one.public_to.key != PUBLIC and (own is None or one.owner_id != own)]
    if actor.is_signed_in:
        _note(actor, {str(one.uid): WORDS for one in hidden if not inspects(actor, one)})


def _note(actor: Actor, why: Mapping[str, str]) -> None:
    """The entry on what was shown, by the records' uids; none for what was noted today."""
    fresh = _first_today(actor, list(why))
    if not fresh:
        return
    with journal.writing():
        told = _keep(actor, fresh)
        if told:
            # Not under `uids`: nothing about the records has changed.
            data = {"shown": told, "why": sorted({why[uid] for uid in told})}
            journal.note("records.shown", actor=actor, data=data)


def note_opened(actor: Actor, document: Document) -> None:
    """Note that somebody opened a file that is not everybody's: once a day for each reader and file."""
    audience = getattr(document.record, f"{document.group}_to")
    if audience.key == PUBLIC or not actor.is_signed_in or inspects(actor, document.record):
        return
    fresh = _first_today(actor, [f"document:{document.pk}"])
    if not fresh:
        return
    with journal.writing():
        if _keep(actor, fresh):
            data = {"document": document.pk, "shown": [str(document.record.uid)], "sha256": document.sha256}
            journal.note("document.opened", actor=actor, data=data)


def _first_today(actor: Actor, what: Sequence[str]) -> list[str]:
    if not what:
        return []
    held = Disclosure.objects.filter(person=actor.person, on=today(), what__in=what)
    return sorted(set(what) - set(held.values_list("what", flat=True)))


def _keep(actor: Actor, what: Sequence[str]) -> list[str]:
    """Those of them that nobody noted meanwhile: of two looks at once one makes the entry."""
    mark = secrets.token_hex(8)
    rows = [Disclosure(person=actor.person, on=today(), what=one, mark=mark) for one in what]
    Disclosure.objects.bulk_create(rows, ignore_conflicts=True)
    mine = Disclosure.objects.filter(person=actor.person, on=today(), what__in=what, mark=mark)
    return sorted(mine.values_list("what", flat=True))


def forget(_running: Running) -> None:
    """Forget what was noted on days that are over; the entries stay."""
    Disclosure.objects.filter(on__lt=today() - KEPT).delete()
