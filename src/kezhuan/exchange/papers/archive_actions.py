"""A closed case as an archive folder: a job writes it for whoever asks, with their rights of that moment."""

from typing import Any

from kezhuan.exchange.exported import ask_file, fresh_file
from kezhuan.exchange.models import Export
from kezhuan.exchange.papers.archiving import may_archive, rows_of_case, write_folder
from kezhuan.kernel import access, disclosures, journal, registry
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import Job, Record

JOB = "archive.write"


def ask_archive(*, actor: access.Actor, row: Any) -> tuple[Export, Job]:
    """Ask for the folder of a closed case. Raises `NotAllowed`."""
    if actor.person is None or not may_archive(actor, row):
        raise NotAllowed
    with journal.writing():
        what = {"name": row.record.code, "kinds": [row.record.kind], "records": [row.pk]}
        return ask_file(JOB, actor=actor, ending="zip", language="zh-hans", **what)


def write_archive(running: Running, export: int) -> None:
    """Write the folder for whoever asked; a takeover writes it anew."""
    asked, actor = Export.objects.get(pk=export), running.actor
    code = Record.objects.values_list("code", flat=True).get(pk=asked.records[0])
    if actor is None:
        raise Missing(code)
    record = access.get_visible(actor, Record, code)
    row = registry.row_of(record)
    row.record = record
    case = rows_of_case(actor, row)
    note_views(actor, [one.pk for one in case], "document")
    path = fresh_file("zip")
    with path.open("wb") as file:
        count = write_folder(actor, case, file, running.progress)
    with journal.writing():
        shown = disclosures.confidential_among(actor, case)
        data = {"format": "zip", "count": count, **({"shown": shown} if shown else {})}
        journal.note("export.archive", record=record, actor=actor, data=data)
        Export.objects.filter(pk=asked.pk).update(file=path.name)
        running.result({"page": "export", "at": [asked.pk], "count": count})
        running.finish()
