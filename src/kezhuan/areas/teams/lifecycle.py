"""A team is written and published by its unit, and withdrawn by it or by the officers in charge."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.teams.checks import check_publishable
from kezhuan.areas.teams.models import Team
from kezhuan.kernel.access import (
    PUBLIC,
    Audiences,
    officer_tokens,
    organisation_token,
    region_of,
    represents_owner,
)
from kezhuan.kernel.grants import granted_tokens
from kezhuan.kernel.leaving import leaving
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models.records import Phase

INTRODUCED = "introduced"
"""Grant role: the other side of an introduction reads the public part."""


def team_audience(row: Team) -> Audiences:
    """Who sees a team, by stage: a draft its unit, a published one everybody; whose account the leader's is, and what
    an imported file said beside, the unit and the officers in charge alone. Withdrawn it is theirs, and theirs to whom
    it was introduced."""
    record = row.record
    own = {organisation_token(record.owner_id)} if record.owner_id else set()
    officers = officer_tokens(region_of(row), record.kind)
    inside = own | officers
    if record.stage == DISCARDED:
        return Audiences.nested()
    if record.phase == Phase.DRAFT:
        return Audiences.nested(inner=own)
    if record.phase == Phase.VOID:
        return Audiences.nested(full=inside, inner=own or officers)
    if record.phase == Phase.WITHDRAWN:
        return Audiences.nested(public=inside | granted_tokens(record, INTRODUCED), full=inside, inner=own or officers)
    return Audiences.nested(title={PUBLIC}, public={PUBLIC}, full=inside, inner=own or officers)


TEAM = Lifecycle(
    "team",
    "TE",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("published", Phase.PUBLIC, _("published")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage("void", Phase.VOID, _("void")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "publish",
            _("Publish"),
            source=frozenset({"draft"}),
            target="published",
            allowed=represents_owner,
            checks=(check_publishable,),
            primary=True,
        ),
        discarding(represents_owner),
        *leaving("published", voided="published"),
    ),
    audience=team_audience,
)
