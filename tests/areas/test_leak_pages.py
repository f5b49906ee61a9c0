"""A reader who follows every link and tries every search meets only what is meant for them."""

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.test import Client

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
from tests.factories.databases import rows_for_all

IN_LISTS = re.compile(
    r"(?!.*(file|note))qzxv(trade|internal|confidential|draft|submitted|withdrawn|door|open|only|theirs|need|result)"
)
"""Words of records' own texts, which have a column; notes, files and people's names stand on pages only."""
WITHOUT_RECORDS = (
    "/rules/", "/templates/", "/account/", "/calendar/", "/answer-times/", "/imports/templates/", f"{API}/openapi.json",
)  # fmt: skip
"""Pages that tell of no record, of which there are many, and long files that tell of none."""
FOLLOWING = {"visitor", "rival", "need officer", "hidden firm"}
"""Who follows every link here: those from whom most is hidden. All others search, ask addresses and take lists along
as well, and follow every link in `leaks`."""
pytestmark = [pytest.mark.django_db, pytest.mark.long]


Planted = tuple[Secrets, dict[str, Client]]


@pytest.fixture(scope="module")
def _made_city(django_db_setup: None, django_db_blocker: Any) -> Iterator[Planted]:
    """The city and its readers, made once: no test changes what another looks for."""
    with rows_for_all(django_db_blocker):
        secrets = plant()
        yield secrets, {who: client_of(actor) for who, actor in secrets.actors.items()}


@pytest.fixture
def secrets(_made_city: Planted, db: None) -> Secrets:
    return _made_city[0]


@pytest.fixture
def clients(_made_city: Planted, db: None) -> dict[str, Client]:
    return _made_city[1]


@pytest.mark.each_database
def test_crawl_meets_only_what_is_meant_for_the_reader(secrets: Secrets, clients: dict[str, Client]) -> None:
    """Every word is met by exactly those it is meant for: a page that hides too much fails as well.

    PostgreSQL is asked by one from whom much is hidden; `./kezhuan prove leaks` asks a whole city as everybody.
    """
    readers, asks_api = (
        (FOLLOWING, "hidden firm") if connection.vendor == "sqlite" else ({"need officer"}, "need officer")
    )
    met: dict[str, set[str]] = {word: set() for word in secrets.meant}
    where: dict[tuple[str, str], str] = {}
    for who in readers:
        client = clients[who]
        answers = crawl_api(client) if who == asks_api else ()
        for address, status, text in chain(crawl(client, facets=False, past=WITHOUT_RECORDS), answers):
            assert status in {200, 302}, (who, address, status)
            for word in secrets.met_in(address, text):
                met[word].add(who)
                where.setdefault((word, who), address)
    wrong = {
        word: {who: where.get((word, who), "not met") for who in met[word] ^ (meant & readers)}
        for word, meant in secrets.meant.items()
        if met[word] != meant & readers
    }
    assert wrong == {}


def test_search_for_a_hidden_word_answers_as_for_one_that_is_nowhere(
    secrets: Secrets, clients: dict[str, Client]
) -> None:
    for who, client in clients.items():
        for address in LISTS[:3]:
            nothing = answer_to(client, address, OUTSIDE)
            for words in hidden_words(secrets, who):
                assert answer_to(client, address, words) == nothing, (who, address, words)


def test_hidden_records_cannot_be_told_from_ones_that_are_not_there(
    secrets: Secrets, clients: dict[str, Client]
) -> None:
    """By address, by move, by file, by typed need and by count."""
    nowhere = ("A-1999-00001", "N-1999-00001")
    hidden = [secrets.codes[name] for name in ("trade", "internal", "draft", "submitted", "withdrawn", "closed door")]
    for code in (*hidden, *nowhere):
        plural = "achievements" if code.startswith("A") else "needs"
        for who in ("visitor", "rival", "wrong officer", "partner"):
            for end in (f"/{plural}/{code}/", f"/{plural}/{code}/edit/", f"/records/{code}/documents/"):
                assert clients[who].get(end).status_code == 404, (who, end)
            for move in ("withdraw", "fly"):
                posted = clients[who].post(f"/records/{code}/moves/{move}/", {"note": "n"})
                assert posted.status_code == 404, (who, move)
    for name, number in secrets.files.items():
        for who, client in clients.items():
            answer = client.get(f"/documents/{number}/")
            assert answer.status_code == (200 if who in secrets.words[name] else 404), (name, who)
    for who, client in clients.items():
        text = client.post("/match/", {"text": "大尺寸碳化硅衬底的化学机械抛光"}).content.decode()
        assert [word for word, meant in secrets.words.items() if who not in meant and word in text] == [], who
        for kind in ("needs", "achievements", "organisations", "introductions"):
            shown = client.get(f"/{kind}/").context["pager"].total
            assert shown == client.get(f"{API}/{kind}").json()["total"], (who, kind)


def test_files_of_lists_hold_only_what_is_meant_for_the_reader(secrets: Secrets, clients: dict[str, Client]) -> None:
    """Every planted word that has a column is in the files of exactly those it is meant for, in both formats."""
    met: dict[str, dict[str, set[str]]] = {"csv": {}, "xlsx": {}}
    for who, client in clients.items():
        for address in (*LISTS, "/inbox/"):
            for ending, found in met.items():
                answer = client.post(address, {"export": ending})
                if answer.status_code == 302:
                    assert (who, address) == ("visitor", "/inbox/")
                    continue
                assert answer.status_code == 200, (who, address, ending)
                content = b"".join(answer.streaming_content)
                text = content.decode("utf-8-sig") if ending == "csv" else words_in(content)
                for word in secrets.words:
                    if word in text:
                        found.setdefault(word, set()).add(who)
    for ending, found in met.items():
        more = {word: found.get(word, set()) - meant for word, meant in secrets.words.items()}
        assert {word: who for word, who in more.items() if who} == {}, ending
        less = {word: meant - found.get(word, set()) for word, meant in secrets.words.items() if IN_LISTS.match(word)}
        assert {word: who for word, who in less.items() if who} == {}, ending
        assert [word for word in secrets.words if IN_LISTS.match(word)]


def words_in(workbook: bytes) -> str:
    """All text of a workbook's parts."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
