"""PostgreSQL's primary killed, the replica promoted: the site writes again without a restart, and the index follows."""

import functools
import os
import signal
import time

import psycopg
import pytest

from kezhuan.config import postgres
from tests.factories.replicas import pair
from tests.proofs.sites import Site

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


class Written:
    """Four who draft needs as fast as the site takes them, and what was confirmed to them, each with its moment."""

    def __init__(self, site, token):
        self.site, self.token, self.confirmed = site, token, []

    def write(self, number):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        count = 0
        while not self.site.over.is_set():
            count += 1
            body = {"title": f"需求 {number}-{count}", "summary": "碳化硅衬底抛光", "field": "materials"}
            status, _made = self.site.ask("POST", "/api/v1/needs", body, **headers)
            if status == 201:
                # Not the code: what is written after a loss is given the codes of what was lost.
                self.confirmed.append((time.monotonic(), body["title"]))
            else:
                time.sleep(0.05)

    def going_on(self):
        return self.site.meanwhile(*(functools.partial(self.write, number) for number in range(WRITERS)))


@pytest.mark.parametrize("synchronous", [True, False], ids=["synchronous", "asynchronous"])
def test_replica_takes_over(tmp_path, synchronous, figure):
    if postgres.find_binaries() is None:
        pytest.skip("no PostgreSQL here")
    hosts = ",".join(f"127.0.0.1:{port}" for port in PORTS)
    site = Site(tmp_path, SITE, KEZHUAN_DATABASE_URL=f"postgres://kezhuan@{hosts}/kezhuan")
    with pair(PORTS, synchronous=synchronous) as (primary, replica):
        site.run("-m", "kezhuan", "migrate")
        token = site.run("-c", PREPARE).strip()
        written = Written(site, token)
        with site.serving(), written.going_on():
            time.sleep(5)
            if not synchronous:
                # The replica falls behind, as it may without synchronous replication: nothing more is sent to it. What
                # is on the way already would arrive, however long the receiver stood still.
                for pid in primary.children("walsender"):
                    os.kill(pid, signal.SIGSTOP)
                time.sleep(2)
            primary.kill()
            killed = time.monotonic()
            replica.promote()
            promoted = time.monotonic()
            again = wait_for_write(written, promoted)
            time.sleep(5)
            site.over.set()
            look_at_the_site(site, token, replica)
        lost = missing(replica, written.confirmed)
        after = sum(moment > promoted for moment, _title in written.confirmed)
        assert again - killed < AGAIN_WITHIN
        assert after > 20
        assert not [title for moment, title in lost if moment > promoted]
        if synchronous:
            assert lost == []
        else:
            assert lost, "nothing was lost, so nothing was shown"
        assert "索引与数据库一致" in site.run("-m", "kezhuan", "verify")
        noticed = "is not the one" in site.log.read_text()
        assert noticed is bool(lost)
    figure(
        f"{'synchronous' if synchronous else 'asynchronous'}: promoted {promoted - killed:.1f} s after the kill,"
        f" written again {again - killed:.1f} s after it without a restart; {len(written.confirmed)} writes confirmed,"
        f" {len(lost)} of them lost; every web process found what is there and nothing else"
    )


def wait_for_write(written, since):
    while time.monotonic() < since + AGAIN_WITHIN:
        for moment, _title in written.confirmed[-WRITERS * 4 :]:
            if moment > since:
                return moment
        time.sleep(0.05)
    raise AssertionError(
        f"the site did not write again: {written.site.answers}, {written.site.log.read_text()[-3000:]}"
    )


def missing(server, confirmed):
    with psycopg.connect(server.address) as session:
        held = {title for (title,) in session.execute("SELECT title FROM kernel_record").fetchall()}
    return [(moment, title) for moment, title in confirmed if title not in held]


def look_at_the_site(site, token, server):
    """The lists hold exactly what the database holds, once the last of the writers has ended."""
    for writer in site.going:
        writer.result()
    with psycopg.connect(server.address) as session:
        count = session.execute("SELECT count(*) FROM kernel_record WHERE kind = 'need'").fetchone()[0]
    site.assert_lists("/api/v1/needs?limit=1", count, AGAIN_WITHIN, Authorization=f"Bearer {token}")
