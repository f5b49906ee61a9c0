"""Workers killed with -9 while they hand over mails: no mail twice, and each is with the server or told as unclear."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

import psycopg
import pytest

from kezhuan.config.commands.test import ROOT
from tests.factories.servers import mail_server

MAILS = 200
KILLS = 3
ASK = """
import django, sys
django.setup()
from django.db import transaction
from kezhuan.kernel import outbox
with transaction.atomic():
    for number in range(int(sys.argv[1])):
        outbox.send(channel="mail", to=f"p{number}@example.com", subject="x", text="y", key=f"k{number}", brief=False)
"""
LOOK = """
import django, json
django.setup()
from kezhuan.kernel.models import Message
print(json.dumps(list(Message.objects.order_by("pk").values_list("to", "state"))))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request, tmp_path):
    variables = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
    variables |= {"KEZHUAN_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings"}
    variables["PYTHONPATH"] = str(ROOT / "src")
    if request.param == "postgresql":
        url = os.environ.get("PROOF_POSTGRES_URL")
        if not url:
            pytest.skip("no PostgreSQL here")
        name = f"mails_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        variables["KEZHUAN_DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
    return variables


def program(environment, text, *arguments):
    command = [sys.executable, "-c", text, *arguments]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout


def work(environment):
    command = [sys.executable, "-m", "kezhuan", "work"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_no_mail_is_sent_twice_whenever_a_worker_is_killed(environment, figure):
    chance = random.Random(440100)
    with mail_server() as box:
        environment["KEZHUAN_SITE_URL"] = "https://kezhuan.example.gov.cn"
        environment["KEZHUAN_MAIL_URL"] = f"smtp://127.0.0.1:{box.port}"
        subprocess.run([sys.executable, "-m", "kezhuan", "migrate"], env=environment, check=True, capture_output=True)
        program(environment, ASK, str(MAILS))
        box.before_answer = lambda: time.sleep(0.02)  # long enough to be killed in
        for _ in range(KILLS):
            target = len(box.mails) + chance.randint(10, MAILS // (KILLS + 2))
            worker = work(environment)
            while len(box.mails) < target:
                assert worker.poll() is None
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.04))
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        last = work(environment)
        end = time.monotonic() + 180
        while any(state in {"waiting", "sending"} for _to, state in states(environment)):
            assert time.monotonic() < end, "some mails wait for ever"
            time.sleep(2)
        last.terminate()
        last.wait()
    found = dict(states(environment))
    arrived = Counter(to for to, _body in box.mails)
    assert max(arrived.values()) == 1, "a mail was sent twice"
    assert {to for to, state in found.items() if state == "sent"} <= set(arrived), "told as sent and not there"
    unclear = [to for to, state in found.items() if state == "unclear"]
    assert set(found.values()) <= {"sent", "unclear"}
    assert len(unclear) <= 2 * KILLS, "more are unclear than were in a killed worker's hands"
    engine = "PostgreSQL" if "KEZHUAN_DATABASE_URL" in environment else "SQLite"
    figure(
        f"{engine}: {KILLS} workers killed among {MAILS} mails: none twice, {len(unclear)} unclear"
        f" ({sum(to in arrived for to in unclear)} of them arrived), all others sent"
    )


def states(environment):
    return json.loads(program(environment, LOOK))
