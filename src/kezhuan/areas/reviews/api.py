"""Experts, panels and reviews in the API."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import AUDIENCES, moved, party, record_named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Listed, Moved
from kezhuan.api.site import api
from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.actions import declare_ties, edit_expert, enter_expert
from kezhuan.areas.reviews.checks import live_sheets
from kezhuan.areas.reviews.choosing_actions import assign_experts, commit_draw, hold_draw, replace_drawn
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.desk import items_read_by, others_of, reads_items
from kezhuan.areas.reviews.models import Draw, Expert, Panel, Review
from kezhuan.areas.reviews.panel_actions import (
    dismiss_conflict,
    edit_panel,
    hide_words,
    look_up_parties,
    prepare_panel,
    record_meeting,
)
from kezhuan.areas.reviews.permissions import runs
from kezhuan.areas.reviews.queries import candidates, on_panel
from kezhuan.areas.reviews.schemas import (
    ConflictsShown,
    DismissBody,
    ExpertBody,
    ExpertChange,
    ExpertQuery,
    ExpertShown,
    ItemShown,
    LookUpBody,
    MeetingBody,
    PanelBody,
    PanelChange,
    PanelShown,
    PlacesBody,
    RecusalBody,
    ReviewShown,
    ScoreBody,
    SeatShown,
    SheetShown,
    TiesBody,
    WitnessBody,
    WordsBody,
)
from kezhuan.areas.reviews.scoring_actions import give_back, score_item
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Record

experts, panels, reviews = Router(tags=["experts"]), Router(tags=["panels"]), Router(tags=["reviews"])
EXPERT_READ = ("employer__record",)
PANEL_READ = ("about", "agency__record", "draw")
REVIEW_READ = ("panel__record", "panel__about", "expert__person__record")


def _now(row: Any) -> dict[str, Any]:
    return moved(Record.objects.get(pk=row.pk))


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
    return _now(row)


# -- panels ------------------------------------------------------------------------------------------------------------


def panel_fields(actor: Actor, row: Panel, groups: frozenset[str]) -> dict[str, Any]:
    """What a panel shows beside the fields of every record."""
    if "inner" not in groups:
        return {}
    names = (
        "scheme", "choice", "criteria", "per_item", "max_load", "mixed", "per_employer", "drop_from", "spread_flag",
        "outlier_flag", "answer_by", "due_on", "minutes_no", "met_on",
    )  # fmt: skip
    draw: Draw | None = getattr(row, "draw", None)
    return {name: getattr(row, name) for name in names} | {
        "about": row.about.code,
        "agency": party(row.agency),
        "draw": _draw(draw) if draw is not None else None,
    }


def _draw(draw: Draw) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "committed": draw.committed,
        "committed_at": draw.committed_at,
        "pool": len(draw.terms["pool"]),
        "places": draw.terms["places"],
        "cap": draw.terms["cap"],
    }
    if draw.drawn_at is not None:
        shown |= {name: getattr(draw, name) for name in ("seed", "word", "witness", "drawn_at")}
    return shown


def create_panel(actor: Actor, body: PanelBody) -> Panel:
    """Prepare a panel of the actor's office about a record."""
    return prepare_panel(actor=actor, about=record_named(actor, body.about, "about"), facts=body.facts)


def change_panel(actor: Actor, row: Panel, body: PanelChange, version: int) -> Panel:
    """Replace what is said of a panel."""
    return edit_panel(actor=actor, panel=row, facts=body.facts, expected_version=version)


def _panel(request: HttpRequest, code: str) -> tuple[Actor, Panel]:
    actor = actor_of(request)
    return actor, get_visible(actor, Panel, code, related=("about",))


def _inside(request: HttpRequest, code: str) -> tuple[Actor, Panel]:
    actor, row = _panel(request, code)
    if not can_view(actor, row.record, "inner"):
        raise Missing(code)
    return actor, row


