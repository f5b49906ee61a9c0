"""Matches in the API: suggestions and why, near misses and why not, refusals, introductions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from kezhuan.api import cursor as cursors
from kezhuan.api.conditions import version_matched
from kezhuan.api.identity import OPEN, actor_of, reads, writes
from kezhuan.api.records import AUDIENCES, moved, reference, referred
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved, Reason
from kezhuan.api.site import api
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.matches import api_missed, api_precise
from kezhuan.areas.matches.actions import introduce, parts_as_data, refuse_suggestion
from kezhuan.areas.matches.api_reach import reaching
from kezhuan.areas.matches.meeting_actions import plan_meeting
from kezhuan.areas.matches.models import FOLLOWER, Introduction, Suggestion
from kezhuan.areas.matches.queries import (
    contacts_of,
    factors_in_force,
    suggestions_for_need,
    suggestions_for_supply,
    supplies_for_typed,
)
from kezhuan.areas.matches.schemas import (
    IntroductionShown,
    Matched,
    MatchShown,
    MeetingBody,
    NearMissShown,
    RefusalBody,
    RefusalShown,
    TypedNeed,
)
from kezhuan.areas.matches.supply import RESULTS, is_offered, own_rows, text_of
from kezhuan.areas.matches.under_line import just_below
from kezhuan.areas.matches.wording import PartLine, language, looked_for, miss_line, part_lines, reason_line
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import shown_text
from kezhuan.areas.teams.models import Team
from kezhuan.engines.matching import Item, near_words
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.disclosures import note_words
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.followers import has_seen
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.search import Position, live_index

router = Router(tags=["matches"])
BOTH_SIDES = reads("need", "achievement")
"""Guard of what tells of pairs."""


def introduction_fields(actor: Actor, row: Introduction, groups: frozenset[str]) -> dict[str, Any]:
    """What an introduction shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    return {
        "need": reference(actor, row.need.record),
        "supply": reference(actor, row.supply),
        "need_agreed_on": row.need_agreed_on,
        "supply_agreed_on": row.supply_agreed_on,
        "broker": row.broker.record.title if row.broker is not None else "",
        "score": row.score,
        "meets_at": row.meets_at,
        "meets_minutes": row.meets_minutes,
        "meets_where": row.meets_where,
        "introduced_on": row.introduced_on,
        "met_on": row.met_on,
        "contacts": [asdict(contact) for contact in contacts_of(actor, row)],
    }


_SIDES = ("need__record", "supply")
add_resource(
    Resource(
        slug="introduction",
        plural="introductions",
        shown=IntroductionShown,
        fields=introduction_fields,
        related=(
            "broker__record",
            *(f"{side}__{name}" for side in _SIDES for name in ("owner__record", "contact__record", *AUDIENCES)),
            *(f"{side}_agreed_by__record" for side in ("need", "supply")),
        ),
    )
)


def _match(rank: int, score: float, record: Mapping[str, Any], parts: Any, shown: Record, text: str) -> dict[str, Any]:
    """A match with a record; `text` of the one `shown` stands beside its title."""
    return {
        "rank": rank,
        "score": score,
        "record": record,
        "parts": [asdict(one) | {"stands": _stands(shown, text, one)} for one in part_lines(parts, language())],
    }


def _stands(shown: Record, text: str, part: PartLine) -> list[dict[str, Any]]:
    near = near_words(*looked_for(shown, text, part)) if part.words else ()
    return [{"text": one.text, "marks": one.marks} for one in near]


def _told(actor: Actor, record: Record, items: Sequence[Any], *, on_offer: bool) -> dict[str, Any]:
    """Matches of a record, or why there are none: for a program an empty list alone could mean any of these."""
    if items:
        return {"items": items}
    if not can_view(actor, record, "public"):
        why = Reason(code="title-only", label=_("Only the title of this record is open to you."))
    elif not on_offer:
        why = Reason(code="not-open", label=_("This record does not ask or offer now, so that nothing is suggested."))
    elif not has_seen(FOLLOWER, record):
        why = Reason(code="being-matched", label=_("This record is being matched. Ask again in a moment."))
    else:
        why = Reason(code="none-fits", label=_("Nothing that is open to you fits well enough."))
    return {"items": [], "empty": why}


def _shown(row: Suggestion, side: str) -> tuple[Record, str]:
    """The record of the other side, and its words beside its title."""
    return (row.supply, text_of(row.supply)) if side == "supply" else (row.need.record, shown_text(row.need))


