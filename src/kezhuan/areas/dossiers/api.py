"""Dossiers in the API."""

from typing import Any

from kezhuan.api.records import AUDIENCES, label, named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.dossiers.actions import DossierFacts, edit_dossier, keep_dossier
from kezhuan.areas.dossiers.models import Dossier, DossierSort
from kezhuan.areas.dossiers.permissions import sorts_kept_by
from kezhuan.areas.dossiers.schemas import DossierBody, DossierChange, DossierQuery, DossierShown
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.errors import NotAllowed


def dossier_fields(actor: Actor, row: Dossier, groups: frozenset[str]) -> dict[str, Any]:
    """What a dossier shows beside the fields of every record."""
    if "inner" not in groups:
        return {}
    return {
        "sort": row.sort,
        "sort_label": label(DossierSort, row.sort),
        "number": row.number,
        "on": row.on,
        "amount_fen": row.amount_fen,
        "about": reference(actor, row.about) if row.about is not None and can_view(actor, row.about) else None,
        "extra": row.extra,
    }


def _facts(actor: Actor, body: DossierBody) -> DossierFacts:
    about = named(actor, Achievement, [body.about] if body.about else [], "about", "full")
    return DossierFacts(
        title=body.title,
        sort=body.sort.value,
        on=body.on,
        summary=body.summary,
        number=body.number,
        amount_fen=body.amount_fen,
        about=about[body.about].record if body.about else None,
    )


def create_dossier(actor: Actor, body: DossierBody) -> Dossier:
    """Begin a dossier of the organisation that the actor acts for: whoever keeps its sort may, in its finance and legal
    office too."""
    if actor.organisation is None or not sorts_kept_by(actor):
        raise NotAllowed
    return keep_dossier(actor=actor, owner=actor.organisation, facts=_facts(actor, body))


def change_dossier(actor: Actor, row: Dossier, body: DossierChange, version: int) -> Dossier:
    """Replace what was entered."""
    return edit_dossier(actor=actor, dossier=row, facts=_facts(actor, body), expected_version=version)


add_resource(
    Resource(
        slug="dossier",
        plural="dossiers",
        query=DossierQuery,
        shown=DossierShown,
        fields=dossier_fields,
        related=("about__owner__record", *(f"about__{name}" for name in AUDIENCES)),
        taken=DossierBody,
        create=create_dossier,
        changed=DossierChange,
        edit=change_dossier,
    )
)
