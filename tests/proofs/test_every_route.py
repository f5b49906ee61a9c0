"""Proof: every role asks every page, operation of the API, list, export and feed: the answer is the predicate's."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from kezhuan.api.openapi import document
from kezhuan.api.resources import resources
from kezhuan.exchange.papers import printing
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from tests.access.rules import PAGES, Rule, rule_of
from tests.access.town import Town
from tests.architecture.test_routes import patterns
from tests.areas.crawling import client_of
from tests.factories.databases import connection_kept

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"
ASKED = {True: 0, False: 0}
"""How many answers were refusals, and how many were not."""


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    search.forget_live_index()
    with django_db_blocker.unblock(), transaction.atomic():
        yield Town()
        transaction.set_rollback(True)
    search.forget_live_index()


@pytest.fixture(autouse=True)
def _papers_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A paper says the same to everybody who may have it; drawing it for each would be most of the time."""
    monkeypatch.setattr(printing, "drawn", lambda _printed, _content: b"%PDF-1.7\n%%EOF\n")


@pytest.fixture(scope="module")
def clients(town: Town, django_db_blocker: Any) -> dict[str, Client]:
    with django_db_blocker.unblock():
        found = {who: client_of(actor if actor.is_signed_in else None) for who, actor in town.roles.items()}
    for client in found.values():
        client.raise_request_exception = False
    return found


