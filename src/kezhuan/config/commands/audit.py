"""`./kezhuan audit 2026-11`: a month of the journal as CSV."""

import sys
from pathlib import Path

from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.config.start import is_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Write the month's entries, identifiers only; exit code 2 for a month or a place that cannot be."""
    parser = Parser(
        "audit",
        "把一个月的日志写成 CSV：只含编号，不含姓名。",
        "Write a month of the journal as CSV: identifiers only, no names.",
    )
    parser.add_argument("month", help=told("月份，例如 2026-11", "the month, such as 2026-11"))
    out = told("写入的文件；不写即标准输出", "the file to write; without it standard output")
    parser.add_argument("--out", metavar="FILE", help=out)
    given = parser.parse_args(argv)
    if not start_django() or not is_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    from kezhuan.engines.tables import Unusable, csv_lines, written_beside
    from kezhuan.kernel import audit
    from kezhuan.kernel.access import SYSTEM
    from kezhuan.kernel.errors import Refused

    with translation.override("en" if prefers_english() else "zh-hans"):
        try:
            month = audit.Month.read(given.month)
            if given.out is None:
                sys.stdout.buffer.writelines(csv_lines(audit.HEADER, audit.take_month(SYSTEM, month)))
                return 0
            with written_beside(Path(given.out)) as stream:
                stream.writelines(csv_lines(audit.HEADER, audit.take_month(SYSTEM, month)))
                written = stream.tell()
        except Refused as refused:
            print(refused.problems[0].message, file=sys.stderr)
            return 2
        except Unusable as unusable:
            print(unusable, file=sys.stderr)
            return 2
    print(told(f"{given.out}：{written:,} 字节。", f"{given.out}: {written:,} bytes."))
    return 0
