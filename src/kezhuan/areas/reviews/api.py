"""Experts, panels and reviews in the API."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kezhuan.api import documents
from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import href, moved_now, party
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Listed, Moved
from kezhuan.api.site import api
from kezhuan.areas.reviews.actions import declare_ties, edit_expert, enter_expert
from kezhuan.areas.reviews.api_panels import PANEL_READ, change_panel, create_panel, panel_fields, panels
from kezhuan.areas.reviews.asking import asked_by, asked_of, is_asked
from kezhuan.areas.reviews.asking_actions import answer_expert, ask_applicant
from kezhuan.areas.reviews.desk import files_read_by, items_read_by, others_of, reads_items, titles_read_by
from kezhuan.areas.reviews.guest_actions import renew_address, withdraw_address
from kezhuan.areas.reviews.models import Expert, Review
from kezhuan.areas.reviews.schemas import (
    AddressBody,
    ExpertBody,
    ExpertChange,
    ExpertQuery,
    ExpertShown,
    PanelBody,
    PanelChange,
    PanelShown,
    TiesBody,
)
from kezhuan.areas.reviews.schemas_asking import InquiryBody, InquiryShown
from kezhuan.areas.reviews.schemas_reviews import GiveBackBody, ReviewShown, ScoreBody, SheetShown
from kezhuan.areas.reviews.scoring_actions import give_back, score_item
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Record

experts, reviews, questions = Router(tags=["experts"]), Router(tags=["reviews"]), Router(tags=["reviews"])
EXPERT_READ = ("employer__record",)
REVIEW_READ = ("panel__record", "panel__about", "expert__person__record")


def _now(request: HttpRequest, row: Any) -> dict[str, Any]:
    return moved_now(request, row)


# -- experts -----------------------------------------------------------------------------------------------------------


def expert_fields(_actor: Actor, row: Expert, groups: frozenset[str]) -> dict[str, Any]:
    """What an expert shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    shown = {name: getattr(row, name) for name in ("sort", "fields", "topics", "capacity", "declared_on")}
    ties = [{"kind": one.kind, "organisation": party(one.organisation), "until": one.until} for one in row.ties.all()]
    return shown | {"employer": party(row.employer), "ties": ties}


def create_expert(actor: Actor, body: ExpertBody) -> Expert:
    """Ask the holder of an account to join the pool of the actor's office."""
    return enter_expert(actor=actor, email=body.email, facts=body.facts)


def change_expert(actor: Actor, row: Expert, body: ExpertChange, version: int) -> Expert:
    """Replace what is said of an expert."""
    return edit_expert(actor=actor, expert=row, facts=body.facts, expected_version=version)


@experts.put("/{code}/ties", response=Moved, auth=writes("expert"), operation_id="experts-ties", summary="Declare ties")
def ties(request: HttpRequest, code: str, body: TiesBody) -> dict[str, Any]:
    """All ties that the expert has to organisations, in place of those declared before."""
    actor = actor_of(request)
    row = get_visible(actor, Expert, code)
    declare_ties(actor=actor, expert=row, ties=body.facts)
    return _now(request, row)


# -- reviews -----------------------------------------------------------------------------------------------------------


