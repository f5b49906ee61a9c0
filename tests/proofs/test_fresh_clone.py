"""In a fresh clone `./kezhuan demo --no-serve` ends well within 3 minutes, installing included."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time

from kezhuan.config.commands.bundle import sources

ALLOWED_SECONDS = 180
FUNNEL = """
select call.call_kind,
    (select count(*) from calls_call_collected one where one.call_id = call.record_id),
    count(distinct item.id), count(application.record_id), count(distinct application.applicant_id),
    sum(record.stage = 'awarded'),
    count(distinct case when record.stage = 'awarded' then item.id end)
from calls_call call join calls_callitem item on item.call_id = call.record_id
left join calls_application application on application.item_id = item.id
left join kernel_record record on record.id = application.record_id
where call.call_kind in ('contest', 'agency') group by call.record_id
"""


def funnel_of(database):
    """Of the contest and the agency selection of the demo: needs that came in, items listed, applications, units that
    applied, chosen ones, and of how many items."""
    with sqlite3.connect(database) as connection:
        return {kind: tuple(numbers) for kind, *numbers in connection.execute(FUNNEL)}


def test_fresh_clone_shows_the_demo_within_three_minutes(tmp_path, figure):
    folder = tmp_path / "clone"
    for name, path in sources().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / name)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
    environment["KEZHUAN_PYTHON"] = sys._base_executable

    began = time.monotonic()
    first = subprocess.run(
        [folder / "kezhuan", "--version"], env=environment, capture_output=True, text=True, check=False
    )
    installed = time.monotonic() - began
    assert first.returncode == 0, first.stderr
    demo = subprocess.run(
        [folder / "kezhuan", "demo", "--no-serve"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.monotonic() - began
    assert demo.returncode == 0, demo.stdout[-2000:] + demo.stderr[-2000:]
    matches = re.split(r"^ *(?:10|[1-9])[ .、)]", demo.stdout, flags=re.MULTILINE)[1:]
    assert len(matches) == 10, demo.stdout
    assert all(re.search(r"^ +[+-]\d\.\d\d \S", one, re.MULTILINE) for one in matches), demo.stdout  # the reasons

    assert funnel_of(folder / "data" / "demo" / "db.sqlite3") == {
        "contest": (116, 84, 68, 42, 22, 21), "agency": (0, 6, 124, 124, 100, 6),
    }  # fmt: skip

    began = time.monotonic()
    subprocess.run([folder / "kezhuan", "--version"], env=environment, capture_output=True, check=True)
    again = time.monotonic() - began
    figure(f"installed in {installed:.0f} s, demo ready after {took:.0f} s; a second start took {again:.2f} s")
    assert took <= ALLOWED_SECONDS
