"""`./kezhuan restore FILE`: put a backup back, after it was proven whole."""

import sys
from pathlib import Path

from tqdm import tqdm

from kezhuan.config.commands.backup import newer
from kezhuan.config.copies.archive import Damaged, Manifest, check
from kezhuan.config.speech import Parser, told
from kezhuan.config.start import bring_up_to_date, start_django
from kezhuan.engines.system_errors import said


def run(argv: list[str]) -> int:
    """Check the archive, put it back, print what was compared; exit code 1 for a bad archive, 2 for a taken place."""
    given = _parser().parse_args(argv)
    try:
        manifest = check(given.file, given.sha256)
    except Damaged as damaged:
        print(_refused(given.file, damaged), file=sys.stderr)
        return 1
    except OSError as problem:
        reason = told(*said(problem))
        print(told(f"{given.file} 无法读取（{reason}）。", f"{given.file} cannot be read ({reason})."), file=sys.stderr)
        return 2
    print(_holds(given.file, manifest))
    if given.check:
        return 0
    if not start_django() or not _is_free(given.replace):
        return 2
    return _restore(given.file, manifest, quiet=given.quiet)


def _restore(file: Path, manifest: Manifest, *, quiet: bool) -> int:
    from kezhuan.config.copies import filling, restoring, tables  # inline: Django must be set up first
    from kezhuan.kernel import search

    try:
        with tqdm(total=manifest.rows, unit=told(" 行", " rows"), disable=quiet or None, leave=False) as bar:
            restored = restoring.restore(file, manifest, bar.update)
    except tables.Unknown as unknown:
        print(newer(unknown), file=sys.stderr)
        return 2
    except (Damaged, filling.NotTheSame) as damaged:
        print(_refused(file, damaged), file=sys.stderr)
        return 1
    if not bring_up_to_date():
        return 2
    search.live_index().catch_up(wait=True)
    search.live_index().save()
    print(
        told(
            f"已恢复：{len(manifest.tables)} 张表的行数与哈希逐一相符，日志链完整（{restored.entries:,} 条），"
            "索引已更新。",
            f"Restored: rows and hashes of all {len(manifest.tables)} tables agree, the journal's chain holds"
            f" ({restored.entries:,} entries), the index is up to date.",
        )
    )
    damaged_files = len(manifest.documents["damaged"])
    if damaged_files:
        print(
            told(
                f"备份时已有 {damaged_files:,} 份文件缺失或损坏，未能恢复。",
                f"{damaged_files:,} files were missing or damaged when the backup was taken; they are not restored.",
            )
        )
    if restored.key_differs:
        print(
            told(
                "KEZHUAN_SECRET_KEY 与备份中的不同：所有已签名的链接与登录须重新生成。",
                "KEZHUAN_SECRET_KEY is not the backup's: what was signed with that one is void.",
            )
        )
    if restored.settings:
        print(
            told(
                f"备份时的设置写在 {restored.settings}，请据此设置环境变量。",
                f"The settings of that time are in {restored.settings}; set the environment by them.",
            )
        )
    return 0


def _parser() -> Parser:
    parser = Parser(
        "restore",
        "核对备份并恢复；文件不完整或被改动时不作任何改动。",
        "Check a backup and put it back; a file that is cut short or altered changes nothing.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=told("备份文件", "the backup"))
    parser.add_argument("--check", action="store_true", help=told("只核对，不恢复", "check it only"))
    replace = told("替换现有的全部记录", "take the place of all records that are there")
    parser.add_argument("--replace", action="store_true", help=replace)
    sha256 = told("备份时给出的 SHA-256", "the SHA-256 that backup printed")
    parser.add_argument("--sha256", default="", help=sha256)
    parser.add_argument("--quiet", action="store_true", help=told("不显示进度", "no progress"))
    return parser


def _is_free(replace: bool) -> bool:
    from django.conf import settings  # inline: Django must be set up first
    from django.db import connection

    from kezhuan.config.copies.filling import held_records

    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return True
    held = held_records(connection)
    if not held or replace:
        return True
    place = settings.DATA if connection.vendor == "sqlite" else told("数据库", "the database")
    print(
        told(
            f"{place} 中已有 {held:,} 条记录，未作任何改动；加 --replace 以备份取代它们（请先备份现状）。",
            f"There are {held:,} records in {place}, so nothing was changed; --replace puts the backup in their place"
            " (take a backup of them first).",
        ),
        file=sys.stderr,
    )
    return False


def _refused(file: Path, problem: Exception) -> str:
    return told(
        f"{file}：{problem}；未作任何改动，请用另一份备份。",
        f"{file}: {problem}; nothing was changed. Use another backup.",
    )


def _holds(file: Path, manifest: Manifest) -> str:
    files, seq = manifest.documents["count"], manifest.journal["seq"]
    return told(
        f"{file} 完好：{manifest.made_at} 由 {manifest.version} 版备份，{manifest.rows:,} 行，{files:,} 份文件，"
        f"日志 {seq:,} 条。",
        f"{file} is whole: made {manifest.made_at} by version {manifest.version}, {manifest.rows:,} rows,"
        f" {files:,} stored files, {seq:,} journal entries.",
    )
