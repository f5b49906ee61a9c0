"""Worker, web process and database killed in turn amid imports, moves and mails: what was confirmed is there once."""

import contextlib
import functools
import http.client
import itertools
import json
import os
import random
import re
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing

import psycopg
import pytest

from kezhuan.config import postgres
from tests.factories.processes import children, descendants, is_gone
from tests.factories.replicas import single
from tests.factories.servers import mail_server
from tests.proofs.sites import Site
from tests.proofs.visitors import Reader

SITE, DATABASE = 8871, 8872
WRITERS, ROWS = 2, 3000
DEAF = 7
"""Every so many requests the asker hangs up before the answer, and asks again with the same key."""
# The first of each round is killed in the middle of an import.
ROUNDS = (
    ("worker", "web process", "database"),
    ("database", "web parent", "worker"),
)
AGAIN_WITHIN, LONGEST = 60.0, 300.0
PREPARE = """
import django
django.setup()
import json
from datetime import timedelta
import kezhuan.config.urls
from kezhuan.areas.people.token_actions import make_token
from kezhuan.kernel import tokens
from kezhuan.kernel.models import User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.factories import city
firm, officer = city.member(city.organisation("出题企业"), Role.ADMINISTRATOR), city.officer()
head = city.member(officer.organisation, Role.OFFICER)
city.route(city.post(officer.organisation, "处长", head), kind="need", move="publish")
made = {}
for name, actor in {"firm": firm, "officer": officer, "head": head}.items():
    scope = ["need", "approval"]
    asked = {"name": "proof", "reads": scope, "writes": scope, "expires_on": today() + timedelta(days=7)}
    User.objects.create_user(f"{name}@example.com", "proof-proof-7", person=actor.person)
    made[name] = make_token(actor=actor, seed=tokens.new_seed(), **asked)[1]
print(json.dumps(made))
"""
LOOK = """
import django, hashlib, json
django.setup()
from collections import Counter
from kezhuan.exchange.models import Import
from kezhuan.kernel import journal, search
from kezhuan.kernel.models import Approval, Entry, Identifier, Job, Message, Record
from kezhuan.kernel.search.live import LiveIndex

def number_of(key):
    return hashlib.sha256(key.encode()).hexdigest()[:32]

def hits(index, word):
    return {int(index.columns.number("record")[slot]) for slot in index.matcher.search(word).slots}

live = search.live_index()
status = live.catch_up(wait=True)
fresh = LiveIndex(None)
fresh.rebuild()
needs = Record.objects.filter(kind="need")
messages = Message.objects.values_list("key", "letter", "state")
print(json.dumps({
    "needs": sorted(needs.values_list("title", "code", "stage")),
    "moves": Counter(Entry.objects.filter(record__kind="need").values_list("kind", flat=True)),
    "approvals": sorted(Approval.objects.values_list("about__code", "record__code", "record__stage")),
    "letters": sorted(Message.objects.values_list("content__approval", "letter")),
    "messages": {number_of(key): (letter, state) for key, letter, state in messages},
    "imports": sorted(Import.objects.exclude(state="uploaded").values_list("file_name", "state", "created")),
    "rows": Counter(Record.objects.filter(kind="achievement").values_list("title", flat=True)),
    "numbers": Identifier.objects.filter(record__kind="achievement", active=True).count(),
    "failed": list(Job.objects.filter(state="failed").values_list("name", "error")),
    "broken": journal.verify().broken_seq, "behind": status.behind,
    "same": set(map(int, live.matcher.ids)) == set(map(int, fresh.matcher.ids)) and all(
        hits(live, word) == hits(fresh, word) for word in ("", "碳化硅", "抛光 77", "成果")
    ),
}))
"""
NEED = {
    "summary": "需要大尺寸碳化硅衬底的低缺陷抛光工艺。", "field": "materials", "scenario": "六英寸产线",
    "background": "外延片因衬底缺陷报废",
    "claimant_requirements": "有中试线", "ip_terms": "joint", "budget_fen": 300_000_000, "deadline": "2030-12-31",
    "indicators": [{"name": "粗糙度", "operator": "≤", "value": "0.1", "unit": "nm", "test_method": "GB/T 29505"}],
}  # fmt: skip


