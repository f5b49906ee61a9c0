"""Read back the payment list from the finance office: row for row what was paid, by the row's own code."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.projects.models import Payment, PaymentState
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.payment_list import AMOUNT, CODE, PAID_ON, ROWS, VOUCHER
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.areas.projects.queries import payments_visible_to
from kezhuan.engines.tables import Problem as BadRow
from kezhuan.engines.tables import Unusable, open_table
from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.uploads import language, unusable_problem
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.text import clean

MOST_ROWS = 500
"""Rows that are read while the officer waits."""


NUMBER = re.compile(r"[0-9]{1,4}")
"""Of a payment within its project."""


class Outcome(StrEnum):
    """What becomes of a row."""

    PAID = "paid"
    PART = "part"
    SAME = "same"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True)
class ReadRow:
    """A row of the list: its number in the file, its code, what becomes of it and why, and the payment it means."""

    row: int
    outcome: Outcome
    code: str
    reason: str = ""
    payment: Payment | None = None


def read_vouchers(*, actor: Actor, source: Source) -> tuple[ReadRow, ...]:
    """Note every payment of a list that has a voucher and is due, each in a transaction of its own; of one with a lower
    amount the rest stays due, and a further row of the same code means that. A second reading changes nothing. Raises
    `NotAllowed`, or `Refused` for a file that cannot be used."""
    if not actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the officers in charge of projects read back what was paid."))
    return tuple(_read(actor, one) for one in _rows_of(source))


def _rows_of(source: Source) -> Sequence[Any]:
    try:
        table = open_table(source, ROWS.columns, any_of=(CODE.name,))
        rows = []
        for one in table:
            rows.append(one)
            if len(rows) > MOST_ROWS:
                message = _("At most %(most)s rows are read back at once: split the file.") % {"most": MOST_ROWS}
                raise Refused(Problem("file-unusable", message, "file"))
    except Unusable as unusable:
        raise Refused(unusable_problem(unusable)) from None
    return rows


def _read(actor: Actor, one: Any) -> ReadRow:
    if isinstance(one, BadRow):
        reasons = "；".join(part.reason(language()) for part in (one, *one.rest))  # type: ignore[arg-type]  # one of two
        return ReadRow(one.row, Outcome.REFUSED, "", reasons)
    values = one.values
    code = clean(values[CODE.name] or "").upper()
    project, _dash, number = code.rpartition("-")
    voucher, on, amount = clean(values[VOUCHER.name] or ""), values[PAID_ON.name], values[AMOUNT.name]
    rows = payments_visible_to(actor).filter(project__record__code=project)
    payment = rows.filter(number=int(number)).first() if NUMBER.fullmatch(number) else None
    if payment is None:
        return ReadRow(one.number, Outcome.UNKNOWN, code, _("No payment here has this code."))
    parts = rows.filter(part_of=payment.part_of, payee=payment.payee)
    for part in parts.filter(state=PaymentState.PAID, voucher=voucher, paid_on=on):
        if amount in {None, part.planned_fen}:
            return ReadRow(one.number, Outcome.SAME, code, payment=part)
    if not voucher or on is None:
        return ReadRow(one.number, Outcome.REFUSED, code, _("The row has no voucher, or no day."), payment)
    if payment.state == PaymentState.PAID:  # a further voucher of the same row: what is left of it
        payment = parts.filter(state=PaymentState.DUE).first() or payment
    whole = amount is None or amount == payment.planned_fen
    try:
        paid = pay(actor=actor, project=payment.project, number=payment.number, voucher=voucher, on=on, fen=amount)
    except Refused as refused:
        reasons = " ".join(str(part.message) for part in refused.problems)
        return ReadRow(one.number, Outcome.REFUSED, code, reasons, payment)
    except (Conflict, NotAllowed) as refused:
        return ReadRow(one.number, Outcome.REFUSED, code, str(refused), payment)
    return ReadRow(one.number, Outcome.PAID if whole else Outcome.PART, code, payment=paid)
