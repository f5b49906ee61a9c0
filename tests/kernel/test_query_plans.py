"""No page makes the database read a growing table from end to end, and no page asks more the more there is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kezhuan.areas.matches.actions import introduce, refresh_suggestions
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import User
from tests.factories import make_achievement, make_firm, make_need, make_officer, make_university
from tests.factories.plans import full_reads, indexes_preferred, queries_noted

pytestmark = pytest.mark.django_db

Pages = dict[str, str]


@pytest.fixture
def officer() -> Actor:
    return make_officer()


@pytest.fixture
def pages(officer: Actor) -> Pages:
    """A small city and the addresses of its pages."""
    firm, university = make_firm(), make_university()
    need = make_need(firm, officer)
    achievement = make_achievement(university, officer)
    make_achievement(university, officer, title="碳化硅外延生长", secrecy="internal")
    refresh_suggestions([need.pk])
    second = make_need(firm, officer, title="碳化硅衬底抛光液")
    introduction = introduce(actor=firm, need=second, supply=achievement.record)
    return {
        "home": "/",
        "achievements": "/achievements/",
        "facets": "/achievements/?field=electronics&trl=6",
        "needs": "/needs/",
        "organisations": "/organisations/",
        "introductions": "/introductions/",
        "search": "/search/?q=碳化硅 抛光",
        "newest": "/search/?q=碳化硅&order=newest",
        "need": f"/needs/{need.record.code}/",
        "achievement": f"/achievements/{achievement.record.code}/",
        "organisation": f"/organisations/{firm.organisation.record.code}/",
        "introduction": f"/introductions/{introduction.record.code}/",
        "inbox": "/inbox/",
    }


def reader(actor: Actor | None) -> Client:
    client = Client()
    if actor is not None:
        client.force_login(User.objects.get(person=actor.person))
    return client


@pytest.mark.parametrize("signed_in", [False, True])
def test_pages_never_read_a_growing_table_whole(pages: Pages, officer: Actor, signed_in: bool) -> None:
    client = reader(officer if signed_in else None)
    whole: dict[str, Any] = {}
    for name, path in pages.items():
        client.get(path)
        with queries_noted() as noted:
            client.get(path)
        assert noted
        with indexes_preferred():
            whole |= {f"{name}: {query[0][:200]}": found for query in noted if (found := full_reads(query))}
    assert whole == {}


@pytest.mark.parametrize("name", ["achievements", "search", "needs", "home"])
def test_lists_ask_as_often_for_3_rows_as_for_25(pages: Pages, officer: Actor, name: str) -> None:
    owner = make_university("岭南大学")
    client = reader(officer)

    def asked() -> int:
        client.get(pages[name])
        with queries_noted() as noted:
            assert client.get(pages[name]).status_code == 200
        return len(noted)

    make: Callable[..., Any] = make_need if name == "needs" else make_achievement
    make(owner, officer, title="碳化硅抛光垫")
    few = asked()
    for number in range(24):
        make(owner, officer, title=f"碳化硅抛光工艺{number}")
    assert asked() == few
