"""`./kezhuan template KIND FILE`: a workbook to fill in, with drop-downs, notes and an example."""

import sys
from pathlib import Path

from kezhuan.config.commands.import_ import KINDS
from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.config.start import start_django


def run(argv: list[str]) -> int:
    """Write the template; 0, or 2 with one sentence when it cannot be written."""
    parser = Parser("template", "写出可填写的导入模板。", "Write a workbook to fill in and import.")
    parser.add_argument("kind", choices=KINDS, help=told("各行是什么", "what the rows are"))
    parser.add_argument("file", metavar="FILE.xlsx", help=told("写到哪个文件", "the file to write"))
    parser.add_argument("--lang", choices=("zh", "en"), default="en" if prefers_english() else "zh")
    given = parser.parse_args(argv)
    if not start_django():
        return 2
    from kezhuan.engines.tables import Unusable, check_writable
    from kezhuan.exchange.kinds import importable
    from kezhuan.exchange.templates import write_template

    path = Path(given.file)
    if path.suffix.lower() != ".xlsx":
        print(told(f"{path.name}：模板是 .xlsx 文件。", f"{path.name}: a template is an .xlsx file."), file=sys.stderr)
        return 2
    try:
        check_writable(path)
        write_template(path, importable(given.kind.removesuffix("s")), "en" if given.lang == "en" else "zh-hans")
    except Unusable as unusable:
        print(unusable.say(given.lang), file=sys.stderr)
        return 2
    return 0
