"""Results of the invented university at every point of their life line: registered, evaluated, granted, priced,
contracted, paid, distributed; each step through the areas' own actions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.contracts.actions import ContractFacts, Registration, number_contract, prepare_contract
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.prices.actions import (
    Deal,
    Due,
    Offered,
    PriceFacts,
    draft_price,
    enter_deal,
    keep_confirmation,
    note_contract,
)
from kezhuan.areas.prices.lifecycle import PRICE
from kezhuan.areas.prices.models import Price
from kezhuan.areas.rights.distribution_actions import Cost, ReceiptFacts, Share, enter_receipt, pay_share
from kezhuan.areas.rights.distribution_lifecycle import DISTRIBUTION
from kezhuan.demo.contracts import whole_form
from kezhuan.demo.evaluations import delivered_without_experts
from kezhuan.demo.income import settled
from kezhuan.demo.prices import decided
from kezhuan.demo.procedures import member_called
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today

ON_THE_LINE = 40
"""Of the university at the least: registered, or further on the line."""
EVALUATED, PRICED, CONTRACTED, PAID, DISTRIBUTED = 5, 4, 3, 3, 3
"""How many come to rest at each step; grants are made elsewhere, the others are registered and no more."""
PRICE_FEN = 60_000_000


def walk_the_line(step: Callable[[str, int, int], None]) -> None:
    """Take results of the university as far as another point of the line each; those that others of the city's stories
    are about stay where they are, and count among the forty."""
    keeper, finance = member_called("university"), member_called("finance")
    registrars = (member_called("officer"), member_called("registrar"))
    unit = keeper.organisation
    assert unit is not None
    free = Achievement.objects.filter(record__owner=unit, record__stage="registered", record__prices=None)
    rows = list(
        free.filter(record__evaluations=None, record__rights_grants=None).select_related("record").order_by("pk")
    )
    depths = [0] * EVALUATED + [1] * PRICED + [2] * CONTRACTED + [3] * PAID + [4] * DISTRIBUTED
    for number, (about, depth) in enumerate(zip(rows, depths, strict=False), 1):
        if depth == 0:
            delivered_without_experts(about, keeper)
        else:
            price = sold(about, finance, unit, number)
            if depth > 1:
                _contracted(price, about, keeper, finance, registrars, number)
            if depth > 2:
                _paid(about, finance, unit, price, number, whole=depth == 4)
        step("line", number, len(depths))


def sold(about: Achievement, finance: Actor, unit: Organisation, number: int) -> Price:
    """The result was listed on a technology market, and sold there."""
    facts = PriceFacts(
        title=f"示例·{about.record.title[:40]}挂牌转让",
        achievement=about.record,
        way="listing",
        mode="transfer",
        basis="income",
        basis_text="示例：按未来五年许可收益折现。",
        asked_fen=PRICE_FEN,
    )
    row = decided(draft_price(actor=finance, owner=unit, facts=facts), finance)
    buyer = whole_form(unit).buyer
    deal = Deal(
        place="示例·技术产权交易所",
        deal_no=f"示例〔2026〕挂{number}号",
        deal_on=today(),
        final_fen=PRICE_FEN,
        buyer=buyer.name,
        buyer_code=buyer.code,
        bids=(Offered(buyer.name, PRICE_FEN, today()),),
        payments=(Due(today() + timedelta(days=30), PRICE_FEN, "合同签订"),),
    )
    row = enter_deal(actor=finance, row=row, deal=deal)
    words = f"示例成交确认书 {row.record.code}".encode()
    row = keep_confirmation(actor=finance, row=row, file=Upload("示例成交确认书.txt", words, True))
    return advance(PRICE, row, "sell", actor=finance)


def registered_contract(keeper: Actor, facts: ContractFacts, registrars: tuple[Actor, Actor], number: int) -> Contract:
    """A contract of the keeper's unit, looked at twice, registered outside and its number read back."""
    unit = keeper.organisation
    assert unit is not None
    row = prepare_contract(actor=keeper, owner=unit, facts=facts)
    first, second = registrars
    for move, actor in (("submit", keeper), ("accept", first), ("classify", first), ("pass", second)):
        row = advance(CONTRACT, row, move, actor=actor)
    turnover, technology = row.turnover_fen or 0, row.technology_fen or 0
    given = Registration(f"{today().year}440100{number:06d}", today(), turnover, technology)
    return number_contract(actor=first, contract=row, given=given)


def _contracted(
    price: Price, about: Achievement, keeper: Actor, finance: Actor, registrars: tuple[Actor, Actor], number: int
) -> Contract:
    """A contract of transfer at the price, registered outside and its number read back; the price is concluded."""
    unit = keeper.organisation
    assert unit is not None
    form = replace(
        whole_form(unit),
        name=price.record.title,
        kind="transfer",
        subkind="transfer-patent",
        rights=("invention",),
        turnover=PRICE_FEN,
        technology=PRICE_FEN,
        deductions={},
        new_investment=80_000_000,
        new_output=300_000_000,
    )
    row = registered_contract(keeper, ContractFacts(form, achievement=about.record), registrars, 900_000 + number)
    price = note_contract(actor=finance, row=price, code=row.record.code)
    advance(PRICE, price, "conclude", actor=finance)
    return row


def _paid(about: Achievement, finance: Actor, unit: Organisation, price: Price, number: int, *, whole: bool) -> None:
    """The price was paid, and its distribution settled; of a whole one everybody has got their share."""
    fresh = Price.objects.get(pk=price.pk)
    facts = ReceiptFacts(
        title=f"示例·{about.record.title[:40]}转让款",
        achievement=about.record,
        contract=fresh.contract,
        reference=f"示例收字{100 + number}号",
        received_on=today(),
        received_fen=PRICE_FEN,
        costs=(Cost("tax", 3_600_000, "示例税单"),),
        members=(Share("示例·项目负责人", "main", 3), Share("示例·项目骨干", "other", 1)),
    )
    row = settled(enter_receipt(actor=finance, owner=unit, facts=facts), finance)
    if whole:
        for one in (1, 2):
            row = pay_share(actor=finance, row=row, number=one, on=today(), voucher=f"示例付字{number}-{one}号")
        advance(DISTRIBUTION, row, "close", actor=finance)
