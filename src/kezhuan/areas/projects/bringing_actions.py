"""What stands beside a project that a file brought: its leader as the one member, the plan, and what was paid."""

from collections.abc import Sequence

from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.library_actions import leave_library
from kezhuan.areas.projects.actions import BookFacts, keep_plan
from kezhuan.areas.projects.book_actions import fix_wording
from kezhuan.areas.projects.bringing import Made, Reached
from kezhuan.areas.projects.milestone_actions import count_milestones
from kezhuan.areas.projects.models import Member, MemberState, Payment, PaymentState, Project
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.text import today


def bring_plan(row: Project, book: BookFacts, reached: Sequence[Reached], made: Sequence[Made]) -> None:
    """Write it for a project that was just opened, in its transaction. Nobody has signed here what was signed there:
    the leader and the poster are asked to sign the task book as it stands."""
    leader = Member.objects.create(
        project=row, number=1, organisation=row.leader, state=MemberState.ACCEPTED, since=row.signed_on,
        task=book.shares[0].task, fiscal_fen=row.fiscal_fen, own_fen=row.own_fen,
    )  # fmt: skip
    keep_plan(row, book, {row.leader.record.code: leader})
    for milestone, said in zip(row.milestones.order_by("number"), reached, strict=True):
        if said.passed_on is not None:
            milestone.passed, milestone.reported_on, milestone.judged_on = True, said.passed_on, said.passed_on
            milestone.save(update_fields=["passed", "reported_on", "judged_on"])
    for payment, paid in zip(row.payments.select_related("milestone").order_by("number"), made, strict=True):
        if paid.paid_on is not None:
            payment.state, payment.paid_on, payment.voucher = PaymentState.PAID, paid.paid_on, paid.voucher
        elif row.record.stage == "terminated":
            payment.state = PaymentState.FREED
        elif _is_due(row, payment):
            payment.state, payment.due_on = PaymentState.DUE, today()
        payment.save(update_fields=["state", "paid_on", "voucher", "due_on"])
    fix_wording(row)
    count_milestones(row)
    leave_library(actor=SYSTEM, application=row.application)


def _is_due(row: Project, payment: Payment) -> bool:
    """Whether what a payment waits for has come: the signing always has."""
    if payment.milestone is not None:
        return bool(payment.milestone.passed)
    return payment.occasion == Occasion.SIGNING or row.accepted_on is not None
