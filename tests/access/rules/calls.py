"""Calls and applications."""

from typing import Any

from kezhuan.areas.calls.adding import adds_questions
from kezhuan.areas.calls.application_actions import WRITTEN_IN
from kezhuan.areas.calls.checks import own_challenge
from kezhuan.areas.calls.inviting import invites
from kezhuan.areas.calls.permissions import (
    answers_questions,
    asks_questions,
    is_addressed,
    judges_criteria,
    makes_calls,
    may_apply,
    opens_applications,
    posts_again,
    prepares_code,
    proposes,
    reads_decided,
    reads_tables,
    recommends_to,
    spot_checks,
    writes_application,
)
from kezhuan.areas.calls.queries import reads_list
from kezhuan.areas.calls.staging import has_final
from kezhuan.kernel.access import Actor, is_officer
from tests.access.rules.rule import EVERYBODY, Rule, both, sees, signed_in


def prepares_call(actor: Actor, row: Any) -> bool:
    """Who is in charge of a call before it is published."""
    return sees(actor, row) and row.record.stage == "draft" and bool(is_officer.test(actor, row))


def is_written(_actor: Actor, row: Any) -> bool:
    """Whether its unit still writes an application."""
    return row.record.stage in WRITTEN_IN


def applies_for_first(actor: Actor, row: Any) -> bool:
    """Who reads the list of a call, writes applications, and did not pose its first challenge."""
    first = row.items.first()
    own_one = actor.organisation is not None and own_challenge(first, actor.organisation.pk)
    return reads_list(actor, row) and may_apply(actor) and is_addressed(actor, row) and not own_one


def keeps_library(actor: Actor, _row: Any) -> bool:
    """Who is in charge of calls as an officer."""
    return actor.is_officer and bool(actor.regions_of("call"))


def reads_budget(actor: Actor, document: Any) -> bool:
    """Who is in charge of a project that a budget document names, or of the district for which it was entered."""
    named_ones = (bool(is_officer.test(actor, one.application)) for one in document.entries.all())
    return keeps_library(actor, document) and (actor.is_in_charge(document.region, "call") or any(named_ones))


def withdraws_budget(actor: Actor, document: Any) -> bool:
    """Who is in charge of everything that it names."""
    return actor.is_officer and all(is_officer.test(actor, one.application) for one in document.entries.all())


def is_listing(_actor, row):
    """Whether a call is closed and has a final review."""
    return row.record.stage == "closed" and has_final(row)


PAGES = {
    **dict.fromkeys(("calls", "applications"), EVERYBODY),
    "call": Rule(sees, "call"),
    "call-new": Rule(lambda actor, _: makes_calls(actor)),
    "call-edit": Rule(prepares_call, "call"),
    "call-item-new": Rule(prepares_call, "call"),
    "call-item-remove": Rule(prepares_call, "items of calls"),
    "call-collected": Rule(prepares_call, "call"),
    "call-list-collected": Rule(prepares_call, "call"),
    "call-place-new": Rule(prepares_call, "call"),
    "call-place-edit": Rule(prepares_call, "places of calls"),
    "call-invited": Rule(both(invites.test), "call"),
    "call-form": Rule(both(adds_questions.test), "call"),
    "call-readings": Rule(prepares_call, "call"),
    "call-shortlist": Rule(both(proposes.test, is_listing), "call"),
    "call-decisions": Rule(both(reads_decided), "call"),
    "call-table": Rule(both(reads_tables.test), "tables of calls"),
    "application-spot-check": Rule(both(spot_checks.test), "application"),
    "call-criteria": Rule(both(reads_tables.test), "call"),
    "application-criteria": Rule(both(judges_criteria.test), "application"),
    "call-opening-code": Rule(both(prepares_code.test), "call"),
    "call-open": Rule(both(opens_applications.test), "call"),
    "call-proposal": Rule(both(proposes.test, lambda _actor, row: row.record.stage == "closed"), "call"),
    "call-recommend": Rule(both(recommends_to.test), "call"),
    "call-post-again": Rule(both(posts_again.test), "call"),
    "call-ask": Rule(lambda actor, row: reads_list(actor, row) and asks_questions.test(actor, row), "call"),
    "call-answer": Rule(both(answers_questions.test), "questions of calls"),
    "library": Rule(keeps_library),
    "library-order": Rule(keeps_library),
    "budget-new": Rule(keeps_library),
    "budget": Rule(reads_budget, "budget documents"),
    "budget-withdraw": Rule(reads_budget, "budget documents"),
    "application": Rule(sees, "application"),
    "application-new": Rule(applies_for_first, "items of calls"),
    "application-edit": Rule(both(writes_application.test, is_written), "application"),
}  # fmt: skip

