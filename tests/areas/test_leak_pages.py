"""A reader who follows every link and tries every search meets only what is meant for them."""

import pytest
from django.test import Client

from tests.areas.crawling import API, EVERYBODY, LISTS, OUTSIDE, Secrets, answer_to, client_of, crawl, plant

pytestmark = pytest.mark.django_db


@pytest.fixture
def secrets(db: None) -> Secrets:
    return plant()


@pytest.fixture
def clients(secrets: Secrets) -> dict[str, Client]:
    return {who: client_of(actor) for who, actor in secrets.actors.items()}


def test_crawl_meets_only_what_is_meant_for_the_reader(secrets: Secrets, clients: dict[str, Client]) -> None:
    """Every word is met by exactly those it is meant for: a page that hides too much fails as well."""
    met: dict[str, set[str]] = {word: set() for word in secrets.words}
    where: dict[tuple[str, str], str] = {}
    for who, client in clients.items():
        for address, status, text in crawl(client):
            assert status in {200, 302}, (who, address, status)
            for word in secrets.words:
                if word in text:
                    met[word].add(who)
                    where.setdefault((word, who), address)
    wrong = {
        word: {who: where.get((word, who), "not met") for who in met[word] ^ meant}
        for word, meant in secrets.words.items()
        if met[word] != meant
    }
    assert wrong == {}


def test_search_for_a_hidden_word_answers_as_for_one_that_is_nowhere(
    secrets: Secrets, clients: dict[str, Client]
) -> None:
    for who, client in clients.items():
        for address in LISTS:
            nothing = answer_to(client, address, OUTSIDE)
            for word, meant in secrets.words.items():
                if who not in meant:
                    assert answer_to(client, address, word) == nothing, (who, address, word)


def test_typed_need_is_matched_with_nothing_hidden(secrets: Secrets, clients: dict[str, Client]) -> None:
    asked = "大尺寸碳化硅衬底的化学机械抛光"
    for who, client in clients.items():
        text = client.post("/match/", {"text": asked}).content.decode()
        for word, meant in secrets.words.items():
            assert who in meant or word not in text, (who, word)


@pytest.mark.parametrize("name", ["trade", "internal", "draft", "submitted", "withdrawn", "closed door"])
def test_hidden_record_cannot_be_told_from_one_that_is_not_there(
    secrets: Secrets, clients: dict[str, Client], name: str
) -> None:
    plural = "achievements" if name in {"trade", "internal", "draft"} else "needs"
    code = secrets.codes[name]
    ends = (f"/{plural}/{{}}/", f"/{plural}/{{}}/edit/", "/records/{}/documents/")
    for who in ("visitor", "rival", "wrong officer", "partner"):
        client = clients[who]
        for end in ends:
            answers = [client.get(end.format(one)) for one in (code, code[:2] + "1999-00001")]
            assert [answer.status_code for answer in answers] == [404, 404], (who, end)
        for move in ("withdraw", "submit", "fly"):
            posted = client.post(f"/records/{code}/moves/{move}/", {"note": "n"})
            assert posted.status_code == 404, (who, move)


def test_file_opens_for_the_readers_of_its_part_only(secrets: Secrets, clients: dict[str, Client]) -> None:
    for name, number in secrets.files.items():
        for who, client in clients.items():
            answer = client.get(f"/documents/{number}/")
            assert answer.status_code == (200 if who in secrets.words[name] else 404), (name, who)
            assert (name in answer.content.decode()) == (who in secrets.words[name])


def test_pages_and_api_count_the_same_records(secrets: Secrets, clients: dict[str, Client]) -> None:
    for who in EVERYBODY:
        for kind in ("needs", "achievements", "organisations", "introductions"):
            page = clients[who].get(f"/{kind}/")
            total = clients[who].get(f"{API}/{kind}").json()["total"]
            assert page.context["pager"].total == total, (who, kind)