def review_fields(actor: Actor, row: Review, groups: frozenset[str]) -> dict[str, Any]:
    """What a review shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    panel = row.panel
    shown: dict[str, Any] = {
        "panel": panel.record.code,
        "scheme": panel.scheme,
        "criteria": panel.criteria,
        "answer_by": panel.answer_by,
        "due_on": panel.due_on,
    }
    if "inner" in groups:
        shown["expert"] = row.expert.person.record.title
    return shown


def _review(request: HttpRequest, code: str) -> tuple[Actor, Review]:
    actor = actor_of(request)
    return actor, get_visible(actor, Review, code, related=REVIEW_READ)


@reviews.get(
    "/{code}/items", response=Listed[SheetShown], auth=reads("review"), operation_id="reviews-items",
    summary="Items to judge",
)  # fmt: skip
def sheets(request: HttpRequest, code: str) -> dict[str, Any]:
    """For the expert: what they read of each item, their marks and words, and once these are in those of the others."""
    actor, row = _review(request, code)
    if not reads_items(actor, row):
        raise Missing(code)
    read = items_read_by(actor, row)
    own = [sheet for sheet, _matter in read]
    others, asked, files = others_of(row, own), asked_by(own), files_read_by(row, own)
    return {
        "items": [
            {
                "item": sheet.item.number,
                "title": matter.title,
                "sections": [{"label": label, "words": words} for label, words in matter.sections],
                "files": [
                    documents.shown(one.record, one)
                    | {"href": f"{href(row.record)}/items/{sheet.item.number}/files/{one.sha256}"}
                    for one in files.get(sheet.item_id, ())
                ],
                "marks": sheet.marks,
                "words": sheet.words,
                "submitted_at": sheet.submitted_at,
                "recused": sheet.recused,
                "questions": [asdict(one) for one in asked.get(sheet.pk, ())],
                "others": [
                    {"number": one.number, "total": str(one.total), "marks": one.marks, "words": one.words}
                    for one in others.get(sheet.item_id, ())
                ],
            }
            for sheet, matter in read
        ]
    }


@reviews.get(
    "/{code}/items/{number}/files/{sha256}", auth=reads("review"), operation_id="reviews-file",
    summary="A file of an item to judge",
    openapi_extra={"responses": {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}},
)  # fmt: skip
def file(request: HttpRequest, code: str, number: int, sha256: str) -> HttpResponse:
    """Its bytes, for the expert who judges the item; of a blind panel nobody reads files."""
    actor, row = _review(request, code)
    if reads_items(actor, row):
        own = [sheet for sheet, _title in titles_read_by(actor, row) if sheet.item.number == number]
        for one in [one for held in files_read_by(row, own).values() for one in held]:
            if one.sha256 == sha256:
                return documents.opened(actor, one)
    raise Missing(sha256)


@reviews.put(
    "/{code}/items/{number}", response=Moved, auth=writes("review"), operation_id="reviews-score",
    summary="Score an item",
)  # fmt: skip
def score(request: HttpRequest, code: str, number: int, body: ScoreBody) -> dict[str, Any]:
    """Kept for now, or handed in for good."""
    actor, row = _review(request, code)
    score_item(actor=actor, review=row, number=number, marks=body.marks, words=body.words, submit=body.submit)
    return _now(request, row)


@reviews.post(
    "/{code}/items/{number}/give-back", response=Moved, auth=writes("review"), operation_id="reviews-give-back",
    summary="Give an item back",
)  # fmt: skip
def recuse(request: HttpRequest, code: str, number: int, body: GiveBackBody) -> dict[str, Any]:
    """With the reason; it is judged by others."""
    actor, row = _review(request, code)
    give_back(actor=actor, review=row, number=number, reason=body.reason)
    return _now(request, row)


@reviews.post(
    "/{code}/address", response=Moved, auth=writes("review"), operation_id="reviews-address",
    summary="Send a guest a new address",
)  # fmt: skip
def address(request: HttpRequest, code: str, body: AddressBody) -> dict[str, Any]:
    """It opens until another day; the one before opens nothing any more."""
    actor, row = _review(request, code)
    renew_address(actor=actor, review=row, until=body.until)
    return _now(request, row)


@reviews.post(
    "/{code}/address/end", response=Moved, auth=writes("review"), operation_id="reviews-address-end",
    summary="Take a guest's address back",
)  # fmt: skip
def address_end(request: HttpRequest, code: str) -> dict[str, Any]:
    """From then on it opens nothing; what was scored stays."""
    actor, row = _review(request, code)
    withdraw_address(actor=actor, review=row)
    return _now(request, row)


@reviews.post(
    "/{code}/items/{number}/questions", response=Moved, auth=writes("review"), operation_id="reviews-ask",
    summary="Ask the applicant about an item",
)  # fmt: skip
def ask(request: HttpRequest, code: str, number: int, body: InquiryBody) -> dict[str, Any]:
    """The applicant reads the question and never who asks; one's own stand with the items."""
    actor, row = _review(request, code)
    ask_applicant(actor=actor, review=row, number=number, words=body.words)
    return _now(request, row)


@questions.get(
    "/{code}", response=Listed[InquiryShown], auth=reads("review"), operation_id="judged-questions",
    summary="Questions of experts about a record of one's organisation",
)  # fmt: skip
def about(request: HttpRequest, code: str) -> dict[str, Any]:
    """For the organisation whose matter it is: what is asked, never by whom."""
    actor = actor_of(request)
    record = get_visible(actor, Record, code)
    if not is_asked(actor, record):
        raise Missing(code)
    return {"items": [asdict(one) for one in asked_of(actor, record)]}


@questions.put(
    "/{code}/{number}", response=InquiryShown, auth=writes("review"), operation_id="judged-answer",
    summary="Answer a question of an expert",
)  # fmt: skip
def answer(request: HttpRequest, code: str, number: int, body: InquiryBody) -> dict[str, Any]:
    """While the panel scores; it stays as it was given."""
    actor = actor_of(request)
    record = get_visible(actor, Record, code)
    answer_expert(actor=actor, record=record, number=number, words=body.words)
    return next(asdict(one) for one in asked_of(actor, record) if one.number == number)


for path, router in (("/questions", questions), ("/experts", experts), ("/panels", panels), ("/reviews", reviews)):
    api.add_router(path, router)
add_resource(
    Resource(
        slug="expert", plural="experts", query=ExpertQuery, shown=ExpertShown, fields=expert_fields,
        related=EXPERT_READ, prefetch=("ties__organisation__record",), taken=ExpertBody, create=create_expert,
        changed=ExpertChange, edit=change_expert,
    )
)  # fmt: skip
add_resource(
    Resource(
        slug="panel", plural="panels", shown=PanelShown, fields=panel_fields, related=PANEL_READ, taken=PanelBody,
        create=create_panel, changed=PanelChange, edit=change_panel,
    )
)  # fmt: skip
add_resource(Resource(slug="review", plural="reviews", shown=ReviewShown, fields=review_fields, related=REVIEW_READ))
