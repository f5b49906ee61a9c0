"""A closed case as an archive folder (案卷): its sheet, what lies beside it and its files in order, then those of its
approvals (呈批表), of its notices with their proofs and objections, of its review panels with their scores, of its
filings and inspections; the list of contents (卷内目录) with page numbers through all of them, the journal's entries,
the retention period as a dated rule value sets it, and every hash."""

import csv
import hashlib
import heapq
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image

from kezhuan.engines.official import CENTRE, Paper
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import drawn, drawn_beside, may_print, on_paper, papers_beside, version_of
from kezhuan.exchange.papers.signing import signatures_of
from kezhuan.kernel import registry, rulebook
from kezhuan.kernel.access import GROUPS, Actor, groups_seen, predicate, region_of, visible_to
from kezhuan.kernel.documents import documents_of, read_whole, unsealed
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.history import deputised, told_to
from kezhuan.kernel.lifecycle import OVER
from kezhuan.kernel.models import Document, Entry, JournalHead, Record, RuleValue
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import SHANGHAI, batches, now

SHEET, CONTENTS, JOURNAL, MANIFEST = "记录.pdf", "卷内目录.docx", "日志.csv", "manifest.json"
ENTRIES = 500
"""Entries read at a time."""
_JOINED = ("record__owner__record", *(f"record__{group}_to" for group in GROUPS))
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True)
class Item:
    """One line of the list of contents, a paper of the case's own record or of one that belongs to it; a file without
    pages of its own (a spreadsheet) takes no page number."""

    number: int
    record: str
    name: str
    title: str
    by: str
    on: str
    pages: int | None
    first_page: int | None
    sha256: str
    size: int


@predicate
def _is_over(_actor: Actor, row: Any) -> bool:
    return row.record.phase in OVER


_is_over.beside(lambda _actor, rows: rows.records.where(phase__in=OVER))
may_archive = _is_over & may_print
"""May take the case along as a folder: it is over, and they read it in full."""


def retention_of(row: Any) -> RuleValue | None:
    """The period for which the closed case is kept, as in force on the day it was closed; None where none is set."""
    record: Record = row.record
    if record.closed_on is None:
        return None
    return rulebook.rule_or_none(registry.retention_rule(record.kind), on=record.closed_on, jurisdiction=region_of(row))


def rows_of_case(actor: Actor, row: Any) -> list[Any]:
    """The row of a case and those that belong to it, as far as the actor reads them in full: its approvals, notices,
    filings, review panels and inspections in the order in which they were opened, each followed by what belongs to it,
    as an objection does to a notice. A query a kind for each of them."""
    belonging: list[Any] = []
    for slug, paper in on_paper().items():
        rows = registry.kind_of(slug).model._default_manager.filter(paper.only, **{paper.case: row.pk})
        rows = rows.exclude(record__phase=Phase.DRAFT).select_related(*_JOINED)
        belonging += visible_to(actor, rows, "full")
    found = [row]
    for one in sorted(belonging, key=lambda one: one.pk):
        found += rows_of_case(actor, one)
    return found


def write_folder(actor: Actor, case: Sequence[Any], file: IO[bytes], progress: Callable[[int, int], None]) -> int:
    """Write the folder as a ZIP file, with what the actor may see; returns how many files it lists. `case` are the rows
    of `rows_of_case`.

    In Chinese whatever the reader's language: an archive has one. Raises `NotAllowed`, or `Refused` for an open case or
    a file that is missing from the store.
    """
    row = case[0]
    if row.record.phase not in OVER:
        message = _("The case is still open. Close it, then take it along as an archive folder.")
        raise Refused(Problem("archive-open", message))
    if not may_archive(actor, row):
        raise NotAllowed(_("Only whoever reads the record in full takes it along as an archive folder."))
    with translation.override("zh-hans"), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as folder:
        written = _Written(folder)
        for done, one in enumerate(case, 1):
            written.add_record(actor, one, is_case=one is row)
            progress(done, len(case))
        retention = retention_of(row)
        if retention is not None:
            rulebook.stamp([(row.record, retention)])
        lists = {
            CONTENTS: _contents(row.record, written.items, retention),
            JOURNAL: _journal(actor, [one.record for one in case]).encode(),
        }
        for name, content in lists.items():
            folder.writestr(name, content)
        folder.writestr(MANIFEST, _manifest(row.record, written.items, retention, lists))
    return len(written.items)


