"""What is done to a project that is under way: milestones reported and judged, what is due paid, and the money of one
that ended before its goal settled."""

from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import Occasion, PosterPays
from kezhuan.areas.calls.models import Call
from kezhuan.areas.projects.checks import require_words
from kezhuan.areas.projects.following_actions import make_due, note_decision
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.milestone_actions import count_milestones
from kezhuan.areas.projects.models import MemberState, Milestone, Payment, PaymentState, Project, Source
from kezhuan.areas.projects.permissions import PAYING, UNDER_WAY, decides, pays_own, reports_milestone
from kezhuan.areas.projects.queries import money_of, next_number, room_of, waits_to_land
from kezhuan.areas.projects.race_step_actions import hold_race, note_in_race
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, hold_records, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import clean, today, wan_from_fen

ENDED_EARLY = frozenset({"failed", "terminated"})


# -- milestones --------------------------------------------------------------------------------------------------------


def report_milestone(*, actor: Actor, project: Project, number: int, words: str) -> Milestone:
    """Report that a milestone is reached; raises `NotAllowed`, `Refused`, `Missing` or `Conflict`."""
    must_allow(reports_milestone, actor, project, _("The leader reports milestones while the project is under way."))
    with journal.writing():
        row: Project = held(project)
        milestone = _milestone(row, number)
        if milestone.passed:
            raise Conflict(_("This milestone has passed already."))
        require_words(words)
        milestone.report, milestone.reported_on = clean(words), today()
        milestone.passed, milestone.judged_on, milestone.verdict = None, None, ""
        milestone.save()
        count_milestones(row)
        touch(PROJECT, row, actor=actor, fields=["milestones"])
    return milestone


def _milestone(row: Project, number: int) -> Milestone:
    found: Milestone | None = row.milestones.filter(number=number).first()
    if found is None:
        raise Missing(str(number))
    if row.record.stage not in UNDER_WAY:
        raise Conflict(_("Milestones are reported and judged while the project is under way."))
    return found


def judge_milestone(*, actor: Actor, project: Project, number: int, passed: bool, words: str) -> Milestone:
    """Find that a reported milestone has passed, so that what waited for it is due, or that it is put right first.
    Raises `NotAllowed`, `Refused`, `Missing` or `Conflict`."""
    if not decides.test(actor, project):
        raise NotAllowed(_("Only the officers in charge, of no unit that takes part, decide here."))
    with journal.writing():
        row: Project = held(project)
        milestone = _milestone(row, number)
        if milestone.reported_on is None or milestone.passed is not None:
            raise Conflict(_("A milestone is judged once, after the leader has reported it."))
        require_words(words)
        milestone.passed, milestone.judged_on, milestone.verdict = passed, today(), clean(words)
        milestone.save()
        count_milestones(row)
        if passed:
            make_due(row, Occasion.MILESTONE, milestone)
        note_decision(row, actor, "milestone", number)
        touch(PROJECT, row, actor=actor, fields=["milestones"])
    return milestone


# -- payments ----------------------------------------------------------------------------------------------------------


def pay(*, actor: Actor, project: Project, number: int, voucher: str, on: date, fen: int | None = None) -> Payment:
    """Note that a payment which is due was made: of fiscal money by the officers in charge, within the room of the
    call's budget line; of the poster's own by the poster. Of less (`fen`) the rest stays due, as a row of its own.
    Raises `NotAllowed`, `Refused`, `Missing` or `Conflict`."""
    with journal.writing():
        hold_race(project)
        row: Project = held(project)
        payment: Payment | None = row.payments.filter(number=number).first()
        if payment is None:
            raise Missing(str(number))
        fiscal = payment.source == Source.FISCAL
        said = _("Fiscal money is paid by the officers in charge, of no unit that takes part; posters note theirs.")
        must_allow(decides if fiscal else pays_own, actor, row, said)
        if payment.state == PaymentState.PAID:
            raise Conflict(_("This payment was made already."))
        fen = payment.planned_fen if fen is None else fen
        if problems := _pay_problems(row, payment, voucher, on, fen):
            raise Refused(problems)
        _leave_rest(row, payment, fen)
        payment.state, payment.voucher, payment.paid_on = PaymentState.PAID, clean(voucher), on
        require_fits(payment)
        payment.save(update_fields=["planned_fen", "state", "voucher", "paid_on"])
        if fiscal:
            note_in_race(row, "pay", payment.planned_fen, actor)
            note_decision(row, actor, "pay", number)
        touch(PROJECT, row, actor=actor, fields=["payments"])
    payment.project = row
    return payment


def _leave_rest(row: Project, payment: Payment, fen: int) -> None:
    """What is not paid of it yet is a row of its own from now on, due since the same day."""
    rest = payment.planned_fen - fen
    if rest:
        Payment.objects.create(
            project=row, number=next_number(row), part_of=payment.part_of, payee=payment.payee, source=payment.source,
            occasion=payment.occasion, milestone=payment.milestone, planned_fen=rest, state=payment.state,
            due_on=payment.due_on,
        )  # fmt: skip
        payment.planned_fen = fen


