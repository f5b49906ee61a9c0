"""No page makes the database read a growing table from end to end, and no page asks more the more there is."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from kezhuan.areas.achievements.actions import register_achievement
from kezhuan.areas.matches.actions import refresh_suggestions
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.needs.actions import register_need
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Organisation, User
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.web import inbox
from tests.factories import city
from tests.factories.databases import rows_for_all
from tests.factories.plans import full_reads, queries_noted

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]

Pages = dict[str, str]


@pytest.fixture(scope="module")
def _made_city(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Actor, Pages]]:
    """An officer, and the pages of a small city, made once for all tests here."""
    with rows_for_all(django_db_blocker):
        yield city.officer(), pages_of_a_city()


@pytest.fixture
def officer(_made_city: tuple[Actor, Pages], db: None) -> Actor:
    return _made_city[0]


@pytest.fixture
def pages(_made_city: tuple[Actor, Pages], db: None) -> Pages:
    return _made_city[1]


def pages_of_a_city() -> Pages:
    """The addresses of its pages by name."""
    firm, university = city.organisation(), city.organisation(kind=OrganisationKind.UNIVERSITY)
    need, achievement = city.need(firm, stage="published"), city.achievement(university, stage="listed")
    city.achievement(university, stage="listed", secrecy="internal")
    refresh_suggestions([need.pk])
    introduction = city.introduction(city.member(firm), firm, university)
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
        "organisation": f"/organisations/{firm.record.code}/",
        "introduction": f"/introductions/{introduction.record.code}/",
        "inbox": "/inbox/",
        "rules": "/rules/",
        "rule": "/rules/clock.need.submitted/",
        "calendar": "/calendar/",
    }


def reader(actor: Actor | None) -> Client:
    client = Client()
    if actor is not None:
        client.force_login(User.objects.create_user("reader@example.com", "Long-enough-7531", person=actor.person))
    return client


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL reads small tables whole; see the proof lists-100k"
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_pages_never_read_a_growing_table_whole(pages: Pages, officer: Actor, signed_in: bool) -> None:
    client = reader(officer if signed_in else None)
    whole: dict[str, Any] = {}
    for name, path in pages.items():
        client.get(path)
        with queries_noted() as noted:
            assert client.get(path).status_code == 200 or not signed_in
        whole |= {f"{name}: {query[0][:200]}": found for query in noted if (found := full_reads(query))}
    assert whole == {}


@pytest.mark.parametrize("name", ["achievements", "search", "needs", "home"])
def test_lists_ask_as_often_for_a_few_rows_as_for_more(pages: Pages, officer: Actor, name: str) -> None:
    owner: Organisation = city.organisation()
    client = reader(officer)

    def asked() -> int:
        with queries_noted() as noted:
            assert client.get(pages[name]).status_code == 200
        return len(noted)

    def one_more() -> None:
        if name == "needs":
            register_need(actor=officer, owner=owner, facts=city.need_facts(), stage="published")
        else:
            register_achievement(actor=officer, owner=owner, facts=city.achievement_facts(), stage="listed")

    one_more()
    asked()  # the first answer takes the new record into the index
    few = asked()
    for _ in range(3):
        one_more()
    asked()
    assert asked() <= few


def test_running_clocks_repeat_their_records_audience(officer: Actor) -> None:
    firm, university = city.organisation(), city.organisation(kind=OrganisationKind.UNIVERSITY)
    city.need(firm, stage="submitted")
    city.achievement(university, stage="submitted", secrecy="internal")
    introduced = city.introduction(city.member(firm), firm, university)
    advance(INTRODUCTION, introduced, "agree", actor=city.member(university))
    running = Clock.objects.filter(ended_on=None)
    assert running.count() >= 3
    assert list(running.exclude(audience=F("record__title_to"))) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads small tables whole")
def test_what_was_sent_back_is_found_by_its_stage_and_not_among_all_that_a_unit_owns() -> None:
    row = city.need(city.organisation(), stage="returned")
    assert row.record.owner is not None
    returned = inbox._returned(city.member(row.record.owner))
    assert list(returned) == [row.record]
    plan = returned.explain()
    assert "record_queue" in plan
    assert "owner" not in plan


def test_of_what_may_wait_nothing_is_asked_while_nothing_stands_there(officer: Actor) -> None:
    unit = city.organisation()
    member = city.member(unit)

    def counted(actor: Actor) -> tuple[int, int, int]:
        city.need(unit)  # a draft waits for nobody; counts of before are not used any more
        with queries_noted() as noted:
            found = inbox.count(actor)
        return found, len(noted), sum('FROM "' in sql for sql, _params in noted)

    # To put a question through models takes ten times as long as such an answer.
    (idle, few, models), (_, of_officer, _models) = counted(member), counted(officer)
    assert (idle, few <= 6, of_officer <= 9, models) == (0, True, True, 0), (few, of_officer)
    city.need(unit, stage="returned")
    assert counted(member) == (1, few + 1, 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps the order of numbers in every index")
def test_the_first_terms_of_the_inbox_are_read_in_their_order(officer: Actor) -> None:
    city.need(city.organisation(), stage="submitted")
    rows = inbox._waiting(officer)[-1].order_by("due_on", "pk").values_list("due_on", "pk")[:25]
    with connection.cursor() as cursor:  # which reads and sorts small tables whole otherwise
        for way in ("seqscan", "bitmapscan", "sort", "hashjoin", "material"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = rows.explain()
    assert "clock_running" in plan
    assert "Sort" not in plan
