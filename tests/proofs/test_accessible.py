"""Proof: axe-core finds nothing on any page as any role, no page scrolls sideways at 320 px, the keyboard is enough."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.access.rules import PAGES
from tests.access.town import Town
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import connection_kept
from tests.factories.windows import shapes, window
from tests.journeys import test_by_keyboard
from tests.journeys.test_by_keyboard import keys

__all__ = ["keys"]

LANGUAGES = ("zh-hans", "en")
LISTS = (
    "needs", "achievements", "teams", "organisations", "introductions", "notices", "approvals", "dossiers", "filings",
    "contracts", "calls", "applications",
)  # fmt: skip
NOWHERE = "%E6%97%A0%E6%AD%A4%E8%AF%8Dqzxv"
WRONG = {
    "title": "",
    "email": "x",
    "password": "x",
    "code": "x",
    "number": "x",
    "effective_from": "31.2.",
    "value": "x",
}
"""What is typed into a form that must tell what is wrong with it."""
SAMPLES = 3
"""Of each route so many things that it can be about, for each role; an address that answers no page is none."""

Sent = dict[str, Any] | None


def answered(client: Client, address: str, sent: Sent) -> Any:
    """The page, None when it is a file or leads elsewhere; nothing of what was sent stays."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = client.get(address) if sent is None else client.post(address, sent)
        transaction.set_rollback(True)
    client.cookies = cookies
    assert answer.status_code < 500, address
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        with connection_kept():
            answer.close()
        return None
    return None if answer.status_code in {301, 302, 303} or not answer.content else answer


def asked(town: Town) -> Iterator[tuple[str, list[tuple[str, list[Sent]]]]]:
    """Every route of the pages with what it can be about and what is sent there; lists that are empty and long too."""
    for name, rule in PAGES.items():
        posted = rule.by == "post"
        places = [(reverse(name, args=place), rule.sends(subject)) for place, subject in town.of(rule.places)]
        yield name, [(address, [None, form] if posted else [None]) for address, form in places]
    for name in (*LISTS, "search"):
        yield f"{name}, empty", [(f"{reverse(name)}?q={NOWHERE}", [None])]
        yield f"{name}, second page", [(f"{reverse(name)}?page=2", [None])]
    yield "nowhere", [("/nowhere/", [None])]


def pages(client: Client, places: list[tuple[str, list[Sent]]]) -> Iterator[tuple[str, Sent, Any]]:
    """The pages that a route answers; where they hold a form, also what it says when it is sent empty and wrong."""

    is_sent = False

    def of_place(address: str, sent: list[Sent]) -> list[tuple[str, Sent, Any]]:
        nonlocal is_sent
        found = [(address, form, answer) for form in sent if (answer := answered(client, address, form)) is not None]
        if (
            not is_sent
            and found
            and found[0][1] is None
            and b'method="post"' in found[0][2].content.partition(b"<main")[2]
        ):
            is_sent = True
            more = [(address, form, answered(client, address, form)) for form in ({}, WRONG)]
            found += [one for one in more if one[2] is not None]
        return found

    for found in islice(filter(None, (of_place(address, sent) for address, sent in places)), SAMPLES):
        yield from found


@pytest.fixture
def town(db: None, settings: Any) -> Town:
    """The town of all roles and places, and a list that is longer than a page; with the demo's banner on its pages."""
    settings.DEMO_CITY = True
    built = Town()
    for number in range(26):
        city.need(built.firm, by=built.roles["owner"], stage="published", title=f"长列表中的需求第{number}号")
    return built


def test_every_page_of_every_role(town: Town, browser: Any, figure: Callable[[str], None]) -> None:
    seen: set[Any] = set()
    counted, wrong = Counter[str](), dict[str, tuple[str, str]]()
    with window(browser) as shown:
        for who, actor in town.roles.items():
            chinese, english = (client_of(actor if actor.is_signed_in else None) for _language in LANGUAGES)
            for client, language in ((chinese, "zh-hans"), (english, "en")):
                client.raise_request_exception = False
                client.cookies["language"] = language
            for name, places in asked(town):
                for address, sent, answer in pages(chinese, places):
                    counted["pages"] += 1
                    # Every route, and whatever holds an element that stood nowhere before.
                    new = shapes(answer.content.decode()) | {(name, answer.status_code)}
                    if new <= seen:
                        continue
                    seen |= new
                    for one, opened in ((answer, False), (answered(english, address, sent), True)):
                        counted["looked at"] += 1
                        for complaint in shown.wrong_with(one.content.decode(), dict(one.headers), opened=opened):
                            if complaint not in wrong:
                                print(f"{who} {address}: {complaint}", flush=True)
                            wrong.setdefault(complaint, (who, address))
    routes = len({one[0] for one in seen if len(one) == 2 and isinstance(one[1], int)})
    figure(
        f"{len(town.roles)} roles met {counted['pages']:,} pages of {routes} routes; axe-core looked at"
        f" {counted['looked at']:,} that hold all that is in any, in Chinese at 1280 px and in English, unfolded,"
        f" at 320 px: {len(wrong)} violations"
    )
    assert wrong == {}


@pytest.mark.django_db(transaction=True)
def test_all_goes_by_the_keyboard(keys: Any, figure: Callable[[str], None]) -> None:
    test_by_keyboard.test_sign_in_import_publish_object_and_answer(keys)
    figure("signed in, imported, published, objected and answered by the keyboard, without scripts, at 320 px")
