"""An entry in words: as it is filed, in Chinese."""

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


FIGURES = {"recognised": gettext_lazy("value in the books")}
