"""The shell's own pages: whole in both languages, honest in errors, and never a road off the site."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

import kezhuan.web
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.search import live_index
from kezhuan.web import errors
from kezhuan.web.examples.pages import PAGES
from kezhuan.web.middleware import ErrorMiddleware
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db
TEMPLATES = Path(kezhuan.web.__file__).parent / "templates"
ADDRESSES = ["/", "/search/", "/sign-in/", "/styleguide/", *(f"/styleguide/{name}/" for name in PAGES)]
LANGUAGES = {"zh-hans": "zh-CN,zh;q=0.9", "en": "en"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ADDRESSES)
def test_page_is_whole(client: Client, address: str, language: str) -> None:
    answer = client.get(address, headers={"accept-language": LANGUAGES[language]})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in html
    assert html.count("<h1>") == 1 or address == "/styleguide/"
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(set(ids)) == sorted(ids), "an id stands twice"
    assert set(re.findall(r'<label[^>]* for="([^"]*)"', html)) <= set(ids)


def test_styleguide_shows_every_component() -> None:
    shown: set[str] = set()
    waiting = ["base.html", "styleguide.html"]
    while waiting:
        text = (TEMPLATES / waiting.pop()).read_text(encoding="utf-8")
        names = set(re.findall(r'(?:include|drawn_once) "(components/\w+\.html)"', text))
        names |= {"components/field.html"} if "{% render_field" in text else set()
        waiting += sorted(names - shown)
        shown |= names
    assert {f"components/{path.name}" for path in (TEMPLATES / "components").glob("*.html")} - shown == set()


@pytest.mark.parametrize("address", [*ADDRESSES, "/nothing-here/"])
def test_demo_city_says_on_every_page_that_it_is_invented(client: Client, settings: Any, address: str) -> None:
    settings.DEMO_CITY = True
    assert 'class="demo"' in client.get(address).content.decode()
    settings.DEMO_CITY = False
    assert 'class="demo"' not in client.get(address).content.decode()


def _told(problem: Exception) -> HttpResponse:
    def fail(_request: HttpRequest) -> HttpResponse:
        raise AssertionError

    answer = ErrorMiddleware(fail).process_exception(RequestFactory().get("/"), problem)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("problem", "status"),
    [(NotAllowed(), 403), (Missing(), 404), (Conflict(), 409), (Refused(Problem("x", "<b>")), 422)],
)
def test_refusal_becomes_a_page(problem: Exception, status: int) -> None:
    answer = _told(problem)
    assert answer.status_code == status
    assert "<h1>" in answer.content.decode()
    assert "<b>" not in answer.content.decode()


def test_refusal_names_its_problems() -> None:
    html = _told(Refused([Problem("a", "First thing."), Problem("b", "Second thing.")])).content.decode()
    assert "First thing." in html
    assert "Second thing." in html


def test_bug_is_not_hidden() -> None:
    assert (
        ErrorMiddleware(lambda _request: HttpResponse()).process_exception(RequestFactory().get("/"), ValueError())
        is None
    )


@pytest.mark.parametrize("status", sorted(errors.TOLD))
def test_error_page_offers_a_way_on(status: int) -> None:
    answer = errors.error_page(RequestFactory().get("/"), status)
    assert answer.status_code == status
    assert 'href="/"' in answer.content.decode()


def test_error_page_never_leads_back_to_another_site() -> None:
    request = RequestFactory().get("/", headers={"referer": "https://evil.example/"})
    assert "evil" not in errors.error_page(request, 409).content.decode()


def test_broken_page_needs_no_database(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = errors.broken(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "<h1>" in answer.content.decode()


def test_missing_page_is_404(client: Client) -> None:
    assert client.get("/styleguide/nothing/").status_code == 404


def test_a_visitor_who_finds_nothing_may_sign_in_and_come_back(client: Client) -> None:
    told = 'href="/sign-in/?next=%2Fexemptions%2FEX-2026-00001%2F"'
    assert told in client.get("/exemptions/EX-2026-00001/").content.decode()
    page = client_of(city.member(city.organisation())).get("/exemptions/EX-2026-00001/").content.decode()
    assert "Nothing is here" in page
    assert told not in page


def test_sign_in_refuses_wrong_words_in_one_sentence(client: Client) -> None:
    answer = client.post(reverse("sign-in"), {"email": "nobody@example.org", "password": "wrong words"})
    assert answer.status_code == 422
    assert 'class="problems"' in answer.content.decode()
    assert "wrong words" not in answer.content.decode()


@pytest.mark.parametrize("name", ["sign-out", "act-for", "set_language"])
def test_changing_addresses_take_posts_only(client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code in {405, 302}
    assert not client.session.get("acting_for")


def test_acting_for_by_a_visitor_changes_nothing(client: Client) -> None:
    answer = client.post(reverse("act-for"), {"organisation": "1", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
    assert not client.session.get("acting_for")


def test_inbox_of_a_visitor_leads_to_signing_in(client: Client) -> None:
    assert client.get(reverse("inbox")).headers["Location"] == "/sign-in/?next=%2Finbox%2F"


def test_language_is_kept_once_chosen(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "en", "next": "/sign-in/"})
    assert '<html lang="en">' in client.get("/sign-in/", headers={"accept-language": "zh-CN"}).content.decode()
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/sign-in/"})
    assert '<html lang="zh-hans">' in client.get("/sign-in/", headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize("address", [reverse("sign-out"), reverse("act-for")])
def test_address_that_only_takes_a_form_answers_with_a_page(client: Client, address: str) -> None:
    answer = client.put(address)
    html = answer.content.decode()
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    assert "<h1>" in html
    assert f'href="{reverse("home")}"' in html


def test_language_is_changed_where_the_reader_can_be_shown_again(client: Client) -> None:
    refused = client.post("/sign-in/", {"email": "x"}, headers={"referer": "http://testserver/needs/?q=a"})
    assert 'name="next" value="/sign-in/"' not in refused.content.decode()
    assert 'name="next" value="http://testserver/needs/?q=a"' in refused.content.decode()
    foreign = client.post("/sign-in/", {"email": "x"}, headers={"referer": "https://elsewhere.example/"})
    assert 'name="next" value="/"' in foreign.content.decode()
    assert 'name="next" value="/search/?q=b"' in client.get("/search/?q=b").content.decode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_answered_like_get(client: Client, address: str) -> None:
    assert client.head(address).status_code == 200


def test_what_the_signed_in_are_shown_is_kept_by_no_browser(client: Client) -> None:
    unit = city.organisation(kind="university")
    row = city.achievement(unit)
    mine = client_of(city.member(unit, Role.ADMINISTRATOR))
    for address in ("/", "/achievements/", f"/achievements/{row.record.code}/", "/nothing-here/"):
        assert mine.get(address)["Cache-Control"] == "private, no-store"
        assert "Cache-Control" not in client.get(address)
    assert mine.get("/api/v1/achievements")["Cache-Control"] == "private, no-cache"  # it says itself what may be kept


def test_pages_that_list_say_when_the_index_is_behind(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "The search index is 1 change behind"
    client = Client(headers={"accept-language": "en"})
    addresses = ("/", "/search/", "/organisations/")
    assert not any(said in client.get(address).content.decode() for address in addresses)
    monkeypatch.setattr(live_index(), "_in_the_way", True)
    city.organisation()
    assert all(said in client.get(address).content.decode() for address in addresses)
    monkeypatch.undo()
    assert not any(said in client.get(address).content.decode() for address in addresses)
