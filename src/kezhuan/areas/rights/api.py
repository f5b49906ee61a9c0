"""Grants of rights in the API: kept, changed, signed, and followed while they stand."""

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router
from ninja.files import UploadedFile

from kezhuan.api.identity import writes
from kezhuan.api.records import AUDIENCES, asked_of, label, moved_now, named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.rights import api_income
from kezhuan.areas.rights.actions import (
    Aim,
    GrantFacts,
    Part,
    draft_grant,
    edit_grant,
    note_contract,
    note_title,
    reach_milestone,
    sign_on_paper,
    sign_split,
)
from kezhuan.areas.rights.lifecycle import KIND
from kezhuan.areas.rights.models import GrantKind, RightsGrant
from kezhuan.areas.rights.papers import frozen_terms
from kezhuan.areas.rights.schemas import (
    GrantBody,
    GrantChange,
    GrantContractBody,
    GrantQuery,
    GrantReachedBody,
    GrantShown,
    GrantSignBody,
    GrantTitleBody,
    SheetFields,
)
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Person

router = Router(tags=["grants"])
SHOWN = (
    "share_bp", "income_bp", "costs_bp", "owner_rewarded", "starts_on", "ends_on", "right_ends_on", "wording",
    "agreed_on", "title_change_no", "title_changed_on", "warned_on",
)  # fmt: skip


def grant_fields(actor: Actor, row: RightsGrant, groups: frozenset[str]) -> dict[str, Any]:
    """What a grant shows beside the fields of every record."""
    if "inner" not in groups:
        return {}
    return {name: getattr(row, name) for name in SHOWN} | {
        "sort": row.kind,
        "sort_label": label(GrantKind, row.kind),
        "achievement": reference(actor, row.achievement),
        "contract": reference(actor, row.contract) if row.contract is not None else None,
        "terms": [{"label": name, "text": text} for name, text in frozen_terms(row)],
        "members": [
            {
                "number": one.number,
                "name": one.name,
                "part_bp": one.part_bp,
                "signed": bool(row.wording) and one.signed == row.wording,
                "signed_on": one.signed_on,
                "on_paper": one.on_paper,
            }
            for one in row.members.all()
        ],
        "milestones": [
            {name: getattr(one, name) for name in ("number", "text", "due_on", "reached_on", "evidence")}
            for one in row.milestones.all()
        ],
    }


def _facts(actor: Actor, body: GrantBody) -> GrantFacts:
    about = named(actor, Achievement, [body.achievement], "achievement", "full")[body.achievement]
    codes = [one.person for one in body.members if one.person]
    people = named(actor, Person, codes, "members") if codes else {}
    plain = body.model_dump(exclude={"version", "achievement", "members", "milestones", "use_scope"})
    return GrantFacts(
        **plain,
        achievement=about.record,
        use_scope=body.use_scope or "",
        members=tuple(Part(one.name, one.part_bp, people.get(one.person or "")) for one in body.members),
        milestones=tuple(Aim(one.text, one.due_on) for one in body.milestones),
    )


def _create(actor: Actor, body: GrantBody) -> RightsGrant:
    """Begin the case of a grant: for the unit that the actor acts for, or as one of the completers."""
    if actor.organisation is None:
        raise NotAllowed
    return draft_grant(actor=actor, owner=actor.organisation, facts=_facts(actor, body))


def _change(actor: Actor, row: RightsGrant, body: GrantChange, version: int) -> RightsGrant:
    """Replace what was entered of a draft."""
    return edit_grant(actor=actor, grant=row, facts=_facts(actor, body), expected_version=version)


@router.post(
    "/{code}/signature", response=Moved, auth=writes(KIND), operation_id="grants-sign", summary="Sign the split"
)
def sign(request: HttpRequest, code: str, body: GrantSignBody) -> dict[str, Any]:
    """A completer signs the split and the terms of this hash in their own name."""
    actor, row = asked_of(request, RightsGrant, code)
    return moved_now(request, sign_split(actor=actor, grant=row, wording=body.wording))


@router.post(
    "/{code}/sheet",
    response=Moved,
    auth=writes(KIND),
    operation_id="grants-sign-paper",
    summary="Enter a split signed on paper",
)
def sheet(request: HttpRequest, code: str, file: File[UploadedFile], given: Form[SheetFields]) -> dict[str, Any]:
    """The scan of the printed agreement that completers without an account signed, by their numbers in the team; its
    version code is read back."""
    actor, row = asked_of(request, RightsGrant, code)
    scan = Upload(file.name or "", file.read(), given.declared_open)
    return moved_now(request, sign_on_paper(actor=actor, grant=row, numbers=given.numbers, sheet=scan))


@router.post(
    "/{code}/title", response=Moved, auth=writes(KIND), operation_id="grants-title", summary="Enter a title change"
)
def title(request: HttpRequest, code: str, body: GrantTitleBody) -> dict[str, Any]:
    """The registry's number and day; the move `retitle` follows."""
    actor, row = asked_of(request, RightsGrant, code)
    return moved_now(request, note_title(actor=actor, grant=row, number=body.number, on=body.on))


@router.post(
    "/{code}/contract", response=Moved, auth=writes(KIND), operation_id="grants-contract", summary="Enter a contract"
)
def contract(request: HttpRequest, code: str, body: GrantContractBody) -> dict[str, Any]:
    """The technology contract by which it is converted; the move `convert` follows once that is registered."""
    actor, row = asked_of(request, RightsGrant, code)
    return moved_now(request, note_contract(actor=actor, grant=row, code=body.contract))


@router.post(
    "/{code}/milestones/{number}",
    response=Moved,
    auth=writes(KIND),
    operation_id="grants-milestone",
    summary="Enter that a milestone was reached",
)
def milestone(request: HttpRequest, code: str, number: int, body: GrantReachedBody) -> dict[str, Any]:
    """On which day, and how it is shown."""
    actor, row = asked_of(request, RightsGrant, code)
    done = reach_milestone(actor=actor, grant=row, number=number, on=body.on, evidence=body.evidence)
    return moved_now(request, done)


add_resource(
    Resource(
        slug=KIND,
        plural="grants",
        query=GrantQuery,
        shown=GrantShown,
        fields=grant_fields,
        related=tuple(
            f"{name}__{audience}" for name in ("achievement", "contract") for audience in ("owner__record", *AUDIENCES)
        ),
        prefetch=("members", "milestones"),
        taken=GrantBody,
        create=_create,
        changed=GrantChange,
        edit=_change,
    )
)
api.add_router("/grants", router)
api.add_router("/distributions", api_income.router)
api.add_router("/my-share", api_income.mine)
