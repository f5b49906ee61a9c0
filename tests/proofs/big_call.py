"""Builds a call with thousands of applications and a panel that scores them, in the process that is told its data
folder; and tells what its pages ask of the database."""

import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.proofs.big_city import PASSWORD

PER_ITEM = 5
LOAD = 60
"""Items of each expert: what nobody judges more of."""
SHARE_IN = 0.9
"""So much of all scores is in."""
WHO = ("officer", "expert", "firm", "")


def _people() -> dict[str, Any]:
    """The three who read, and an officer who makes everything: each with an account."""
    from kezhuan.areas.people.actions import create_officer, sign_up
    from kezhuan.kernel.access import actor_for

    office = "示例市科学技术局"
    officer = create_officer(name="示例·陈经办", email="officer@example.com", password=PASSWORD, department=office)
    expert = sign_up(name="示例·秦评审", email="expert@example.com", password=PASSWORD)
    firm = sign_up(name="示例·林工", email="firm@example.com", password=PASSWORD)
    return {"officer": actor_for(officer.person), "expert": expert.person, "firm": firm.person}


def _applications(call: Any, owners: list[Any]) -> None:
    """Every owner applies for every item; for the last one nobody passes the formality check."""
    from kezhuan.areas.calls.application_lifecycle import APPLICATION
    from kezhuan.areas.calls.models import Application, CallItem
    from kezhuan.areas.people.actions import SYSTEM
    from kezhuan.kernel import journal
    from kezhuan.kernel.bulk import Openers, Opening
    from kezhuan.kernel.text import now
    from tests.proofs.big_city import Words

    words, items = Words(), list(CallItem.objects.filter(call=call).select_related("call__record"))

    def opening(owner: Any, item: Any, *, alive: bool) -> Opening:
        own = {
            "leader": "示例·李攻关", "asked_fen": 60_000_000, "months": 18, "commitments": ["0.08"],
            "evidence": ["省重点实验室"], "answers": [words.text(words.clauses, 6), "5"], "promised": True,
            "submitted_at": now(), "alive": alive,
        }  # fmt: skip
        return Opening(
            words.title(),
            lambda record: Application(record=record, item=item, applicant=owner, **own),
            summary=words.text(words.clauses, 3),
        )

    for owner in owners:
        with journal.writing():
            for stage, part in (("qualified", items[:-1]), ("refused", items[-1:])):
                openers = Openers(
                    APPLICATION, actor=SYSTEM, stage=stage, owner=owner, alike=lambda row: row.item.call_id
                )
                openers.open_records([opening(owner, item, alive=stage == "qualified") for item in part])


def _experts(officer: Any, first: Any, count: int) -> None:
    """So many experts of the pool, the first with an account of their own."""
    from kezhuan.areas.people.actions import SYSTEM, register_person
    from kezhuan.areas.reviews.actions import ExpertFacts, declare_ties, enter_expert
    from kezhuan.areas.reviews.lifecycle import EXPERT
    from kezhuan.kernel.access import actor_for
    from kezhuan.kernel.lifecycle import advance
    from kezhuan.kernel.models import User

    facts = ExpertFacts("technical", ("materials",), ("抛光", "碳化硅"), 1000, "")
    people = [first]
    for number in range(1, count):
        email = f"e{number}@example.com"
        people.append(register_person(actor=SYSTEM, name=f"示例·评审{number}", email=email))
        User.objects.create(email=email, person=people[-1], password="!")
    for person in people:
        own = actor_for(person)
        asked = enter_expert(actor=officer, email=person.user.email, facts=facts)
        advance(EXPERT, declare_ties(actor=own, expert=asked, ties=[]), "consent", actor=own)


def _scores(panel: Any, first: Any) -> None:
    """Nine of ten sheets are in; the reader's own are open."""
    from kezhuan.areas.reviews.models import Sheet
    from kezhuan.kernel.text import now

    rng, moment = random.Random(5), now()
    rows = list(Sheet.objects.filter(review__panel=panel).exclude(review__expert__person=first))
    for row in rows:
        if rng.random() < SHARE_IN:
            row.marks = [str(rng.randrange(50, 100)) for _one in panel.criteria]
            row.words, row.submitted_at = ["指标响应完整，验证数据充分。"] * len(panel.criteria), moment
    Sheet.objects.bulk_update(rows, ["marks", "words", "submitted_at"], batch_size=500)


