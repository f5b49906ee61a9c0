"""`./kezhuan copy-database TARGET`: the configured database, row for row, in another one."""

import sys
from pathlib import Path

from tqdm import tqdm

from kezhuan.config import environment
from kezhuan.config.commands.backup import newer
from kezhuan.config.environment import BadSetting
from kezhuan.config.speech import Parser, told
from kezhuan.config.start import database_exists, start_django

SQLITE = "sqlite"
"""The target's name for the file in the data folder."""


def run(argv: list[str]) -> int:
    """Copy, compare, print each table; exit code 1 when something differs, 2 when the target cannot be taken."""
    given = _parser().parse_args(argv)
    if not start_django() or not database_exists():
        return 2
    from django.conf import settings  # inline: Django must be set up first
    from django.db import DEFAULT_DB_ALIAS, connections

    from kezhuan.config.copies import filling, moving, tables

    url = "" if given.target == SQLITE else given.target
    try:
        target = environment.database(Path(settings.DATA), {"KEZHUAN_DATABASE_URL": url})
    except BadSetting as problem:
        print(str(problem).replace("KEZHUAN_DATABASE_URL", given.target.partition("@")[0][:20]), file=sys.stderr)
        return 2
    present = connections[DEFAULT_DB_ALIAS].settings_dict
    if all(present.get(name) == target.get(name, "") for name in ("ENGINE", "NAME", "HOST", "PORT")):
        print(
            told("来源与目标是同一个数据库。", "This is the configured database itself; name another."), file=sys.stderr
        )
        return 2
    if not given.replace and not _is_free(target):
        return 2
    try:
        with tqdm(unit=told(" 行", " rows"), disable=given.quiet or None, leave=False) as bar:
            copied = moving.copy(target, bar.update)
    except tables.Unknown as unknown:
        print(newer(unknown), file=sys.stderr)
        return 2
    except filling.NotTheSame as different:
        print(
            told(f"{different}；目标未作改动。", f"{different}; the target is as it was."),
            file=sys.stderr,
        )
        return 1
    for name, tally in copied.tables.items():
        print(f"{name:<36} {tally.rows:>12,}  {tally.sha256[:16]}")
    print(
        told(
            f"已复制，{len(copied.tables)} 张表的行数与哈希逐一相符，日志链完整（{copied.entries:,} 条）。",
            f"Copied: rows and hashes of all {len(copied.tables)} tables agree, the journal's chain holds"
            f" ({copied.entries:,} entries).",
        )
    )
    if copied.missed:
        print(
            told(
                f"复制期间又写入了 {copied.missed:,} 条日志，未包含在内：请停止网站后加 --replace 再复制一次。",
                f"{copied.missed:,} entries were written meanwhile and are not in it: stop the site and copy once more"
                " with --replace.",
            )
        )
        return 1
    return 0


def _parser() -> Parser:
    parser = Parser(
        "copy-database",
        "把所配置的数据库逐行复制到另一个数据库，并比较行数与哈希；请先停止网站。",
        "Copy the configured database, row for row, into another one and compare rows and hashes; stop the site first.",
    )
    target = told(
        "postgres://用户:密码@主机:端口/库名，或 sqlite（数据文件夹中的文件）",
        "postgres://user:password@host:port/name, or sqlite for the file in the data folder",
    )
    parser.add_argument("target", metavar="TARGET", help=target)
    replace = told("替换目标中的全部记录", "take the place of all records in the target")
    parser.add_argument("--replace", action="store_true", help=replace)
    parser.add_argument("--quiet", action="store_true", help=told("不显示进度", "no progress"))
    return parser


def _is_free(target: dict[str, object]) -> bool:
    from kezhuan.config.copies import filling, sessions  # inline: Django must be set up first

    if str(target["ENGINE"]).endswith("sqlite3") and not Path(str(target["NAME"])).exists():
        return True
    with sessions.another(target) as wrapper:
        held = filling.held_records(wrapper)
    if held:
        print(
            told(
                f"目标数据库中已有 {held:,} 条记录，未作任何改动；加 --replace 以取代它们。",
                f"There are {held:,} records in the target, so nothing was changed; --replace takes their place.",
            ),
            file=sys.stderr,
        )
    return not held
