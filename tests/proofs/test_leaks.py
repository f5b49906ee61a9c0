"""A whole city with secrets in it, crawled as each reader; and state secrets, which are found nowhere on the disk."""

import functools
import json
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from itertools import chain
from pathlib import Path

import pytest

from kezhuan.config.commands.test import ROOT
from kezhuan.config.commands.test import pytest as run_tests
from kezhuan.config.serving import cores
from tests.areas.asking import Sample, hidden_told, taken_along
from tests.areas.crawling import (
    API,
    LISTS,
    OUTSIDE,
    Secrets,
    answer_to,
    client_of,
    crawl,
    crawl_api,
    hidden_words,
    plant,
)

PASSWORD = "correct-horse-battery"
WORD = "qzxvstatesecret锆英砂髓"
LONGEST = 900.0
"""Seconds until one reader at least must have read everything."""
Say = Callable[[str], None]


CRAWLS = "tests/areas/test_leak_pages.py"
MOST = 5
"""How many addresses of one form a reader asks for among the records of the city: what is planted is read whole."""


@dataclass
class Read:
    """What one reader was told: the planted words they met, and what went wrong."""

    who: str
    pages: int = 0
    answers: int = 0
    forms: int = 0
    met: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


@pytest.mark.django_db(transaction=True)
def test_every_page_of_a_city_tells_each_reader_only_what_is_theirs(tmp_path: Path, figure: Say) -> None:
    from kezhuan.demo.build import build_city
    from kezhuan.kernel.models import Record

    build_city(lambda *_progress: None)
    crowd = set(Record.objects.values_list("code", flat=True))
    secrets = plant()
    found = side_by_side(tmp_path, [functools.partial(read_as, who, secrets, crowd) for who in secrets.actors])
    assert [problem for one in found for problem in one.problems] == []
    met = {word: {one.who for one in found if word in one.met} for word in secrets.meant}
    # What is far down a long list may not be met by following links; nothing may be met that is not meant.
    assert {word: met[word] - meant for word, meant in secrets.meant.items() if met[word] - meant} == {}
    assert all(met.values())
    figure(
        f"{sum(one.pages for one in found):,} pages and {sum(one.answers for one in found):,} answers of the API"
        f" in {max(one.forms for one in found)} forms read as {len(found)} readers,"
        f" {len(secrets.words)} planted words and {len(secrets.names)} names, 0 met by others"
    )


def test_leaks_of_the_suite_on_postgresql(postgres: str, figure: Say) -> None:
    """The suite crawls on SQLite alone."""
    assert (ROOT / CRAWLS).exists()
    assert run_tests(["-q", CRAWLS], {"KEZHUAN_DATABASE_URL": postgres}) == 0
    figure("the crawls of the suite meet nothing on PostgreSQL either")


def read_as(who: str, secrets: Secrets, crowd: set[str]) -> Read:
    """Follow every link as one reader, search every list for what they may not find, ask for every hidden record by
    address and by move, and take every list along."""
    client, read, chosen = client_of(secrets.actors[who]), Read(who), Sample(crowd, MOST)
    for address, status, text in chain(crawl(client, chosen=chosen), crawl_api(client, chosen=chosen)):
        read.answers += address.startswith(API)
        read.pages += not address.startswith(API)
        if status not in {200, 302}:
            read.problems.append(f"{who}: {address} answers {status}")
        read.met |= secrets.met_in(address, text)
    for address in LISTS:
        nothing = answer_to(client, address, OUTSIDE)
        for words in hidden_words(secrets, who):
            if answer_to(client, address, words) != nothing:
                read.problems.append(f"{who}: {address} tells of {words}")
    read.problems += hidden_told(client, who, secrets)
    for ending in ("csv", "xlsx"):
        told = taken_along(client, secrets, ending) - {word for word, meant in secrets.words.items() if who in meant}
        read.problems += [f"{who}: files of lists tell {word}" for word in sorted(told)]
    read.forms = len(chosen.met)
    return read


