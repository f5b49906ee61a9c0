"""`./kezhuan undo-import ID`: take an import back as one action, while nothing has built on it."""

import sys

from kezhuan.config.acting import first_officer
from kezhuan.config.speech import Parser, prefers_english, told, whole_number
from kezhuan.config.start import bring_up_to_date, start_django

LARGEST = 2**63 - 1


def run(argv: list[str]) -> int:
    """Undo the import; 0 when it is undone, 2 with one sentence when there is none or something was built on it."""
    parser = Parser(
        "undo-import",
        "整体撤销一次导入：新增的记录作废，更新的记录恢复原值。",
        "Take an import back: what it created is void, what it updated has its former values again.",
    )
    words = told("导入编号，见 ./kezhuan imports", "the import's number, see ./kezhuan imports")
    parser.add_argument("number", metavar="ID", type=whole_number(1, LARGEST), help=words)
    given = parser.parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    from kezhuan.exchange.undo import take_back
    from kezhuan.kernel import search
    from kezhuan.kernel.errors import Missing, Refused

    try:
        with translation.override("en" if prefers_english() else "zh-hans"):
            kept = take_back(given.number, actor=first_officer())
    except Missing:
        zh, en = f"没有第 {given.number} 号导入；", f"There is no import {given.number}; "
        print(told(zh + "./kezhuan imports 列出全部。", en + "./kezhuan imports lists them."), file=sys.stderr)
        return 2
    except Refused as refused:
        for problem in refused.problems:
            print(problem.message, file=sys.stderr)
        return 2
    index = search.live_index()
    index.catch_up(wait=True)
    index.save()
    print(
        told(
            f"第 {kept.pk} 号导入（{kept.file_name}）已撤销：{kept.created:,} 条作废，{kept.updated:,} 条恢复原值。",
            f"Import {kept.pk} ({kept.file_name}) is undone: {kept.created:,} records are void,"
            f" {kept.updated:,} have their former values again.",
        )
    )
    return 0
