"""An entry in words: as it is filed, in Chinese; and as the evidence file of a decision on it tells it."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.ledger.models import ConversionStatus, LedgerEntry
from kezhuan.engines.money import yuan
from kezhuan.exchange.papers.fields import in_words
from kezhuan.kernel.filings import Content, Figure
from kezhuan.kernel.text import today


def filed(row: LedgerEntry) -> Content:
    """What a filing tells: the entry with its status on the day of the filing, its value, equity and stock-take."""
    taken = row.stock_takes.first()
    told = [
        (_("Achievement"), f"{row.achievement.title}（{row.achievement.code}）"),
        (_("Status of conversion"), str(ConversionStatus(row.status).label)),
        (_("At this status since"), in_words(row.since)),
        (_("Where it comes from"), row.get_origin_display()),
        (_("Stage of the work"), row.get_work_stage_display()),
        (_("Equity"), "\n".join(f"{one.company} {one.share_bp / 100:.2f}%" for one in row.equity.all())),
        (_("Stock-take"), f"{taken.year} {taken.get_outcome_display()}" if taken is not None else ""),
    ]
    figures = []
    if row.recognised_fen is not None:
        told.append((_("Value in the books, in yuan"), yuan(row.recognised_fen)))
        figures.append(Figure("recognised", row.recognised_fen, today()))
    facts = tuple((label, text) for label, text in told if text)
    return Content(subject=row.record.title, facts=facts, text=row.record.summary, figures=figures)


def told_as_evidence(row: LedgerEntry) -> dict[str, Any]:
    """What was decided on, as its evidence file tells it: the value in the books in 分, what its completers answered
    when it was offered to them, equity with what it cost and brought, fees and stock-takes."""
    return {
        "origin": row.origin,
        "work_stage": row.work_stage,
        "recognised_fen": row.recognised_fen,
        "offered": [_day(row.offered_on), row.offered],
        "equity": [
            {
                "number": one.number,
                "company": [one.company, one.company_code],
                "holder": one.holder.name if one.holder is not None else "",
                "contract": one.contract.code if one.contract is not None else "",
                "share_bp": one.share_bp,
                "held_on": _day(one.held_on),
                "cost_fen": one.cost_fen,
                "exited_on": _day(one.exited_on),
                "proceeds_fen": one.proceeds_fen,
                "decision": one.decision,
            }
            for one in row.equity.select_related("holder", "contract")
        ],
        "fees": [[one.what, one.fen, _day(one.due_on), _day(one.paid_on), one.voucher] for one in row.upkeep.all()],
        "stock_takes": [[one.year, _day(one.on), one.outcome, one.note] for one in row.stock_takes.all()],
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


FIGURES = {"recognised": gettext_lazy("value in the books")}
