"""An offer is written, open to bookings, and closed; what was confirmed stands."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.chains.checks import check_days_left, check_member
from kezhuan.areas.chains.models import Offer, Reach
from kezhuan.areas.chains.permissions import KIND
from kezhuan.areas.projects.models import MemberState, Project
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.kernel.access import (
    MEMBER,
    PUBLIC,
    Actor,
    Audiences,
    is_officer,
    officer_tokens,
    organisation_token,
    represents_owner,
)
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models.records import Phase


def offer_audience(row: Offer) -> Audiences:
    """A draft is its organisation's. What is open to any organisation everybody sees, its conditions whoever is signed
    in; what is open to the consortium its members see, and whoever asked for it before. Who has booked only the
    organisation itself reads and the officers in charge; each its own booking."""
    record = row.record
    own = frozenset({organisation_token(record.owner_id)} if record.owner_id else ())
    if record.stage == DISCARDED:
        return Audiences.nested()
    if record.stage == "draft":
        return Audiences.nested(inner=own)
    members = row.project.members.filter(state=MemberState.ACCEPTED).values_list("organisation", flat=True)
    booked = row.bookings.values_list("organisation", flat=True)
    everybody = row.reach == Reach.ANY
    readers = {PUBLIC} if everybody else {organisation_token(one) for one in (*members, *booked)}
    return Audiences.nested(
        title=readers,
        public=readers,
        full={MEMBER} if everybody else readers,
        inner=own | officer_tokens(row.region, PROGRAMME),
    )


OFFER = Lifecycle(
    KIND,
    "OF",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft")),
        Stage("open", Phase.PUBLIC, _("open to bookings")),
        Stage("closed", Phase.DONE, _("closed to bookings")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "publish",
            _("Open it to bookings"),
            source=frozenset({"draft"}),
            target="open",
            allowed=represents_owner,
            checks=(check_member, check_days_left),
            primary=True,
        ),
        discarding(represents_owner),
        Move(
            "close",
            _("Close it to bookings"),
            source=frozenset({"open"}),
            target="closed",
            allowed=represents_owner | is_officer,
            note="required",
            hint=_("What was confirmed stands; nothing new is booked."),
        ),
        Move(
            "reopen",
            _("Open it again"),
            source=frozenset({"closed"}),
            target="open",
            allowed=represents_owner,
            checks=(check_member, check_days_left),
        ),
    ),
    audience=offer_audience,
)


def follow_members(project: Project, _actor: Actor) -> None:
    """Whoever is of the consortium now sees what is open to it; a step of the life of projects."""
    rows = project.offers.filter(record__stage__in=("open", "closed")).select_related("record", "project")
    for row in rows:
        OFFER.refresh_audience(row)