@panels.get(
    "/{code}/items", response=Listed[ItemShown], auth=reads("panel"), operation_id="panels-items",
    summary="Items of a panel",
)  # fmt: skip
def items(request: HttpRequest, code: str) -> dict[str, Any]:
    """How many reviews of each item are in, and once the scores are closed what came of them."""
    actor, row = _inside(request, code)
    related = ("record__owner__record", *(f"record__{name}" for name in AUDIENCES))
    rows = live_sheets(row.items.select_related(*related)).order_by("number")
    same = ("number", "scored", "result", "place", "advised", "opinion")
    return {
        "items": [
            {name: getattr(one, name) for name in same}
            | {"record": reference(actor, one.record), "needed": row.per_item}
            for one in rows
        ]
    }


@panels.get(
    "/{code}/experts", response=Listed[SeatShown], auth=reads("panel"), operation_id="panels-experts",
    summary="Experts of a panel",
)  # fmt: skip
def seats(request: HttpRequest, code: str) -> dict[str, Any]:
    """Who was asked, and what became of it."""
    _actor, row = _inside(request, code)
    rows = row.reviews.select_related("record", "expert__person__record").order_by("number")
    return {
        "items": [
            {
                "number": one.number,
                "expert": one.expert.person.record.title,
                "sort": one.expert.sort,
                "review": one.record.code,
                "stage": one.record.stage,
            }
            for one in rows
        ]
    }


@panels.get(
    "/{code}/conflicts", response=ConflictsShown, auth=reads("panel"), operation_id="panels-conflicts",
    summary="Conflicts of interest",
)  # fmt: skip
def conflicts(request: HttpRequest, code: str) -> dict[str, Any]:
    """What was found between the pool and the items, and the parties of which nothing is known yet."""
    actor, row = _panel(request, code)
    if not runs.test(actor, row):
        raise NotAllowed
    clearing = clear_panel(row, [one.expert for one in on_panel(row)] + list(candidates(row)))
    found = []
    for submission, who in clearing.cleared.findings:
        item = next(at for at, one in enumerate(clearing.items) if str(one.number) == submission)
        expert = clearing.cleared.experts.index(who)
        found += [
            {"item": int(submission), "expert": clearing.experts[expert].record.code, "said": said, "key": key}
            for said, key in clearing.words_for(item, expert)
        ]
    unknown = [{"code": one.code, "name": one.title, "name_en": one.title_en} for one in clearing.unknown_parties]
    return {"found": found, "unknown": unknown}


@panels.post(
    "/{code}/look-ups", response=Moved, auth=writes("panel"), operation_id="panels-look-up",
    summary="Record that ties were looked up",
)  # fmt: skip
def look_up(request: HttpRequest, code: str, body: LookUpBody) -> dict[str, Any]:
    """Until the ties of every party were looked up nobody is clear of its item."""
    actor, row = _panel(request, code)
    told = judging.told_of(row.programme, list(row.items.values_list("record", flat=True)))
    known = {one for matter in told.values() for one in matter.parties}
    rows = Record.objects.filter(pk__in=known)
    chosen = rows.filter(code__in=body.parties) if body.parties else rows
    parties = list(chosen.values_list("pk", flat=True))
    look_up_parties(actor=actor, panel=row, parties=parties, source=body.source, on=body.on)
    return _now(row)


@panels.post(
    "/{code}/dismissals", response=Moved, auth=writes("panel"), operation_id="panels-dismiss",
    summary="Dismiss a conflict that is none",
)  # fmt: skip
def dismiss(request: HttpRequest, code: str, body: DismissBody) -> dict[str, Any]:
    """It stays dismissed for every panel."""
    actor, row = _panel(request, code)
    dismiss_conflict(actor=actor, panel=row, key=body.key, reason=body.reason)
    return _now(row)


@panels.post(
    "/{code}/assign", response=Moved, auth=writes("panel"), operation_id="panels-assign", summary="Assign experts"
)
def assign(request: HttpRequest, code: str) -> dict[str, Any]:
    """Choose by fit the experts that items still need, and ask them."""
    actor, row = _panel(request, code)
    assign_experts(actor=actor, panel=row)
    return _now(row)


