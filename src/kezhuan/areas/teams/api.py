"""Research teams in the API."""

from dataclasses import replace
from typing import Any

from kezhuan.api.records import label, reference, region_label
from kezhuan.api.resources import Resource, add_resource
from kezhuan.areas.people.actions import require_member
from kezhuan.areas.teams.actions import edit_team, register_team
from kezhuan.areas.teams.models import Team
from kezhuan.areas.teams.queries import RESULTS_TOO, results_of
from kezhuan.areas.teams.schemas import ResearchTeamShown, TeamBody, TeamChange, TeamQuery
from kezhuan.kernel.access import Actor
from kezhuan.kernel.vocabulary import Field, Mode


def team_fields(actor: Actor, row: Team, groups: frozenset[str]) -> dict[str, Any]:
    """What a team shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    shown = {
        "leader": row.leader,
        "keywords": row.keywords,
        "field": row.field or None,
        "field_label": label(Field, row.field),
        "chain": row.chain,
        "trl_from": row.trl_from,
        "trl_to": row.trl_to,
        "trl_scale": row.trl_scale,
        "size": row.size,
        "capacity": row.capacity,
        "modes": row.modes,
        "mode_labels": [label(Mode, mode) for mode in row.modes],
        "region": row.region,
        "region_label": region_label(row.region),
        "website": row.website,
        "source": row.source,
        "achievements": [reference(actor, one) for one in results_of(actor, row)],
    }
    if "full" not in groups:
        return shown
    leader = row.leader_person
    return shown | {"leader_person": leader.record.code if leader else None, "extra": row.extra}


def create_team(actor: Actor, body: TeamBody) -> Team:
    """Start a draft of the organisation that the actor acts for."""
    return register_team(actor=actor, owner=require_member(actor), facts=body.facts(actor, {}))


def change_team(actor: Actor, row: Team, body: TeamChange, version: int) -> Team:
    """Replace what was entered; where it came from stays."""
    facts = body.facts(actor, {"source": row.source, "extra": row.extra})
    if "contact" not in body.model_fields_set:
        facts = replace(facts, contact=row.record.contact)
    return edit_team(actor=actor, team=row, facts=facts, expected_version=version)


add_resource(
    Resource(
        slug="team",
        plural="teams",
        query=TeamQuery,
        shown=ResearchTeamShown,
        fields=team_fields,
        related=("leader_person__record",),
        prefetch=RESULTS_TOO,
        taken=TeamBody,
        create=create_team,
        changed=TeamChange,
        edit=change_team,
    )
)
