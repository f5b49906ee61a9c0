"""One's own records stand in one place; of others' organisations everybody sees what is theirs to see, no more."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.matches.actions import introduce
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.registry import kind_of
from kezhuan.web.owned import owned_by
from tests.areas.crawling import client_of
from tests.factories.city import achievement, introduction, member, need, officer, organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(db: None) -> Actor:
    return member(organisation("穗芯公司"), Role.ADMINISTRATOR)


def shown(client: Client, address: str) -> dict[str, tuple[int, list[str]]]:
    """The shares on a page: how many records and which codes stand there."""
    shares = client.get(address).context["shares"]
    return {str(share.title): (share.total, [line.code for line in share.lines]) for share in shares}


def test_members_find_all_that_is_theirs_in_one_place(firm: Actor) -> None:
    unit = organisation("南粤大学", kind="university")
    draft, thrown = need(firm.organisation, by=firm), need(firm.organisation, by=firm, stage="discarded")
    closed = need(firm.organisation, by=firm, stage="published", confidentiality="closed_door")
    met = introduction(firm, firm.organisation, unit)
    achievement(unit, stage="listed")
    found = shown(client_of(firm), "/mine/")
    assert found["Needs"] == (3, [met.need.record.code, closed.record.code, draft.record.code])
    assert found["Achievements"] == (0, [])
    assert found["Introductions"] == (1, [met.record.code])
    assert thrown.record.code not in client_of(firm).get("/mine/?kind=need").content.decode()
    drafts = client_of(firm).get("/mine/?kind=need&stage=draft").context
    assert [line.code for line in drafts["lines"]] == [draft.record.code]
    assert (drafts["pager"].total, [option.count for option in drafts["facets"][0].options]) == (1, [1, 2])
    assert 'href="/mine/"' in client_of(firm).get("/").content.decode()


@pytest.mark.parametrize("address", ["/mine/", "/mine/?kind=need&page=2", "/mine/?kind=nonsense&stage=x&page=-1"])
def test_visitors_sign_in_and_who_acts_for_nobody_is_led_to_an_organisation(address: str, firm: Actor) -> None:
    assert client_of(None).get(address).headers["Location"] == f"/sign-in/?{urlencode({'next': address})}"
    assert client_of(firm).get(address).status_code == 200
    firm.person.memberships.update(until="2020-01-01")
    assert 'href="/organisations/claim/"' in client_of(firm).get(address).content.decode()


def test_organisation_shows_what_is_known_to_be_its(firm: Actor) -> None:
    unit = member(organisation("南粤大学", kind="university"))
    page = f"/organisations/{firm.organisation.record.code}/"
    known = need(firm.organisation, by=firm, stage="published").record.code
    for more in ({"confidentiality": "title_only"}, {"confidentiality": "closed_door"}):
        need(firm.organisation, by=firm, stage="published", **more)
    need(firm.organisation, by=firm)
    kept = achievement(firm.organisation, by=firm, stage="listed", secrecy="trade_secret")
    for actor in (None, unit):
        assert shown(client_of(actor), page) == {"Needs": (1, [known])}
        answer = client_of(actor).get(f"{page}records/?kind=need")
        assert [line.code for line in answer.context["lines"]] == [known]
        assert client_of(actor).get(f"{page}records/?kind=introduction").status_code == 404
    assert shown(client_of(officer()), page)["Needs"][0] == 3
    assert shown(client_of(firm), page)["Achievements"] == (1, [kept.record.code])


def test_introductions_of_an_organisation_are_told_to_itself_alone(firm: Actor) -> None:
    """The university may see the introduction and not who the firm is: the firm's page must not tell it."""
    unit, bureau = member(organisation("南粤大学", kind="university")), officer()
    asking = need(firm.organisation, by=firm, stage="published", confidentiality="closed_door")
    offered = achievement(unit.organisation, by=unit, stage="listed")
    row = introduce(actor=bureau, need=asking, supply=offered.record)
    advance(kind_of("introduction").lifecycle, row, "decline", actor=firm, reason="other")
    assert list(owned_by(firm, firm.organisation, "introduction")) == [row.record]
    for other in (unit, bureau):
        assert not owned_by(other, firm.organisation, "introduction").exists()


def test_as_many_queries_for_three_records_as_for_one(firm: Actor) -> None:
    unit = organisation("南粤大学", kind="university")
    code = firm.organisation.record.code
    pages = ("/mine/", "/mine/?kind=need", f"/organisations/{code}/", f"/organisations/{code}/records/?kind=need")

    def asked() -> list[int]:
        introduction(firm, firm.organisation, unit)
        achievement(firm.organisation, by=firm, stage="listed")
        client, counts = client_of(firm), []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(page).status_code == 200
            counts.append(len(caught))
        return counts

    first = asked()
    asked()
    assert asked() == first


def test_a_closed_page_says_how_to_get_in(firm: Actor) -> None:
    def ways(client: Client) -> list[Any]:
        answer = client.get("/needs/new/?x=1")
        assert answer.status_code == 403
        return [way.url for way in answer.context["ways"]]

    assert ways(client_of(None))[0] == "/sign-in/?next=%2Fneeds%2Fnew%2F%3Fx%3D1"
    assert ways(client_of(member(firm.organisation, Role.READER)))[0] == "/"
    firm.person.memberships.update(until="2020-01-01")
    assert ways(client_of(firm))[0] == "/organisations/claim/"


def test_own_records_are_taken_along_as_they_are_narrowed(firm: Actor) -> None:
    draft, open_one = need(firm.organisation, by=firm), need(firm.organisation, by=firm, stage="published")

    def codes(client: Client, address: str) -> list[bool]:
        answer = client.post(address, {"export": "csv"})
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content).decode()
        return [one.record.code in text for one in (draft, open_one)]

    assert codes(client_of(firm), "/mine/?kind=need") == [True, True]
    assert codes(client_of(firm), "/mine/?kind=need&stage=draft") == [True, False]
    records = f"/organisations/{firm.organisation.record.code}/records/?kind=need"
    assert codes(client_of(None), records) == [False, True]
    assert Entry.objects.filter(kind="export.need").count() == 3
    assert client_of(firm).post("/mine/?kind=need", {"export": "exe"}).status_code == 422
