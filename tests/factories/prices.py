"""Prices at a stage, through the actions."""

from typing import Any

from kezhuan.areas.prices.actions import Due, PriceFacts, draft_price, take_quote
from kezhuan.areas.prices.lifecycle import PRICE
from kezhuan.areas.prices.models import Price
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from tests.factories import city


def facts(about: Any, **more: Any) -> PriceFacts:
    """An agreed price of 900,000 yuan in two payments, from deals that are alike."""
    given: dict[str, Any] = {
        "title": "抛光工艺转让定价", "achievement": about.record, "way": "agreement", "mode": "transfer",
        "basis": "comparable", "basis_text": "近两年三笔同类交易", "asked_fen": 90_000_000, "buyer": "南粤材料公司",
        "buyer_code": "91440101MA59HUKE23",
        "payments": (Due(today(), 30_000_000, "签订"), Due(today(), 60_000_000, "验收")),
    }  # fmt: skip
    return PriceFacts(**(given | more))


def price(unit: Organisation, by: Actor, *, about: Any = None, stage: str = "draft", **more: Any) -> Price:
    """A price that a member of the unit began; of an enquiry with one sealed quote."""
    row = draft_price(actor=by, owner=unit, facts=facts(about or city.achievement(unit, stage="listed"), **more))
    if row.basis == "enquiry":
        row = take_quote(actor=by, row=row, source="南粤评估所", seal="0" * 64)
    return advance(PRICE, row, "discard", actor=by) if stage == "discarded" else row