def _suggested(
    actor: Actor, record: Record, found: Iterable[Suggestion], side: str, *, on_offer: bool, before: int = 0
) -> dict[str, Any]:
    """Suggestions as matches with the records of the other side; so many stand `before` them in the list."""
    rows = list(found)
    records = referred(actor, [getattr(row, f"{side}_id") for row in rows], "public")
    note_views(actor, list(records), "api")
    others = (getattr(row, side) for row in rows if getattr(row, f"{side}_id") in records)
    note_words(actor, [one if isinstance(one, Record) else one.record for one in others])
    seen = [row for row in rows if getattr(row, f"{side}_id") in records]
    items = [
        _match(rank, row.score, records[getattr(row, f"{side}_id")], row.parts, *_shown(row, side))
        | {"made_at": row.made_at, "model_version": row.model_version}
        for rank, row in enumerate(seen, before + 1)
    ]
    return _told(actor, record, items, on_offer=on_offer)


@router.get(
    "/needs/{code}/matches",
    response=Matched[MatchShown],
    auth=reads("need"),
    exclude_unset=True,
    operation_id="needs-matches",
    summary="Matches",
)
def matches_of_need(
    request: HttpRequest, code: str, top: int = Query(100, ge=1, le=100), kind: str = RESULTS
) -> dict[str, Any]:
    """All results that are suggested for a need, or all of another `kind` that answers needs (`team`, `expert`), best
    first, refused and introduced ones left out, each score explained by its parts."""
    actor = reaching(request, kind, "need")
    need = get_visible(actor, Need, code)
    note_views(actor, [need.pk], "api")
    found = suggestions_for_need(actor, need, kind)[:top]
    return _suggested(actor, need.record, found, "supply", on_offer=need.record.phase == Phase.PUBLIC)


@router.get(
    "/achievements/{code}/matches",
    response=Matched[MatchShown],
    auth=BOTH_SIDES,
    exclude_unset=True,
    operation_id="achievements-matches",
    summary="Matches",
)
def matches_of_achievement(
    request: HttpRequest, code: str, top: int = Query(10, ge=1, le=100), cursor: str = Query("", max_length=200)
) -> dict[str, Any]:
    """The needs that a result may meet, best first; `next`, where there are more, is the `cursor` of the answer after
    it."""
    return _needs_met(request, Achievement, code, top, cursor)


@router.get(
    "/teams/{code}/matches",
    response=Matched[MatchShown],
    auth=reads("need", "team"),
    exclude_unset=True,
    operation_id="teams-matches",
    summary="Matches",
)
def matches_of_team(
    request: HttpRequest, code: str, top: int = Query(10, ge=1, le=100), cursor: str = Query("", max_length=200)
) -> dict[str, Any]:
    """The needs that a team may meet, best first; `next`, where there are more, is the `cursor` of the answer after
    it."""
    return _needs_met(request, Team, code, top, cursor)


def _needs_met(
    request: HttpRequest, model: type[Achievement | Team], code: str, top: int, cursor: str
) -> dict[str, Any]:
    actor = actor_of(request)
    supply = get_visible(actor, model, code).record
    note_views(actor, [supply.pk], "api")
    after = cursors.read(cursor, supply.pk) if cursor else None
    rows = list(suggestions_for_supply(actor, supply, after)[: top + 1])
    before, shown = (0 if after is None else after.tie), rows[:top]
    answer = _suggested(actor, supply, shown, "need", on_offer=is_offered(supply), before=before)
    if len(rows) > top:
        last = shown[-1]
        answer["next"] = cursors.written(Position(last.need_id, 0, last.score, before + top), supply.pk)
    return answer


