"""Achievements in the API."""

from dataclasses import replace
from typing import Any

from kezhuan.api.records import label, party, region_label
from kezhuan.api.resources import Resource, add_resource
from kezhuan.areas.achievements.actions import edit_achievement, register_achievement
from kezhuan.areas.achievements.models import Achievement, RightKind
from kezhuan.areas.achievements.schemas import AchievementBody, AchievementChange, AchievementQuery, AchievementShown
from kezhuan.areas.people.actions import require_member
from kezhuan.kernel.access import Actor
from kezhuan.kernel.vocabulary import AchievementClass, Field, Mode, RightsState


def achievement_fields(_actor: Actor, row: Achievement, groups: frozenset[str]) -> dict[str, Any]:
    """What an achievement shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    inside = "full" in groups
    shown = {
        "secrecy": row.secrecy,
        "secrecy_label": label(AchievementClass, row.secrecy),
        "advantage": row.advantage,
        "keywords": row.keywords,
        "field": row.field or None,
        "field_label": label(Field, row.field),
        "chain": row.chain,
        "discipline": row.discipline,
        "trl": row.trl,
        "trl_scale": row.trl_scale,
        "modes": row.modes,
        "mode_labels": [label(Mode, mode) for mode in row.modes],
        "rights_states": row.rights_states,
        "rights_state_labels": [label(RightsState, one) for one in row.rights_states],
        "price_fen": row.price_fen,
        "region": row.region,
        "region_label": region_label(row.region),
        "completed_on": row.completed_on,
        "source": row.source,
        **_rows(row, inside),
    }
    return shown | ({"confidential": row.confidential, "extra": row.extra} if inside else {})


def _rows(row: Achievement, inside: bool) -> dict[str, Any]:
    rights: list[dict[str, Any]] = [
        {
            "kind": one.kind,
            "kind_label": label(RightKind, one.kind),
            "status": one.status,
            "status_label": str(one.get_status_display()),
            "number": one.number,
            "title": one.title,
        }
        for one in row.rights.all()
    ]
    completers: list[dict[str, Any]] = [{"name": one.name} for one in row.completers.all()]
    co_owners: list[dict[str, Any]] = [{"organisation": party(one.organisation)} for one in row.owners.all()]
    if inside:
        for shown, completer in zip(completers, row.completers.all(), strict=True):
            person = completer.person
            shown |= {"share_bp": completer.share_bp, "person": person.record.code if person else None}
        for shown, owner in zip(co_owners, row.owners.all(), strict=True):
            shown["share_bp"] = owner.share_bp
    return {"rights": rights, "completers": completers, "co_owners": co_owners}


def create_achievement(actor: Actor, body: AchievementBody) -> Achievement:
    """Start a draft of the organisation that the actor acts for."""
    return register_achievement(actor=actor, owner=require_member(actor), facts=body.facts(actor, {}))


def change_achievement(actor: Actor, row: Achievement, body: AchievementChange, version: int) -> Achievement:
    """Replace what was entered; where it came from stays."""
    facts = body.facts(actor, {"source": row.source, "extra": row.extra})
    if "contact" not in body.model_fields_set:
        facts = replace(facts, contact=row.record.contact)
    return edit_achievement(actor=actor, achievement=row, facts=facts, expected_version=version)


add_resource(
    Resource(
        slug="achievement",
        plural="achievements",
        opened=True,
        query=AchievementQuery,
        shown=AchievementShown,
        fields=achievement_fields,
        prefetch=("rights", "completers__person__record", "owners__organisation__record"),
        taken=AchievementBody,
        create=create_achievement,
        changed=AchievementChange,
        edit=change_achievement,
    )
)