def _analysed() -> None:
    """PostgreSQL counts its rows, as its own housekeeping does in a city that fills up: a proof's server has none."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _settled() -> None:
    """The city has run all the while: its index follows, and what a site does when it first starts is done."""
    from kezhuan.kernel import followers, jobs
    from kezhuan.kernel.models import Follower
    from kezhuan.kernel.search import live_index

    index = live_index()
    index.rebuild()
    seq, seen = followers.head()
    for name in followers.backlog():
        Follower.objects.update_or_create(name=name, defaults={"seq": seq, "hash": seen})
    index.save()
    jobs.schedule_periodic()
    jobs.run_pending()


def build(units: int, items: int) -> dict[str, Any]:
    """Fill an empty database: so many units apply for so many items each; returns the seconds that each part took."""
    from kezhuan.areas.calls.lifecycle import CALL
    from kezhuan.areas.people.actions import SYSTEM, add_member
    from kezhuan.areas.reviews.choosing_actions import assign_experts
    from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
    from kezhuan.areas.reviews.models import Review, Sheet
    from kezhuan.kernel.access import actor_for
    from kezhuan.kernel.lifecycle import advance
    from kezhuan.kernel.models.parties import Role
    from tests.factories import calls, city, reviews
    from tests.proofs.big_city import Words, _organisations

    took, began = {}, time.monotonic()
    people = _people()
    officer = people["officer"]
    owners = _organisations(Words(), units, SYSTEM)
    add_member(actor=SYSTEM, organisation=owners[0], person=people["firm"], role=Role.ADMINISTRATOR)
    poster = city.organisation("示例出题公司")
    needs = [city.need(poster, stage="published", title=f"第{number}项攻关需求") for number in range(items + 1)]
    call = calls.call(stage="published", by=officer, needs=needs, winners=10)
    _applications(call, owners)
    calls.end_time_of(call)
    call.refresh_from_db()
    call = advance(CALL, call, "close", actor=officer)
    _analysed()
    took["applications"] = time.monotonic() - began
    count = units * items
    _experts(officer, people["expert"], -(-count * PER_ITEM // LOAD) + 4)
    panel = reviews.panel(officer, call, per_item=PER_ITEM, max_load=LOAD)
    took["pool and panel"] = time.monotonic() - began - took["applications"]
    began = time.monotonic()
    assign_experts(actor=officer, panel=panel)
    _analysed()
    took["assignment"] = time.monotonic() - began
    began = time.monotonic()
    for review in Review.objects.filter(panel=panel).select_related("record", "expert__person__record"):
        advance(REVIEW, review, "take-on", actor=actor_for(review.expert.person))
    panel = advance(PANEL, panel, "begin", actor=officer)
    _scores(panel, people["expert"])
    _settled()
    took["scores"] = time.monotonic() - began
    reviews_of = Sheet.objects.filter(review__panel=panel).count()
    return {"took": took, "applications": count, "reviews": reviews_of}


def _addresses(who: str) -> dict[str, str]:
    """What each of them reads, by name."""
    from kezhuan.areas.calls.models import Call
    from kezhuan.areas.reviews.models import Panel, Review

    call = Call.objects.get().record.code
    common = {"hall": "/calls/", "hall, 1 facet": "/calls/?stage=closed", "call": f"/calls/{call}/"}
    if not who:
        return common
    common |= {
        "applications": "/applications/", "applications, page 2": "/applications/?page=2",
        "applications, 1 facet": "/applications/?stage=refused", "applications, words": "/applications/?q=样机型号",
        "inbox": "/inbox/",
    }  # fmt: skip
    if who == "firm":
        return {**common, "our records": "/mine/"}
    if who == "expert":
        review = Review.objects.get(expert__person__user__email="expert@example.com").record.code
        return {"desk": "/reviews/", "review": f"/reviews/{review}/", "inbox": "/inbox/", "experts": "/experts/"}
    panel = Panel.objects.get().record.code
    return {
        **common,
        "proposal": f"/calls/{call}/proposal/", "proposal, page 50": f"/calls/{call}/proposal/?page=50",
        "call, page 2": f"/calls/{call}/?page=2", "call, 1 stage": f"/calls/{call}/?stage=refused",
        "panels": "/panels/", "panel": f"/panels/{panel}/", "panel, page 2": f"/panels/{panel}/?page=2",
        "panel, experts, page 2": f"/panels/{panel}/?experts=2", "reviews": "/reviews/",
        "reviews, page 2": "/reviews/?page=2", "reviews, 1 facet": "/reviews/?stage=accepted",
        "experts": "/experts/", "experts, page 2": "/experts/?page=2",
    }  # fmt: skip


def _counts_all(query: tuple[str, Any]) -> bool:
    """The counts by stage and item on a call's page count all its applications, which are most of what there is."""
    return query[0].startswith('SELECT "kernel_record"."stage"') and " GROUP BY 1" in query[0]


