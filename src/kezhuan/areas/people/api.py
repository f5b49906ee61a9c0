"""Organisations in the API: found, registered, corrected, verified; people, for those who may see them."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import OPEN, actor_of, token_of
from kezhuan.api.records import label, party, region_label
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.site import api
from kezhuan.areas.people.actions import edit_organisation, register_organisation
from kezhuan.areas.people.queries import numbers_of
from kezhuan.areas.people.schemas import (
    MeShown,
    OrganisationBody,
    OrganisationChange,
    OrganisationQuery,
    OrganisationShown,
    PersonShown,
)
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.models.parties import FirmSize, OrganisationKind


def organisation_fields(_actor: Actor, row: Organisation, groups: frozenset[str]) -> dict[str, Any]:
    """What an organisation shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    return {
        "organisation_kind": row.kind,
        "organisation_kind_label": label(OrganisationKind, row.kind),
        "region": row.region,
        "region_label": region_label(row.region),
        "country": row.country,
        "chain_leader": row.chain_leader,
        "size": row.size,
        "size_label": label(FirmSize, row.size),
        "numbers": [{"scheme": one.scheme, "value": one.value} for one in numbers_of(row)],
    }


def create_organisation(actor: Actor, body: OrganisationBody) -> Organisation:
    """Register an organisation; whoever does so becomes its first administrator, pending verification."""
    return register_organisation(
        actor=actor,
        name=body.title,
        name_en=body.title_en,
        summary=body.summary,
        kind=body.organisation_kind,
        number=body.number,
        number_scheme=body.number_scheme,
        override_note=body.override_note,
        region=body.region,
        country=body.country,
        size=body.size,
    )


def change_organisation(actor: Actor, row: Organisation, body: OrganisationChange, version: int) -> Organisation:
    """Correct what was entered; the number stays when it is not given."""
    return edit_organisation(
        actor=actor,
        organisation=row,
        name=body.title,
        name_en=body.title_en,
        summary=body.summary,
        region=body.region,
        size=body.size,
        number=body.number,
        override_note=body.override_note,
        expected_version=version,
    )


def person_fields(_actor: Actor, row: Person, groups: frozenset[str]) -> dict[str, Any]:
    """What a person shows beside the fields of every record."""
    shown = {"post": row.post} if "public" in groups else {}
    return shown | ({"email": row.email, "phone": row.phone} if "full" in groups else {})


add_resource(
    Resource(
        slug="organisation",
        plural="organisations",
        opened=True,
        query=OrganisationQuery,
        shown=OrganisationShown,
        fields=organisation_fields,
        prefetch=("record__identifiers",),
        taken=OrganisationBody,
        create=create_organisation,
        changed=OrganisationChange,
        edit=change_organisation,
    )
)
add_resource(Resource(slug="person", plural="people", shown=PersonShown, fields=person_fields))

router = Router(tags=["everything"])


@router.get("/me", response=MeShown, auth=OPEN, operation_id="me", summary="Who asks")
def me(request: HttpRequest) -> dict[str, Any]:
    """Who the request acts as, and how far its token reaches."""
    actor, token = actor_of(request), token_of(request)
    return {
        "person": party(actor.person),
        "organisation": party(actor.organisation),
        "roles": sorted(actor.roles),
        "token": token and {"reads": token.reads, "writes": token.writes, "expires_on": token.expires_on},
    }


api.add_router("", router)
