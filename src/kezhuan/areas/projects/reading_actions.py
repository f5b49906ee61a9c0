"""Read back the payment list from the finance office: row for row what was paid, by the row's own code. A job does it,
for a row takes some hundredths of a second."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from kezhuan.areas.projects.models import PaymentState, VoucherList, VoucherRow
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.payment_list import AMOUNT, CODE, PAID_ON, ROWS, VOUCHER
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.areas.projects.queries import payments_visible_to
from kezhuan.engines.tables import Problem as BadRow
from kezhuan.engines.tables import Unusable, open_table
from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.uploads import unusable_problem
from kezhuan.kernel import jobs, journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.models import Job
from kezhuan.kernel.text import clean, language, now

READ = "projects.read-vouchers"
"""The job that reads a list."""
MOST_ROWS = 5000
NUMBER = re.compile(r"[0-9]{1,4}")
"""Of a payment within its project."""


class Outcome(StrEnum):
    """What becomes of a row."""

    PAID = "paid"
    PART = "part"
    SAME = "same"
    UNKNOWN = "unknown"
    REFUSED = "refused"


def read_vouchers(*, actor: Actor, source: Source, name: str = "") -> tuple[VoucherList, Job]:
    """Keep the rows of a list, and let a job note every payment that has a voucher and is due; of one with a lower
    amount the rest stays due, and a further row of the same code means that. A second reading changes nothing. Raises
    `NotAllowed`, or `Refused` for a file that cannot be used."""
    if not actor.regions_of(PROGRAMME) or actor.person is None or actor.organisation is None:
        raise NotAllowed(_("Only the officers in charge of projects read back what was paid."))
    rows = list(_rows_of(source))
    with journal.writing():
        made = VoucherList.objects.create(
            by=actor.person, office=actor.organisation, file_name=name[:200], language=get_language() or "zh-hans",
            made_at=now(),
        )  # fmt: skip
        for one in rows:
            one.sheet = made
        VoucherRow.objects.bulk_create(rows)
        return made, jobs.enqueue(READ, actor=actor, voucher_list=made.pk)


def _rows_of(source: Source) -> Iterator[VoucherRow]:
    try:
        for number, one in enumerate(open_table(source, ROWS.columns, any_of=(CODE.name,)), 1):
            if number > MOST_ROWS:
                message = _("At most %(most)s rows are read back at once: split the file.") % {"most": MOST_ROWS}
                raise Refused(Problem("file-unusable", message, "file"))
            yield _bad(one) if isinstance(one, BadRow) else _kept(one)
    except Unusable as unusable:
        raise Refused(unusable_problem(unusable)) from None


def _bad(one: BadRow) -> VoucherRow:
    reasons = "；".join(part.reason(language()) for part in (one, *one.rest))
    return VoucherRow(row=one.row, outcome=Outcome.REFUSED, reason=reasons)


def _kept(one: Any) -> VoucherRow:
    values = one.values
    return VoucherRow(
        row=one.number, code=clean(values[CODE.name] or "").upper(), voucher=clean(values[VOUCHER.name] or ""),
        paid_on=values[PAID_ON.name], fen=values[AMOUNT.name],
    )  # fmt: skip


def read_list(running: jobs.Running, voucher_list: int) -> None:
    """Note what the rows of a list tell, each in a transaction of its own with what becomes of it, so that whoever
    takes the job over goes on from there; with the rights that whoever sent it has at this moment."""
    asked, actor = VoucherList.objects.get(pk=voucher_list), running.actor
    if actor is None:
        raise Missing(str(voucher_list))
    waiting, total = list(asked.rows.filter(outcome="")), asked.rows.count()
    with override(asked.language):
        for done, one in enumerate(waiting, total - len(waiting) + 1):
            with journal.writing():
                one.outcome, one.reason = _read(actor, one)
                one.save(update_fields=["outcome", "reason"])
            running.progress(done, total)
    with journal.writing():
        running.result({"page": "payments-read", "at": [asked.pk]})
        running.finish()


def _read(actor: Actor, one: VoucherRow) -> tuple[Outcome, str]:
    """What becomes of a row, and why."""
    project, _dash, number = one.code.rpartition("-")
    rows = payments_visible_to(actor).filter(project__record__code=project)
    payment = rows.filter(number=int(number)).first() if NUMBER.fullmatch(number) else None
    if payment is None:
        return Outcome.UNKNOWN, _("No payment here has this code.")
    parts = rows.filter(part_of=payment.part_of, payee=payment.payee)
    for part in parts.filter(state=PaymentState.PAID, voucher=one.voucher, paid_on=one.paid_on):
        if one.fen in {None, part.planned_fen}:
            return Outcome.SAME, ""
    if not one.voucher or one.paid_on is None:
        return Outcome.REFUSED, _("The row has no voucher, or no day.")
    if payment.state == PaymentState.PAID:  # a further voucher of the same row: what is left of it
        payment = parts.filter(state=PaymentState.DUE).first() or payment
    whole = one.fen is None or one.fen == payment.planned_fen
    try:
        pay(
            actor=actor,
            project=payment.project,
            number=payment.number,
            voucher=one.voucher,
            on=one.paid_on,
            fen=one.fen,
        )
    except Refused as refused:
        return Outcome.REFUSED, " ".join(str(part.message) for part in refused.problems)
    except (Conflict, NotAllowed) as refused:
        return Outcome.REFUSED, str(refused)
    return (Outcome.PAID if whole else Outcome.PART), ""
