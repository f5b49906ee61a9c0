"""A worker killed with -9 in mid-job: another has its job within a minute, and each visible effect is there once."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import psycopg
import pytest

from kezhuan.config.commands.test import ROOT

ROUNDS = 2
STEPS = 30
MOST_SECONDS = 60
PREPARE = """
import django
django.setup()
from kezhuan.kernel import jobs
"""
# A job of many steps: each step writes a record and how far it is in one transaction, as an import does.
WORKER = (
    PREPARE
    + """
import signal, sys, threading, time
from kezhuan.areas.people.actions import SYSTEM, register_organisation
from kezhuan.config import working
from kezhuan.kernel import journal
STEPS = int(sys.argv[1])

def steps(running, name):
    for number in range(running.kept.get("next", 0), STEPS):
        with journal.writing():
            register_organisation(
                actor=SYSTEM, name=f"{name}x{number}", kind="enterprise", region="440106", stage="listed"
            )
            running.result({"next": number + 1})
        running.progress(number + 1, STEPS)
        print(number, flush=True)
        time.sleep(0.05)

def once(running, name):
    time.sleep(0.02)
    with journal.writing():
        register_organisation(actor=SYSTEM, name=name, kind="enterprise", region="440106", stage="listed")
        running.finish()

jobs.register("proof.steps", steps)
jobs.register("proof.once", once)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
working.work(stop)
"""
)
ASK = (
    PREPARE
    + """
import sys
for name in ("proof.steps", "proof.once"):
    jobs.register(name, lambda running, name: None)
for number in range(40):
    jobs.enqueue("proof.once", name=f"{sys.argv[1]}once{number}")
print(jobs.enqueue("proof.steps", name=sys.argv[1]).pk)
"""
)
LOOK = (
    PREPARE
    + """
import json
from django.db.models.functions import Now
from kezhuan.kernel import journal
from kezhuan.kernel.models import Entry, Job, Record
own = Job.objects.filter(name__startswith="proof.")
print(json.dumps({
    "states": sorted(own.values_list("state", flat=True)),
    "names": sorted(Record.objects.filter(kind="organisation").values_list("title", flat=True)),
    "opened": Entry.objects.filter(kind="organisation.open").count(),
    "attempts": sum(own.values_list("attempts", flat=True)) - own.count(),
    "broken": journal.verify().broken_seq,
}))
"""
)


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request, tmp_path):
    variables = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
    variables |= {"KEZHUAN_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings"}
    variables["PYTHONPATH"] = str(ROOT / "src")
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")
        name = f"jobs_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        variables["KEZHUAN_DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
    return variables


def program(environment, text, *arguments):
    command = [sys.executable, "-c", text, *arguments]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout


def worker(environment):
    command = [sys.executable, "-c", WORKER, str(STEPS)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_a_killed_workers_job_is_taken_over_within_a_minute_and_done_once(environment, figure):
    subprocess.run([sys.executable, "-m", "kezhuan", "migrate"], env=environment, check=True, capture_output=True)
    chance, waits = random.Random(440100), []
    expected = []
    for number in range(ROUNDS):
        name = f"r{number}"
        expected += [*(f"{name}x{step}" for step in range(STEPS)), *(f"{name}once{one}" for one in range(40))]
        program(environment, ASK, name)
        with worker(environment) as first:
            for _ in range(chance.randint(2, STEPS - 5)):
                assert first.stdout.readline()
            time.sleep(chance.uniform(0, 0.1))  # somewhere in the middle of a step
            first.send_signal(signal.SIGKILL)
            killed = time.monotonic()
        with worker(environment) as second:
            assert second.stdout.readline(), "the second worker ended without a step"
            waits.append(time.monotonic() - killed)
            while second.stdout.readline().strip() != str(STEPS - 1):
                assert second.poll() is None
            time.sleep(1)
            second.send_signal(signal.SIGTERM)
        assert second.returncode == 0
    state = json.loads(program(environment, LOOK))
    assert state["names"] == sorted(expected), "an effect is missing or is there twice"
    assert state["opened"] == len(expected)
    assert state["broken"] is None
    assert set(state["states"]) == {"done"}
    assert state["attempts"] >= ROUNDS, "no job was taken over"
    assert max(waits) < MOST_SECONDS
    engine = "PostgreSQL" if "KEZHUAN_DATABASE_URL" in environment else "SQLite"
    figure(
        f"{engine}: {ROUNDS} workers killed with -9, their jobs taken over after at most {max(waits):.0f} s,"
        f" {len(expected)} effects each there once"
    )
