"""What units filed of contracts at instances of their own, in the API: take it up, and what was registered of it."""

import uuid
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import moved_now
from kezhuan.api.schemas import Moved, Shown
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.taking_actions import answered, answers_for, take_up_filing
from kezhuan.areas.people.queries import organisation_of_code
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.models import Filing

router = Router(tags=["contracts"])
MOST = 500


class AnswerQuery(BaseModel):
    """Of which unit, by its credit code (统一社会信用代码), or of all; and behind which number."""

    model_config = ConfigDict(extra="forbid")
    unit: str = Field("", max_length=18)
    after: int = Field(0, ge=0, le=2**31 - 1, description="`next` of the answer before")


class AnswerShown(Shown):
    """What was decided of a filing: `code` and `uid` are the contract's at its unit, `filing` is the code here,
    `filed_no` tells which filing of the contract it is. What is not registered is told since when, and why."""

    unit: str
    code: str
    uid: uuid.UUID | None
    filing: str
    filed_no: int
    result: Literal["registered", "supplementing", "refused", "amending", "cancelled", "revoked"]
    decided_on: date | None
    why: str
    reg_no: str
    registered_on: date | None
    turnover_fen: int | None
    technology_fen: int | None


class AnswerPage(Shown):
    """Some answers; `next` leads on."""

    items: list[AnswerShown]
    next: int | None


@router.get(
    "",
    auth=reads(PROGRAMME),
    response=AnswerPage,
    operation_id="contract-answers",
    summary="What was decided of a unit's filings",
)
def answers(request: HttpRequest, asked: Query[AnswerQuery]) -> dict[str, Any]:
    """For the registrars in charge; the unit's instance takes what is registered by `POST
    /contracts/{code}/registration`, and the rest by the moves `answered-supplement`, `answered-refusal`,
    `answered-return`, `answered-cancelled` and `answered-revoked`."""
    actor = actor_of(request)
    if not actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the registrars in charge give back what was registered."))
    unit = organisation_of_code(asked.unit) if asked.unit else None
    if asked.unit and unit is None:
        message = _("No organisation here has this credit code: name the unit by it.")
        raise Refused(Problem("answers-unit", message, "unit"))
    rows = answers_for(actor).filter(pk__gt=asked.after)
    rows = rows.filter(record__owner=unit) if unit is not None else rows
    found = list(rows[: MOST + 1])
    return {
        "items": [
            {
                "unit": one.record.owner.record.title if one.record.owner is not None else "",
                "code": one.filing.about_code,
                "uid": one.filing.about_uid,
                "filing": one.filing.record.code,
                "filed_no": one.filing.number,
                "result": told.result,
                "decided_on": told.on,
                "why": told.why,
                "reg_no": one.reg_no,
                "registered_on": one.registered_on,
                "turnover_fen": one.registered_turnover_fen,
                "technology_fen": one.registered_technology_fen,
            }
            for told in answered(found[:MOST])
            if (one := told.case).filing is not None
        ],
        "next": found[MOST - 1].pk if len(found) > MOST else None,
    }


@router.post(
    "/{filing}",
    response=Moved,
    auth=writes(PROGRAMME),
    operation_id="contracts-filed",
    summary="Take up for registration what a unit filed at its own instance",
)
def take_up(request: HttpRequest, filing: str) -> dict[str, Any]:
    """Open the case of a contract as its unit filed it, or complete or change the one that there is."""
    actor = actor_of(request)
    return moved_now(request, take_up_filing(actor=actor, filing=get_visible(actor, Filing, filing)))
