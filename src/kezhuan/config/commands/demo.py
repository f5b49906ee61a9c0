"""`./kezhuan demo`: build the invented city, print its ten best matches with reasons, and serve it on this machine."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from kezhuan.config.start import bring_up_to_date, start_django

LABELS = {
    "organisations": "单位 organisations",
    "people": "人员 people",
    "achievements": "成果 achievements",
    "needs": "需求 needs",
    "introductions": "对接 introductions",
}


def run(argv: list[str]) -> int:
    """Build when there is nothing yet, show, serve; exit code 2 when the folder holds other records."""
    parser = argparse.ArgumentParser(prog="./kezhuan demo", description=__doc__)
    parser.add_argument("--no-serve", action="store_true", help="build and print only")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    given = parser.parse_args(argv)
    # Without KEZHUAN_DATA the demo city lives beside the real data; a folder with other records is never touched.
    folder = Path(os.environ.get("KEZHUAN_DATA") or "data/demo")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "demo-city").exists():
        print(f"{folder} 里有不属于示范城市的记录,未作任何改动;请用 KEZHUAN_DATA 指定另一个文件夹。", file=sys.stderr)
        print(
            f"{folder} holds records that are not the demo city's; name another folder in KEZHUAN_DATA.",
            file=sys.stderr,
        )
        return 2
    if os.environ.pop("KEZHUAN_DATABASE_URL", ""):
        print("示范城市只用自己的 SQLite 数据,已忽略 KEZHUAN_DATABASE_URL。", file=sys.stderr)
        print("The demo city uses its own SQLite file; KEZHUAN_DATABASE_URL is ignored.", file=sys.stderr)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "demo-city").write_text("invented\n", encoding="ascii")
    except OSError as problem:
        print(f"{folder} 无法写入({problem.strerror});请用 KEZHUAN_DATA 指定另一个文件夹。", file=sys.stderr)
        return 2
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
    from kezhuan.config.serving import serve

    return serve("127.0.0.1", given.port)


def _build(build_city: Callable[[Callable[[str, int, int], None]], None]) -> None:
    started = time.monotonic()
    bars: dict[str, tqdm[None]] = {}

    def step(what: str, done: int, total: int) -> None:
        bar = bars.get(what)
        if bar is None:
            bar = bars[what] = tqdm(total=total, desc=LABELS[what], file=sys.stderr, unit="", leave=True)
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    build_city(step)
    print(f"示范城市已建成,用时 {time.monotonic() - started:.0f} 秒。", file=sys.stderr)