OPERATIONS = {
    "calls-create": Rule(lambda actor, _: makes_calls(actor), by="post", form={"title": "草稿"}),
    "calls-change": Rule(prepares_call, "call", by="put", form={"title": "改名", "version": 1}),
    "calls-put-item": Rule(both(signed_in), "call", by="post", form={"need": "N-1999-00001"}),
    "calls-collect": Rule(prepares_call, "call", by="put", form={"codes": []}),
    "calls-list-collected": Rule(prepares_call, "call", by="post", form={}),
    "calls-put-place": Rule(prepares_call, "call", by="post", form={"title": "知识产权服务"}),
    "calls-change-place": Rule(prepares_call, "places of calls", by="put", form={"title": "知识产权服务"}),
    "calls-take-item": Rule(prepares_call, "items of calls", by="delete"),
    "library": Rule(keeps_library),
    "library-order": Rule(keeps_library, by="put", form={"codes": []}),
    "budget-documents": Rule(keeps_library),
    "budget-documents-enter": Rule(
        keeps_library, by="post",
        form={"number": "1", "year": 2026, "subject": "科目", "issued_on": "2026-01-01", "lines": []},
    ),
    "budget-documents-withdraw": Rule(withdraws_budget, "budget documents", by="post"),
    "calls-invite": Rule(both(invites.test), "call", by="put", form={"codes": ["O-1999-00001"]}),
    "calls-form": Rule(both(adds_questions.test), "call", by="post", form={"questions": [{"words": "经费来源"}]}),
    "calls-readings": Rule(prepares_call, "call", by="put", form={}),
    "calls-decisions": Rule(both(reads_decided.test), "call"),
    "calls-recommend": Rule(
        both(recommends_to.test), "call", by="post",
        form={"applications": [], "letter_no": "1", "letter_on": "2026-01-01"},
    ),
    "calls-recommend-letter": Rule(
        both(recommends_to.test), "call", by="post", file=True,
        form={"applications": ["K-1999-00001"], "letter_no": "1", "letter_on": "2026-01-01", "declared_open": "true"},
    ),
    "calls-post-again": Rule(both(posts_again.test), "call", by="post"),
    "calls-ask": Rule(
        lambda actor, row: reads_list(actor, row) and asks_questions.test(actor, row), "call", by="post",
        form={"words": "测试条件？"},
    ),
    "calls-answer": Rule(both(answers_questions.test), "questions of calls", by="put", form={"answer": "室温。"}),
    "calls-open": Rule(both(opens_applications.test), "call", by="post", form={"first": "A", "second": "B"}),
    "calls-proposal": Rule(both(proposes.test), "call", by="put", form={"lines": []}),
    "calls-shortlist": Rule(both(proposes.test), "call", by="put", form={"applications": []}),
    "applications-create": Rule(
        lambda actor, _: may_apply(actor), "open call", by="post",
        form=lambda row: {"title": "草稿", "call": row.record.code, "item": 1},
    ),
    "applications-spot-check": Rule(
        both(spot_checks.test), "application", by="post",
        form={"who": "王处", "on": "2026-01-01", "looked_at": "现场", "finding": "in-order"},
    ),
    "applications-criteria": Rule(both(judges_criteria.test), "application", by="put", form={"checks": []}),
    "applications-answer-by-file": Rule(
        both(writes_application.test, is_written), "answers given", by="post", file=True,
        form={"declared_open": "true"},
    ),
    "applications-change": Rule(
        both(writes_application.test, is_written), "application", by="put", form={"title": "改名", "version": 1}
    ),
}  # fmt: skip
