"""A standard licence is written by the unit that owns the achievement, open to everybody, and closed again."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.bonds import check_free
from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.agreements.models import Licence, Trigger
from kezhuan.areas.agreements.papers import licence_as_evidence
from kezhuan.areas.agreements.permissions import keeps
from kezhuan.areas.evidence.actions import Freeze
from kezhuan.kernel.access import PUBLIC, Audiences
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import PAPERS, role_tokens

KIND = "licence"


def licence_audience(row: Licence) -> Audiences:
    """Everybody's while it is open; before and afterwards its unit's, for the members who keep its contracts."""
    owner, stage = row.record.owner_id, row.record.stage
    if stage == DISCARDED or owner is None:
        return Audiences.nested()
    own = role_tokens(owner, PAPERS)
    if stage == "open":
        return Audiences.nested(title={PUBLIC}, public={PUBLIC}, full={PUBLIC}, inner=own)
    return Audiences.nested(inner=own)


def is_offered(achievement: Record) -> bool:
    """Whether an achievement stands in public."""
    about = Record.objects.select_related("public_to").get(pk=achievement.pk)
    return about.stage in SUPPLY_STAGES and about.public_to.key == PUBLIC


def check_public(row: Any) -> Iterable[Problem]:
    """Everybody may read of the achievement, and money is owed at some time."""
    if not is_offered(row.achievement):
        message = _say("Only of an achievement that stands in public a licence is offered to everybody.")
        yield Problem("licence-achievement", message, "achievement")
    yield from check_free(row.achievement)
    if row.trigger == Trigger.TRIAL and not row.trial_months:
        message = _say("Enter for how many months it is tried, or let money be owed from signing.")
        yield Problem("agreement-trial", message, "trial_months")


LICENCE = Lifecycle(
    KIND,
    "W",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("open", Phase.PUBLIC, _("open to everybody")),
        Stage("closed", Phase.WITHDRAWN, _("no longer offered")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "offer",
            _("Offer it to everybody"),
            source=frozenset({"draft", "closed"}),
            target="open",
            allowed=keeps,
            checks=(check_public,),
            then=(Freeze("offer", licence_as_evidence),),
            hint=_("Whoever takes it has a contract with your unit at once, at this price: decide on the price first."),
            primary=True,
        ),
        discarding(keeps),
        Move(
            "close",
            _("Offer it no longer"),
            source=frozenset({"open"}),
            target="closed",
            allowed=keeps,
            note="optional",
            hint=_("Who has taken it keeps it; change price and term now, then offer it anew."),
        ),
    ),
    audience=licence_audience,
)
