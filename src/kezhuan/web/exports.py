"""Every list as a file to take along: what is filtered, in the order shown, as far as its reader may see it."""

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.engines.tables import write_table
from kezhuan.exchange.exported import ask_file, fetch, folder, fresh_file
from kezhuan.exchange.models import Export
from kezhuan.exchange.sheets import BATCH, Reader, SheetColumn, has_sheet, sheet_of, speaks_chinese, word
from kezhuan.kernel import disclosures, journal, registry, search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.errors import Missing, Problem, Refused
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import Record
from kezhuan.kernel.predicates import AnyModel
from kezhuan.kernel.text import SHANGHAI, batches, now, today
from kezhuan.web import faces
from kezhuan.web.components import Cell, InboxLine, TableView, Text
from kezhuan.web.middleware import Request

FIELD = "export"
"""Name of the button that asks for a file; its value is the ending."""
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
FOLDER = {"zip": "application/zip"}
"""What a job may write beside lists: a closed case with its files."""
AT_ONCE = 2000
"""Rows that are written while the reader waits; a longer list is a job."""
MOST_LINES = 10_000
"""Lines of a list that is none of records and is written while its reader waits; a longer one is narrowed by day."""
KEPT = timedelta(days=7)
"""How long a file that a job wrote can be fetched."""
_EVERY = 10_000_000
_CODED = frozenset(
    {
        "kind", "field", "region", "stage", "state", "trl", "rights", "organisation_kind", "size", "sort",
        "contract_kind", "call_kind",
    }
)  # fmt: skip
"""Facets whose values are codes; the values of others, and what is no code, are words of people."""
_CODE = re.compile(r"[a-z0-9_]{1,30}")


@dataclass(frozen=True)
class Columns:
    """What a file's rows are made of: headers, widths, and the rows of some records before an actor.

    `confidential` holds the uids of those that are confidential and not the actor's own, once the rows were read.
    """

    headers: Sequence[str]
    widths: Sequence[float]
    rows: Iterator[Sequence[Any]]
    confidential: list[str] = field(default_factory=list)


def asks_for_file(request: Request, *, beside_form: bool = False) -> bool:
    """Whether the reader pressed one of the buttons that ask for a file, on a page with a form `beside` or without."""
    return request.method == "POST" and (FIELD in request.POST or not beside_form)


def list_file(request: Request, question: search.Asked, *, name: str, title: Text) -> HttpResponse:
    """The list that is asked for as a file, or the job that writes it. Raises `Refused` for a format that is none."""
    _ending(request)
    ids = search.search(request.actor, replace(question, page=0, size=_EVERY, facets=())).records
    return records_file(request, question.kinds, ids, name=name, title=title, filters=_filters(question))


def records_file(
    request: Request, kinds: Sequence[str], ids: Sequence[int], *, name: str, title: Text, filters: Mapping[str, Any]
) -> HttpResponse:
    """These records of some kinds as a file, or the job that writes it. Raises `Refused` for a format that is none."""
    actor, ending = request.actor, _ending(request)
    if len(ids) > AT_ONCE:
        return _by_job(request, kinds, ids, name=name, ending=ending, filters=filters)
    return answer(actor, _columns(actor, kinds, ids), name=name, title=title, ending=ending, filters=filters)


