"""An achievement is written by its unit, listed by an officer, registered when its completers' shares are settled."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.checks import check_registrable, check_submittable
from kezhuan.areas.achievements.models import Achievement
from kezhuan.kernel import clocks
from kezhuan.kernel.access import (
    PUBLIC,
    Audiences,
    is_officer,
    officer_tokens,
    organisation_token,
    region_of,
    represents_owner,
)
from kezhuan.kernel.grants import granted_tokens
from kezhuan.kernel.leaving import leaving
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import BETWEEN, Content
from kezhuan.kernel.vocabulary import AchievementClass

INTRODUCED = "introduced"
"""Grant role: the other side of an introduction reads the public part."""


def achievement_audience(row: Achievement) -> Audiences:
    """Who sees an achievement, by stage and class.

    A draft is its unit's, and a discarded one nobody's. Of a trade secret the officers see the title alone, when it is
    void too; an internal one is the unit's and the officers', and so is what is void. The confidential description of
    a public one is the unit's and the officers'.
    """
    record = row.record
    own = {organisation_token(record.owner_id)} if record.owner_id else set()
    officers = officer_tokens(region_of(row), record.kind)
    introduced = granted_tokens(record, INTRODUCED)
    if record.stage == DISCARDED:
        return Audiences.nested()
    if record.phase == Phase.DRAFT:
        return Audiences.nested(inner=own)
    if row.secrecy == AchievementClass.TRADE_SECRET:
        shown = introduced if record.phase != Phase.VOID else set()
        return Audiences.nested(title=officers, public=own | shown, inner=own)
    inside = own | officers
    if record.phase == Phase.VOID:
        return Audiences.nested(full=inside, inner=own or officers)
    if row.secrecy == AchievementClass.INTERNAL or record.phase in {Phase.SUBMITTED, Phase.WITHDRAWN}:
        return Audiences.nested(public=inside | introduced, full=inside, inner=own or officers)
    return Audiences.nested(title={PUBLIC}, public={PUBLIC}, full=inside, inner=own or officers)


def registration_notice(row: Achievement) -> Content:
    """What a notice before registration tells: who made it, who owns it, and the public description."""
    owner = row.record.owner
    owners = [owner.record.title] if owner else []
    owners += row.owners.order_by("pk").values_list("organisation__record__title", flat=True)
    return Content(
        subject=row.record.title,
        facts=(
            (_("Owners"), "、".join(owners)),
            (_("Completers"), BETWEEN.join(one.name for one in row.completers.all())),
        ),
        text=row.record.summary,
    )


ACHIEVEMENT = Lifecycle(
    "achievement",
    "A",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("returned", Phase.DRAFT, _("returned for correction"), sealed=True),
        Stage("submitted", Phase.SUBMITTED, _("submitted")),
        Stage("listed", Phase.PUBLIC, _("listed")),
        Stage("registered", Phase.ACTIVE, _("registered")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage("void", Phase.VOID, _("void")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "submit",
            _("Submit"),
            source=frozenset({"draft", "returned"}),
            target="submitted",
            allowed=represents_owner,
            checks=(check_submittable,),
            primary=True,
        ),
        discarding(represents_owner, "returned"),
        Move(
            "return",
            _("Return for correction"),
            source=frozenset({"submitted"}),
            target="returned",
            allowed=is_officer,
            note="required",
        ),
        Move(
            "list",
            _("List"),
            source=frozenset({"submitted"}),
            target="listed",
            allowed=is_officer & ~represents_owner,
            note="optional",
            primary=True,
        ),
        Move(
            "register",
            _("Register"),
            source=frozenset({"listed"}),
            target="registered",
            allowed=is_officer & ~represents_owner,
            checks=(check_registrable,),
            note="optional",
            notice=registration_notice,
        ),
        *leaving("submitted", "listed", "registered", voided="listed"),
    ),
    audience=achievement_audience,
    then=(clocks.restart(returned={"returned"}),),
)
