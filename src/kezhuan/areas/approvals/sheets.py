"""The columns in which approvals stand in a spreadsheet; opinions stand on their sheet (呈批表)."""

from typing import Any

from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, own, record_columns, word
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.history import asker_name


def _move(_actor: Actor, row: Any) -> str:
    return str(registry.kind_of(row.about).lifecycle.moves[row.move].label)


SHEET = Sheet(
    APPROVAL.kind,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("审批对象编号", "Record in question", lambda _actor, row: row.about.code, "full", width=16),
        SheetColumn("审批步骤", "Step", _move, "full", width=16),
        SheetColumn("呈批单位", "Asking office", lambda _actor, row: row.office.record.title, "full", width=28),
        SheetColumn("呈批人", "Asked by", lambda _actor, row: asker_name(row), "full", width=16),
        SheetColumn("批准文号", "Approval document no", own("document_no"), "full", width=20),
        SheetColumn("办结日期", "Closed on", word("closed_on"), "full", width=12),
        *record_columns(owner=False),
    ),
    related=("about", "office__record", "asked_by__record", "asked_for__record"),
)
