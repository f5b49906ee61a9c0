"""Standard licences in the API: written, changed, and taken."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import AUDIENCES, moved_now, record_named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.areas.agreements.licence_actions import LicenceFacts, draft_licence, edit_licence, take_licence
from kezhuan.areas.agreements.licence_lifecycle import KIND
from kezhuan.areas.agreements.models import Licence
from kezhuan.areas.agreements.permissions import keeps_papers
from kezhuan.areas.agreements.schemas_licences import (
    LicenceBody,
    LicenceChange,
    LicenceQuery,
    LicenceShown,
    LicenceTake,
)
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import NotAllowed

router = Router(tags=["licences"])
SHOWN = ("months", "fee_fen", "royalty_bp", "use_field", "territory", "trial_months", "trigger", "due_days")


def licence_fields(actor: Actor, row: Licence, groups: frozenset[str]) -> dict[str, Any]:
    """What a standard licence shows beside the fields of every record."""
    if not groups & {"public", "inner"}:
        return {}
    about = reference(actor, row.achievement) if can_view(actor, row.achievement) else None
    return {name: getattr(row, name) for name in SHOWN} | {"achievement": about}


def _facts(actor: Actor, body: LicenceBody) -> LicenceFacts:
    plain = body.model_dump(exclude={"version", "achievement"})
    return LicenceFacts(**plain, achievement=record_named(actor, body.achievement, "achievement"))


def _create(actor: Actor, body: LicenceBody) -> Licence:
    """Begin a standard licence of the organisation that the actor acts for."""
    if actor.organisation is None or not keeps_papers(actor):
        raise NotAllowed
    return draft_licence(actor=actor, owner=actor.organisation, facts=_facts(actor, body))


def _change(actor: Actor, row: Licence, body: LicenceChange, version: int) -> Licence:
    """Replace price and term while it is not offered."""
    return edit_licence(actor=actor, licence=row, facts=_facts(actor, body), expected_version=version)


@router.post(
    "/{code}/agreement",
    response=Moved,
    auth=writes("agreement"),
    operation_id="licences-take",
    summary="Take a licence",
)
def take(request: HttpRequest, code: str, body: LicenceTake) -> dict[str, Any]:
    """Take a standard licence as it was read, for one's organisation: the agreement that both sides have signed."""
    actor = actor_of(request)
    made = take_licence(actor=actor, licence=get_visible(actor, Licence, code), expected_version=body.version)
    return moved_now(request, made)


add_resource(
    Resource(
        slug=KIND,
        plural="licences",
        query=LicenceQuery,
        shown=LicenceShown,
        fields=licence_fields,
        related=("achievement__owner__record", *(f"achievement__{name}" for name in AUDIENCES)),
        taken=LicenceBody,
        create=_create,
        changed=LicenceChange,
        edit=_change,
    )
)
