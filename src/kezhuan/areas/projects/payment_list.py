"""The payment list in the finance office's layout: its columns as they are exported, and as they are read back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from kezhuan.areas.projects.models import Payment
from kezhuan.engines.tables import Column
from kezhuan.exchange.sheets import speaks_chinese
from kezhuan.kernel.models import Identifier

CODE = Column("payment", ("行号", "支付编号", "payment code"))
VOUCHER = Column("voucher", ("凭证号", "voucher number", "voucher"))
PAID_ON = Column("paid_on", ("支付日期", "paid on"), kind="date")
AMOUNT = Column("amount", ("金额(元)", "amount (yuan)"), kind="money_wan")
HEADERS = (
    ("行号", "payment code"), ("收款单位", "payee"), ("统一社会信用代码", "credit code"), ("项目编号", "project"),
    ("项目名称", "title"), ("预算年度", "budget year"), ("科目", "subject"), ("预算文件", "budget document"),
    ("拨付条件", "paid"), ("应付日期", "due on"), ("金额(元)", "amount (yuan)"), ("凭证号", "voucher number"),
    ("支付日期", "paid on"),
)  # fmt: skip


@dataclass(frozen=True)
class VoucherRows:
    """What is read of the list when it comes back."""

    columns: tuple[Column, ...] = field(default=(CODE, VOUCHER, PAID_ON, AMOUNT))


ROWS = VoucherRows()


def headers() -> list[str]:
    """The headers in the reader's language."""
    return [zh if speaks_chinese() else en for zh, en in HEADERS]


def lines(payments: Sequence[Payment]) -> list[list[Any]]:
    """The rows, a payment each; amounts in yuan, to the fen."""
    owners = {one.unit.pk for one in payments}
    held = Identifier.objects.filter(record__in=owners, scheme="uscc", active=True)
    codes = dict(held.values_list("record", "value"))
    return [_line(one, codes) for one in payments]


def _line(one: Payment, codes: dict[int, str]) -> list[Any]:
    project = one.project
    call = project.application.item.call
    return [
        one.code, one.unit.record.title, codes.get(one.unit.pk, ""), project.record.code,
        project.record.title, call.budget_year, call.budget_subject, call.budget_document, occasion_of(one),
        one.due_on, Decimal(one.planned_fen) / 100, one.voucher, one.paid_on,
    ]  # fmt: skip


def occasion_of(one: Payment) -> str:
    """What a payment waits for, with the number of its milestone."""
    if one.milestone is not None:
        return gettext("after milestone %(number)s") % {"number": one.milestone.number}
    return str(one.get_occasion_display())
