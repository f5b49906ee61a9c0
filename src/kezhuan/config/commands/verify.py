"""`./kezhuan verify`: prove the journal's chain and its guards, the index, and the stored files."""

import argparse
import re

from tqdm import tqdm

from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.config.start import is_up_to_date, start_django

MOST_NAMED = 20
"""Records or files named one by one."""


def run(argv: list[str]) -> int:
    """Print the verdict on each part; exit code 1 when something is broken."""
    parser = Parser(
        "verify",
        "核对日志链与触发器、索引的每份文档、所有已存文件，并由日志重建每份证据卷加以比对。",
        "Check the journal's chain and its guards, every document of the index, all stored files, and each evidence"
        " file against what is rebuilt from the journal.",
    )
    parser.add_argument(
        "--head",
        type=_noted,
        metavar=told("序号:摘要", "NUMBER:HASH"),
        help=told(
            "以前记下的链头，或某月审计文件的任何一行；日志须经过它",
            "a head noted earlier, or any row of a month's audit; the journal must lead through it",
        ),
    )
    asked = parser.parse_args(argv)
    if not start_django() or not is_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    with translation.override("en" if prefers_english() else "zh-hans"):
        sound = [_journal(asked.head), _index(), _documents(), _evidence()]
    return 0 if all(sound) else 1


def _noted(text: str) -> tuple[int, str]:
    """Number and hash of an entry as they are printed."""
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text.strip().lower())
    if found is None:
        raise argparse.ArgumentTypeError(
            told(
                "写成“序号:摘要”，摘要是 64 位十六进制数字，如链头那一行所印",
                "write NUMBER:HASH, the hash with its 64 hexadecimal digits as the line of the head prints it",
            )
        )
    return int(found[1]), found[2]


def _journal(noted: tuple[int, str] | None) -> bool:
    from kezhuan.kernel import journal  # inline: Django must be set up first

    verdict = journal.verify(noted=noted)
    if verdict.broken_seq is None:
        print(told(f"日志链完整：{verdict.entries:,} 条。", f"The journal's chain holds: {verdict.entries:,} entries."))
        if verdict.erased:
            count = f"{verdict.erased:,}"
            print(told(f"依日志所载删去文字的：{count} 条。", f"Words erased, as the journal tells: {count} entries."))
        if noted is not None:
            print(told(f"日志经过所记的第 {noted[0]} 条。", f"It leads through entry {noted[0]} as it was noted."))
        print(told(f"链头：{verdict.entries}:{verdict.head}", f"Head: {verdict.entries}:{verdict.head}"))
        return True
    print(
        told(
            f"日志链断裂于第 {verdict.broken_seq} 条：{verdict.reason}。",
            f"The journal's chain breaks at entry {verdict.broken_seq}: {verdict.reason}.",
        )
    )
    return False


def _index() -> bool:
    from kezhuan.config.verification import index_differences  # inline: Django must be set up first
    from kezhuan.kernel import search
    from kezhuan.kernel.models import Record

    index = search.live_index()
    with tqdm(total=Record.objects.count(), unit=told(" 条", " records"), disable=None, leave=False) as bar:
        found = index_differences(index, lambda done: bar.update(done - bar.n))
    wrong = found.records()
    if not wrong:
        held = index.status().documents
        print(told(f"索引与数据库一致：{held:,} 份文档。", f"The index agrees with the database: {held:,} documents."))
        return True
    lacks, beyond, shown = len(found.missing), len(found.extra), len(found.other_audience)
    codes = dict(Record.objects.filter(pk__in=sorted(wrong)[:MOST_NAMED]).values_list("pk", "code"))
    names = [codes.get(pk, str(pk)) for pk in sorted(wrong)[:MOST_NAMED]]
    print(
        told(
            f"索引与数据库不一致：缺 {lacks:,} 份、多 {beyond:,} 份、可见范围不同 {shown:,} 份文档"
            f"（{'、'.join(names)}）；请运行 ./kezhuan rebuild-index。",
            f"The index differs from the database: {lacks:,} documents missing, {beyond:,} too many, {shown:,} with"
            f" another audience ({', '.join(names)}); run ./kezhuan rebuild-index.",
        )
    )
    return False


def _documents() -> bool:
    from kezhuan.config.verification import damaged_documents  # inline: Django must be set up first
    from kezhuan.kernel.models import Document

    damaged = list(damaged_documents())
    if not damaged:
        held = Document.objects.filter(withdrawn_at=None).count()
        print(told(f"已存文件完好：{held:,} 份。", f"The stored files are whole: {held:,}."))
        return True
    for one in damaged[:MOST_NAMED]:
        fault = told("缺失", "missing") if one.gone else told("已损坏", "damaged")
        print(told(f"{one.code} 的文件{fault}：{one.path}", f"{one.code}: file {fault}: {one.path}"))
    print(
        told(
            f"{len(damaged):,} 份文件缺失或已损坏；请从备份恢复。",
            f"{len(damaged):,} files are missing or damaged; put them back from a copy.",
        )
    )
    return False


def _evidence() -> bool:
    from kezhuan.areas.evidence.reconstruction import evidence_files, reconstruct  # inline: Django must be set up first
    from kezhuan.kernel.errors import Refused

    compared, wrong = 0, []
    for document in evidence_files():
        try:
            found = reconstruct(document)
        except Refused:  # named among the damaged files
            continue
        compared += 1
        if found.differing:
            wrong.append(found)
    if not wrong:
        count = f"{compared:,}"
        print(told(f"证据卷与由日志重建的一致：{count} 份。", f"Evidence files equal what is rebuilt: {count}."))
        return True
    for one in wrong[:MOST_NAMED]:
        fields = "; ".join(f"{field.path} [{field.row}]" for field in one.differing[:5])
        print(told(f"{one.document.name} 与重建的不一致：{fields}", f"{one.document.name} differs: {fields}"))
    return False
