"""Organisations in the API: found, registered, verified. There is no list of people."""

from typing import Any

from kezhuan.api.records import label, region_label
from kezhuan.api.resources import Resource, add_resource
from kezhuan.areas.people.actions import register_organisation
from kezhuan.areas.people.schemas import OrganisationBody, OrganisationQuery, OrganisationShown
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.parties import OrganisationKind


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
        "numbers": [{"scheme": one.scheme, "value": one.value} for one in row.record.identifiers.all() if one.active],
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
    )


add_resource(
    Resource(
        slug="organisation",
        plural="organisations",
        query=OrganisationQuery,
        shown=OrganisationShown,
        fields=organisation_fields,
        prefetch=("record__identifiers",),
        taken=OrganisationBody,
        create=create_organisation,
    )
)