def asked(client: Client, by: str, address: str, *arguments: Any, **more: Any) -> Any:
    """The answer, and nothing that it changed: neither in the database nor in the browser."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = getattr(client, by)(address, *arguments, **more)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def is_an_answer(answer: Any, *, way_in: bool = False) -> bool:
    """Whether somebody got what they asked for, or was told what to mend; not whether they may not have it."""
    with connection_kept():
        answer.close()  # files are open until then
    not_now = answer.status_code == 409 and b'"not-now"' in answer.content
    ASKED[not_now or answer.status_code in {401, 403, 404}] += 1
    assert answer.status_code < 500
    assert answer.status_code != 405, "the rule names another method than the route takes"
    to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
    return not not_now and answer.status_code not in {401, 403, 404} and (way_in or not to_sign_in)


EXPORTED = {one.name for one in patterns() if getattr(one.callback, "takes_a_list", False)}
"""Lists, which are sent as files to whoever posts for one."""


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_answer_as_their_rule_says(town: Town, clients: dict[str, Client], name: str) -> None:
    rule, wrong = PAGES[name], []
    for arguments, subject in town.of(rule.places):
        address = reverse(name, args=arguments)
        for who, client in clients.items():
            given = (rule.sends(subject),) if rule.by == "post" else ()
            answers = [asked(client, rule.by, address, *given)]
            if name in EXPORTED:  # the file is asked for as the page's button does
                answers.append(asked(client, "post", address, {"export": "csv"}))
            allowed = bool(rule.allows(town.roles[who], subject))
            wrong += [
                (who, address, answer.status_code)
                for answer in answers
                if is_an_answer(answer, way_in=rule.way_in) != allowed
            ]
    assert wrong == []
    assert town.of(rule.places), "nothing was tried"


@cache
def paths() -> dict[str, str]:
    """The address of each operation, as the document tells it."""
    told = json.loads(document())["paths"]
    return {one["operationId"]: path for path, methods in told.items() for one in methods.values()}


COMMITTED = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"]
OPERATIONS = sorted(one["operationId"] for methods in COMMITTED.values() for one in methods.values())


def sent(client: Client, rule: Rule, address: str, subject: Any) -> Any:
    """The answer of an operation to what its rule sends."""
    if rule.file:
        file = SimpleUploadedFile("neu.txt", b"neu")
        return asked(client, "post", address, {"file": file, **rule.sends(subject)})
    if rule.by in {"post", "put"}:
        return asked(client, rule.by, address, json.dumps(rule.sends(subject)), content_type="application/json")
    return asked(client, rule.by, address)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations_answer_as_their_rule_says(town: Town, clients: dict[str, Client], operation: str) -> None:
    found = rule_of(operation, {one.plural: one.slug for one in resources()})
    assert found is not None
    (rule, kind), wrong = found, []
    for arguments, subject in town.of(rule.places.format(kind=kind)):
        address = re.sub(r"\{\w+\}", "{}", paths()[operation]).format(*arguments)
        for who, client in clients.items():
            answer = sent(client, rule, address, subject)
            if is_an_answer(answer) != bool(rule.allows(town.roles[who], subject)):
                wrong.append((who, address, answer.status_code))
    assert wrong == []


# -- lists, exports, feeds: what they hold is what the predicate lets through ------------------------------------------

LISTS = {
    "needs": "need", "achievements": "achievement", "organisations": "organisation", "introductions": "introduction",
    "notices": "notice", "approvals": "approval", "teams": "team", "calls": "call", "applications": "application",
    "projects": "project", "races": "race",
}  # fmt: skip
HIDDEN_PHASES = (Phase.VOID,)


def codes_of(actor: Actor, kind: str) -> set[str]:
    """What the predicate lets through of what stands in lists."""
    rows = visible_to(actor, Record.objects.filter(kind=kind).exclude(phase__in=HIDDEN_PHASES))
    return set(rows.values_list("code", flat=True))


@pytest.mark.parametrize("plural", LISTS)
def test_lists_and_exports_hold_what_the_predicate_lets_through(
    town: Town, clients: dict[str, Client], plural: str
) -> None:
    listed = {one.plural for one in resources() if one.listed}
    for who, client in clients.items():
        wanted = codes_of(town.roles[who], LISTS[plural])
        page = client.get(f"/{plural}/")
        assert {line.code for line in page.context["lines"]} == wanted, who
        assert page.context["pager"].total == len(wanted), who
        if plural in listed:
            told = client.get(f"{ROOT}/{plural}?limit=100").json()
            assert ({one["code"] for one in told["items"]}, told["total"]) == (wanted, len(wanted)), who
        answer = asked(client, "post", f"/{plural}/", {"export": "csv"})
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert {row["Platform code"] for row in rows} == wanted, who
        assert len(rows) == len(wanted), who
    assert {frozenset(codes_of(actor, LISTS[plural])) for actor in town.roles.values()} != {frozenset()}


def test_search_and_its_export_hold_what_the_predicate_lets_through(town: Town, clients: dict[str, Client]) -> None:
    for who, client in clients.items():
        kinds = [kind.slug for kind in search_kinds()]
        wanted = set.union(*(codes_of(town.roles[who], kind) for kind in kinds))
        found, asking = [], {"limit": 100}
        while asking:
            told = client.get(f"{ROOT}/search", asking).json()
            found += [one["code"] for one in told["items"]]
            asking = {"limit": 100, "cursor": told["next"]} if told["next"] else {}
        assert (set(found), len(found)) == (wanted, told["total"]), who
        answer = asked(client, "post", "/search/", {"export": "csv"})
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert {row["Platform code"] for row in rows} == wanted, who


def search_kinds() -> list[Any]:
    """Kinds that stand in the index."""
    from kezhuan.kernel import registry

    return [kind for kind in registry.kinds() if kind.documents is not None]


def test_feed_of_notices_holds_what_visitors_may_see(town: Town, clients: dict[str, Client]) -> None:
    wanted = codes_of(town.roles["visitor"], "notice")
    assert wanted
    for who, client in clients.items():
        text = client.get("/notices/feed/").content.decode()
        assert set(re.findall(r"/notices/([A-Z]+-\d{4}-\d+)/", text)) == wanted, who


def test_figure(clients: dict[str, Client], figure: Callable[[str], None]) -> None:
    assert all(ASKED.values())
    figure(f"{len(clients)} roles, {sum(ASKED.values()):,} answers, {ASKED[True]:,} of them refusals, as the rules say")