@panels.post(
    "/{code}/draw/commit", response=Moved, auth=writes("panel"), operation_id="panels-commit",
    summary="Commit to a draw",
)  # fmt: skip
def commit(request: HttpRequest, code: str, body: PlacesBody) -> dict[str, Any]:
    """Pool, places, cap and a closed seed are fixed; the panel shows the commitment."""
    actor, row = _panel(request, code)
    commit_draw(actor=actor, panel=row, places=body.model_dump())
    return _now(row)


@panels.post(
    "/{code}/draw/hold", response=Moved, auth=writes("panel"), operation_id="panels-hold", summary="Hold the draw"
)
def hold(request: HttpRequest, code: str, body: WitnessBody) -> dict[str, Any]:
    """With the word that a witness said after the commitment was shown."""
    actor, row = _panel(request, code)
    hold_draw(actor=actor, panel=row, word=body.word, witness=body.witness)
    return _now(row)


@panels.post(
    "/{code}/draw/replace", response=Moved, auth=writes("panel"), operation_id="panels-replace",
    summary="Draw replacements",
)  # fmt: skip
def replace(request: HttpRequest, code: str) -> dict[str, Any]:
    """Ask who comes next in the order of the draw."""
    actor, row = _panel(request, code)
    replace_drawn(actor=actor, panel=row)
    return _now(row)


@panels.put(
    "/{code}/items/{number}/hidden", response=Moved, auth=writes("panel"), operation_id="panels-hide",
    summary="Hide further words of an item",
)  # fmt: skip
def hide(request: HttpRequest, code: str, number: int, body: WordsBody) -> dict[str, Any]:
    """Experts of a blind panel do not read them."""
    actor, row = _panel(request, code)
    hide_words(actor=actor, panel=row, number=number, words=body.words)
    return _now(row)


@panels.put(
    "/{code}/meeting", response=Moved, auth=writes("panel"), operation_id="panels-meeting",
    summary="Record the meeting",
)  # fmt: skip
def meeting(request: HttpRequest, code: str, body: MeetingBody) -> dict[str, Any]:
    """Minutes, and of each item its turn, the advice and why."""
    actor, row = _panel(request, code)
    record_meeting(
        actor=actor, panel=row, minutes_no=body.minutes_no, met_on=body.met_on, advice=body.by_number,
        expected_version=body.version,
    )  # fmt: skip
    return _now(row)


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
    return {
        "items": [
            {
                "item": sheet.item.number,
                "title": matter.title,
                "sections": [{"label": label, "words": words} for label, words in matter.sections],
                "marks": sheet.marks,
                "words": sheet.words,
                "submitted_at": sheet.submitted_at,
                "recused": sheet.recused,
                "others": [
                    {"number": one.number, "total": str(one.total), "marks": one.marks, "words": one.words}
                    for one in others_of(row, sheet)
                ],
            }
            for sheet, matter in items_read_by(actor, row)
        ]
    }


@reviews.put(
    "/{code}/items/{number}", response=Moved, auth=writes("review"), operation_id="reviews-score",
    summary="Score an item",
)  # fmt: skip
def score(request: HttpRequest, code: str, number: int, body: ScoreBody) -> dict[str, Any]:
    """Kept for now, or handed in for good."""
    actor, row = _review(request, code)
    score_item(actor=actor, review=row, number=number, marks=body.marks, words=body.words, submit=body.submit)
    return _now(row)


@reviews.post(
    "/{code}/items/{number}/give-back", response=Moved, auth=writes("review"), operation_id="reviews-give-back",
    summary="Give an item back",
)  # fmt: skip
def recuse(request: HttpRequest, code: str, number: int, body: RecusalBody) -> dict[str, Any]:
    """With the reason; it is judged by others."""
    actor, row = _review(request, code)
    give_back(actor=actor, review=row, number=number, reason=body.reason)
    return _now(row)


for path, router in (("/experts", experts), ("/panels", panels), ("/reviews", reviews)):
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
