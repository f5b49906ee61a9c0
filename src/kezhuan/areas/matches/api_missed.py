"""Improvement lists in the API: what was missed in a result or a need, and that it was added."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import referred
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.matches.mending_actions import mend
from kezhuan.areas.matches.missing import Missed, hears_what_was_missed, missed_in
from kezhuan.areas.matches.schemas import MendedBody, MissedInNeed, MissedInResult
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.inspecting import note_views

router = Router(tags=["matches"])
_BOTH_SIDES = reads("need", "achievement")


@router.get(
    "/achievements/{code}/missed",
    response=list[MissedInResult],
    auth=_BOTH_SIDES,
    operation_id="achievements-missed",
    summary="What was missed",
)
def missed_in_achievement(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Why needs did not take a result, the reason of most needs first; told to its unit and the officers in charge."""
    return _told(request, Achievement, code)


@router.post(
    "/achievements/{code}/missed",
    response=list[MissedInResult],
    auth=writes("achievement"),
    operation_id="achievements-mended",
    summary="Say that what was missed was added",
)
def mended_in_achievement(request: HttpRequest, code: str, body: MendedBody) -> list[dict[str, Any]]:
    """Who missed it before is no longer counted, and pairs refused for nothing else are suggested again; the answer is
    what is still missed. 409 when nobody misses it; what a column tells (`trl`, `price`) is written into the record."""
    return _mended(request, Achievement, code, body)


@router.get(
    "/needs/{code}/missed",
    response=list[MissedInNeed],
    auth=_BOTH_SIDES,
    operation_id="needs-missed",
    summary="What was missed",
)
def missed_in_need(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Why those who offer results did not take up a need, the reason of most results first; told to its firm and the
    officers in charge."""
    return _told(request, Need, code)


@router.post(
    "/needs/{code}/missed",
    response=list[MissedInNeed],
    auth=writes("need"),
    operation_id="needs-mended",
    summary="Say that what was missed was added",
)
def mended_in_need(request: HttpRequest, code: str, body: MendedBody) -> list[dict[str, Any]]:
    """As of a result: the answer is what is still missed in the need."""
    return _mended(request, Need, code, body)


def _told(request: HttpRequest, model: type[Achievement | Need], code: str) -> list[dict[str, Any]]:
    actor = actor_of(request)
    row = get_visible(actor, model, code)
    note_views(actor, [row.pk], "api")
    if not hears_what_was_missed(actor, row):
        raise NotAllowed(_("What was missed is told to whoever the record is of and to the officers in charge."))
    return _missed(actor, row)


def _mended(request: HttpRequest, model: type[Achievement | Need], code: str, body: MendedBody) -> list[dict[str, Any]]:
    actor = actor_of(request)
    row = get_visible(actor, model, code)
    mend(actor=actor, row=row, lack=body.lack)
    return _missed(actor, row)


def _missed(actor: Actor, row: Achievement | Need) -> list[dict[str, Any]]:
    found = missed_in(actor, row)
    records = referred(actor, [other.pk for one in found for other in one.shown], "public")
    return [
        {
            "reason": one.reason.value,
            "reason_label": str(one.reason.label),
            "lack": one.lack.value if one.lack is not None else "",
            "sentence": one.sentence,
            "officer": one.officer,
            "records": [records[other.pk] for other in one.shown if other.pk in records],
            "asked": one.asked,
            "last": one.last,
        }
        | _counted(one)
        for one in found
    ]


def _counted(one: Missed) -> dict[str, int]:
    others, parties = ("results", "units") if one.of_need else ("needs", "firms")
    return {others: one.others, parties: one.parties}
