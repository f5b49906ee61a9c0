"""A closed case as an archive folder: a job writes it for whoever asks, with their rights of that moment."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kezhuan.exchange.models import Export
from kezhuan.exchange.papers.archiving import may_archive, write_folder
from kezhuan.kernel import access, disclosures, jobs, journal, registry
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import now
from kezhuan.web import exports
from kezhuan.web.middleware import Request

JOB = "archive.write"


def _row(actor: access.Actor, code: str) -> Any:
    record = access.get_visible(actor, Record, code)
    note_views(actor, [record.pk], "document")
    row = registry.row_of(record)
    row.record = record
    return row


@require_POST
def archive(request: Request, code: str) -> HttpResponse:
    """Ask for the folder; its job's page leads to it."""
    actor, row = request.actor, _row(request.actor, code)
    if actor.person is None or not may_archive(actor, row):
        raise NotAllowed
    with journal.writing():
        asked = Export.objects.create(
            name=code,
            kinds=[row.record.kind],
            by=actor.person,
            acting_for=actor.organisation,
            ending="zip",
            language="zh-hans",
            records=[row.pk],
            made_at=now(),
        )
        job = jobs.enqueue(JOB, actor=actor, export=asked.pk)
    return redirect("job", number=job.pk)


def write_archive(running: Running, export: int) -> None:
    """Write the folder for whoever asked; a takeover writes it anew."""
    asked, actor = Export.objects.get(pk=export), running.actor
    record = Record.objects.get(pk=asked.records[0])
    if actor is None:
        raise Missing(record.code)
    row = _row(actor, record.code)
    path = exports.fresh_file("zip")
    with path.open("wb") as file:
        count = write_folder(actor, row, file, running.progress)
    with journal.writing():
        shown = disclosures.confidential_among(actor, [row])
        data = {"format": "zip", "count": count, **({"shown": shown} if shown else {})}
        journal.note("export.archive", record=record, actor=actor, data=data)
        Export.objects.filter(pk=asked.pk).update(file=path.name)
        running.result({"page": "export", "at": [asked.pk], "count": count})
        running.finish()
