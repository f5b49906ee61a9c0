"""`./kezhuan demo`: build the invented city, print its ten best matches with reasons, and serve it on this machine."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from kezhuan.config.serving import serve, why_not
from kezhuan.config.speech import Parser, prefers_english, told, whole_number
from kezhuan.config.start import bring_up_to_date, start_django
from kezhuan.engines.system_errors import said

MARKER = "demo-city"
"""The file that marks a folder as the demo city's own."""
LABELS = {
    "organisations": ("单位", "organisations"),
    "people": ("人员", "people"),
    "achievements": ("成果", "achievements"),
    "needs": ("需求", "needs"),
    "introductions": ("对接", "introductions"),
    "notices": ("公示", "notices"),
    "approvals": ("审批", "approvals"),
    "dossiers": ("内部材料", "inner dossiers"),
    "contracts": ("技术合同", "technology contracts"),
    "calls": ("项目征集", "calls"),
    "projects": ("项目", "projects"),
    "chains": ("联合体资源与任务清单", "offers and tasks of the consortium"),
    "editions": ("赛事与遴选", "editions"),
    "evaluations": ("成果评价", "evaluations"),
    "grants": ("赋权", "grants of rights"),
    "queues": ("经纪人撮合队列", "queues of brokers"),
    "prices": ("定价", "prices"),
    "ledger": ("单列台账", "entries of the ledger"),
    "income": ("收益分配", "distributions of income"),
    "line": ("成果生命线", "results along their line"),
    "licences": ("协议与标准许可", "agreements and licences"),
    "teams": ("科研团队", "research teams"),
    "exemptions": ("尽职免责", "cases of exemption"),
}


def run(argv: list[str]) -> int:
    """Build when there is nothing yet, show, serve; exit code 2 when the folder holds anything else or the port is in
    use."""
    given = _parser().parse_args(argv)
    # Without KEZHUAN_DATA the demo city lives beside the real data; a folder with anything else in it is never touched.
    folder = Path(os.environ.get("KEZHUAN_DATA") or "data/demo")
    # Said before a minute is spent on building what could not be shown.
    trouble = ("" if given.no_serve else why_not("127.0.0.1", given.port)) or _claimed(folder)
    if trouble:
        print(trouble, file=sys.stderr)
        return 2
    if os.environ.pop("KEZHUAN_DATABASE_URL", ""):
        ignored = told(
            "示范城市只用自己的 SQLite 数据，已忽略 KEZHUAN_DATABASE_URL。",
            "The demo city uses its own SQLite file; KEZHUAN_DATABASE_URL is ignored.",
        )
        print(ignored, file=sys.stderr)
    if not start_django(data=str(folder)) or not bring_up_to_date():
        return 2
    from django.utils import translation  # inline: Django must be set up first

    from kezhuan.demo import build, report

    with translation.override("zh-hans" if given.lang == "zh" else "en"):
        if not build.is_complete():
            _build(build.build_city)
        print(report.summary(given.lang))
    if given.no_serve:
        return 0
    return serve("127.0.0.1", given.port)


def _parser() -> Parser:
    parser = Parser(
        "demo",
        "搭建虚构的示范城市，列出匹配度最高的十对及理由，并在本机打开网站。",
        "Build the invented city, print its ten best matches with reasons, and serve it on this machine.",
    )
    no_serve = told("只搭建并列出，不启动网站", "build and print only")
    parser.add_argument("--no-serve", action="store_true", help=no_serve)
    port = told("端口（默认 8000）", "port (default: 8000)")
    parser.add_argument("--port", type=whole_number(1, 65535), default=8000, help=port)
    language = told("列表的语言", "language of the list")
    parser.add_argument("--lang", choices=("zh", "en"), default="en" if prefers_english() else "zh", help=language)
    return parser


def _claimed(folder: Path) -> str:
    """Mark a new or empty folder as the demo city's; the sentence that says why not, and then nothing was written."""
    try:
        if folder.is_dir() and not (folder / MARKER).exists() and any(folder.iterdir()):
            return told(
                f"{folder} 里已有不属于示范城市的内容，未作任何改动；请用 KEZHUAN_DATA 指定另一个文件夹。",
                f"{folder} holds something that is not the demo city's, so nothing was changed;"
                " name another folder in KEZHUAN_DATA.",
            )
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / MARKER).exists():
            (folder / MARKER).write_text("invented\n", encoding="ascii")
    except OSError as problem:
        return told(
            f"{folder} 只读或无法写入（{said(problem)[0]}）；请用 KEZHUAN_DATA 指定另一个文件夹。",
            f"{folder} is read-only or cannot be written ({said(problem)[1]}); name another folder in KEZHUAN_DATA.",
        )
    return ""


def _build(build_city: Callable[[Callable[[str, int, int], None]], None]) -> None:
    started = time.monotonic()
    bars: dict[str, tqdm[None]] = {}

    def step(what: str, done: int, total: int) -> None:
        bar = bars.get(what)
        if bar is None:
            bar = bars[what] = tqdm(total=total, desc=told(*LABELS[what]), file=sys.stderr, unit="", leave=True)
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    build_city(step)
    seconds = time.monotonic() - started
    done = told(f"示范城市已建成，用时 {seconds:.0f} 秒。", f"The demo city is built, {seconds:.0f} s.")
    print(done, file=sys.stderr)
