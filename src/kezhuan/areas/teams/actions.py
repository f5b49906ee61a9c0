"""What is done to research teams: written by their unit, edited, moved. The only writers of this area."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.teams.checks import (
    check_counts,
    check_levels,
    check_modes,
    check_results,
    check_unit_known,
    check_website,
    told_problems,
)
from kezhuan.areas.teams.lifecycle import TEAM
from kezhuan.areas.teams.models import RESULT, Team
from kezhuan.areas.teams.queries import hidden_results
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, represents_owner
from kezhuan.kernel.backfill import Backfill
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import NotAllowed, NotNow, Problem, Refused
from kezhuan.kernel.lifecycle import open_record, touch
from kezhuan.kernel.links import set_links
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.opening import require_may_open
from kezhuan.kernel.text import clean, cleaned, texts_in


@dataclass(frozen=True)
class TeamFacts:
    """What a unit says of a team; see `Team`. `summary` is what it works on, `achievements` are its unit's."""

    title: str
    summary: str = ""
    title_en: str = ""
    leader: str = ""
    leader_person: Person | None = None
    keywords: tuple[str, ...] = ()
    field: str = ""
    chain: str = ""
    trl_from: int | None = None
    trl_to: int | None = None
    trl_scale: str = "trl9"
    size: int | None = None
    capacity: int | None = None
    modes: tuple[str, ...] = ()
    region: str = ""
    website: str = ""
    achievements: tuple[Achievement, ...] = ()
    contact: Person | None = None
    source: str = ""
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)


COLUMNS = (
    "leader", "field", "chain", "trl_from", "trl_to", "trl_scale", "size", "capacity", "region", "website", "source",
)  # fmt: skip
LISTS = ("keywords", "modes")


def check_facts(facts: TeamFacts) -> list[Problem]:
    """Everything that is wrong with what was entered; a state secret is the only answer when there is one."""
    if any(map(has_classification_mark, texts_in(facts))):
        return [secrets_problem("summary")]
    problems = []
    title = clean(facts.title)
    if not title:
        problems.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > 200:
        problems.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    if facts.leader_person is not None and not clean(facts.leader):
        problems.append(Problem("leader-missing", _("Write the leader's name as everybody shall read it."), "leader"))
    problems += check_levels(facts.trl_from, facts.trl_to, facts.trl_scale)
    problems += check_counts(facts.size, facts.capacity)
    problems += check_modes(facts.modes)
    problems += check_website(clean(facts.website))
    return problems


def check_entered(owner: Organisation | None, stage: str | None) -> list[Problem]:
    """What publishing asks of the unit, for a team that is entered behind it, typed or from a file."""
    return list(check_unit_known(owner)) if stage not in {None, "draft"} else []


def _columns(facts: TeamFacts) -> dict[str, Any]:
    return {name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS)} | {"leader_person": facts.leader_person}


def register_team(
    *,
    actor: Actor,
    owner: Organisation | None,
    facts: TeamFacts,
    stage: str | None = None,
    why: Backfill | None = None,
) -> Team:
    """Start a team as a draft of its unit (officers may name another stage, and say why they enter it there); raises
    `Refused` or `NotAllowed`."""
    problems = [*check_facts(facts), *check_results(owner, facts.achievements), *check_entered(owner, stage)]
    if problems:
        raise Refused(problems)
    require_may_open(actor, TEAM.kind, owner, stage)
    with journal.writing():
        team: Team = open_record(
            TEAM,
            lambda record: Team(record=record, extra=cleaned(facts.extra), **_columns(facts)),
            actor=actor,
            title=facts.title,
            title_en=facts.title_en,
            summary=facts.summary,
            owner=owner,
            contact=facts.contact,
            stage=stage,
            why=why,
        )
        set_links(team.record, [one.record for one in facts.achievements], RESULT)
    return team


def edit_team(*, actor: Actor, team: Team, facts: TeamFacts, expected_version: int) -> Team:
    """Change a team, published or not; raises `Refused`, `NotAllowed`, or `Conflict` when somebody else did."""
    if not represents_owner.test(actor, team):
        raise NotAllowed(_("Only the unit's members edit this team."))
    if team.record.phase not in {Phase.DRAFT, Phase.PUBLIC}:
        raise NotNow(_("A team that is withdrawn is brought back to draft before it is edited."), team.record)
    problems = [*check_facts(facts), *check_results(team.record.owner, facts.achievements)]
    if team.record.phase == Phase.PUBLIC:
        problems += told_problems(clean(facts.summary), facts.field)
    if problems:
        raise Refused(problems)
    record = team.record
    with journal.writing():
        texts = {name: clean(getattr(facts, name)) for name in ("title", "title_en", "summary")}
        columns = {name: value for name, value in _columns(facts).items() if name != "source"}
        changed = [*set_columns(record, texts), *set_columns(team, columns)]
        record.contact = facts.contact
        require_fits(record, team)
        record.save(update_fields=[*texts, "contact"])
        team.save()
        set_links(record, [*(one.record for one in facts.achievements), *hidden_results(actor, team)], RESULT)
        touch(TEAM, team, actor=actor, fields=changed, expected_version=expected_version)
    return team
