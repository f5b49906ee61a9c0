"""The research teams of the invented universities and institutes, each with the results of whoever leads it."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.teams.actions import TeamFacts, register_team
from kezhuan.areas.teams.lifecycle import TEAM
from kezhuan.demo.procedures import acting_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Membership

DRAFTS = 1
"""So many of the teams, the last ones, wait as drafts of their unit."""


def enter_teams(step: Callable[[str, int, int], None]) -> None:
    """Enter the teams as their leaders' units do, and publish them; it is said of none what its people do not do."""
    text = (files("kezhuan.demo.content") / "teams.jsonl").read_text(encoding="utf-8")
    content = [json.loads(line) for line in text.splitlines()]
    for done, row in enumerate(content, 1):
        member = Membership.objects.select_related("organisation__record", "person__record").get(
            person__email=f"{row.pop('leader')}@demo.kezhuan"
        )
        unit, leader = member.organisation, member.person
        actor = acting_for(unit, leader)
        own = Achievement.objects.filter(
            record__owner=unit, record__public_to__key="public", completers__person=leader, completers__order=1
        )
        told: dict[str, Any] = {one: tuple(value) if isinstance(value, list) else value for one, value in row.items()}
        facts = TeamFacts(
            **told,
            leader=leader.record.title,
            leader_person=leader,
            contact=leader,
            region=unit.region,
            achievements=tuple(own.select_related("record").order_by("pk")),
        )
        team = register_team(actor=actor, owner=unit, facts=facts)
        if done <= len(content) - DRAFTS:
            advance(TEAM, team, "publish", actor=actor)
        step("teams", done, len(content))
