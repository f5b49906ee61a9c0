"""A price is found, decided by a meeting, laid open or left to the place of a listing or auction, and contracted."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evidence.actions import Freeze
from kezhuan.areas.prices.checks import (
    check_alone,
    check_basis,
    check_bound,
    check_buyer,
    check_contract,
    check_deal,
    check_exemption,
    check_notice_ruled,
    check_schedule,
)
from kezhuan.areas.prices.models import Price
from kezhuan.areas.prices.papers import noticed, told_as_evidence
from kezhuan.areas.prices.permissions import is_agreed, settles_price
from kezhuan.areas.rights.lifecycle import stop_notices
from kezhuan.areas.rights.permissions import keeps_money
from kezhuan.kernel import audiences, clocks
from kezhuan.kernel.access import Actor, Audiences
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding, hold_records
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import MONEY

KIND = "price"


def price_audience(row: Price) -> Audiences:
    """The members of the unit who keep its figures of money. No officer; of a discarded one nobody."""
    return audiences.inside(row.record, MONEY)


def keep_alone(row: Price, _actor: Actor) -> None:
    """What was decided, signed or granted of the achievement at the same moment comes before or after."""
    hold_records(Record.objects.filter(pk=row.achievement_id))
    if problems := [*check_bound(row), *check_alone(row)]:  # somebody else was faster
        raise Refused(problems)


def agree_on(row: Price, _actor: Actor) -> None:
    """The price that was laid open is what it is sold for."""
    row.final_fen = row.asked_fen
    row.save(update_fields=["final_fen"])


def begin_anew(row: Price, actor: Actor) -> None:
    """What was laid open or sold was of another price."""
    row.final_fen = row.deal_on = None
    row.deal_no = ""
    row.save(update_fields=["final_fen", "deal_on", "deal_no"])
    stop_notices(row, actor)


PRICE = Lifecycle(
    KIND,
    "Z",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("decided", Phase.REVIEWING, _("price decided")),
        Stage("fixed", Phase.ACTIVE, _("price stands")),
        Stage("concluded", Phase.DONE, _("contract signed")),
        Stage("unsold", Phase.FAILED, _("not sold")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "decide",
            _("Decide on the price"),
            source=frozenset({"draft"}),
            target="decided",
            allowed=settles_price,
            checks=(check_bound, check_alone, check_basis, check_buyer, check_schedule),
            then=(
                keep_alone,
                Freeze("decide", told_as_evidence),
            ),
            collective=True,
            primary=True,
        ),
        discarding(keeps_money),
        Move(
            "fix",
            _("The notice is over: the price stands"),
            source=frozenset({"decided"}),
            target="fixed",
            allowed=settles_price & is_agreed,
            checks=(check_bound, check_alone, check_buyer, check_schedule, check_notice_ruled, check_exemption),
            then=(keep_alone, agree_on, Freeze("fix", told_as_evidence)),
            notice=noticed,
            notice_title=_("Notice on the price to be fixed of “{subject}”"),
            primary=True,
        ),
        Move(
            "sell",
            _("It was sold at the place"),
            source=frozenset({"decided"}),
            target="fixed",
            allowed=settles_price & ~is_agreed,
            checks=(check_bound, check_alone, check_deal, check_buyer, check_schedule),
            then=(
                keep_alone,
                Freeze("sell", told_as_evidence),
            ),
            primary=True,
        ),
        Move(
            "fail",
            _("Nobody bought it"),
            source=frozenset({"decided"}),
            target="unsold",
            allowed=settles_price & ~is_agreed,
            then=(Freeze("fail", told_as_evidence),),
            note="required",
        ),
        Move(
            "revise",
            _("Change the price: begin anew"),
            source=frozenset({"decided", "fixed"}),
            target="draft",
            allowed=settles_price,
            then=(begin_anew,),
            note="required",
            hint=_("A changed price is decided on and laid open again, from the first day on."),
            danger=True,
        ),
        Move(
            "conclude",
            _("The contract is signed"),
            source=frozenset({"fixed"}),
            target="concluded",
            allowed=settles_price,
            checks=(check_contract,),
            then=(Freeze("conclude", told_as_evidence),),
            primary=True,
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=frozenset({"decided", "fixed"}),
            target="withdrawn",
            allowed=settles_price,
            then=(stop_notices, Freeze("withdraw", told_as_evidence)),
            note="required",
            danger=True,
        ),
    ),
    audience=price_audience,
    then=(clocks.restart(lambda row: row.record.owner),),
    inner=True,
)
