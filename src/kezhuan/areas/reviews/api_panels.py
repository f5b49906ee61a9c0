"""Panels in the API: made, cleared of conflicts, their experts chosen, their meeting recorded."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import AUDIENCES, moved_now, party, record_named, reference
from kezhuan.api.schemas import Listed, Moved
from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.checks import live_sheets
from kezhuan.areas.reviews.choosing_actions import (
    assign_experts,
    commit_draw,
    declined_in,
    hold_draw,
    replace_drawn,
    terms_of,
)
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.dismissing_actions import dismiss_conflict, take_back_dismissal
from kezhuan.areas.reviews.fee_actions import set_fees
from kezhuan.areas.reviews.guest_actions import invite_guest
from kezhuan.areas.reviews.item_actions import ask_reviews, hide_words
from kezhuan.areas.reviews.models import Draw, Panel
from kezhuan.areas.reviews.panel_actions import (
    COLUMNS,
    FoundFacts,
    edit_panel,
    look_up_parties,
    prepare_panel,
    record_meeting,
)
from kezhuan.areas.reviews.permissions import runs
from kezhuan.areas.reviews.queries import may_be_asked
from kezhuan.areas.reviews.schemas import (
    ConflictsShown,
    DismissBody,
    FeesBody,
    GuestBody,
    LookUpBody,
    PanelBody,
    PanelChange,
    PanelItemShown,
    PanelMeetingBody,
    PlacesBody,
    PublishedDraw,
    ReviewsBody,
    SeatShown,
    TakeBackBody,
    WitnessBody,
    WordsBody,
)
from kezhuan.engines.conflicts import Finding
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Record

panels = Router(tags=["panels"])
PANEL_READ = ("about", "agency__record", "draw")


def _now(request: HttpRequest, row: Any) -> dict[str, Any]:
    return moved_now(request, row)


def panel_fields(actor: Actor, row: Panel, groups: frozenset[str]) -> dict[str, Any]:
    """What a panel shows beside the fields of every record."""
    if "inner" not in groups:
        return {}
    names = (*COLUMNS, "seed", "criteria", "minutes_no", "met_on", "minutes", "attended", "also_there")
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
    about = record_named(actor, body.about, "about")
    return prepare_panel(actor=actor, about=about, facts=body.facts, parts=body.parts)


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
    "/{code}/items", response=Listed[PanelItemShown], auth=reads("panel"), operation_id="panels-items",
    summary="Items of a panel",
)  # fmt: skip
def items(request: HttpRequest, code: str) -> dict[str, Any]:
    """How many reviews of each item are in, and once the scores are closed what came of them."""
    actor, row = _inside(request, code)
    related = ("record__owner__record", *(f"record__{name}" for name in AUDIENCES))
    rows = live_sheets(row.items.select_related(*related)).order_by("number")
    same = ("number", "scored", "result", "place", "advised", "opinion", "alternates")
    return {
        "items": [
            {name: getattr(one, name) for name in same} | {"record": reference(actor, one.record), "needed": one.needed}
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
    rows = row.reviews.select_related("record", "expert__person__record", "guest").order_by("number")
    guests = {one.pk: one.guest for one in rows if hasattr(one, "guest")}
    return {
        "items": [
            {
                "number": one.number,
                "expert": one.expert.person.record.title,
                "sort": one.expert.sort,
                "review": one.record.code,
                "stage": one.record.stage,
                "fee_fen": one.fee_fen,
                "guest_until": guests[one.pk].until if one.pk in guests else None,
                "address_withdrawn_on": guests[one.pk].withdrawn_on if one.pk in guests else None,
            }
            for one in rows
        ]
    }


@panels.put(
    "/{code}/fees", response=Moved, auth=writes("panel"), operation_id="panels-fees", summary="Expert fees"
)  # fmt: skip
def fees(request: HttpRequest, code: str, body: FeesBody) -> dict[str, Any]:
    """Once the scores are closed."""
    actor, row = _panel(request, code)
    set_fees(actor=actor, panel=row, fees={one.number: one.fee_fen for one in body.fees})
    return _now(request, row)


@panels.get(
    "/{code}/draw",
    response=PublishedDraw,
    auth=reads("panel"),
    operation_id="panels-draw",
    summary="The draw, to be repeated",
)
def published(request: HttpRequest, code: str) -> dict[str, Any]:
    """Once it was held: what an independent script draws again from."""
    _actor, row = _inside(request, code)
    draw = Draw.objects.filter(panel=row, drawn_at__isnull=False).first()
    if draw is None:
        raise Missing(code)
    return {
        "terms": terms_of(draw.terms).text(),
        "seed": draw.seed,
        "word": draw.word,
        "commitment": draw.committed,
        "declined": [one.uid for one in declined_in(draw)],
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
    clearing = clear_panel(row, may_be_asked(row))
    codes = {str(one.person_id): one.record.code for one in clearing.experts}

    def told(number: str, one: Finding) -> dict[str, Any]:
        return {"item": int(number), "expert": codes[one.expert], "said": clearing.say(number, one), "key": one.key}

    found = [told(number, one) for number, one in clearing.found]
    gone = [
        told(number, one) | {"reason": dismissal.reason, "on": dismissal.on}
        for number, one, dismissal in clearing.dismissed
    ]
    unknown = [
        {"code": one.code, "name": called, "name_en": "" if one.pk in clearing.called else one.title_en}
        for one in clearing.unknown_parties
        for called in [clearing.called.get(one.pk, one.title)]
    ]
    return {"found": found, "dismissed": gone, "unknown": unknown}


@panels.post(
    "/{code}/look-ups", response=Moved, auth=writes("panel"), operation_id="panels-look-up",
    summary="Record that ties were looked up",
)  # fmt: skip
def look_up(request: HttpRequest, code: str, body: LookUpBody) -> dict[str, Any]:
    """Until the ties of every party were looked up nobody is clear of its item."""
    actor, row = _panel(request, code)
    told = judging.told_of(row.programme, list(row.items.values_list("record", flat=True)))
    known = {one for matter in told.values() for one in matter.parties}
    ids = dict(Record.objects.filter(pk__in=known).values_list("code", "pk"))
    # Nobody has the id 0: a code of nobody's is refused and not passed over.
    parties = [ids.get(one, 0) for one in body.parties] or list(ids.values())
    found = [FoundFacts(ids.get(one.party, 0), one.kind, one.other, one.until) for one in body.found]
    look_up_parties(actor=actor, panel=row, parties=parties, source=body.source, on=body.on, found=found)
    return _now(request, row)


@panels.post(
    "/{code}/dismissals", response=Moved, auth=writes("panel"), operation_id="panels-dismiss",
    summary="Dismiss a conflict that is none",
)  # fmt: skip
def dismiss(request: HttpRequest, code: str, body: DismissBody) -> dict[str, Any]:
    """It stays dismissed for every panel."""
    actor, row = _panel(request, code)
    dismiss_conflict(actor=actor, panel=row, key=body.key, reason=body.reason)
    return _now(request, row)


@panels.post(
    "/{code}/dismissals/take-back", response=Moved, auth=writes("panel"), operation_id="panels-take-back",
    summary="Take back a dismissal",
)  # fmt: skip
def take_back(request: HttpRequest, code: str, body: TakeBackBody) -> dict[str, Any]:
    """What was dismissed by mistake counts again, for every panel; before the experts of this one score."""
    actor, row = _panel(request, code)
    take_back_dismissal(actor=actor, panel=row, key=body.key, reason=body.reason)
    return _now(request, row)


@panels.post(
    "/{code}/assign", response=Moved, auth=writes("panel"), operation_id="panels-assign", summary="Assign experts"
)
def assign(request: HttpRequest, code: str) -> dict[str, Any]:
    """Choose by fit the experts that items still need, and ask them."""
    actor, row = _panel(request, code)
    assign_experts(actor=actor, panel=row)
    return _now(request, row)


@panels.post(
    "/{code}/guests", response={201: Moved}, auth=writes("panel"), operation_id="panels-guest",
    summary="Ask a guest reviewer",
)  # fmt: skip
def ask_guest(request: HttpRequest, code: str, body: GuestBody) -> Status[Any]:
    """Somebody without an account, who is sent one address for items of this panel."""
    actor, row = _panel(request, code)
    made = invite_guest(actor=actor, panel=row, facts=body.facts)
    return Status(201, _now(request, made))


@panels.post(
    "/{code}/draw/commit", response=Moved, auth=writes("panel"), operation_id="panels-commit",
    summary="Commit to a draw",
)  # fmt: skip
def commit(request: HttpRequest, code: str, body: PlacesBody) -> dict[str, Any]:
    """Pool, places, cap and a closed seed are fixed; the panel shows the commitment."""
    actor, row = _panel(request, code)
    commit_draw(actor=actor, panel=row, places=body.model_dump())
    return _now(request, row)


@panels.post(
    "/{code}/draw/hold", response=Moved, auth=writes("panel"), operation_id="panels-hold", summary="Hold the draw"
)
def hold(request: HttpRequest, code: str, body: WitnessBody) -> dict[str, Any]:
    """With the word that a witness said after the commitment was shown."""
    actor, row = _panel(request, code)
    hold_draw(actor=actor, panel=row, word=body.word, witness=body.witness)
    return _now(request, row)


@panels.post(
    "/{code}/draw/replace", response=Moved, auth=writes("panel"), operation_id="panels-replace",
    summary="Draw replacements",
)  # fmt: skip
def replace(request: HttpRequest, code: str) -> dict[str, Any]:
    """Ask who comes next in the order of the draw."""
    actor, row = _panel(request, code)
    replace_drawn(actor=actor, panel=row)
    return _now(request, row)


@panels.put(
    "/{code}/items/{number}/hidden", response=Moved, auth=writes("panel"), operation_id="panels-hide",
    summary="Hide further words of an item",
)  # fmt: skip
def hide(request: HttpRequest, code: str, number: int, body: WordsBody) -> dict[str, Any]:
    """Experts of a blind panel do not read them."""
    actor, row = _panel(request, code)
    hide_words(actor=actor, panel=row, number=number, words=body.words)
    return _now(request, row)


@panels.put(
    "/{code}/reviews", response=Moved, auth=writes("panel"), operation_id="panels-reviews",
    summary="Reviews of each item",
)  # fmt: skip
def reviews(request: HttpRequest, code: str, body: ReviewsBody) -> dict[str, Any]:
    """Where experts are assigned; items that are not named stay as they are."""
    actor, row = _panel(request, code)
    ask_reviews(actor=actor, panel=row, asked={one.item: one.asked for one in body.items})
    return _now(request, row)


@panels.put(
    "/{code}/meeting", response=Moved, auth=writes("panel"), operation_id="panels-meeting",
    summary="Record the meeting",
)  # fmt: skip
def meeting(request: HttpRequest, code: str, body: PanelMeetingBody) -> dict[str, Any]:
    """Minutes, and of each item its turn, the advice and why."""
    actor, row = _panel(request, code)
    record_meeting(
        actor=actor, panel=row, minutes_no=body.minutes_no, met_on=body.met_on, advice=body.by_number,
        minutes=body.said,
        expected_version=body.version,
    )  # fmt: skip
    return _now(request, row)
