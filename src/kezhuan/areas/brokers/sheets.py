"""The columns in which pairs in brokers' queues stand in a spreadsheet: each side as far as the reader may know it."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.brokers.lifecycle import PAIR
from kezhuan.areas.brokers.queries import reads_both
from kezhuan.areas.brokers.wording import fit_line
from kezhuan.exchange.sheets import CODE_COLUMN, HIDDEN, Sheet, SheetColumn, Writer, record_columns, speaks_chinese
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.models import Record


def _side(side: str, what: str) -> Writer:
    def write(actor: Actor, row: Any) -> str:
        record: Record = row.need.record if side == "need" else row.supply
        if not can_view(actor, record):
            return HIDDEN[0 if speaks_chinese() else 1]
        return str(getattr(record, what))

    return write


def _of_both(tell: Callable[[Any], Any]) -> Writer:
    """What tells of a need what is not everybody's: for who reads both sides."""
    return lambda actor, row: tell(row) if reads_both(actor, row) else HIDDEN[0 if speaks_chinese() else 1]


def _registered(_actor: Actor, row: Any) -> str:
    return _("yes") if row.registered else ""


SHEET = Sheet(
    PAIR.kind,
    (
        CODE_COLUMN,
        SheetColumn("经纪人", "Broker", lambda _actor, row: row.broker.person.record.title, "full"),
        SheetColumn("需求编号", "Need", _side("need", "code"), "full"),
        SheetColumn("需求名称", "Name of the need", _side("need", "title"), "full", width=40),
        SheetColumn("供给编号", "Matched with", _side("supply", "code"), "full"),
        SheetColumn("供给名称", "Name of the record", _side("supply", "title"), "full", width=40),
        SheetColumn("得分", "Score", _of_both(lambda row: round(row.score, 4)), "full"),
        SheetColumn("经纪人适配度", "Fit of the broker", _of_both(lambda row: round(row.fit, 4)), "full"),
        SheetColumn("适配理由", "Why this broker", _of_both(lambda row: fit_line(row.why)), "full", width=40),
        SheetColumn(
            "对接编号", "Introduction", lambda _actor, row: row.introduction.record.code if row.introduction else "",
            "full",
        ),
        SheetColumn("合同已登记", "Contract registered", _registered, "full"),
        *record_columns(),
    ),
    related=("broker__person__record", "introduction__record", "need__record__title_to", "need__record__public_to",
             "supply__title_to", "supply__public_to"),
)  # fmt: skip
