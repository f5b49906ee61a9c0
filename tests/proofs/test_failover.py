"""PostgreSQL's primary killed, the replica promoted: the site writes again without a restart, and the index follows."""

import collections
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest

from kezhuan.config import postgres
from tests.factories.replicas import pair

PORTS, SITE = (8361, 8362), 8363
WRITERS = 4
AGAIN_WITHIN = 60.0
PREPARE = """
import django
django.setup()
from datetime import timedelta
from kezhuan.areas.people.token_actions import make_token
import kezhuan.config.urls
from kezhuan.kernel import tokens
from kezhuan.kernel.models import User
from kezhuan.kernel.text import today
from tests.factories import city
actor = city.member(city.organisation("主备切换"), "administrator")
User.objects.create_user("proof@example.com", "proof-proof-7", person=actor.person)
scope, day = ["need"], today() + timedelta(days=7)
print(make_token(actor=actor, name="proof", reads=scope, writes=scope, expires_on=day, seed=tokens.new_seed())[1])
"""


class Site:
    """`./kezhuan serve` on both servers, and whoever writes to it by its API."""

    def __init__(self, folder):
        self.variables = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
        self.variables |= {"KEZHUAN_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings"}
        hosts = ",".join(f"127.0.0.1:{port}" for port in PORTS)
        self.variables["KEZHUAN_DATABASE_URL"] = f"postgres://kezhuan@{hosts}/kezhuan"
        self.variables["KEZHUAN_API_RATE"] = "1000000"
        self.answers = collections.Counter()
        self.confirmed = []
        self.over = threading.Event()
        self.log = folder / "log"

    def run(self, *words, code=0):
        done = subprocess.run([sys.executable, *words], env=self.variables, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout[-1500:] + done.stderr[-1500:]
        return done.stdout

    @contextlib.contextmanager
    def serving(self):
        with self.log.open("w") as log:
            command = [sys.executable, "-m", "kezhuan", "serve", "--port", str(SITE)]
            server = subprocess.Popen(command, env=self.variables, stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                assert "http" in server.stdout.readline()
                yield
                assert server.poll() is None
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(60)
                server.stdout.close()

    def ask(self, method, path, body=None, **headers):
        """Status and body; (0, None) when nobody answered."""
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", SITE, timeout=30)) as connection:
                connection.request(method, path, json.dumps(body) if body else None, headers)
                answer = connection.getresponse()
                content = answer.read()
                return answer.status, json.loads(content) if content.startswith(b"{") else None
        except (OSError, http.client.HTTPException):
            return 0, None

    def write(self, token, number):
        """Drafts needs as fast as the site takes them; notes each that was confirmed, with its moment."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        count = 0
        while not self.over.is_set():
            count += 1
            body = {"title": f"需求 {number}-{count}", "summary": "碳化硅衬底抛光", "field": "materials"}
            status, made = self.ask("POST", "/api/v1/needs", body, **headers)
            self.answers[status] += 1
            if status == 201:
                self.confirmed.append((time.monotonic(), made["code"]))
            else:
                time.sleep(0.05)

    @contextlib.contextmanager
    def writing(self, token):
        threads = [threading.Thread(target=self.write, args=(token, number)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()


@pytest.mark.parametrize("synchronous", [True, False], ids=["synchronous", "asynchronous"])
def test_replica_takes_over(tmp_path, synchronous, figure):
    if postgres.find_binaries() is None:
        pytest.skip("no PostgreSQL here")
    site = Site(tmp_path)
    with pair(PORTS, synchronous=synchronous) as (primary, replica):
        site.run("-m", "kezhuan", "migrate")
        token = site.run("-c", PREPARE).strip()
        with site.serving(), site.writing(token):
            time.sleep(5)
            frozen = []
            if not synchronous:
                # The replica falls behind, as it may without synchronous replication.
                frozen = replica.children("walreceiver")
                for pid in frozen:
                    os.kill(pid, signal.SIGSTOP)
                time.sleep(2)
            primary.kill()
            killed = time.monotonic()
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
            replica.promote()
            promoted = time.monotonic()
            again = wait_for_write(site, promoted)
            time.sleep(5)
            site.over.set()
            look_at_the_site(site, token, replica)
        lost = missing(replica, site.confirmed)
        after = sum(moment > promoted for moment, _code in site.confirmed)
        assert again - killed < AGAIN_WITHIN
        assert after > 20
        assert not [code for moment, code in lost if moment > promoted]
        if synchronous:
            assert lost == []
        else:
            assert lost, "nothing was lost, so nothing was shown"
        assert "索引与数据库一致" in site.run("-m", "kezhuan", "verify")
        noticed = "is not the one" in site.log.read_text()
        assert noticed is bool(lost)
    figure(
        f"{'synchronous' if synchronous else 'asynchronous'}: promoted {promoted - killed:.1f} s after the kill,"
        f" written again {again - killed:.1f} s after it without a restart; {len(site.confirmed)} writes confirmed,"
        f" {len(lost)} of them lost; every web process found what is there and nothing else"
    )


def wait_for_write(site, since):
    while time.monotonic() < since + AGAIN_WITHIN:
        for moment, _code in site.confirmed[-WRITERS * 4 :]:
            if moment > since:
                return moment
        time.sleep(0.05)
    raise AssertionError(f"the site did not write again: {site.answers}, {site.log.read_text()[-3000:]}")


def missing(server, confirmed):
    with psycopg.connect(server.address) as session:
        held = {code for (code,) in session.execute("SELECT code FROM kernel_record").fetchall()}
    return [(moment, code) for moment, code in confirmed if code not in held]


def look_at_the_site(site, token, server):
    """Asked often enough that each web process answers: the lists hold exactly what the database holds."""
    headers = {"Authorization": f"Bearer {token}"}
    time.sleep(2)
    with psycopg.connect(server.address) as session:
        count = session.execute("SELECT count(*) FROM kernel_record WHERE kind = 'need'").fetchone()[0]
    for _ in range(40):
        status, found = site.ask("GET", "/api/v1/needs?limit=1", **headers)
        assert status == 200
        assert found["total"] == count