class _Written:
    """The files put into the folder so far, numbered, and the page that comes next."""

    def __init__(self, folder: zipfile.ZipFile) -> None:
        self.folder, self.items, self.next_page = folder, list[Item](), 1

    def add_record(self, actor: Actor, row: Any, *, is_case: bool) -> None:
        """Put in what a record says and its files; of what belongs to the case each name begins with its code."""
        record: Record = row.record
        printed, content = version_of(actor=actor, row=row)
        day, title = printed.printed_at.astimezone(SHANGHAI).date(), f"{record.title}（{record.code}）"
        name, by, before = SHEET, "", ""
        if not is_case:
            # What belongs to the case has a day of its own: an approval that on which its route was complete.
            paper, day, before = on_paper()[record.kind], record.closed_on or record.opened_on, f"{record.code}-"
            name, by, title = f"{before}{paper.name}.pdf", paper.by(row), f"{paper.name}：{title}"
        self.add(record, name, title, drawn(printed, content), by, day)
        made = now()
        for called, beside in papers_beside(actor, row):
            words = f"{called}：{record.title}（{record.code}）"
            self.add(record, f"{before}{called}.pdf", words, drawn_beside(record.code, beside, made), "", made.date())
        signed = {one.document_id: deputised(one.signed_by, one.signed_for) for one in signatures_of(actor, record)}
        held = documents_of(record, groups_seen(actor, record)).select_related("uploaded_by__record")
        for document in held.order_by("pk"):
            by = document.uploaded_by.record.title if document.uploaded_by is not None else ""
            self.add_document(record, document, before, signed.get(document.pk) or by)

    def add(
        self, record: Record, name: str, title: str, content: bytes, by: str, on: Any, media: str = "application/pdf"
    ) -> None:
        """Put a file in, under its number and name."""
        number = len(self.items) + 1
        pages = pages_of(content, media)
        placed = f"{number:03}-{_UNFIT.sub('_', name)[-120:]}"
        self.folder.writestr(placed, content)
        digest = hashlib.sha256(content).hexdigest()
        first = self.next_page if pages else None
        day = in_words(on)
        self.items.append(Item(number, record.code, placed, title, by, day, pages, first, digest, len(content)))
        self.next_page += pages or 0

    def add_document(self, record: Record, document: Document, before: str, by: str) -> None:
        """Put a record's file in, its bytes compared with their hash."""
        document = unsealed(document)
        content = read_whole(document)
        on = document.uploaded_at.astimezone(SHANGHAI).date()
        name = f"{before}{document.name}"
        self.add(record, name, name, content, by, on, document.media_type)


def pages_of(content: bytes, media: str) -> int | None:
    """How many pages a file has; None for one that has none before a program lays it out."""
    if media == "application/pdf":
        from kezhuan.kernel.pdfs import page_count  # inline: its library takes a tenth of a second to load

        return page_count(content)
    if media.startswith("image/"):
        try:
            with Image.open(io.BytesIO(content)):
                return 1
        except (OSError, Image.DecompressionBombError):  # cut off, or made to fill memory: kept, and no page
            return None
    return None


def _retention_words(retention: RuleValue | None) -> str:
    if retention is None:
        return ""
    years, months = divmod(int(retention.value), 12)
    return f"{years}年{months}个月" if years and months else f"{years}年" if years else f"{months}个月"


def _contents(record: Record, items: list[Item], retention: RuleValue | None) -> bytes:
    """卷内目录 as a Word file; pages are numbered through the whole folder, an unknown period stays empty."""
    owner = record.owner.record.title if record.owner is not None else ""
    closed = in_words(record.closed_on) if record.closed_on else ""
    paper = Paper("卷内目录").title("卷内目录")
    paper.line(f"案卷题名：{record.title}").line(f"案卷编号：{record.code}　　所属单位：{owner}")
    paper.line(f"起止日期：{in_words(record.opened_on)}至{closed}　　保管期限：{_retention_words(retention)}")
    rows = [["顺序号", "责任者", "题名", "日期", "页号", "备注"]]
    for one in items:
        last = one.first_page + one.pages - 1 if one.first_page and one.pages else 0
        place = "" if not last else f"{one.first_page}" if last == one.first_page else f"{one.first_page}-{last}"
        rows.append([f"{one.number}", one.by, one.title, one.on, place, "" if last else "电子文件，无页号"])
    paper.table(rows, [14, 24, 58, 26, 16, 18])
    pages = sum(one.pages or 0 for one in items)
    return paper.line().line(f"共 {len(items)} 件，{pages} 页", at=CENTRE).written()


def _journal(actor: Actor, records: Sequence[Record]) -> str:
    """The entries of the case and of what belongs to it as the reader may know them, oldest first, with number and hash
    in the chain."""
    written = io.StringIO()
    written.write("\ufeff")
    lines = csv.writer(written)
    lines.writerow(["序号", "时间", "事项", "办理人", "代表单位", "理由", "意见", "改动的字段", "哈希", "记录"])
    streams = (_told(actor, record) for record in records)
    for code, one in heapq.merge(*streams, key=lambda said: said[1].entry.seq):
        entry = one.entry
        acting = one.acting_for.record.title if one.acting_for is not None else ""
        when = entry.at.astimezone(SHANGHAI).isoformat(sep=" ", timespec="seconds")
        lines.writerow(
            [entry.seq, when, one.label, _plain(one.who), _plain(acting), one.reason, _plain(one.note),
             "；".join(one.fields), entry.hash, code]
        )  # fmt: skip
    return written.getvalue()


def _told(actor: Actor, record: Record) -> Iterator[tuple[str, Any]]:
    entries = Entry.objects.filter(record=record).select_related("actor__record", "acting_for__record", "text")
    for batch in batches(entries.order_by("seq").iterator(chunk_size=ENTRIES), ENTRIES):
        yield from ((record.code, told) for told in told_to(actor, record, batch))


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def _manifest(record: Record, items: list[Item], retention: RuleValue | None, extra: dict[str, bytes]) -> str:
    head = JournalHead.objects.filter(pk=1).first()
    kept = None
    if retention is not None:
        kept = {"months": retention.value, "source": retention.source, "since": retention.effective_from.isoformat()}
    said = {
        "record": record.code,
        "uid": str(record.uid),
        "kind": record.kind,
        "title": record.title,
        "opened_on": record.opened_on.isoformat(),
        "closed_on": record.closed_on.isoformat() if record.closed_on else None,
        "made_at": now().isoformat(timespec="seconds"),
        "retention": kept,
        "journal": {"seq": head.seq if head else 0, "hash": head.hash if head else ""},
        "files": [asdict(one) for one in items],
        "lists": {name: hashlib.sha256(content).hexdigest() for name, content in extra.items()},
    }
    return json.dumps(said, ensure_ascii=False, indent=1)
