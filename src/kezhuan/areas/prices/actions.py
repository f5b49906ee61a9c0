"""What is done with prices: drafted and changed, sealed quotes taken and opened, deals and contracts entered."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.bonds import check_free
from kezhuan.areas.people.checks import check_organisation_number
from kezhuan.areas.prices.checks import CONFIRMATION
from kezhuan.areas.prices.lifecycle import PRICE
from kezhuan.areas.prices.models import Bid, Price, PriceBasis, PriceMode, PricePayment, PriceWay, Quote
from kezhuan.areas.prices.permissions import settles_price
from kezhuan.areas.rights.checks import named_contract
from kezhuan.areas.rights.permissions import keeps_money, keeps_money_for
from kezhuan.engines.money import MOST_FEN
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.documents import Upload, keep_proof
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.text import FEN_PER_WAN, clean, today

MOST_PAYMENTS, MOST_BIDS, MOST_QUOTES = 50, 200, 50
QUOTE = "opened-quote"
"""The kind of the document of an opened quote."""
_SEAL = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Due:
    """A payment, in 分, by a day."""

    due_on: date | None
    fen: int | None
    trigger: str = ""


@dataclass(frozen=True)
class PriceFacts:
    """What is entered of a price, in 分; see `Price`."""

    title: str
    achievement: Record | None
    way: str
    mode: str
    basis: str
    asked_fen: int | None
    summary: str = ""
    basis_text: str = ""
    buyer: str = ""
    buyer_code: str = ""
    related: bool = False
    relation: str = ""
    wants_exemption: bool = False
    payments: Sequence[Due] = ()


@dataclass(frozen=True)
class Offered:
    """A bid as the place delivered it, in 分."""

    bidder: str
    fen: int | None
    on: date | None


@dataclass(frozen=True)
class Deal:
    """What the place says of a listing or an auction: its name, the transaction's number, day, buyer and price."""

    place: str
    deal_no: str
    deal_on: date | None
    final_fen: int | None
    buyer: str
    buyer_code: str = ""
    related: bool = False
    relation: str = ""
    bids: Sequence[Offered] = ()
    payments: Sequence[Due] = ()


def not_allowed() -> NotAllowed:
    """Whoever does not keep the unit's prices, or made the achievement."""
    return NotAllowed(
        _("Only members in charge of the unit's prices enter this, and nobody whose own achievement it is.")
    )


def _amount(fen: int | None) -> bool:
    return fen is not None and 0 < fen <= MOST_FEN


def _amount_problems(fen: int | None, field: str) -> list[Problem]:
    if _amount(fen):
        return []
    message = _("Give the price, above zero.")
    if fen is not None and fen > MOST_FEN:
        message = _("An amount is at most %(most)s 万元.") % {"most": f"{MOST_FEN // FEN_PER_WAN:,}"}
    return [Problem("price-amount", message, field)]


def check_facts(facts: PriceFacts, owner: Organisation | None) -> list[Problem]:
    """What cannot even be kept as a draft."""
    found = []
    if not 2 <= len(clean(facts.title)) <= 200:
        found.append(Problem("title-length", _("Give a title of 2 to 200 characters."), "title"))
    about = facts.achievement
    if about is None or about.kind != "achievement" or owner is None or about.owner_id != owner.pk:
        found.append(Problem("grant-achievement", _("Choose an achievement of the unit."), "achievement"))
    for name, value, choices in (
        ("way", facts.way, PriceWay.values),
        ("mode", facts.mode, PriceMode.values),
        ("basis", facts.basis, PriceBasis.values),
    ):
        if value not in choices:
            found.append(Problem("choice-unknown", _("Choose from the list."), name))
    found += _amount_problems(facts.asked_fen, "asked")
    if facts.wants_exemption and facts.way != PriceWay.AGREEMENT:
        message = _("A listing or an auction needs no notice for the exemption: leave this empty.")
        found.append(Problem("price-exemption", message, "wants_exemption"))
    return [*found, *_buyer_problems(facts.buyer_code), *_payment_problems(facts.payments)]


def _buyer_problems(code: str) -> list[Problem]:
    if not clean(code):
        return []
    _number, problems = check_organisation_number(code, "uscc")
    return [Problem(one.code, one.message, "buyer_code", one.clause) for one in problems]


def _payment_problems(payments: Sequence[Due]) -> list[Problem]:
    if len(payments) > MOST_PAYMENTS or any(one.due_on is None or not _amount(one.fen) for one in payments):
        message = _("At most %(most)s payments, each with a day and an amount above zero.") % {"most": MOST_PAYMENTS}
        return [Problem("price-payments", message, "payments")]
    return []


def _code(typed: str) -> str:
    return check_organisation_number(typed, "uscc")[0] if clean(typed) else ""


