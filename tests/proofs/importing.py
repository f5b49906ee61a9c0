"""An import by the command, watched: what each tenth of its rows costs, and its memory."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

TENTHS = 10
BATCH = 1000


@dataclass(frozen=True)
class Imported:
    """each: milliseconds a row, without the time that the process waited for a processor. first, last: seconds of the
    processor for a middling tenth of the first and of the last four. megabytes: the peak, with the index."""

    said: str
    each: float
    first: float
    last: float
    megabytes: float


def imported(variables: dict[str, str], kind: str, path: Path, rows: int) -> Imported:
    """Import a file of so many good rows into the SQLite database of these variables."""
    command = [sys.executable, "-m", "kezhuan", "import", kind, str(path), "--json", "--quiet"]
    database, began = Path(variables["KEZHUAN_DATA"]) / "db.sqlite3", time.monotonic()
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        tenths = _watched(running, database, f"{kind.removesuffix('s')}.open", rows)
        out, told = running.stdout.read(), running.stderr.read()
        _pid, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)  # else it would be waited for a second time
    seconds = time.monotonic() - began
    assert status == 0, (status, told[-3000:])
    assert json.loads(out)["created"] == rows
    megabytes = used.ru_maxrss / 1024
    clock, waited, processor = (sum(column) for column in zip(*tenths, strict=True))
    # On a machine that others use too, the time spent waiting for a processor is theirs.
    each = (clock - waited) / rows * 1000
    by_tenth = [tenth[2] / (rows // TENTHS) * 1000 for tenth in tenths]
    said = (
        f"{rows:,} rows, {rows / clock:,.0f} rows/s, {each:.2f} ms each ({clock / rows * 1000:.2f} on the clock,"
        f" {processor / rows * 1000:.2f} of the processor: {by_tenth[0]:.2f} in the first tenth, {by_tenth[-1]:.2f} in"
        f" the last), {seconds:.0f} s with the index; peak {megabytes:.0f} MB; ms of the processor by tenth:"
        f" {', '.join(f'{one:.2f}' for one in by_tenth)}"
    )
    first, last = sorted(tenth[2] for tenth in tenths[:4])[1], sorted(tenth[2] for tenth in tenths[-4:])[1]
    return Imported(said, each, first, last, megabytes)


def _watched(
    running: "subprocess.Popen[bytes]", database: Path, entry: str, rows: int
) -> list[tuple[float, float, float]]:
    """For each tenth of the rows: seconds on the clock, of them waiting for a processor, and of the processor."""
    marks = [now(running.pid)]
    with closing(sqlite3.connect(database)) as connection:
        while len(marks) <= TENTHS:
            assert running.poll() is None, running.stderr.read()[-2000:]
            [done] = connection.execute("SELECT count(*) FROM kernel_entry WHERE kind = ?", (entry,)).fetchone()
            if done * BATCH >= rows // TENTHS * len(marks):
                marks.append(now(running.pid))
            time.sleep(0.02)
    return [(after[0] - before[0], after[1] - before[1], after[2] - before[2]) for before, after in pairwise(marks)]


def now(pid: int) -> tuple[float, float, float]:
    """Of a process: seconds on the clock, of them those that its first thread waited for a processor, and those that it
    had one."""
    processor, waiting, _slices = map(int, Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split())
    return time.monotonic(), waiting / 1e9, processor / 1e9
