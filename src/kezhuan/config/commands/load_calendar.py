"""`./kezhuan load-calendar FILE`: load the holidays and make-up workdays of a year."""

import sys
from pathlib import Path

from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.config.start import bring_up_to_date, start_django
from kezhuan.engines.system_errors import said


def run(argv: list[str]) -> int:
    """Load the files, one year each; exit code 2 for a file that cannot be used."""
    parser = Parser(
        "load-calendar",
        "载入一年的节假日与调休上班日；同一年再次载入即替换，运行中的时限重新计算。",
        "Load a year's holidays and make-up workdays; a year loaded again is replaced, running terms are counted anew.",
    )
    columns = told(
        "CSV 文件，列为 date,workday,name,source（或 日期,是否上班,名称,来源）",
        "CSV with the columns date,workday,name,source",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help=columns)
    given = parser.parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    with translation.override("en" if prefers_english() else "zh-hans"):
        # `all` would stop at the first file that cannot be used.
        return 0 if min([_load(Path(name)) for name in given.files]) else 2


def _load(path: Path) -> bool:
    from kezhuan.kernel import workdays  # inline: Django must be set up first
    from kezhuan.kernel.access import SYSTEM
    from kezhuan.kernel.errors import Refused

    try:
        days = workdays.read_calendar(path.read_bytes())
        year = workdays.load_calendar(actor=SYSTEM, days=days)
    except OSError as problem:
        reason = told(*said(problem))
        print(told(f"{path}：无法读取（{reason}）。", f"{path}: cannot be read ({reason})."), file=sys.stderr)
        return False
    except Refused as refused:
        for one in refused.problems:
            print(f"{path.name}: {one.message}", file=sys.stderr)
        return False
    off = sum(not day.is_workday for day in days)
    print(
        told(
            f"{year.pk} 年：放假 {off} 天，调休上班 {len(days) - off} 天。",
            f"{year.pk}: {off} days off, {len(days) - off} make-up workdays.",
        )
    )
    return True
