"""A pair in a broker's queue: given, taken up as an introduction or handed back, and closed with what came of it."""

from typing import Any

from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.brokers.models import BrokeredPair
from kezhuan.areas.brokers.permissions import hands_back, works
from kezhuan.areas.brokers.queries import is_decided
from kezhuan.areas.matches.actions import introduce
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, Audiences, is_system, officer_tokens, person_token, region_of
from kezhuan.kernel.errors import Conflict, Missing
from kezhuan.kernel.lifecycle import OVER, Lifecycle, Move, Stage
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import role_tokens


def pair_audience(row: BrokeredPair) -> Audiences:
    """Its broker as long as they are one, the administrators of their unit, and the officers in charge of the unit and
    of either side. The two sides themselves learn of it by the introduction. What the sides are called is read from
    them, by whoever may."""
    broker, need, supply = row.broker, row.need, registry.own_row(row.supply)
    seen = role_tokens(broker.organisation_id, {Role.ADMINISTRATOR})
    seen |= {person_token(broker.person_id)} if broker.until is None else set()
    seen |= officer_tokens(broker.organisation.region, "organisation")
    for side in (need, supply):
        seen |= officer_tokens(region_of(side), side.record.kind)
    return Audiences.nested(full=seen)


def _introduce(row: BrokeredPair, actor: Actor) -> None:
    """The broker asks both sides, by the same introduction that either of them could begin; not while one of them has
    said no, even where the queue does not follow that yet."""
    if is_decided(row):
        raise Conflict(_gettext("The two are no longer suggested to each other: hand the pair back."))
    try:
        row.introduction = introduce(actor=actor, need=row.need, supply=row.supply, broker=actor.person, planned=True)
    except Missing:
        raise Conflict(_gettext("You may no longer read both sides: hand the pair back.")) from None
    row.save(update_fields=["introduction"])


def _stays(row: BrokeredPair, _actor: Actor) -> str:
    stage: str = row.record.stage
    return stage


def _came_to(row: BrokeredPair, _actor: Actor) -> str:
    """As what the introduction ended."""
    if row.introduction is None or row.introduction.record.phase not in OVER:
        raise Conflict
    return "done" if row.introduction.record.stage == "contract" else "over"


def _keep_open(row: Any, _actor: Actor) -> None:
    """A pair that is closed leaves its place, and can be planned again."""
    row.is_open = row.record.phase not in OVER
    BrokeredPair.objects.filter(pk=row.pk).update(is_open=row.is_open)


RETURNS = (
    ("field", _("not my field")),
    ("time", _("no time")),
    ("tie", _("a tie to one of the two sides")),
    ("unreached", _("a side is not reached")),
    ("unfit", _("the two do not fit")),
    ("information", _("information is missing")),
    ("ended", _("no longer a broker")),
    ("other", _("another reason, named in the note")),
)
"""Why a pair is handed back."""

PAIR = Lifecycle(
    "pair",
    "BR",
    stages=(
        Stage("given", Phase.SUBMITTED, _("waits for the broker")),
        Stage("taken", Phase.ACTIVE, _("taken up by the broker")),
        Stage("done", Phase.DONE, _("brought to a contract")),
        Stage("over", Phase.FAILED, _("ended without a contract")),
        Stage("returned", Phase.WITHDRAWN, _("handed back")),
        Stage("lapsed", Phase.WITHDRAWN, _("no longer open to a broker")),
    ),
    moves=(
        Move(
            "take",
            _("Take it up"),
            source=frozenset({"given"}),
            target="taken",
            allowed=works,
            then=(_introduce,),
            note="optional",
            hint=_("Both sides are asked to agree to an introduction by you."),
            primary=True,
        ),
        Move(
            "follow-up",
            _("Note a follow-up"),
            source=frozenset({"given", "taken"}),
            target=_stays,
            targets=("given", "taken"),
            allowed=works,
            note="required",
            hint=_("Read by you, your unit's administrators and the officers in charge."),
        ),
        Move(
            "return",
            _("Hand it back"),
            source=frozenset({"given"}),
            target="returned",
            allowed=hands_back,
            note="optional",
            reasons=RETURNS,
            hint=_("It can be planned again, for another broker."),
        ),
        Move("lapse", _("Lapse"), source=frozenset({"given"}), target="lapsed", allowed=is_system),
        Move(
            "conclude",
            _("Close with its introduction"),
            source=frozenset({"taken"}),
            target=_came_to,
            targets=("done", "over"),
            allowed=is_system,
        ),
    ),
    audience=pair_audience,
    then=(_keep_open,),
)