def _columns(facts: PriceFacts) -> dict[str, Any]:
    return {
        "achievement": facts.achievement,
        "way": facts.way,
        "mode": facts.mode,
        "basis": facts.basis,
        "basis_text": clean(facts.basis_text),
        "asked_fen": facts.asked_fen,
        "buyer": clean(facts.buyer),
        "buyer_code": _code(facts.buyer_code),
        "related": facts.related,
        "relation": clean(facts.relation),
        "wants_exemption": facts.wants_exemption,
    }


def _write_payments(row: Price, payments: Sequence[Due]) -> None:
    row.payments.all().delete()
    rows = [
        PricePayment(
            price=row, number=number, due_on=one.due_on or today(), fen=one.fen or 0, trigger=clean(one.trigger)
        )
        for number, one in enumerate(payments, 1)
    ]
    require_fits(*rows)
    for one in rows:
        refuse_marked(one)
    PricePayment.objects.bulk_create(rows)


def draft_price(*, actor: Actor, owner: Organisation, facts: PriceFacts) -> Price:
    """Begin to find a price. Raises `NotAllowed` or `Refused`."""
    if not keeps_money_for(actor, owner.pk):
        raise not_allowed()
    problems = check_facts(facts, owner)
    if not problems and facts.achievement is not None:
        problems = [*check_free(facts.achievement, said=f"{facts.basis_text}\n{facts.summary}")]
    if problems:
        raise Refused(problems)
    with journal.writing():
        row: Price = open_record(
            PRICE,
            lambda record: Price(record=record, **_columns(facts)),
            actor=actor,
            title=facts.title,
            summary=facts.summary,
            owner=owner,
            contact=actor.person,
        )
        _write_payments(row, facts.payments)
    return row


def edit_price(*, actor: Actor, row: Price, facts: PriceFacts, expected_version: int) -> Price:
    """Change a draft. Raises `NotAllowed`, `Refused`, or `Conflict` when somebody changed it meanwhile."""
    record = row.record
    must_allow(
        keeps_money,
        actor,
        row,
        _("A price is changed while it is a draft, by members in charge of the unit's prices."),
        stages={"draft"},
    )
    if problems := check_facts(facts, record.owner):
        raise Refused(problems)
    with journal.writing():
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        changed = [*set_columns(record, texts), *set_columns(row, _columns(facts))]
        require_fits(record, row)
        record.save(update_fields=list(texts))
        row.save()
        _write_payments(row, facts.payments)
        fresh = Price.objects.select_related("record__owner", "achievement").get(pk=row.pk)
        touch(PRICE, fresh, actor=actor, fields=[*changed, "payments"], expected_version=expected_version)
    return fresh


def _held(actor: Actor, row: Price, *stages: str) -> Price:
    found: Price = held(row)
    if not settles_price.test(actor, found):
        raise not_allowed()
    if found.record.stage not in stages:
        raise Conflict(_("The price does not stand where this is entered."))
    return found


# -- the unit's own sealed enquiry -------------------------------------------------------------------------------------


