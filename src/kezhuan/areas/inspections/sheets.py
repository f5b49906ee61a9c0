"""The columns in which inspections stand in a spreadsheet."""

from typing import Any

from django.utils.translation import gettext as _

from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, own, record_columns, word
from kezhuan.kernel.access import Actor


def _inspector(_actor: Actor, row: Any) -> str:
    return str(row.inspector.record.title)


def _told(_actor: Actor, row: Any) -> str:
    return _("yes") if row.owner_told else _("no, the letter forbids it")


SHEET = Sheet(
    "inspection",
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("审计/纪检机关", "Audit or discipline body", own("body"), "full", width=28),
        SheetColumn("调阅人", "Inspector", _inspector, "full"),
        SheetColumn("调阅函号", "Number of the letter", own("letter_no"), "full"),
        SheetColumn("起始日", "From", own("since"), "full"),
        SheetColumn("截止日", "Last day", own("until"), "full"),
        SheetColumn("告知材料所有人", "Owners told", _told, "full"),
        *record_columns(),
    ),
    related=("inspector__record",),
)
