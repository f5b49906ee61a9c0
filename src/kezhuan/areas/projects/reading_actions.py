"""Read back the payment list from the finance office: row for row what was paid, by the row's own code."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.projects.models import PaymentState
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.payment_list import AMOUNT, CODE, PAID_ON, ROWS, VOUCHER
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.areas.projects.queries import payments_visible_to
from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.models import Reading, RowOutcome
from kezhuan.exchange.reading_actions import Answer, GivenRow, Reader, ReadingKind, left_out, read_in
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import KezhuanError
from kezhuan.kernel.text import clean

NUMBER = re.compile(r"[0-9]{1,4}")
"""Of a payment within its project."""


def read_vouchers(*, actor: Actor, source: Source, name: str = "") -> Reading:
    """Keep the rows of a list, and let a job note every payment that has a voucher and is due; of one with a lower
    amount the rest stays due, and a further row of the same code means that. A second reading changes nothing. Raises
    `NotAllowed`, or `Refused` for a file that cannot be used."""
    return read_in(VOUCHERS, actor=actor, source=source, name=name)


def _titled(values: Mapping[str, Any]) -> str:
    return " · ".join(filter(None, (_code(values), clean(values[VOUCHER.name] or ""))))


def _code(values: Mapping[str, Any]) -> str:
    return clean(values[CODE.name] or "").upper()


def _reader(actor: Actor, _rows: Sequence[GivenRow], _options: Mapping[str, Any]) -> Reader:
    return lambda one: _read(actor, one.values)


def _read(actor: Actor, values: Mapping[str, Any]) -> Answer:
    """What becomes of a row, and why."""
    project, _dash, number = _code(values).rpartition("-")
    voucher, paid_on, fen = clean(values[VOUCHER.name] or ""), values[PAID_ON.name], values[AMOUNT.name]
    rows = payments_visible_to(actor).filter(project__record__code=project)
    payment = rows.filter(number=int(number)).first() if NUMBER.fullmatch(number) else None
    if payment is None:
        return Answer(RowOutcome.UNKNOWN, _("No payment here has this code."))
    record = payment.project.record
    parts = rows.filter(part_of=payment.part_of, payee=payment.payee)
    for part in parts.filter(state=PaymentState.PAID, voucher=voucher, paid_on=paid_on):
        if fen in {None, part.planned_fen}:
            return Answer(RowOutcome.SAME, record=record)
    if not voucher or paid_on is None:
        return Answer(RowOutcome.REFUSED, _("The row has no voucher, or no day."), record)
    if payment.state == PaymentState.PAID:  # a further voucher of the same row: what is left of it
        payment = parts.filter(state=PaymentState.DUE).first() or payment
    whole = fen is None or fen == payment.planned_fen
    try:
        pay(actor=actor, project=payment.project, number=payment.number, voucher=voucher, on=paid_on, fen=fen)
    except KezhuanError as refused:
        return left_out(refused, record)
    return Answer(RowOutcome.TAKEN if whole else RowOutcome.PART, record=record)


VOUCHERS = ReadingKind(
    "projects.vouchers",
    gettext_lazy("Read back the payment list"),
    ROWS,
    (CODE.name,),
    lambda actor: bool(actor.regions_of(PROGRAMME)),
    gettext_lazy("Only the officers in charge of projects read back what was paid."),
    _titled,
    _reader,
    {
        RowOutcome.TAKEN: gettext_lazy("paid"),
        RowOutcome.PART: gettext_lazy("paid in part, the rest stays due"),
        RowOutcome.SAME: gettext_lazy("paid already, unchanged"),
        RowOutcome.UNKNOWN: gettext_lazy("not known here"),
        RowOutcome.REFUSED: gettext_lazy("left out"),
    },
    "payments-read-back",
)
"""The payment list, as it is read back."""