def table_file(
    request: Request,
    headers: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    name: str,
    title: Text,
    filters: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """A table that is no list of records as a file. Raises `Refused` for a format that is none, or too many lines."""
    ending = _ending(request)
    if len(rows) > MOST_LINES:
        message = _("This list has more than %(most)s lines. Narrow it down, then take it along.")
        raise Refused(Problem("export-long", message % {"most": f"{MOST_LINES:,}"}))
    columns = Columns([str(one) for one in headers], (24,) * len(headers), iter(rows))
    return answer(request.actor, columns, name=name, title=title, ending=ending, filters=filters)


def shown_file(
    request: Request, table: TableView, *, name: str, title: Text, filters: Mapping[str, Any] | None = None
) -> HttpResponse:
    """A table as its page shows it, as a file; figures are numbers there."""
    rows = [[_figure(cell) if column.numeric else str(cell) for column, cell in line] for line in table.lines]
    return table_file(request, [str(one.label) for one in table.columns], rows, name=name, title=title, filters=filters)


def _figure(cell: Cell) -> int | str:
    text = str(cell)
    plain = text.replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() else text


def asked_for_on(rows: QuerySet[AnyModel], day: date | None) -> QuerySet[AnyModel]:
    """Of jobs or messages those that were made on a day, all without one."""
    if day is None:
        return rows
    start = datetime.combine(day, time.min, SHANGHAI)
    return rows.filter(made_at__gte=start, made_at__lt=start + timedelta(days=1))


def local(moment: datetime | None) -> datetime | None:
    """A moment as spreadsheets hold it: the clock's time here to the second, without a zone."""
    return moment.astimezone(SHANGHAI).replace(microsecond=0, tzinfo=None) if moment is not None else None


def answer(
    actor: Actor, columns: Columns, *, name: str, title: Text, ending: str, filters: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Write the file, note in the journal who took what, and send it."""
    path = _written(actor, columns, name, title, ending, filters or {})
    return sent(path, _called(title, ending), ending, keep=False)


def whole_answer(actor: Actor, columns: Columns, *, name: str, title: Text, ending: str) -> HttpResponse:
    """As `answer`, but read before it is sent, for what is small."""
    path = _written(actor, columns, name, title, ending, {})
    content = path.read_bytes()
    path.unlink()
    return file_answer(_called(title, ending), content, (MEDIA | FOLDER)[ending])


def _called(title: Text, ending: str) -> str:
    return f"{title}-{today():%Y%m%d}.{ending}"


def _written(actor: Actor, columns: Columns, name: str, title: Text, ending: str, filters: Mapping[str, Any]) -> Path:
    path = fresh_file(ending)
    count = write_table(path, columns.headers, columns.rows, widths=columns.widths, sheet=str(title)[:31])
    with journal.writing():
        note_export(actor, name=name, ending=ending, count=count, filters=filters, shown=columns.confidential)
    return path


def note_export(
    actor: Actor, *, name: str, ending: str, count: int, filters: Mapping[str, Any], shown: Sequence[str] = ()
) -> None:
    """The entry `export.<list>`: who, how many rows, which filters, and which confidential records of others the file
    holds; words that were searched for are not kept."""
    chosen = {facet: values for facet, values in filters.items() if facet != "words"}
    coded = {facet: values for facet, values in chosen.items() if facet in _CODED and all(map(_CODE.fullmatch, values))}
    typed = {facet: values for facet, values in chosen.items() if facet not in coded}
    journal.note(
        f"export.{name}",
        actor=actor,
        data={
            "format": ending,
            "count": count,
            "filter": coded,
            "fields": sorted(typed),
            "words": bool(filters.get("words")),
            **({"shown": list(shown)} if shown else {}),
        },
        texts={"filter": typed} if typed else None,
    )


def _ending(request: Request) -> str:
    ending = request.POST.get(FIELD, "")
    if ending not in MEDIA:
        raise Refused(Problem("format-unknown", _("A list can be taken along as XLSX or CSV.")))
    return ending


def _filters(question: search.Asked) -> dict[str, Any]:
    return {**{name: list(values) for name, values in question.chosen.items()}, "words": bool(question.words)}


def inbox_file(request: Request, lines: Sequence[InboxLine], *, title: Text) -> HttpResponse:
    """What waits for the reader, as a file."""
    chinese = speaks_chinese()
    headers = (
        ("待办", "名称", "编号", "单位", "到期日", "剩余天数", "天数种类")
        if chinese
        else ("To do", "Title", "Code", "Who", "Due", "Days left", "Kind of day")
    )
    working, calendar = (_("working days"), _("calendar days"))

    def rows() -> Iterator[Sequence[Any]]:
        for line in lines:
            clock = line.clock
            days = (clock.due, clock.days_left, working if clock.working else calendar) if clock else (None, None, "")
            yield (str(line.label), str(line.title), line.code, str(line.who), *days)

    columns = Columns(headers, (24, 44, 16, 26, 12, 10, 12), rows())
    return answer(request.actor, columns, name="inbox", title=title, ending=_ending(request))


# -- rows --------------------------------------------------------------------------------------------------------------


def _columns(actor: Actor, kinds: Sequence[str], ids: Sequence[int]) -> Columns:
    """A kind's own columns; for several kinds together, and a kind without its own, what every record has."""
    note_views(actor, ids, "export")
    if len(kinds) == 1 and has_sheet(kinds[0]):
        sheet = sheet_of(kinds[0])
        shown, reader, found = sheet.shown_to(actor), Reader(actor), list[str]()
        rows = (reader.cells(shown, row) for row in _watched(actor, sheet.rows(actor, ids), found))
        return Columns([one.header for one in shown], [one.width for one in shown], rows, found)
    shown = _common()
    return Columns([one.header for one in shown], [one.width for one in shown], _common_rows(actor, shown, ids))


def _watched(actor: Actor, rows: Iterable[Any], found: list[str]) -> Iterator[Any]:
    """The rows as they are, while the uids of confidential ones gather."""
    for row in rows:
        found += disclosures.confidential_among(actor, [row])
        yield row


def _common() -> tuple[SheetColumn, ...]:
    return (
        SheetColumn("平台编号", "Platform code", word("code"), "title", width=16),
        SheetColumn("类别", "Kind", lambda _actor, row: str(registry.kind_of(row.record).label), "title", width=12),
        SheetColumn("名称", "Title", lambda _actor, row: row.title, "title", width=50),
        SheetColumn("阶段", "Stage", lambda _actor, row: str(faces.stage_tag(row.record).label), "title", width=12),
        SheetColumn("所属单位", "Owner", lambda _actor, row: row.owner, width=28),
        SheetColumn("登记日期", "Opened on", lambda _actor, row: row.record.opened_on, "title", width=12),
    )


@dataclass(frozen=True)
class _Common:
    """A record of any kind, called as this reader knows it."""

    record: Record
    title: str

    @property
    def owner(self) -> str:
        return self.record.owner.record.title if self.record.owner is not None else ""


def _common_rows(actor: Actor, shown: Sequence[SheetColumn], ids: Sequence[int]) -> Iterator[Sequence[Any]]:
    reader = Reader(actor)
    for batch in batches(ids, BATCH):
        records = visible_to(actor, Record.objects.select_related("owner__record")).in_bulk(batch)
        titles = faces.titles(actor, list(records.values()))
        for pk in batch:
            if pk in records:
                yield reader.cells(shown, _Common(records[pk], titles[pk]))


# -- files -------------------------------------------------------------------------------------------------------------


def sent(path: Path, name: str, ending: str, *, keep: bool) -> HttpResponse:
    """Send a file under a name; unless it is kept it is gone once it was read."""
    stream = path.open("rb")
    if not keep:
        path.unlink()  # it is read from the open handle and gone with it
    response = FileResponse(stream, content_type=(MEDIA | FOLDER)[ending])
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # To pages a file is an answer like any other; Django's two classes of answers share only a base.
    return cast(HttpResponse, response)


def file_answer(name: str, content: bytes, media: str) -> HttpResponse:
    """A file of this name, made for whoever asked for it: nothing on the way keeps it."""
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


# -- long lists --------------------------------------------------------------------------------------------------------


def _by_job(
    request: Request, kinds: Sequence[str], ids: Sequence[int], *, name: str, ending: str, filters: Mapping[str, Any]
) -> HttpResponse:
    actor = request.actor
    if actor.person is None:
        message = _("This list has %(count)s rows. Narrow it down to %(most)s, or sign in to have it written for you.")
        raise Refused(Problem("export-long", message % {"count": f"{len(ids):,}", "most": f"{AT_ONCE:,}"}))
    with journal.writing():
        _asked, job = ask_file(
            "exports.write",
            actor=actor,
            name=name,
            kinds=list(kinds),
            ending=ending,
            language=get_language() or "zh-hans",
            records=list(ids),
            filter=dict(filters),
        )
    return redirect("job", number=job.pk)


def write_export(running: Running, export: int) -> None:
    """Write a long list for whoever asked, with their rights of this moment; a takeover writes it anew."""
    asked, actor = Export.objects.get(pk=export), running.actor
    if actor is None:
        raise Missing(str(export))
    path = folder() / f"{asked.pk}-{secrets.token_hex(8)}.{asked.ending}"
    with override(asked.language):
        columns = _columns(actor, asked.kinds, asked.records)
        rows = _told(columns.rows, running, len(asked.records))
        count = write_table(path, columns.headers, rows, widths=columns.widths)
    with journal.writing():
        note_export(
            actor,
            name=asked.name,
            ending=asked.ending,
            count=count,
            filters=asked.filter,
            shown=columns.confidential,
        )
        Export.objects.filter(pk=asked.pk).update(file=path.name)
        running.result({"page": "export", "at": [asked.pk], "count": count})
        running.finish()


def _told(rows: Iterator[Sequence[Any]], running: Running, total: int) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows, 1):
        yield row
        if number % BATCH == 0:
            running.progress(number, total)


@require_safe
def export_file(request: Request, number: int) -> HttpResponse:
    """The file that a job wrote, for whoever asked for it."""
    asked, path = fetch(request.actor, number)
    return sent(path, f"{asked.name}-{asked.made_at:%Y%m%d}.{asked.ending}", asked.ending, keep=True)


def forget_exports(running: Running) -> None:
    """Remove files that were kept long enough, and those that nobody's row names."""
    Export.objects.filter(made_at__lt=now() - KEPT).delete()
    named = set(Export.objects.exclude(file="").values_list("file", flat=True))
    border = (now() - timedelta(days=1)).timestamp()
    for entry in os.scandir(folder()):
        # A fresh file that no row names may be one that is being written.
        if entry.name not in named and entry.stat().st_mtime < border:
            with suppress(FileNotFoundError):
                Path(entry.path).unlink()
