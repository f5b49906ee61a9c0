"""The columns in which agreements stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.agreements import licence_lifecycle
from kezhuan.areas.agreements.lifecycle import KIND
from kezhuan.areas.agreements.models import Binding
from kezhuan.areas.agreements.terms import paid_fen
from kezhuan.engines.money import percent, yuan
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, Writer, own, record_columns, word
from kezhuan.kernel.access import Actor


def _in_force(row: Any) -> Any:
    signed = [one for one in row.versions.all() if one.agreed_on is not None]
    return signed[-1] if signed else None


def _of_version(name: str) -> Writer:
    return lambda _actor, row: getattr(version, name) if (version := _in_force(row)) is not None else ""


def _binding(_actor: Actor, row: Any) -> str:
    version = _in_force(row)
    return str(Binding(version.binding).label) if version is not None else ""


def _amount(_actor: Actor, row: Any) -> str:
    version = _in_force(row)
    return yuan(version.amount_fen) if version is not None and version.amount_fen is not None else ""


SHEET = Sheet(
    KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("协议类型", "Sort", lambda _actor, row: str(row.get_sort_display()), "full", width=16),
        SheetColumn("意向或合同", "Intent or contract", _binding, "full", width=16),
        SheetColumn("对方", "Other side", own("party_name"), "full", width=28),
        SheetColumn("对方信用代码", "Credit code of the other side", own("party_code"), "full", width=22),
        SheetColumn("版本", "Version", _of_version("number"), "full", width=8),
        SheetColumn("金额(元)", "Amount, in yuan", _amount, "full", width=16),
        SheetColumn("签订日", "Signed on", _of_version("agreed_on"), "full"),
        SheetColumn("起始日", "First day", _of_version("starts_on"), "full"),
        SheetColumn("终止日", "Last day", _of_version("ends_on"), "full"),
        SheetColumn("已付(元)", "Paid, in yuan", lambda _actor, row: yuan(paid_fen(row)), "full", width=16),
        *record_columns(),
    ),
    prefetch=("versions__payments",),
)


def _owed(_actor: Actor, row: Any) -> str:
    return str(row.get_trigger_display())


LICENCE_SHEET = Sheet(
    licence_lifecycle.KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("成果编号", "Achievement", lambda _actor, row: row.achievement.code, "public", width=16),
        SheetColumn("许可费(元)", "Price, in yuan", lambda _actor, row: yuan(row.fee_fen), "public", width=14),
        SheetColumn("提成比例", "Share of sales", lambda _actor, row: percent(row.royalty_bp), "public", width=12),
        SheetColumn("期限(月)", "Term in months", own("months"), "public", width=10),
        SheetColumn("试用(月)", "Months of trial", own("trial_months"), "public", width=10),
        SheetColumn(
            "应付款起点", "Money is owed", lambda _actor, row: str(row.get_trigger_display()), "public", width=24
        ),
        SheetColumn("应用领域", "Field of use", own("use_field"), "public", width=20),
        SheetColumn("地域", "Territory", own("territory"), "public", width=16),
        SheetColumn("说明", "What comes with it", word("summary"), "public", width=40),
        *record_columns(),
    ),
    related=("achievement",),
)
