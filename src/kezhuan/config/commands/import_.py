"""`./kezhuan import KIND FILE …`: load tables of achievements, needs and so on into the database, good rows first."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from kezhuan.config.acting import first_officer
from kezhuan.config.matching_files import sheets_left
from kezhuan.config.speech import Parser, asks_for_english
from kezhuan.config.start import bring_up_to_date, start_django

if TYPE_CHECKING:
    from kezhuan.exchange.importing import Importer
    from kezhuan.exchange.kinds import Importable
    from kezhuan.exchange.settings import Counts
    from kezhuan.kernel.models import Organisation

MOST_SHOWN = 20
KINDS = (
    "achievements", "needs", "teams", "organisations", "dossiers", "contracts", "introductions", "applications",
    "projects", "tasks",
)  # fmt: skip


class _Unclear(Exception):
    """What was asked cannot be done; both sentences say why."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese, english)
        self.chinese, self.english = chinese, english


def run(argv: list[str]) -> int:
    """Import the files; 0 when a row could be used, bad ones beside it or not, 2 when none could, 130 interrupted."""
    try:
        given = _parse(argv)
    except SystemExit as done:
        return int(done.code or 0)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if not start_django() or not bring_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    from kezhuan.engines.tables import Unusable
    from kezhuan.kernel.errors import Refused

    talk = _Talk(english=given.lang == "en", quiet=given.quiet)
    try:
        with translation.override("en" if given.lang == "en" else "zh-hans"):
            return _import(given, talk)
    except Unusable as unusable:
        print(unusable.say(given.lang), file=sys.stderr)
        return 2
    except _Unclear as unclear:
        print(unclear.english if given.lang == "en" else unclear.chinese, file=sys.stderr)
        return 2
    except Refused as refused:
        print(*(problem.message for problem in refused.problems), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        talk.insist(
            "\n已中断：已确认的批次都在库中，再次运行同一命令即可完成。",
            "\nInterrupted: the batches confirmed so far are kept; run the same command again to finish.",
        )
        return 130


def _parse(argv: list[str]) -> argparse.Namespace:
    in_english = asks_for_english(argv)

    def say(zh: str, en: str) -> str:
        return en if in_english else zh

    parser = Parser(
        "import",
        "把表格导入数据库：可用的行先入库，有问题的行逐条说明。",
        "Load tables into the database, good rows first; of the others each is told.",
        in_english=in_english,
    )
    add = parser.add_argument
    add("kind", choices=KINDS, help=say("各行是什么", "what the rows are"))
    add(
        "files",
        nargs="+",
        metavar="FILE",
        help=say(".xlsx、.csv、.tsv、.jsonl，可 .gz、.zst 压缩", ".xlsx .csv .tsv .jsonl, also .gz .zst"),
    )
    add("--sheet", metavar="S", help=say("工作表", "sheet of a workbook"))
    add(
        "--source",
        metavar="NAME",
        default="",
        help=say("编号的来源（缺省为文件名）", "where ids come from (the file's name)"),
    )
    add("--owner", metavar="NAME_OR_CODE", help=say("所属单位的名称或编号", "the organisation that owns the records"))
    add(
        "--match-key",
        metavar="FIELD",
        default="id",
        help=say(
            "按什么识别已有记录：id、title 或该类的编号列", "what tells records apart: id, title or a column of numbers"
        ),
    )
    add(
        "--on-match",
        choices=("create", "update", "forbid"),
        default="update",
        help=say("已有时：另建、更新、拒绝", "create another, update it, or reject the row"),
    )
    add(
        "--reason",
        metavar="TEXT",
        default="",
        help=say("直接录入到审批或公示之后时的补录理由", "why records enter beyond an approval or a notice"),
    )
    add("--dry-run", action="store_true", help=say("只检查不写入", "check and count, write nothing"))
    add("--errors", metavar="OUT.xlsx", help=say("写出有问题的行及原因", "write bad rows with reasons"))
    add("--no-match", action="store_true", help=say("不刷新匹配建议", "leave suggestions to the running site"))
    add("--json", action="store_true", help=say("在标准输出打印计数", "print the counts as JSON"))
    add("--lang", choices=("zh", "en"), default="en" if in_english else "zh", help=say("所用语言", "language"))
    add("--quiet", action="store_true", help=say("不显示进度与小结", "no progress, no summary"))
    return parser.parse_args(argv)


class _Talk:
    """What is said on stderr."""

    def __init__(self, *, english: bool, quiet: bool) -> None:
        self.english, self.quiet = english, quiet

    def insist(self, chinese: str, english: str) -> None:
        """Say a sentence even when quiet."""
        print(english if self.english else chinese, file=sys.stderr, flush=True)

    def say(self, chinese: str, english: str) -> None:
        """Say a sentence unless quiet."""
        if not self.quiet:
            self.insist(chinese, english)

    def bar(self, name: str, total: int | None) -> tqdm[Any]:
        """A progress bar; nothing without a terminal or when quiet."""
        return tqdm(desc=name, total=total, disable=True if self.quiet else None, file=sys.stderr, leave=False)


def _read_without_map() -> None:
    """A long import touches the whole database: mapped into memory, every page read would count as the process's."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA mmap_size=0")
            cursor.execute("PRAGMA cache_size=-16384")


def _import(given: argparse.Namespace, talk: _Talk) -> int:
    # Apart, so that what reading held is given back before the index is made.
    total, incomplete = _take_in(given, talk)
    if not given.dry_run:
        _bring_index_up_to_date(talk)
        if not given.no_match:
            _refresh_suggestions(talk)
    if given.json:
        # The five counts, whatever was read; what breaks off is named beside them.
        print(json.dumps(vars(total) | ({"incomplete": incomplete} if incomplete else {}), ensure_ascii=False))
    if not total.read or total.rejected < total.read:
        return 0
    talk.insist(
        "没有一行可用，未导入任何内容；请按上述原因改正后再导入。",
        "Not one row could be used, so nothing entered; mend the rows as said above and import again.",
    )
    return 2


def _take_in(given: argparse.Namespace, talk: _Talk) -> tuple[Counts, list[str]]:
    """Take the files in; returns what became of their rows, and the names of files that were not read to their end."""
    from kezhuan.engines.tables import check_writable
    from kezhuan.exchange.importing import Importer
    from kezhuan.exchange.kinds import importable
    from kezhuan.exchange.rejects import write_rejects
    from kezhuan.exchange.settings import Counts, Settings

    kind = importable(given.kind.removesuffix("s"))
    _read_without_map()
    if given.errors:
        _check_errors(given)
        check_writable(given.errors)
    settings = Settings(
        actor=first_officer(),
        source=_source(given.source),
        sheet=given.sheet,
        owner=_owner(given.owner, given.kind),
        match_key=_match_key(kind, given.match_key),
        on_match=given.on_match,
        dry_run=given.dry_run,
        language=given.lang,
        reason=given.reason,
    )
    # All files are opened before the first row enters, so that a wrong name is told at once.
    imports = [Importer(kind, path, settings) for path in given.files]
    for one in imports:
        if said := sheets_left(one.table, "--sheet", given.lang):
            talk.insist(said, said)
    total, incomplete, began = Counts(), list[str](), time.monotonic()
    for one in imports:
        with talk.bar(one.table.name, one.table.total_hint) as bar:
            try:
                counts = one.run(_moving(bar))
            except BaseException:
                one.stop()
                raise
        total.add(counts)
        _tell(one, counts, talk)
        for note in one.notes():
            talk.insist(note, note)
        if one.candidates.stopped is not None:
            incomplete.append(one.table.name)
    seconds = time.monotonic() - began
    if given.errors and total.rejected:
        count = write_rejects(Path(given.errors), [one.rejects for one in imports if one.rejects.rows])
        talk.say(
            f"{count:,} 行及原因已写入 {given.errors}。", f"{count:,} rows and their reasons are in {given.errors}."
        )
    if total.read:
        talk.say(
            f"共读取 {total.read:,} 行，用时 {seconds:.1f} 秒（{total.read / seconds:,.0f} 行/秒）。",
            f"{total.read:,} rows read in {seconds:.1f} s ({total.read / seconds:,.0f} rows/s).",
        )
    return total, incomplete


def _moving(bar: tqdm[Any]) -> Callable[[int], None]:
    def move(done: int) -> None:
        bar.update(done - bar.n)

    return move


def _tell(one: Importer, counts: Counts, talk: _Talk) -> None:
    name = one.table.name
    for reject in one.rejects.rows[:MOST_SHOWN]:
        print(reject.say(), file=sys.stderr)
    more = len(one.rejects.rows) - MOST_SHOWN
    if more > 0:
        talk.insist(f"{name}：另有 {more:,} 行有问题。", f"{name}: and {more:,} more rows with problems.")
    talk.say(
        f"{name}：新增 {counts.created:,}，更新 {counts.updated:,}，未变 {counts.unchanged:,}，"
        f"退回 {counts.rejected:,}。",
        f"{name}: {counts.created:,} created, {counts.updated:,} updated, {counts.unchanged:,} unchanged,"
        f" {counts.rejected:,} rejected.",
    )
    if one.kept is not None:
        number = one.kept.pk
        talk.say(
            f"这是第 {number} 号导入；./kezhuan undo-import {number} 可整体撤销。",
            f"This is import {number}; ./kezhuan undo-import {number} takes it back.",
        )


def _check_errors(given: argparse.Namespace) -> None:
    out = Path(given.errors)
    if any(out.exists() and Path(path).exists() and out.samefile(path) for path in given.files):
        raise _Unclear(
            f"{out.name}：输出文件就是输入文件；请换一个文件名。",
            f"{out.name}: the output is one of the input files; choose another name.",
        )


def _source(name: str) -> str:
    from kezhuan.exchange.settings import LONGEST_SOURCE, REGISTERS

    name = " ".join(name.split())
    if len(name) > LONGEST_SOURCE or name in REGISTERS:
        raise _Unclear(
            f"--source 最多 {LONGEST_SOURCE} 个字符，且不能是 {'、'.join(sorted(REGISTERS))}。",
            f"--source has at most {LONGEST_SOURCE} characters and is none of {', '.join(sorted(REGISTERS))}.",
        )
    return name


def _match_key(kind: Importable[Any], said: str) -> str:
    named = kind.match_key_named(said)
    if named is None:
        known = ", ".join(("id", "title", *(f"{name} ({kind.header_of(name)})" for name in kind.match_keys)))
        raise _Unclear(f"--match-key 应为下列之一：{known}。", f"--match-key is one of: {known}.")
    return named


def _owner(name: str | None, kind: str) -> Organisation | None:
    from django.db.models import Q

    from kezhuan.areas.people.checks import normal_number
    from kezhuan.kernel.models import Organisation
    from kezhuan.kernel.models.records import Phase

    if name is None:
        return None
    if kind == "organisations":
        raise _Unclear("单位没有所属单位；请去掉 --owner。", "Organisations have no owner; drop --owner.")
    by_number = Q(
        record__identifiers__scheme="uscc",
        record__identifiers__value=normal_number(name),
        record__identifiers__active=True,
    )
    found = list(
        Organisation.objects.filter(Q(record__code=name.strip()) | Q(record__title=name.strip()) | by_number)
        .exclude(record__phase=Phase.VOID)
        .select_related("record")
        .distinct()[:2]
    )
    if not found:
        raise _Unclear(
            f"没有名称或编号为“{name}”的单位；请先登记或导入该单位。",
            f"There is no organisation with the name or code “{name}”; register or import it first.",
        )
    if len(found) > 1:
        codes = [one.record.code for one in found]
        raise _Unclear(
            f"有多个单位名为“{name}”；请改用编号，如 {codes[0]}。",
            f"Several organisations are named “{name}”; use a code such as {codes[0]}.",
        )
    return found[0]


def _bring_index_up_to_date(talk: _Talk) -> None:
    from kezhuan.kernel import search

    began = time.monotonic()
    index = search.live_index()
    with talk.bar("索引" if not talk.english else "index", None) as bar:
        status = index.catch_up(wait=True, progress=_moving(bar))
    index.save()
    seconds = time.monotonic() - began
    talk.say(
        f"索引已跟上，共 {status.documents:,} 份文档，用时 {seconds:.1f} 秒。",
        f"The index is up to date with {status.documents:,} documents, {seconds:.1f} s.",
    )


def _refresh_suggestions(talk: _Talk) -> None:
    from kezhuan.kernel import followers

    if not any(followers.backlog().values()):
        return
    talk.say("正在刷新匹配建议……", "Refreshing suggestions …")
    began = time.monotonic()
    followers.run_pending()
    seconds = time.monotonic() - began
    talk.say(f"匹配建议已刷新，用时 {seconds:.1f} 秒。", f"Suggestions refreshed in {seconds:.1f} s.")