def take_quote(*, actor: Actor, row: Price, source: str, seal: str) -> Price:
    """Take a sealed quote: who gives it, and the SHA-256 of the file in which it stands. Raises `NotAllowed`, `Refused`
    or `Conflict`: also once a quote of the enquiry was opened."""
    problems = []
    if not 2 <= len(clean(source)) <= 200:
        problems.append(Problem("price-source", _("Say who gives the quote, in 2 to 200 characters."), "source"))
    seal = clean(seal).lower()
    if not _SEAL.fullmatch(seal):
        message = _("Give the SHA-256 of the quote's file: 64 characters, 0 to 9 and a to f.")
        problems.append(Problem("price-seal", message, "seal"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        found = _held(actor, row, "draft")
        quotes = list(found.quotes.all())
        if any(one.opened_on is not None for one in quotes):
            raise Conflict(_("The quotes were opened: no other is taken."))
        if any(one.seal == seal for one in quotes) or len(quotes) >= MOST_QUOTES:
            message = _("This quote stands there already, or there are %(most)s of them.") % {"most": MOST_QUOTES}
            raise Refused(Problem("price-seal-twice", message, "seal"))
        quote = Quote(price=found, number=len(quotes) + 1, source=clean(source), seal=seal, received_on=today())
        require_fits(quote)
        refuse_marked(quote)
        quote.save(force_insert=True)
        touch(PRICE, found, actor=actor, fields=["quotes"])
    return found


def open_quote(*, actor: Actor, row: Price, number: int, fen: int | None, file: Upload | None) -> Price:
    """Open a quote: the file itself, whose hash must be its seal, and what it says. Raises `Missing`, `NotAllowed`,
    `Refused` or `Conflict`."""
    problems = []
    problems += _amount_problems(fen, "amount")
    if file is None:
        problems.append(Problem("price-quote-file", _("Add the file of the quote."), "file"))
    if problems or file is None:
        raise Refused(problems)
    with journal.writing():
        found = _held(actor, row, "draft")
        quote = found.quotes.filter(number=number).first()
        if quote is None:
            raise Missing(str(number))
        if quote.opened_on is not None:
            raise Conflict(_("This quote was opened before."))
        if hashlib.sha256(file.content).hexdigest() != quote.seal:
            message = _("This is not the file that was sealed: its SHA-256 is another.")
            raise Refused(Problem("price-quote-other", message, "file"))
        quote.opened_on, quote.fen = today(), fen
        quote.save(update_fields=["opened_on", "fen"])
        keep_proof(actor=actor, record=found.record, upload=file, kind=QUOTE)
        touch(PRICE, found, actor=actor, fields=["quotes"])
    return found


# -- what the place and the contract say -------------------------------------------------------------------------------


def _deal_problems(deal: Deal) -> list[Problem]:
    found = []
    named = (("place", deal.place, 200), ("deal_no", deal.deal_no, 80), ("buyer", deal.buyer, 200))
    if wrong := [name for name, text, most in named if not 2 <= len(clean(text)) <= most]:
        message = _("Give the place, the transaction's number and the buyer, each of at least 2 characters.")
        found.append(Problem("price-deal", message, wrong[0]))
    if deal.deal_on is None or deal.deal_on > today():
        found.append(Problem("price-deal-day", _("Give the day of the deal, today or before."), "deal_on"))
    found += _amount_problems(deal.final_fen, "final")
    if len(deal.bids) > MOST_BIDS or any(
        not clean(one.bidder) or not _amount(one.fen) or one.on is None for one in deal.bids
    ):
        message = _("At most %(most)s bids, each with bidder, day and an amount above zero.") % {"most": MOST_BIDS}
        found.append(Problem("price-bids", message, "bids"))
    return [*found, *_buyer_problems(deal.buyer_code), *_payment_problems(deal.payments)]


def enter_deal(*, actor: Actor, row: Price, deal: Deal) -> Price:
    """Enter what the place that held the listing or auction says. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if problems := _deal_problems(deal):
        raise Refused(problems)
    with journal.writing():
        found = _held(actor, row, "decided")
        if found.way == PriceWay.AGREEMENT:
            raise Conflict(_("The price does not stand where this is entered."))
        columns = {
            "place": clean(deal.place),
            "deal_no": clean(deal.deal_no),
            "deal_on": deal.deal_on,
            "final_fen": deal.final_fen,
            "buyer": clean(deal.buyer),
            "buyer_code": _code(deal.buyer_code),
            "related": deal.related,
            "relation": clean(deal.relation),
        }
        changed = set_columns(found, columns)
        require_fits(found)
        found.save(update_fields=list(columns))
        found.bids.all().delete()
        bids = [
            Bid(price=found, number=number, bidder=clean(one.bidder), fen=one.fen or 0, on=one.on or today())
            for number, one in enumerate(deal.bids, 1)
        ]
        require_fits(*bids)
        for one in bids:
            refuse_marked(one)
        Bid.objects.bulk_create(bids)
        _write_payments(found, deal.payments)
        touch(PRICE, found, actor=actor, fields=[*changed, "bids", "payments"])
    return found


def keep_confirmation(*, actor: Actor, row: Price, file: Upload | None) -> Price:
    """Keep the confirmation of the deal (成交确认书), which nobody takes back. Raises `NotAllowed`, `Refused` or
    `Conflict`."""
    if file is None:
        message = _("Add the confirmation of the deal (成交确认书).")
        raise Refused(Problem("price-confirmation", message, "file"))
    with journal.writing():
        found = _held(actor, row, "decided")
        keep_proof(actor=actor, record=found.record, upload=file, kind=CONFIRMATION)
        touch(PRICE, found, actor=actor, fields=["documents"])
    return found


def note_contract(*, actor: Actor, row: Price, code: str, expected_version: int | None = None) -> Price:
    """Enter the technology contract that was signed at this price: one of the unit, of this achievement or of none.
    Raises `NotAllowed`, `Refused` or `Conflict`."""
    with journal.writing():
        found = _held(actor, row, "fixed")
        contract = named_contract(found, clean(code).upper())
        if contract is None:
            message = _("Name a technology contract of the unit by its platform code, one about this achievement.")
            raise Refused(Problem("grant-contract", message, "contract"))
        found.contract = contract.record
        found.save(update_fields=["contract"])
        touch(PRICE, found, actor=actor, fields=["contract"], expected_version=expected_version)
    return found