def side_by_side(folder: Path, works: list[Callable[[], Read]]) -> list[Read]:
    """Do them in as many processes as there are cores, each on a copy of the database of its own."""
    from django.db import connection

    assert connection.vendor == "sqlite"
    copies = [folder / f"{number}.sqlite3" for number in range(cores())]
    for copy in copies:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
    connection.close()  # none may be used on both sides of a fork
    forked = multiprocessing.get_context("fork")
    waiting, told = forked.SimpleQueue(), forked.Queue()
    for number in [*range(len(works)), *[None] * len(copies)]:
        waiting.put(number)

    def work(copy: Path) -> None:
        connection.settings_dict["NAME"] = str(copy)
        while (number := waiting.get()) is not None:
            try:
                told.put(works[number]())
            except BaseException:  # noqa: BLE001  told by the first process
                told.put(Read(str(number), problems=[traceback.format_exc()]))

    started = [forked.Process(target=work, args=(copy,)) for copy in copies]
    for one in started:
        one.start()
    found = [told.get(timeout=LONGEST) for _ in works]
    for one in started:
        one.join()
    return found


class Site:
    """A browser without a screen on a running site."""

    def __init__(self, address: str) -> None:
        self.address = address
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> str:
        return str(self.opener.open(self.address + path).read().decode())

    def send(
        self, page: str, fields: dict[str, str], to: str = "", file: bytes | None = None, name: str = "a.txt"
    ) -> tuple[int, str]:
        """Fill in the form of a page and send it; the status and the text of the answer."""
        token = self.token(page)
        fields = {**fields, "csrfmiddlewaretoken": token}
        kind, body = "application/x-www-form-urlencoded", urllib.parse.urlencode(fields).encode()
        if file is not None:
            kind, edge = "multipart/form-data; boundary=edge", "--edge\r\nContent-Disposition: form-data; name="
            parts = [f'{edge}"{field}"\r\n\r\n{value}\r\n'.encode() for field, value in fields.items()]
            parts.append(f'{edge}"file"; filename="{name}"\r\n\r\n'.encode() + file + b"\r\n--edge--\r\n")
            body = b"".join(parts)
        return self.post(to or page, body, kind, token)

    def token(self, page: str) -> str:
        """The token that the forms of a page carry."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page))
        assert found is not None
        return found[1]

    def post(self, path: str, body: bytes, kind: str, token: str) -> tuple[int, str]:
        headers = {"Content-Type": kind, "Referer": self.address + path, "X-CSRFToken": token}
        try:
            answer = self.opener.open(urllib.request.Request(self.address + path, body, headers))
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode()
        return answer.status, answer.geturl() + "\n" + answer.read().decode()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Site, Path, dict[str, str]]]:
    """A real city on a data folder of its own, its output kept beside the data."""
    data = tmp_path / "data"
    variables = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
    variables |= {"KEZHUAN_DATA": str(data), "PYTHONPATH": os.pathsep.join(sys.path)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    officer = ["create-officer", "--name", "黎明", "--email", "o@example.com", "--department", "科技局"]
    subprocess.run(
        [sys.executable, "-m", "kezhuan", *officer, "--password-stdin"],
        input=PASSWORD + "\n", text=True, env=variables, check=True, capture_output=True,
    )  # fmt: skip
    with (tmp_path / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "kezhuan", "serve", "--port", str(port)]
        server = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
        site = Site(f"http://127.0.0.1:{port}")
        while server.poll() is None:
            try:
                site.get("/")
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield site, tmp_path, variables
        server.terminate()
        server.wait()


def empty_rows(*names: str) -> dict[str, str]:
    return {f"{name}-{one}_FORMS": "0" for name in names for one in ("TOTAL", "INITIAL")}


def test_state_secret_is_found_nowhere(served: tuple[Site, Path, dict[str, str]], figure: Say) -> None:
    site, folder, variables = served
    status, text = site.send("/sign-in/", {"email": "o@example.com", "password": PASSWORD})
    assert status == 200, text
    tries: list[tuple[int, str]] = []
    rows = empty_rows("indicators", "rights", "completers", "owners")
    need = {"source": "self", "trl_scale": "trl9", "title": f"需求 {WORD}", "summary": WORD, **rows}
    result = {"trl_scale": "trl9", "title": f"成果 {WORD}", "summary": WORD, "confidential": WORD, **rows}
    for secrecy in ("秘密", "机密", "绝密"):
        tries.append(site.send("/needs/new/", {**need, "confidentiality": secrecy}))
        tries.append(site.send("/achievements/new/", {**result, "secrecy": secrecy}))
        for kind, body in (
            ("needs", {"title": WORD, "summary": WORD, "confidentiality": secrecy}),
            ("achievements", {"title": WORD, "summary": WORD, "secrecy": secrecy}),
        ):
            token = site.token("/needs/new/")
            tries.append(site.post(f"/api/v1/{kind}", json.dumps(body).encode(), "application/json", token))
    # An open draft, its move with a marked note, files marked in their words, cells and names, and marked words that
    # are searched for, matched or given to a webhook.
    status, text = site.send("/needs/new/", {**need, "title": "公开需求", "summary": "", "confidentiality": "public"})
    assert status == 200, text
    code = text.splitlines()[0].rstrip("/").rpartition("/")[2]
    fields = {"declared_open": "on", "group": "full"}
    upload = f"/records/{code}/documents/"
    marks = (
        "密级：机密", "机密级★10年", "机密级", "密级：【机密】", "本文件为机密", "（绝密级）", "机密*10年",
        "机密 保密期限10年", "机密级 10年 第3份", "定密：机密", "机密：本报告", "国家秘密", "该报告已定为机密级",
        "1.机密",
    )  # fmt: skip
    tries += [site.send(upload, fields, file=f"{mark}\n{WORD}".encode()) for mark in marks]
    for separator in (",", "\t"):
        cells = "\n".join(separator.join(row) for row in (("名称", "密级"), ("甲", "公开"), (WORD, "机密")))
        tries.append(site.send(upload, fields, file=cells.encode(), name="a.csv"))
    names = (f"{WORD} 机密.txt", f"{WORD}（机密）x.txt", f"机密-{WORD}.txt")
    tries += [site.send(upload, fields, file=WORD.encode(), name=name) for name in names]
    for words in (f"密级:机密 {WORD}", f"{WORD}\n机密★10年"):
        address = "/search/?" + urllib.parse.urlencode({"q": words})
        tries.append(site.send("/needs/new/", {"address": address}, to="/account/watches/search/"))
        tries.append(site.send("/match/", {"text": words}))
        hook = {"form": "dingtalk", "url": "https://example.com/", "robot_secret": words}
        tries.append(site.send("/account/webhooks/new/", hook))
    moved = f"/records/{code}/moves/submit/"
    for name in ("note", "reason"):
        tries.append(site.send(f"/needs/{code}/", {name: f"机密★10年\n{WORD}"}, to=moved))
        token = site.token(f"/needs/{code}/")
        words = json.dumps({name: f"密级：【机密】\n{WORD}"[: 60 if name == "reason" else None]}).encode()
        tries.append(site.post(f"/api/v1/needs/{code}/moves/submit", words, "application/json", token))
    assert [status for status, _text in tries] == [422] * len(tries), tries
    assert [text[-3000:] for _status, text in tries if "保密" not in text] == []

    sheets = [
        ("needs", "名称,需求描述,保密方式", "秘密"), ("needs", "名称,需求描述,是否涉密", "是"),
        ("needs", "名称,需求描述,备注", "密级：【机密】"), ("achievements", "名称,摘要,密级", "机密"),
        ("achievements", "名称,摘要,涉密情况", "机密级"), ("needs", "名称,需求描述,备注", "机密*10年"),
        ("achievements", "名称,摘要,备注", "机密 保密期限10年"),
    ]  # fmt: skip
    named = [("needs", f"{WORD} 机密.csv"), ("achievements", f"成果（机密）{WORD}.csv")]
    tables = [
        (kind, f"{kind}.csv", f"编号,{header}\n1,{WORD},{WORD},{mark}\n2,{WORD},{WORD},机密★\n")
        for kind, header, mark in sheets
    ]
    tables += [(kind, name, f"编号,名称\n1,{WORD}\n") for kind, name in named]
    errors = folder / "data" / "errors.xlsx"
    for kind, name, content in tables:
        table = folder / name
        table.write_text(content, encoding="utf-8")
        imported = subprocess.run(
            [sys.executable, "-m", "kezhuan", "import", kind, str(table), "--errors", str(errors)],
            env=variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert WORD not in imported.stdout + imported.stderr
        table.unlink()

    needles = [WORD.encode(code) for code in ("utf-8", "utf-16-le", "gb18030", "unicode_escape")]
    needles += [b"qzxvstatesecret", urllib.parse.quote(WORD).encode()]
    files = [path for path in folder.rglob("*") if path.is_file()]
    found = [path.name for path in files for needle in needles if needle in str(path).encode() + path.read_bytes()]
    assert found == []
    from openpyxl import load_workbook

    if errors.exists():
        cells = [str(cell.value) for sheet in load_workbook(errors) for line in sheet for cell in line]
        assert not any("qzxv" in cell for cell in cells)
    size = sum(path.stat().st_size for path in files)
    tried = len(tries) + 2 * len(sheets) + len(named)
    figure(f"{tried} state secrets typed, sent and imported; 0 found in {len(files)} files, {size:,} bytes")
