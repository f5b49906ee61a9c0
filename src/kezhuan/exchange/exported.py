"""Files that jobs wrote for somebody to take along: where they lie, and who fetches one."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings

from kezhuan.exchange.models import Export
from kezhuan.kernel import jobs, journal
from kezhuan.kernel.access import GRANT, Actor, memberships_of
from kezhuan.kernel.deputies import standing_in
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Job
from kezhuan.kernel.text import now


def folder() -> Path:
    """Where they lie."""
    found = Path(settings.DATA) / "exports"
    found.mkdir(parents=True, exist_ok=True)
    return found


def fresh_file(ending: str) -> Path:
    """A name in the folder that nobody has yet."""
    return folder() / f"{secrets.token_hex(16)}.{ending}"


def grants_held(actor: Actor) -> list[str]:
    """The tokens of grants with days that the actor holds now."""
    return sorted(token for token in actor.tokens if token.startswith(f"{GRANT}:"))


def export_of(actor: Actor, number: int) -> Export:
    """What the actor asked for, while they still act for whom they asked, and hold what they saw it by.

    Raises `Missing`.
    """
    person = actor.person
    asked = (
        Export.objects.filter(pk=number, by=person).select_related("job").first()
        if person is not None and abs(number) < 2**63
        else None
    )
    if asked is None or person is None:
        raise Missing(str(number))
    acting = asked.acting_for_id
    if acting is not None and not memberships_of(person).filter(organisation=acting).exists():
        raise Missing(str(number))
    # What was written by the strength of a grant with days is fetched within these days, and so is a deputy's.
    deputy = asked.job.deputy_id if asked.job is not None else None
    stands_in = deputy is None or standing_in(actor, deputy).deputy == deputy
    if not stands_in or not set(asked.grants) <= set(grants_held(actor)):
        raise Missing(str(number))
    return asked


def ask_file(work: str, /, *, actor: Actor, **what: Any) -> tuple[Export, Job]:
    """Ask inside the present transaction for a file that the job named `work` writes; `what` are fields of `Export`."""
    assert actor.person is not None
    asked = Export.objects.create(
        by=actor.person, acting_for=actor.organisation, grants=grants_held(actor), made_at=now(), **what
    )
    asked.job = jobs.enqueue(work, actor=actor, export=asked.pk)
    asked.save(update_fields=["job"])
    return asked, asked.job


def fetch(actor: Actor, number: int) -> tuple[Export, Path]:
    """The file that a job wrote, noted as fetched; raises `Missing` for one that is not there, or not yet."""
    asked = export_of(actor, number)
    path = folder() / asked.file
    if not asked.file or not path.is_file():
        raise Missing(str(number))
    with journal.writing():
        journal.note("export.fetched", actor=actor, data={"export": asked.pk, "format": asked.ending})
    return asked, path
