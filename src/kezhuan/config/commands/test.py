"""`./kezhuan test [pytest arguments]`: everything on SQLite, and what needs a database again on PostgreSQL."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from kezhuan.config import chromium, postgres
from kezhuan.config.speech import told

ROOT = Path(__file__).resolve().parents[4]

WITHOUT = {
    "PostgreSQL 15+": ("PostgreSQL 上的数据库测试", "the database tests on PostgreSQL"),
    "Chromium": ("浏览器中的完整流程", "the journeys in a browser"),
}

NOTHING_COLLECTED = 5  # pytest's exit code


def run(argv: list[str]) -> int:
    """Run the suite and return 0 when all passed; arguments go to pytest.

    By default four processes share the work, on two cores too: some of it is waiting for browsers and servers. One of
    them is PostgreSQL's; its words follow when the others have ended. With arguments one session follows the other: one
    may want the terminal.
    """
    if {"-h", "--help"} & set(argv):
        print(
            told(
                "用法：./kezhuan test [pytest 的参数]\n\n"
                "在 SQLite 上运行全部测试，并在 PostgreSQL 上再运行需要数据库的测试。",
                "Usage: ./kezhuan test [pytest arguments]\n\n"
                "Run everything on SQLite, and what needs a database again on PostgreSQL.",
            )
        )
        return 0
    under_ci = os.environ.get("CI") == "true"
    binaries, browser = postgres.find_binaries(), chromium.find()
    missing = [name for name, found in (("PostgreSQL 15+", binaries), ("Chromium", browser)) if found is None]
    if missing and under_ci:
        sentence = told(
            f"CI：须先安装 {' 和 '.join(missing)}；不得略去任何测试。",
            f"CI: {' and '.join(missing)} must be installed; nothing may be left out.",
        )
        print(sentence, file=sys.stderr)
        return 1
    chosen = ["-m", "not proof" if browser else "not proof and not journey"]
    again = ["-m", "again and not journey and not proof"]
    # Tests that share something dear to make (`xdist_group`) meet it in one process.
    arguments = argv or ["-q", "-n", "3", "--dist", "loadgroup"]
    print("── SQLite ──", flush=True)
    with tempfile.TemporaryFile() as said, ThreadPoolExecutor(1) as beside:
        second = beside.submit(on_postgresql, binaries, ["-q", *again], said) if binaries and not argv else None
        codes = [pytest([*arguments, *chosen])]
        if binaries:
            print("── PostgreSQL ──", flush=True)
            codes.append(second.result() if second else on_postgresql(binaries, [*arguments, *again]))
            said.seek(0)
            print(said.read().decode(errors="replace"), end="", flush=True)
    if missing:
        zh, en = zip(*(WITHOUT[name] for name in missing), strict=True)
        sentence = told(
            f"本机没有 {'、也没有 '.join(missing)}，因此略去：{'、'.join(zh)}。",
            f"Left out, because this machine has no {' and no '.join(missing)}: {', '.join(en)}.",
        )
        print(sentence)
    if set(codes) == {NOTHING_COLLECTED}:
        return NOTHING_COLLECTED
    return max((code for code in codes if code != NOTHING_COLLECTED), default=0)


def on_postgresql(binaries: Path, arguments: list[str], output: IO[bytes] | None = None) -> int:
    """One pytest session on a server that is there as long as it."""
    with postgres.temporary_cluster(binaries) as address:
        return pytest(arguments, {"KEZHUAN_DATABASE_URL": address}, output)


def pytest(arguments: list[str], variables: Mapping[str, str] | None = None, output: IO[bytes] | None = None) -> int:
    """One pytest session in a process of its own; its closing line stays as pytest prints it, to the terminal or to a
    file."""
    # The tests start the program dozens of times: its compiled code is kept, even where the caller keeps none. Settings
    # that the caller's environment names would be loaded before the tests say in which folder and city they are.
    left_out = ("KEZHUAN_", "DJANGO_", "PYTHONDONTWRITEBYTECODE")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    environment |= variables or {}
    return subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *arguments],
        cwd=ROOT, env=environment, stdout=output, stderr=output and subprocess.STDOUT, check=False,
    ).returncode  # fmt: skip
