"""Calls and applications in the API."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from kezhuan.api.conditions import version_matched
from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import AUDIENCES, asked_of, label, moved, moved_now, party, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.calls import api_criteria, api_decided, api_library, api_list, api_recommending
from kezhuan.areas.calls.actions import edit_call, prepare_call, record_readings
from kezhuan.areas.calls.adding_actions import add_questions
from kezhuan.areas.calls.application_actions import begin_application, edit_application
from kezhuan.areas.calls.choices import CallKind, ListDisclosure
from kezhuan.areas.calls.eligibility import criteria_for, mark_concerned
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.opening_actions import open_applications
from kezhuan.areas.calls.outside import told_outside
from kezhuan.areas.calls.permissions import may_apply
from kezhuan.areas.calls.posting_again_actions import post_again
from kezhuan.areas.calls.proposal_actions import propose
from kezhuan.areas.calls.queries import answers_for, asked_about, item_of, reads_list
from kezhuan.areas.calls.question_actions import answer_about_call, ask_about_call
from kezhuan.areas.calls.schemas import (
    AnswerBody,
    CallBody,
    CallChange,
    CallQuery,
    CallQuestionBody,
    CallShown,
    OpeningBody,
    ProposalBody,
    ReadingsBody,
    ShortlistBody,
)
from kezhuan.areas.calls.schemas_applications import (
    ApplicationBody,
    ApplicationChange,
    ApplicationQuery,
    ApplicationShown,
)
from kezhuan.areas.calls.schemas_questions import GrownFormBody
from kezhuan.areas.calls.sealing import TEXTS, revealed
from kezhuan.areas.calls.shortlisting_actions import shortlist
from kezhuan.areas.needs.models import RightsTerm
from kezhuan.exchange.origins import ORIGINS, brought_from
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.errors import Missing, NotAllowed

router = Router(tags=["calls"])


SETTINGS = (
    "most_per_unit", "most_directions", "begins_projects", "keeps_library", "awaits_budget", "related_rule",
    "unit_check", "needs_approval", "award_rule", "asks_recommending", "letter_optional",
    "review_scheme", "review_choice", "review_per_item", "criteria",
    "award_most", "award_score", "holds_notice", "notice_days", "notice_day_kind", "notice_places",
)  # fmt: skip


STAGE = ("kind", "begins_on", "ends_on")


def call_fields(actor: Actor, row: Call, groups: frozenset[str]) -> dict[str, Any]:
    """What a call shows beside the fields of every record."""
    shown: dict[str, Any] = {
        "office": party(row.office),
        "call_kind": row.call_kind,
        "call_kind_label": label(CallKind, row.call_kind),
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "grace_minutes": row.grace_minutes,
        "deadline": row.deadline,
        "disclosure": row.disclosure,
        "disclosure_label": label(ListDisclosure, row.disclosure),
        "seals": row.seals,
        "opened_at": row.opened_at,
    }
    if "public" in groups:
        shown |= {
            "ip_terms": row.ip_terms or None,
            "ip_terms_label": label(RightsTerm, row.ip_terms),
            "ip_note": row.ip_note,
            "conditions": row.conditions,
            "questions": row.questions,
            **{name: getattr(row, name) for name in SETTINGS},
            "stages": [{name: getattr(one, name) for name in STAGE} for one in row.stages.all()],
            "paid_on": row.paid_on,
            "poster_pays": row.poster_pays,
            "recommenders": [party(one) for one in row.recommenders.all()],
            "recommend_until": row.recommend_until,
            "collected": row.collected.count(),
            "items": [_item(actor, one) for one in row.items.all()],
            "earlier": reference(actor, row.earlier.record) if row.earlier is not None else None,
            "asked": [
                {"number": one.number, "words": one.words, "answer": one.answer, "answered_at": one.answered_at}
                for one in asked_about(actor, row)
            ],
        }
    if "inner" in groups:
        shown |= {
            "invited": [party(one) for one in row.invited.all()],
            "budget_year": row.budget_year,
            "budget_subject": row.budget_subject,
            "budget_document": row.budget_document,
            "budget_fen": row.budget_fen,
            "readers_asked": row.readers_asked,
            "readings": [
                {
                    "who": one.who,
                    "unit": one.unit,
                    "on": one.on.isoformat(),
                    "understood": one.understood,
                    "words": one.words,
                }
                for one in row.readings.all()
            ],
            "minutes_no": row.minutes_no,
            "minutes_on": row.minutes_on.isoformat() if row.minutes_on else "",
        }
    return shown


def _item(actor: Actor, one: CallItem) -> dict[str, Any]:
    return {
        "number": one.number,
        "title": one.title,
        "problem": one.problem,
        "need": reference(actor, one.need) if one.need is not None else None,
        "poster": one.poster.record.title if one.poster is not None else None,
        "indicators": one.indicators,
        "fiscal_fen": one.fiscal_fen,
        "months": one.months,
        "winners": one.winners,
    }


def create_call(actor: Actor, body: CallBody) -> Call:
    """Begin a call of the office that the actor acts for."""
    return prepare_call(actor=actor, facts=body.facts)


def change_call(actor: Actor, row: Call, body: CallChange, version: int) -> Call:
    """Replace what was said of a call."""
    return edit_call(actor=actor, call=row, facts=body.facts, expected_version=version)


api_list.mount(router)


@router.put(
    "/{code}/readings",
    response=Moved,
    auth=writes("call"),
    operation_id="calls-readings",
    summary="Record the wording test",
)
def readings(request: HttpRequest, code: str, body: ReadingsBody) -> dict[str, Any]:
    """What experts answered about the list as it stands, or the minutes of a demonstration."""
    actor, row = asked_of(request, Call, code)
    record_readings(actor=actor, call=row, heard=body.heard, minutes_no=body.minutes_no, minutes_on=body.minutes_on)
    return moved_now(request, row)


@router.put(
    "/{code}/proposal",
    response=Moved,
    auth=writes("call"),
    operation_id="calls-proposal",
    summary="Propose a decision",
)
def proposal(request: HttpRequest, code: str, body: ProposalBody) -> dict[str, Any]:
    """What becomes of the applications that passed the formality check; it counts when the call is decided."""
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    matched = version_matched(request, row.record)
    version = matched if body.version is None else body.version
    propose(
        actor=actor, call=row, proposed=body.proposed, others_stay=body.others_stay, expected_version=version,
        rule_note=body.rule_note,
    )  # fmt: skip
    return moved_now(request, row)


@router.post(
    "/{code}/form",
    response=Moved,
    auth=writes("call"),
    operation_id="calls-form",
    summary="Add questions to the form of an open call",
)
def grow(request: HttpRequest, code: str, body: GrownFormBody) -> dict[str, Any]:
    """At its end; whoever has handed in is told, and may answer them until the deadline."""
    actor, row = asked_of(request, Call, code)
    add_questions(actor=actor, call=row, questions=[one.question for one in body.questions])
    return moved_now(request, row)


@router.put(
    "/{code}/shortlist",
    response=Moved,
    auth=writes("call"),
    operation_id="calls-shortlist",
    summary="Make the shortlist",
)
def listing(request: HttpRequest, code: str, body: ShortlistBody) -> dict[str, Any]:
    """Of a call with a final review, once applications have closed: what goes into that."""
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    shortlist(actor=actor, call=row, applications=body.applications)
    return moved_now(request, row)


@router.post(
    "/{code}/open",
    response=Moved,
    auth=writes("call"),
    operation_id="calls-open",
    summary="Open the sealed applications",
)
def open_sealed(request: HttpRequest, code: str, body: OpeningBody) -> dict[str, Any]:
    """With the opening code, once the call is closed; each attempt is noted. The code itself is made on a page alone:
    an answer of the API may be kept to be given again."""
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    open_applications(actor=actor, call=row, code=(body.first, body.second))
    return moved_now(request, row)


@router.post(
    "/{code}/post-again",
    response=Moved,
    auth=writes("call"),
    operation_id="calls-post-again",
    summary="Post again what nobody applied to",
)
def again(request: HttpRequest, code: str) -> dict[str, Any]:
    """A new draft in the terms and with the list of the call; the answer tells where it is."""
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    return moved(request, post_again(actor=actor, call=row).record)


@router.post(
    "/{code}/questions",
    response=Moved,
    auth=writes("call"),
    operation_id="calls-ask",
    summary="Ask a question about a call",
)
def ask(request: HttpRequest, code: str, body: CallQuestionBody) -> dict[str, Any]:
    """While the call takes applications; with its answer everybody reads it."""
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    if not reads_list(actor, row):
        raise Missing(code)
    ask_about_call(actor=actor, call=row, words=body.words)
    return moved_now(request, row)


@router.put(
    "/{code}/questions/{number}",
    response=Moved,
    auth=writes("call"),
    operation_id="calls-answer",
    summary="Answer a question",
)
def answer(request: HttpRequest, code: str, number: int, body: AnswerBody) -> dict[str, Any]:
    """Everybody who reads the list reads the answer from then on; it stays as it was given."""
    actor, row = asked_of(request, Call, code)
    answer_about_call(actor=actor, call=row, number=number, words=body.answer)
    return moved_now(request, row)


def application_fields(actor: Actor, row: Application, groups: frozenset[str]) -> dict[str, Any]:
    """What an application shows beside the fields of every record."""
    if "public" not in groups:
        return {"sealed": row.sealed}
    row = revealed(row)
    shown: dict[str, Any] = {
        "sealed": row.sealed,
        **{name: getattr(row.record, name) for name in (TEXTS if row.sealed else ())},
        "call": reference(actor, row.item.call.record),
        "item": row.item.number,
        "item_title": row.item.title,
        "award_fen": row.award_fen,
        "passed_on_fen": row.passed_on_fen,
    }
    if "full" in groups:
        names = (
            "leader", "asked_fen", "months", "commitments", "evidence", "related", "revenue_fen", "rnd_fen",
            "promised", "submitted_at", "letter_no", "opinion", "verdict",
        )  # fmt: skip
        shown |= {name: getattr(row, name) for name in names}
        shown |= {
            "answers": answers_for(actor, row),
            "recommender": party(row.recommender),
            "letter_on": row.letter_on.isoformat() if row.letter_on else "",
            "brought_from": brought_from(row.record),
        }
    if "inner" in groups:
        told = ("words", "outcome", "basis", "note", "worked_out")
        shown["spot_checks"] = row.spot_checks
        shown["judged_elsewhere"] = told_outside(actor, row) or None
        shown["criteria"] = [{name: getattr(one, name) for name in told} for one in criteria_for(actor, row)]
    return shown


def create_application(actor: Actor, body: ApplicationBody) -> Application:
    """Begin an application of the organisation that the actor acts for."""
    if not may_apply(actor):
        raise NotAllowed(_("Sign in and choose the organisation you apply for; officers decide and do not apply."))
    call = get_visible(actor, Call, body.call)
    item = item_of(call, body.item) if reads_list(actor, call) else None
    if item is None:
        raise Missing(body.call)
    return begin_application(actor=actor, item=item, facts=body.facts)


def change_application(actor: Actor, row: Application, body: ApplicationChange, version: int) -> Application:
    """Replace what an application says."""
    return edit_application(actor=actor, application=row, facts=body.facts, expected_version=version)


api.add_router("/calls", router)
api.add_router("/calls", api_recommending.router)
api.add_router("/calls", api_decided.router)
api.add_router("/applications", api_criteria.router)
api.add_router("", api_library.router)
add_resource(
    Resource(
        slug="call",
        plural="calls",
        query=CallQuery,
        shown=CallShown,
        fields=call_fields,
        related=(
            "office__record",
            "earlier__record__owner__record",
            *(f"earlier__record__{name}" for name in AUDIENCES),
        ),
        prefetch=(
            "items__need__owner__record",
            *(f"items__need__{name}" for name in AUDIENCES),
            "items__poster__record",
            *("recommenders__record", "invited__record", "stages", "readings", "asked"),
        ),
        taken=CallBody,
        create=create_call,
        changed=CallChange,
        edit=change_call,
    )
)
add_resource(
    Resource(
        slug="application",
        plural="applications",
        query=ApplicationQuery,
        shown=ApplicationShown,
        fields=application_fields,
        related=(
            "item__call__record__owner__record",
            "recommender__record",
            *(f"item__call__record__{name}" for name in AUDIENCES),
        ),
        prefetch=(ORIGINS,),
        beside=mark_concerned,
        taken=ApplicationBody,
        create=create_application,
        changed=ApplicationChange,
        edit=change_application,
    )
)