class City:
    """The site, its database, and what people were told that is done."""

    def __init__(self, site, server):
        self.site, self.server = site, server
        self.keys, self.chance = itertools.count(1), random.Random(440100)
        self.needs, self.approvals, self.moments = {}, {}, []
        self.begun = [threading.Event() for _ in ROUNDS]
        self.imports = {}

    # -- people ----------------------------------------------------------------------------------------------------

    def surely(self, token, path, body):
        """Ask until it is confirmed, each time with the same key."""
        number = next(self.keys)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = f"key-{number}"
        listen, end = number % DEAF > 0, time.monotonic() + LONGEST
        while True:
            began = time.monotonic()
            status, answer = self.site.ask("POST", f"/api/v1{path}", body, listen=listen, **headers)
            if status in {200, 201}:
                self.moments.append(began)
                return answer
            assert status in {0, 503}, (path, status, answer)
            assert began < end, f"{path} was not done for {LONGEST:.0f} s"
            if listen:
                time.sleep(0.1)
            listen = True

    def write(self, tokens, number):
        """Needs are drafted, submitted, and published by an approval: each step of it writes to somebody."""
        for count in itertools.count(1):
            if self.site.over.is_set():
                return
            title = f"大尺寸碳化硅衬底抛光需求 {number}-{count}"
            need = self.surely(tokens["firm"], "/needs", {"title": title, **NEED})["code"]
            self.needs[title] = need
            self.surely(tokens["firm"], f"/needs/{need}/moves/submit", {})
            approval = self.surely(tokens["officer"], "/approvals", {"record": need, "move": "publish"})["code"]
            step = self.step(tokens["head"], approval)
            self.surely(tokens["head"], f"/approvals/{approval}/steps/{step}/sign", {"opinion": "同意"})
            self.approvals[need] = approval
            time.sleep(1)  # what is written to people is to leave meanwhile, not to pile up

    def step(self, token, approval):
        while True:
            status, found = self.site.ask("GET", f"/api/v1/approvals/{approval}/steps", Authorization=f"Bearer {token}")
            if status == 200:
                return found["items"][0]["number"]
            assert status in {0, 503}, (status, found)
            time.sleep(0.1)

    def bring(self, cookies, number):
        """A file is sent through the form, and whatever button its page shows is pressed until it is in."""
        self.begun[number].wait()
        reader = Reader(self.site.port)
        reader.cookies = dict(cookies)
        name, end = f"成果{number}.csv", time.monotonic() + LONGEST
        rows = (f"R{number}-{row},成果 {number}-{row},碳化硅衬底 {row % 97} 抛光 {row}" for row in range(ROWS))
        form = {"kind": "achievement", "declared_open": "on"}
        file = name, "\n".join(("编号,名称,摘要", *rows)).encode()
        while self.press(reader, "/imports/new/", form, file) != 302:
            assert time.monotonic() < end, "the file was not taken"
            time.sleep(0.3)
        place = reader.location
        while True:
            assert time.monotonic() < end, f"{name} is not in after {LONGEST:.0f} s"
            status, body = self.read(reader, place)
            if status == 200 and 'value="check"' in body:
                self.press(reader, place, {"step": "check", "sheet": "", "match_key": "id", "on_match": "update",
                                           "map-0": "id", "map-1": "title", "map-2": "text"})  # fmt: skip
            elif status == 200 and 'value="commit"' in body:
                self.press(reader, place, {"step": "commit"})
            elif status == 200 and f"{place}undo/" in body:
                break
            time.sleep(0.3)
        self.imports[name] = time.monotonic()

    def read(self, reader, path):
        try:
            status, body, _took = reader.ask("GET", path)
        except (OSError, http.client.HTTPException):
            reader.connection.close()
            return 0, ""
        assert status in {200, 503}, (path, status)
        return status, body

    def press(self, reader, path, form, file=None):
        status, body = self.read(reader, path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', body)
        if token is None:
            return status
        try:
            status, body, _took = reader.ask("POST", path, {**form, "csrfmiddlewaretoken": token[1]}, file)
        except (OSError, http.client.HTTPException):
            reader.connection.close()
            return 0
        assert status in {302, 409, 503}, (path, status, body[-3000:])
        return status

    def until(self, found, seconds=AGAIN_WITHIN):
        """Wait for something to come about; what fails meanwhile in one of the threads is told at once."""
        end = time.monotonic() + seconds
        while not (one := found()):
            self.site.raise_failures()
            assert time.monotonic() < end, f"not in {seconds:.0f} s: {self.site.log.read_text()[-2000:]}"
            time.sleep(0.03)
        return one

    # -- what is killed --------------------------------------------------------------------------------------------

    def kill(self, name):
        if name != "database":
            os.kill(self.until(lambda: self.process(name)), signal.SIGKILL)
        elif self.server is not None:
            self.server.kill()
            time.sleep(1)
            self.server.start()
        else:
            # The database lives in the processes that use it: all of them at once, as by a power cut.
            family = [self.site.server.pid, *descendants(self.site.server.pid)]
            for pid in family:
                os.kill(pid, signal.SIGKILL)
            self.site.server.wait()
            self.until(lambda: all(map(is_gone, family)))
            self.site.server.stdout.close()
            self.site.start()

    def written_after(self, name):
        """Kill something; returns the seconds until what was asked for after that is confirmed."""
        killed = time.monotonic()
        self.kill(name)
        self.until(lambda: max(self.moments[-20:], default=0) > killed)
        return time.monotonic() - killed

    def process(self, name):
        assert self.site.server.poll() is None, f"the site ended: {self.site.log.read_text()[-2000:]}"
        own = children(self.site.server.pid)
        if name == "worker":
            return next((pid for pid, words in own.items() if words.split()[-1:] == ["work"]), None)
        parent = next((pid for pid, words in own.items() if "kezhuan.config.site" in words), None)
        if name == "web parent" or parent is None:
            return parent
        return self.chance.choice(sorted(children(parent)) or [None])

    def asked(self, question):
        """The first column of what the database says, asked from outside the program; empty while it is away."""
        with contextlib.suppress(psycopg.OperationalError, sqlite3.OperationalError):
            if self.server is not None:
                with psycopg.connect(self.server.address) as connection:
                    return [row[0] for row in connection.execute(question)]
            with closing(sqlite3.connect(f"{self.site.variables['KEZHUAN_DATA']}/db.sqlite3")) as connection:
                return [row[0] for row in connection.execute(question)]
        return []

    def in_the_middle_of(self, number):
        """Wait until some rows of an import are confirmed and others are not."""
        self.begun[number].set()
        question = f"SELECT position FROM exchange_import WHERE file_name = '成果{number}.csv' AND state = 'running'"
        self.until(lambda: any(0 < one < ROWS for one in self.asked(question)), LONGEST)


@pytest.fixture(params=["sqlite", "postgresql"])
def killed(request, tmp_path):
    """A city whose database can be killed, and the mail server it writes by."""
    with mail_server() as box, contextlib.ExitStack() as stack:
        settings = {"KEZHUAN_SITE_URL": "https://kezhuan.example.gov.cn"}
        settings["KEZHUAN_MAIL_URL"] = f"smtp://127.0.0.1:{box.port}"
        server = None
        if request.param == "postgresql":
            if postgres.find_binaries() is None:
                request.getfixturevalue("postgres")
            server = stack.enter_context(single(DATABASE))
            settings["KEZHUAN_DATABASE_URL"] = server.address
        box.before_answer = lambda: time.sleep(0.02)  # long enough to be killed in
        yield City(Site(tmp_path, SITE, **settings), server), box


def test_everything_confirmed_is_there_once_whatever_is_killed(killed, figure):
    town, box = killed
    site, began, waits = town.site, time.monotonic(), []
    site.run("-m", "kezhuan", "migrate")
    tokens = json.loads(site.run("-c", PREPARE))
    with site.serving():
        reader = Reader(SITE)
        reader.sign_in("firm@example.com", "proof-proof-7")
        writers = [functools.partial(town.write, tokens, number) for number in range(WRITERS)]
        importers = [functools.partial(town.bring, reader.cookies, number) for number in range(len(ROUNDS))]
        with site.meanwhile(*writers, *importers):
            try:
                for number, names in enumerate(ROUNDS):
                    town.in_the_middle_of(number)
                    for name in names:
                        waits.append(town.written_after(name))
                        time.sleep(2)
            finally:
                for event in town.begun:
                    event.set()
                site.over.set()
        waiting = "SELECT count(*) FROM kernel_message WHERE state IN ('waiting', 'sending')"
        town.until(lambda: town.asked(waiting) == [0], LONGEST)
        token = {"Authorization": f"Bearer {tokens['firm']}"}
        site.assert_lists("/api/v1/needs?limit=1", len(town.needs), AGAIN_WITHIN, **token)
    state = json.loads(site.run("-c", LOOK).splitlines()[-1])
    assert "索引与数据库一致" in site.run("-m", "kezhuan", "verify")
    assert_whole(town, state)
    unclear = assert_mails(state, box)
    assert max(waits) < AGAIN_WITHIN
    kills = sum(map(len, ROUNDS))
    figure(
        f"{'PostgreSQL' if town.server else 'SQLite'}: {kills} kills, written again after {max(waits):.0f} s at most;"
        f" {len(town.needs)} needs published and {len(ROUNDS) * ROWS:,} rows imported, each there once"
        f" ({site.answers[0] + site.answers[503]} answers lost or 503, {site.replayed} repeats told what was done);"
        f" {len(box.mails)} mails, none twice, {unclear} unclear; the chain and the index are whole"
        f" ({time.monotonic() - began:.0f} s)"
    )


def assert_whole(town, state):
    """Everything that was confirmed is there, exactly once, and nothing else is."""
    needs = len(town.needs)
    assert [(title, code) for title, code, _stage in state["needs"]] == sorted(town.needs.items())
    assert {stage for _title, _code, stage in state["needs"]} == {"published"}
    assert sorted((need, code) for need, code, _stage in state["approvals"]) == sorted(town.approvals.items())
    assert {stage for _need, _code, stage in state["approvals"]} == {"completed"}
    moves = ("need.open", "need.submit", "need.publish", "approval.asked")
    assert state["moves"] == dict.fromkeys(moves, needs)
    assert state["imports"] == [[f"成果{number}.csv", "done", ROWS] for number in range(len(ROUNDS))]
    assert len(town.imports) == len(ROUNDS)
    titles = {f"成果 {number}-{row}" for number in range(len(ROUNDS)) for row in range(ROWS)}
    assert set(state["rows"]) == titles
    assert (set(state["rows"].values()), state["numbers"]) == ({1}, len(titles))
    assert state["failed"] == []
    assert (state["broken"], state["behind"], state["same"]) == (None, 0, True)
    # Each approval wrote to whoever was to sign and to whoever had asked, in the transactions of its moves.
    assert [count for _one, count in Counter(map(tuple, state["letters"])).items()] == [1] * 2 * needs


def assert_mails(state, box):
    """No mail came twice; what is told as sent is with the server, and of the others people know."""
    arrived = Counter(re.search(rb"(?im)^Message-ID: *<([^@>]+)@", body)[1].decode() for _to, body in box.mails)
    assert max(arrived.values()) == 1, "a mail was sent twice"
    told = {number: one for number, (_letter, one) in state["messages"].items()}
    states = Counter(told.values())
    # A letter that asks for a signature is dropped when that was given before it could leave.
    needless = {letter for letter, one in state["messages"].values() if one == "dropped"}
    assert set(states) <= {"sent", "unclear", "dropped"}
    assert needless <= {"approval.waits"}
    sent = {number for number, one in told.items() if one == "sent"}
    assert sent <= set(arrived), "told as sent and not there"
    assert states["unclear"] <= 2 * sum(map(len, ROUNDS)), "more are unclear than were in a killed worker's hands"
    return states["unclear"]
