"""`./kezhuan backup FILE`: the whole city in one file, as of one moment, while people go on working."""

import sys
from pathlib import Path

from tqdm import tqdm

from kezhuan.config.speech import Parser, told
from kezhuan.config.start import database_exists, start_django
from kezhuan.engines.system_errors import said

MOST_NAMED = 20
"""Missing files named one by one."""


def run(argv: list[str]) -> int:
    """Write the archive and print what it holds; exit code 1 when stored files were missing, 2 when none was made."""
    parser = Parser(
        "backup",
        "把整个系统（数据库、已存文件、配置）备份为一个文件；网站可照常运行。",
        "Put the whole system (database, stored files, configuration) into one file; the site may go on running.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=told("新文件，如 2026-11-30.tar.zst", "a new file"))
    parser.add_argument("--quiet", action="store_true", help=told("不显示进度", "no progress"))
    given = parser.parse_args(argv)
    if not start_django() or not database_exists():
        return 2
    from kezhuan.config.copies import tables, taking  # inline: Django must be set up first

    try:
        with tqdm(unit=told(" 行", " rows"), disable=given.quiet or None, leave=False) as bar:
            taken = taking.take(given.file, bar.update)
    except FileExistsError:
        return _not_taken(f"{given.file} 已存在，请另取一个文件名。", f"{given.file} exists; name another file.")
    except tables.Unknown as unknown:
        print(newer(unknown), file=sys.stderr)
        return 2
    except OSError as problem:
        reason = told(*said(problem))
        return _not_taken(f"{given.file} 无法写入（{reason}）。", f"{given.file} cannot be written ({reason}).")
    held, seq = taken.manifest, taken.manifest.journal["seq"]
    files, size = held.documents["count"], taken.size / 1e6
    zh = (
        f"已备份到 {given.file}（{size:,.1f} MB）：{len(held.tables)} 张表 {held.rows:,} 行，"
        f"{files:,} 份文件，日志 {seq:,} 条。"
    )
    en = (
        f"The backup is in {given.file} ({size:,.1f} MB): {held.rows:,} rows of {len(held.tables)} tables,"
        f" {files:,} stored files, {seq:,} journal entries."
    )
    print(told(zh, en))
    print(f"SHA-256 {taken.sha256}")
    print(
        told(
            "其中含签名密钥与个人信息，请妥善保管；恢复时用 --sha256 核对。",
            "It holds the signing key and personal data: keep it safe; restore compares it by --sha256.",
        )
    )
    for sha256 in taken.damaged[:MOST_NAMED]:
        print(told(f"文件缺失或已损坏，未能备份：{sha256}", f"missing or damaged, not in the backup: {sha256}"))
    if taken.damaged:
        print(
            told(
                f"{len(taken.damaged):,} 份文件未能备份；./kezhuan verify 会指出所属记录。",
                f"{len(taken.damaged):,} files are not in the backup; ./kezhuan verify names their records.",
            )
        )
    return 1 if taken.damaged else 0


def _not_taken(chinese: str, english: str) -> int:
    print(told(chinese, english), file=sys.stderr)
    return 2


def newer(unknown: Exception) -> str:
    """The sentence for a database or archive of a newer version."""
    return told(
        f"它来自更新的版本（{unknown}）；请先升级本程序。",
        f"It is of a newer version ({unknown}); upgrade this program first.",
    )