def _pay_problems(row: Project, payment: Payment, voucher: str, on: date, fen: int) -> list[Problem]:
    refuse_marked_texts([voucher], "voucher")
    found = []
    if not 0 < fen <= payment.planned_fen:
        message = _("%(fen)s 万元 of payment %(number)s are not paid yet: no more is paid, and no less than a fen.")
        amounts = {"fen": wan_from_fen(payment.planned_fen), "number": payment.number}
        found.append(Problem("payment-amount", message % amounts, "amount"))
    if payment.state != PaymentState.DUE or row.record.stage not in PAYING:
        message = _("Payment %(number)s is not due: what it waits for has not happened, or the project stands still.")
        found.append(Problem("payment-early", message % {"number": payment.number}, "voucher"))
    if not clean(voucher):
        found.append(Problem("voucher-missing", _("Give the number of the voucher."), "voucher"))
    if on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "paid_on"))
    elif payment.due_on is not None and on < payment.due_on:
        found.append(Problem("day-earlier", _("It was not due then."), "paid_on"))
    return found or ([*_room_problems(row, payment, fen)] if payment.source == Source.FISCAL else [])


def _room_problems(row: Project, payment: Payment, fen: int) -> list[Problem]:
    """What keeps fiscal money back: the budget line of the call, held until the transaction ends, an entity that
    the payee has promised here, and the poster."""
    call, found = row.application.item.call, []
    hold_records(Record.objects.filter(pk=call.pk))
    room = room_of(Call.objects.get(pk=call.pk))
    if fen > room:
        message = _("The call's budget line has room for %(room)s 万元, this payment is %(fen)s.")
        amounts = {"room": wan_from_fen(max(0, room)), "fen": wan_from_fen(fen)}
        found.append(Problem("payment-room", message % amounts, "voucher"))
    payee = payment.payee_id or row.members.get(organisation=row.leader, state=MemberState.ACCEPTED).pk
    if payee in {one.pk for one in waits_to_land(row)}:
        message = _("%(unit)s promised to set up an entity here: fiscal money to it waits until that is recorded.")
        found.append(Problem("payment-landing", message % {"unit": payment.unit.record.title}, "voucher"))
    if call.poster_pays == PosterPays.BLOCK and unpaid_by_poster(row):
        message = _("The poster has not paid its own that is due: fiscal money waits for it.")
        found.append(Problem("payment-poster", message, "voucher"))
    return found


def unpaid_by_poster(row: Project) -> bool:
    """Whether payments of the poster are due and not made."""
    return any(one.source == Source.FIRM and one.state == PaymentState.DUE for one in row.payments.all())


# -- what ended before its goal ----------------------------------------------------------------------------------------


def settle_project(
    *,
    actor: Actor,
    project: Project,
    spent_fen: int,
    diligent: bool,
    words: str,
    returned_on: date | None = None,
    voucher: str = "",
) -> Project:
    """Settle what of the fiscal money paid was spent, and whether with due diligence (尽职); what was not is clawed
    back, and noted here again once it has come back with its voucher. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if not decides.test(actor, project):
        raise NotAllowed(_("Only the officers in charge, of no unit that takes part, decide here."))
    with journal.writing():
        hold_race(project)
        row: Project = held(project)
        if row.record.stage not in ENDED_EARLY:
            raise Conflict(_("What ended before its goal is settled, before the settlement is closed."))
        if row.returned_on is not None:
            raise Conflict(_("What was not spent has come back already."))
        require_words(words)
        paid = money_of(row).paid + row.returned_fen
        if problems := _settling_problems(paid, spent_fen, returned_on, voucher):
            raise Refused(problems)
        row.spent_fen, row.diligent, row.settlement = spent_fen, diligent, clean(words)
        row.returned_on, row.returned_voucher = returned_on, clean(voucher)
        row.returned_fen = paid - spent_fen if returned_on is not None else 0
        require_fits(row)
        row.save()
        if row.returned_fen:
            note_in_race(row, "take-back", row.returned_fen, actor)
        note_decision(row, actor, "settlement")
        touch(PROJECT, row, actor=actor, fields=["settlement"])
    return row


def _settling_problems(paid: int, spent_fen: int, returned_on: date | None, voucher: str) -> list[Problem]:
    found = []
    if not 0 <= spent_fen <= paid:
        message = _("%(paid)s 万元 were paid: no more can be spent of it.") % {"paid": wan_from_fen(paid)}
        found.append(Problem("settlement-spent", message, "spent"))
    if (returned_on is None) != (not clean(voucher)):
        message = _("What came back has a day and a voucher: give both, or none.")
        found.append(Problem("voucher-missing", message, "voucher"))
    if returned_on is not None and returned_on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "returned_on"))
    return found
