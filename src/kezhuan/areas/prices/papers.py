"""A price in words: on its notice, as it is filed, and in its evidence file; in Chinese."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy

from kezhuan.areas.prices.models import Price, PriceWay
from kezhuan.engines.money import yuan
from kezhuan.exchange.papers.fields import in_words
from kezhuan.kernel.filings import Content as Filed
from kezhuan.kernel.filings import Figure
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.notices import Content as Noticed
from kezhuan.kernel.text import today

Facts = list[tuple[Any, str]]


def facts_of(row: Price) -> Facts:
    """The price as labels and texts."""
    with translation.override(LANGUAGE):
        agreed = row.way == PriceWay.AGREEMENT
        told = [
            ("成果", f"{row.achievement.title}（{row.achievement.code}）"),
            ("转化方式", row.get_mode_display()),
            ("定价方式", row.get_way_display()),
            ("拟交易价格" if agreed else "底价", f"{yuan(row.asked_fen)}元"),
            ("定价依据", "；".join(filter(None, (row.get_basis_display(), row.basis_text)))),
            ("受让方", row.buyer),
            ("关联关系", f"受让方与完成人或单位领导有利害关系：{row.relation}" if row.related else "已声明无关联关系"),
        ]
        return [(label, text) for label, text in told if text]


def noticed(row: Price) -> Noticed:
    """What a notice tells: the achievement, the price that is meant, how it was found, and a tie of the buyer."""
    return Noticed(subject=row.record.title, facts=facts_of(row), text=row.record.summary)


def filed(row: Price) -> Filed:
    """What a filing tells: the price and what it was sold for."""
    told = [
        *facts_of(row),
        ("成交价格", f"{yuan(row.final_fen)}元" if row.final_fen is not None else ""),
        ("交易场所", row.place),
        ("交易编号", row.deal_no),
        ("成交日期", in_words(row.deal_on) if row.deal_on is not None else ""),
    ]
    figures = [Figure("price", row.final_fen, row.deal_on or today())] if row.final_fen is not None else []
    facts = [(label, text) for label, text in told if text]
    return Filed(subject=row.record.title, facts=facts, text=row.record.summary, figures=figures)


def told_as_evidence(row: Price) -> dict[str, Any]:
    """What was decided on, as its evidence file tells it: the price, quotes with their seals, bids and payments."""
    return {
        "facts": facts_of(row),
        "asked_fen": row.asked_fen,
        "final_fen": row.final_fen,
        "deal": [row.place, row.deal_no, row.deal_on.isoformat() if row.deal_on is not None else ""],
        "quotes": [
            {
                "source": one.source,
                "seal": one.seal,
                "received_on": one.received_on.isoformat(),
                "opened_on": one.opened_on.isoformat() if one.opened_on is not None else "",
                "fen": one.fen,
            }
            for one in row.quotes.all()
        ],
        "bids": [[one.bidder, one.fen, one.on.isoformat()] for one in row.bids.all()],
        "payments": [[one.due_on.isoformat(), one.fen, one.trigger] for one in row.payments.all()],
    }


FIGURES = {"price": gettext_lazy("price")}
