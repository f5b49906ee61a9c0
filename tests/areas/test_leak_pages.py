"""A reader who follows every link and tries every search meets only what is meant for them.

Here a few readers do, chosen so that each word has somebody it is meant for and somebody it is not; all of them do all
of it in a whole city in the proof `leaks`, which does what stands here on PostgreSQL, too.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.test import Client

from tests.areas.asking import STRANGERS, hidden_told, taken_along
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
FOLLOWING = {"visitor", "need officer", "hidden firm"}
"""Who follows every link: those from whom most is hidden."""
TAKING = {"visitor", "owner", "partner", "hidden firm", "closed unit", "need officer"}
"""Who takes lists along: each word in a list is meant for one of them."""
SEARCHING = {"visitor", "rival", "wrong officer", "need officer", "hidden firm"}
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


def test_crawl_meets_only_what_is_meant_for_the_reader(secrets: Secrets, clients: dict[str, Client]) -> None:
    """Every word is met by exactly those it is meant for: a page that hides too much fails as well."""
    met: dict[str, set[str]] = {word: set() for word in secrets.meant}
    where: dict[tuple[str, str], str] = {}
    for who in FOLLOWING:
        client = clients[who]
        answers = crawl_api(client) if who == "hidden firm" else ()
        for address, status, text in chain(crawl(client, facets=False, past=WITHOUT_RECORDS), answers):
            assert status in {200, 302}, (who, address, status)
            for word in secrets.met_in(address, text):
                met[word].add(who)
                where.setdefault((word, who), address)
    wrong = {
        word: {who: where.get((word, who), "not met") for who in met[word] ^ (meant & FOLLOWING)}
        for word, meant in secrets.meant.items()
        if met[word] != meant & FOLLOWING
    }
    assert wrong == {}


def test_search_for_a_hidden_word_answers_as_for_one_that_is_nowhere(
    secrets: Secrets, clients: dict[str, Client]
) -> None:
    for who in SEARCHING:
        for address in LISTS[:3]:
            nothing = answer_to(clients[who], address, OUTSIDE)
            for words in hidden_words(secrets, who):
                assert answer_to(clients[who], address, words) == nothing, (who, address, words)


def test_hidden_records_cannot_be_told_from_ones_that_are_not_there(
    secrets: Secrets, clients: dict[str, Client]
) -> None:
    """By address, by move, by file, by typed need and by count."""
    readers = {"rival", "wrong officer", "colleague"}
    assert readers & STRANGERS
    assert [problem for who in readers for problem in hidden_told(clients[who], who, secrets)] == []


def test_files_of_lists_hold_only_what_is_meant_for_the_reader(secrets: Secrets, clients: dict[str, Client]) -> None:
    """Every planted word that has a column is in the files of exactly those it is meant for, in both formats."""
    listed = {word for word in secrets.words if IN_LISTS.match(word)}
    assert [word for word in listed if not secrets.words[word] & TAKING] == []
    for ending, readers in (("csv", TAKING), ("xlsx", {"visitor", "need officer"})):
        for who in readers:
            found, mine = (
                taken_along(clients[who], secrets, ending),
                {word for word in secrets.words if who in secrets.words[word]},
            )
            assert (found - mine, (listed & mine) - found) == (set(), set()), (who, ending)