@contextmanager
def _knowing_nothing() -> Iterator[None]:
    """PostgreSQL reads whole what is small beside what is asked of it, or belongs to one call and one panel as nearly
    all does here: whether there is another way shows when it may not, and has no statistics that tell it so."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off")
            cursor.execute("DELETE FROM pg_statistic")
    yield
    _analysed()


LEADS = {
    ("calls_application", "item_id"), ("kernel_record", "id"), ("reviews_panelitem", "panel_id"),
    ("reviews_panelitem", "record_id"), ("reviews_sheet", "item_id"), ("reviews_sheet", "review_id"),
}  # fmt: skip
"""Tables and columns by which pages find their few rows of many: each has an index, without which one reads all."""


def _missed(queries: list[tuple[str, Any]]) -> list[str]:
    """Of `LEADS` on PostgreSQL those without whose indexes no query is found to read their table whole: none, or the
    plans prove nothing."""
    from django.db import connection, transaction

    from tests.factories.plans import full_reads

    missed = []
    for table, column in sorted(LEADS) if connection.vendor == "postgresql" else ():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE pg_index SET indisvalid = false FROM pg_attribute WHERE indrelid = %s::regclass"
                " AND attrelid = indrelid AND attnum = indkey[0] AND attname = %s",
                [table, column],
            )
            if not any(table in full_reads(query, by_value=True) for query in queries if table in query[0]):
                missed.append(f"{table}.{column}")
            transaction.set_rollback(True)
    return missed


def plans() -> dict[str, Any]:
    """For each reader the pages, the queries of each, and the large tables that any of them would read whole, on a
    first visit or a later one; and whether that would be found."""
    from django.db import connection
    from django.test import Client

    from kezhuan.kernel.models import User
    from tests.factories.plans import full_reads, queries_noted
    from tests.proofs.big_city_changes import _rows

    _analysed()
    large = {table for table in connection.introspection.table_names() if _rows(table) > 4000}
    found: dict[str, Any] = {"addresses": {}, "queries": {}, "whole": {}}
    asked: dict[str, tuple[str, Any]] = {}
    with _knowing_nothing():
        for who in WHO:
            client = Client(HTTP_HOST="127.0.0.1")
            if who:
                client.force_login(User.objects.get(email=f"{who}@example.com"))
            found["addresses"][who] = _addresses(who)
            for name, path in _addresses(who).items():
                with queries_noted() as first:
                    assert client.get(path).status_code == 200, (who, name)
                with queries_noted() as noted:
                    client.get(path)
                found["queries"][f"{who} {name}"] = len(noted)
                found["whole"] |= {
                    f"{who} {name}: {query[0][:600]}": sorted(tables)
                    for query in (*first, *noted)
                    if (tables := large & {*full_reads(query, by_value=True)}) and not _counts_all(query)
                }
                asked |= {query[0]: query for query in (*first, *noted)}
        found["missed"] = _missed(list(asked.values()))
    return found


if __name__ == "__main__":
    from kezhuan.config.start import bring_up_to_date, start_django

    if not start_django() or not bring_up_to_date():
        sys.exit(2)
    print(json.dumps(plans() if sys.argv[1] == "plans" else build(*map(int, sys.argv[1:3]))))
