"""`./kezhuan personal-data CODE`: all that is held of a person, for an answer on paper."""

import json
import sys
from pathlib import Path

from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.config.start import is_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Write one JSON object to the file, or print it; exit code 2 when there is no such person."""
    parser = Parser(
        "personal-data",
        "导出系统中关于某人的全部数据（JSON），用于答复本人查询；匿名化在人员页面上办理。",
        "All that is held of a person, as JSON, to answer them; the person's page makes them anonymous.",
    )
    parser.add_argument("code", metavar="CODE", help=told("人员编号，如 P-2026-00001", "such as P-2026-00001"))
    parser.add_argument("--out", metavar="FILE", type=Path, help=told("写入的文件", "the file to write"))
    given = parser.parse_args(argv)
    if not start_django() or not is_up_to_date():
        return 2
    from django.core.serializers.json import DjangoJSONEncoder  # inline: Django must be set up first
    from django.utils import translation

    from kezhuan.areas.accounts.account_actions import copy_of_person
    from kezhuan.kernel.access import SYSTEM
    from kezhuan.kernel.models import Person

    person = Person.objects.select_related("record").filter(record__code=given.code.strip().upper()).first()
    if person is None:
        zh, en = f"没有编号为 {given.code} 的人员。", f"There is no person with the code {given.code}."
        print(told(zh, en), file=sys.stderr)
        return 2
    with translation.override("en" if prefers_english() else "zh-hans"):
        held = copy_of_person(actor=SYSTEM, person=person)
    text = json.dumps(held, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder) + "\n"
    if given.out is None:
        print(text, end="")
        return 0
    try:
        given.out.write_text(text, encoding="utf-8")
    except OSError as problem:
        print(told(f"无法写入 {given.out}：{problem}。", f"Cannot write {given.out}: {problem}."), file=sys.stderr)
        return 2
    return 0