def _referred(actor: Actor, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """References to results of which an answer says what fits, as far as the actor may read that; it is noted of what
    not everybody may read."""
    records = referred(actor, ids, "public")
    note_words(actor, Record.objects.filter(pk__in=records).select_related("public_to").order_by("pk"))
    return records


@router.get(
    "/needs/{code}/near-misses",
    response=Matched[NearMissShown],
    auth=reads("need"),
    exclude_unset=True,
    operation_id="needs-near-misses",
    summary="Near misses",
)
def near_misses(
    request: HttpRequest, code: str, top: int = Query(10, ge=1, le=100), kind: str = RESULTS
) -> dict[str, Any]:
    """The `top` results, or records of another `kind`, just under the line: first those that one change would lift,
    then those that take several, then those that no change would, each with what holds it back."""
    actor = reaching(request, kind, "need")
    need = get_visible(actor, Need, code)
    note_views(actor, [need.pk], "api")
    missed = just_below(actor, need, {kind: top})[kind] if can_view(actor, need.record, "public") else []
    records = _referred(actor, [int(miss.supply) for miss in missed])
    items = [
        {
            "rank": miss.rank,
            "score": miss.score,
            "line": miss.line,
            "record": records[int(miss.supply)],
            "because": miss_line(miss, language()),
            "changes": [reason_line(one, language()) for one in miss.changes],
            "held_back_by": [reason_line(one, language()) for one in miss.held],
            "gap": reason_line(miss.gap, language()) if miss.gap else "",
            "new_score": miss.new_score,
            "new_rank": miss.new_rank,
        }
        for miss in missed
        if int(miss.supply) in records
    ]
    return _told(actor, need.record, items, on_offer=need.record.phase == Phase.PUBLIC)


@router.put(
    "/introductions/{code}/meeting",
    response=Moved,
    auth=writes("introduction"),
    operation_id="introductions-meeting",
    summary="Plan the meeting",
)
def meeting(request: HttpRequest, code: str, body: MeetingBody) -> dict[str, Any]:
    """Say when and where the two sides meet: after both agreed, until the meeting is recorded. Nothing else of an
    introduction is changed: what became of it is told by its steps."""
    actor = actor_of(request)
    row = get_visible(actor, Introduction, code)
    made = plan_meeting(
        actor=actor,
        introduction=row,
        at=body.at,
        minutes=body.minutes,
        where=body.where,
        expected_version=version_matched(request, row.record),
    )
    return moved(request, made.record)


@router.post(
    "/match",
    response=Matched[MatchShown],
    auth=OPEN,
    exclude_unset=True,
    openapi_extra={"responses": {403: {}}},
    operation_id="match",
    summary="Match a typed need",
)
def match_typed(request: HttpRequest, body: TypedNeed) -> dict[str, Any]:
    """The best results for a need in one's own words, or the best of another `kind` that answers needs, among what the
    asking person may see, without what their own unit offers. Nothing is kept."""
    actor = reaching(request, body.kind)
    if has_classification_mark(body.text):
        raise Refused(secrets_problem("text"))
    if not body.text:
        raise Refused(Problem("text-missing", _("Describe the need in a few words."), "text"))
    index = live_index()
    index.catch_up()
    typed, supply = Item("typed", text=body.text), supplies_for_typed(actor, [body.kind])[body.kind]
    (found,) = index.nearest([typed], body.top, supply, factors_in_force())
    records = _referred(actor, [int(match.supply) for match in found])
    seen = [match for match in found if int(match.supply) in records]
    rows = Record.objects.select_related(*own_rows("")).in_bulk(list(records))
    return {
        "items": [
            _match(rank, match.score, records[row.pk], parts_as_data(match), row, text_of(row))
            for rank, match in enumerate(seen, 1)
            if (row := rows.get(int(match.supply))) is not None
        ]
    }


@router.post(
    "/needs/{code}/matches/{supply}/introduce",
    response={201: Moved},
    auth=writes("introduction"),
    operation_id="needs-introduce",
    summary="Introduce the two sides",
)
def introduce_pair(request: HttpRequest, response: HttpResponse, code: str, supply: str) -> Status:
    """Accept a suggestion: an introduction begins; 409 when the two were introduced before."""
    actor = actor_of(request)
    need, other = get_visible(actor, Need, code), get_visible(actor, Record, supply)
    made = moved(request, introduce(actor=actor, need=need, supply=other).record)
    response.headers["Location"] = made["href"]
    return Status(201, made)


@router.post(
    "/needs/{code}/matches/{supply}/refuse",
    response={201: RefusalShown},
    auth=writes("need"),
    operation_id="needs-refuse",
    summary="Refuse a suggestion",
)
def refuse_pair(request: HttpRequest, code: str, supply: str, body: RefusalBody) -> Status:
    """Say that a pair does not fit; it is suggested no more."""
    actor = actor_of(request)
    need, other = get_visible(actor, Need, code), get_visible(actor, Record, supply)
    refusal = refuse_suggestion(
        actor=actor, need=need, supply=other, reason=body.reason, words=body.words, lacks=body.lacks
    )
    return Status(
        201,
        {
            "need": code,
            "supply": supply,
            "side": refusal.side,
            "reason": refusal.reason,
            "reason_label": str(refusal.get_reason_display()),
            "lacks": refusal.lacks,
        },
    )


api.add_router("", router)
api.add_router("", api_missed.router)
api.add_router("", api_precise.router)
