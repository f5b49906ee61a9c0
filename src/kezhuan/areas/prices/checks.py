"""What must hold of a price before each of its moves."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.achievements.bonds import check_free
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.prices.models import WHOLE, Price, PriceBasis, PriceWay
from kezhuan.areas.prices.queries import channels_lacking, tied_completers
from kezhuan.engines.contracts import Party
from kezhuan.engines.money import yuan
from kezhuan.kernel import notices
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Document
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import listed

CONFIRMATION = "deal-confirmation"
"""The kind of the document of a deal (成交确认书)."""


def check_basis(row: Any) -> Iterable[Problem]:
    """It is said on what the price rests: an enquiry has opened quotes, everything else words or a report's number."""
    if row.basis == PriceBasis.ENQUIRY:
        quotes = list(row.quotes.all())
        if not any(one.opened_on is not None for one in quotes):
            message = _("Open the quotes of the enquiry first: at least one stands behind the price.")
            yield Problem("price-quotes", message, "quotes")
        # Whoever hands a hash in and no file has withdrawn: the opening tells of them all the same.
    elif not row.basis_text:
        message = _("Say on what the price rests: the deals compared, the calculation, the report's number.")
        yield Problem("price-basis", message, "basis_text")


def check_bound(row: Any) -> Iterable[Problem]:
    """The achievement is the unit's to dispose of, but for the deal that is made at this price; how the price stands
    beside an exclusive licence is said."""
    own = Contract.objects.filter(pk=row.contract_id).select_related("record", "agreement").first()
    codes = [one.code for one in (own.record, own.agreement) if one is not None] if own is not None else []
    yield from check_free(row.achievement, besides=codes, said=f"{row.basis_text}\n{row.record.summary}")


def check_alone(row: Any) -> Iterable[Problem]:
    """What is given away whole is sold at one price: no other stands, unless its contract came to nothing."""
    if row.mode not in WHOLE:
        return
    rows = Price.objects.filter(achievement=row.achievement_id, mode__in=WHOLE).exclude(pk=row.pk)
    ended = Q(contract__phase__in=(Phase.FAILED, Phase.WITHDRAWN, Phase.VOID))
    standing = rows.filter(record__stage__in=("decided", "fixed", "concluded")).exclude(ended)
    if (other := standing.select_related("record").order_by("pk").first()) is not None:
        message = _("The achievement is given away at the price %(code)s already: withdraw that one first.")
        yield Problem("price-twice", message % {"code": other.record.code}, "achievement")


def check_buyer(row: Any) -> Iterable[Problem]:
    """An agreed price names its buyer, and nobody's tie to it is kept back."""
    if row.way == PriceWay.AGREEMENT and not row.buyer:
        yield Problem("price-buyer", _("An agreed price names the buyer."), "buyer")
    if row.related and not row.relation:
        yield Problem("price-relation", _("Say how the buyer is related: it is shown with the price."), "relation")
    if not row.related and (names := tied_completers(row)):
        message = _("Completers act for the buyer: %(names)s. Declare the relation; it is shown with the price.")
        yield Problem("price-related", message % {"names": listed(names)}, "related")
    elif not row.related and row.relation:
        message = _("You say how the buyer is related: declare that it is, or take the words away.")
        yield Problem("price-related", message, "related")


def check_schedule(row: Any) -> Iterable[Problem]:
    """What is paid comes to the price."""
    total = sum(one.fen for one in row.payments.all())
    price = row.final_fen or (row.asked_fen if row.way == PriceWay.AGREEMENT else None)
    if price is not None and total != price:
        message = _("The payments sum to %(sum)s yuan, the price is %(price)s yuan.")
        yield Problem("price-schedule", message % {"sum": yuan(total), "price": yuan(price)}, "payments")


check_notice_ruled = notices.must_be_ruled("fix", "《中华人民共和国促进科技成果转化法》（2015年修正）第十八条")
"""For how long an agreed price is laid open is known: the law asks for the notice and leaves the days to others."""


def check_exemption(row: Any) -> Iterable[Problem]:
    """A leader who relies on the exemption has the price laid open in the unit and in the technology market."""
    if row.wants_exemption and (lacking := channels_lacking(row)):
        message = _(
            "For the exemption the price is laid open in the unit and in the technology market; missing: %(places)s."
        )
        source = "国发〔2016〕16号第十条；《浙江省促进科技成果转化条例》（2021修正）第十九条"
        yield Problem("price-exemption", message % {"places": listed(lacking)}, "wants_exemption", source)


def check_deal(row: Any) -> Iterable[Problem]:
    """The place's numbers and papers are there, and it sold for no less than was decided."""
    if not row.deal_no or row.final_fen is None or row.deal_on is None or not row.buyer:
        message = _("Enter the deal first: place, transaction number, day, buyer and price.")
        yield Problem("price-deal", message, "deal_no")
        return
    if row.final_fen < row.asked_fen:
        message = _("It was sold below the price that was decided, %(price)s yuan: decide on it again.")
        yield Problem("price-below", message % {"price": yuan(row.asked_fen)}, "final")
    if not Document.objects.filter(record=row.record, kind=CONFIRMATION, withdrawn_at=None).exists():
        message = _("Add the confirmation of the deal (成交确认书).")
        yield Problem("price-confirmation", message, "file")
    bids = [one.fen for one in row.bids.all()]
    if row.way == PriceWay.AUCTION and row.final_fen != max(bids, default=0):
        message = _("The price is that of the highest bid: enter the bids as the place delivered them.")
        yield Problem("price-bids", message, "bids")


def _same_party(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """By their credit codes where both have one, else by their names."""
    code = bool(one[1] and other[1])
    return Party(one[0], one[1] * code).key == Party(other[0], other[1] * code).key


def check_contract(row: Any) -> Iterable[Problem]:
    """The contract is here, is with the buyer, and comes to the price."""
    contract = Contract.objects.filter(pk=row.contract_id).first()
    if contract is None:
        yield Problem("price-contract", _("Enter the technology contract that was signed at this price."), "contract")
        return
    if not _same_party((row.buyer, row.buyer_code), (contract.buyer_name, contract.buyer_code)):
        message = _("The contract is with %(party)s, the price was made for %(buyer)s: decide again, or correct it.")
        names = {"party": contract.buyer_name or "–", "buyer": row.buyer or "–"}
        yield Problem("price-contract-buyer", message % names, "contract")
    if contract.payment != "royalty" and not contract.undetermined and contract.turnover_fen != row.final_fen:
        message = _(
            "The contract's turnover is %(turnover)s yuan, the price %(price)s yuan: decide again, or correct it."
        )
        words = {"turnover": yuan(contract.turnover_fen or 0), "price": yuan(row.final_fen or 0)}
        yield Problem("price-contract-amount", message % words, "contract")
