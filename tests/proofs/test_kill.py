"""Proof: kill -9 while records are written and indexed loses nothing confirmed, and the index repairs itself."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from kezhuan.config.commands.test import ROOT

ROUNDS = 8
WRITE = """
import sys, django
django.setup()
from kezhuan.areas.people.actions import SYSTEM, register_organisation
from kezhuan.kernel.search import live_index
for number in range(10_000):
    name = f"w{sys.argv[1]}x{number}"
    register_organisation(actor=SYSTEM, name=name, kind="enterprise", region="440106", stage="listed")
    print(name, flush=True)
    live_index().catch_up(wait=True)
    live_index().save()
"""
READ = """
import sys, django
django.setup()
from kezhuan.kernel import journal
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.models import Record
from kezhuan.kernel.search import Asked, live_index, search
names = sys.stdin.read().split()
missing = [name for name in names if not search(VISITOR, Asked(words=name)).records]
status, verdict = live_index().catch_up(wait=True), journal.verify()
assert not missing, missing
assert status.behind == 0
assert search(VISITOR, Asked()).total == Record.objects.count() == verdict.entries
assert verdict.broken_seq is None, verdict
live_index().save()
"""


def test_kill_while_writing_and_indexing(tmp_path: Path, figure: Callable[[str], None]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEZHUAN_")}
    environment |= {"KEZHUAN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings"}
    environment["PYTHONPATH"] = str(ROOT / "src")
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v", "0"], env=environment, check=True)
    confirmed: list[str] = []
    chance = random.Random(440100)
    for number in range(ROUNDS):
        command = [sys.executable, "-c", WRITE, str(number)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            confirmed += [writer.stdout.readline().strip() for _ in range(chance.randint(1, 25))]
            writer.send_signal(signal.SIGKILL)
            confirmed += writer.stdout.read().split()
        assert writer.returncode == -signal.SIGKILL
        read = subprocess.run(
            [sys.executable, "-c", READ], env=environment, input=" ".join(confirmed), text=True, capture_output=True,
            check=False,
        )  # fmt: skip
        assert read.returncode == 0, read.stderr
    assert all(confirmed)
    figure(f"killed {ROUNDS} times, {len(confirmed)} confirmed records, all found after each restart, the chain holds")
