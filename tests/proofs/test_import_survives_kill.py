"""An import killed with -9 at any moment loses nothing it confirmed; run again it finishes, and the index follows."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest

ROWS = 12_000
INDEXING_KILLS = 3
LOOK = """
import django, json
django.setup()
from kezhuan.kernel import journal, search
from kezhuan.kernel.models import Entry, Identifier, Record
from kezhuan.kernel.search.live import LiveIndex
known = sorted(Identifier.objects.filter(scheme="results", active=True).values_list("value", flat=True), key=int)
records = Record.objects.filter(kind="achievement").count()
entries = Entry.objects.filter(kind="achievement.open").values_list("data", flat=True)
uids = {uid for data in entries for uid in data["uids"]}

def hits(index, word):
    return {int(index.columns.number("record")[slot]) for slot in index.matcher.search(word).slots}

live = search.live_index()
status = live.catch_up(wait=True)
fresh = LiveIndex(None)
fresh.rebuild()
words = ("", "碳化硅", "抛光 77", "result")
same = set(map(int, live.matcher.ids)) == set(map(int, fresh.matcher.ids)) and all(
    hits(live, word) == hits(fresh, word) for word in words
)
print(json.dumps({
    "known": len(known), "gaps": known != [str(n) for n in range(len(known))], "records": records, "noted": len(uids),
    "broken": journal.verify().broken_seq, "same": same, "behind": status.behind, "documents": status.documents,
}))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request, tmp_path):
    variables = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
    variables |= {"KEZHUAN_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings"}
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")
        name = f"killed_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        variables["KEZHUAN_DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
    return variables


def test_import_killed_at_random_moments_loses_nothing_confirmed(tmp_path, environment, figure):
    path = tmp_path / "results.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(ROWS):
            row = {"id": str(number), "title": f"result {number}", "text": f"碳化硅衬底 {number % 97} 抛光 {number}"}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    command = [sys.executable, "-m", "kezhuan", "import", "achievements", str(path), "--quiet", "--json"]
    subprocess.run([sys.executable, "-m", "kezhuan", "migrate"], env=environment, check=True)
    moments = random.Random(440100)
    kept, indexing = [0], 0
    while indexing < INDEXING_KILLS:
        # The moment of the kill is what is tried here: some batches on and somewhere in the next one, then, once all
        # rows are in, somewhere in the indexing.
        indexing += kept[-1] == ROWS
        running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        target = min(entries(environment) + moments.randint(1, 3), ROWS // 1000)
        while running.poll() is None and entries(environment) < target:
            time.sleep(0.01)
        time.sleep(moments.uniform(1, 8) if kept[-1] == ROWS else moments.uniform(0, 0.6))
        running.send_signal(signal.SIGKILL)
        running.wait()
        state = look(environment)
        assert state["known"] >= kept[-1], "something confirmed was lost"
        assert_whole(state)
        kept.append(state["known"])
    last = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    counts = json.loads(last.stdout)
    assert (counts["created"], counts["unchanged"], counts["rejected"]) == (ROWS - kept[-1], kept[-1], 0)
    state = look(environment)
    assert_whole(state)
    assert (state["known"], state["documents"]) == (ROWS, ROWS)
    figure(f"killed with {kept[1:]} of {ROWS} rows confirmed, then finished; chain, rows and index agreed each time")


def entries(environment):
    """How many entries the journal holds, asked from outside the program."""
    question = "SELECT max(seq) FROM kernel_entry"
    if url := environment.get("KEZHUAN_DATABASE_URL"):
        with psycopg.connect(url) as connection:
            return connection.execute(question).fetchone()[0] or 0
    with closing(sqlite3.connect(f"{environment['KEZHUAN_DATA']}/db.sqlite3")) as connection:
        return connection.execute(question).fetchone()[0] or 0


def look(environment):
    seen = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False)
    assert seen.returncode == 0, seen.stderr[-2000:]
    return json.loads(seen.stdout.splitlines()[-1])


def assert_whole(state):
    assert state["known"] == state["records"] == state["noted"]
    assert not state["gaps"]
    assert state["broken"] is None
    assert state["same"]
    assert state["behind"] == 0
