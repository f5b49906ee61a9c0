"""What is done with agreements: written and changed by their unit, and what was invoiced, paid and reached entered.
The only writers here beside the steps of the lifecycle."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.agreements.lifecycle import AGREEMENT, STANDING, count_days
from kezhuan.areas.agreements.models import (
    OF_VERSION,
    Agreement,
    AgreementMilestone,
    AgreementPayment,
    AgreementSort,
    AgreementVersion,
    Binding,
    Trigger,
    UseScope,
)
from kezhuan.areas.agreements.permissions import counts_money, keeps
from kezhuan.areas.agreements.queries import TIES, ties_of
from kezhuan.areas.people.queries import organisation_of_code
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import refuse_marked, refuse_marked_texts
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.opening import require_keeps
from kezhuan.kernel.roles import PAPERS
from kezhuan.kernel.text import clean, today

MOST_PAYMENTS, MOST_MILESTONES = 60, 20
EDITED = frozenset({"draft", "amending"})
"""Stages in which the unit writes."""


@dataclass(frozen=True)
class Due:
    """A payment that is planned: without a day it is due so many days after money is owed, without an amount it
    depends on sales."""

    what: str
    fen: int | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Aim:
    """What is to be reached, and by when."""

    text: str
    due_on: date | None


@dataclass(frozen=True)
class AgreementFacts:
    """What a unit writes of an agreement; money in 分. See `Agreement` and `AgreementVersion`.

    The other side is the organisation here that has the credit code `party_code`, else one by name alone.
    """

    title: str
    sort: str
    binding: str
    scope: str = ""
    party_name: str = ""
    party_code: str = ""
    others: str = ""
    summary: str = ""
    achievement: Record | None = None
    need: Record | None = None
    introduction: Record | None = None
    amount_fen: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    trial_months: int = 0
    trigger: str = Trigger.SIGNED
    due_days: int = 30
    words: str = ""
    payments: tuple[Due, ...] = ()
    milestones: tuple[Aim, ...] = ()


def check_facts(facts: AgreementFacts, owner: Organisation | None) -> list[Problem]:
    """What is wrong with an agreement even as a draft; what it lacks is told when it is offered."""
    found = []
    title = clean(facts.title)
    if not title:
        found.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > 200:
        found.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    choices = (("sort", AgreementSort), ("binding", Binding), ("trigger", Trigger))
    found += [
        Problem("agreement-choice", _("Choose one of the list."), name)
        for name, known in choices
        if getattr(facts, name) not in known.values
    ]
    if facts.scope and (facts.scope not in UseScope.values or facts.sort != AgreementSort.LICENCE):
        message = _("How far it shuts others out is said of a licence: choose one of the list, or nothing.")
        found.append(Problem("agreement-choice", message, "scope"))
    party = organisation_of_code(clean(facts.party_code).upper())
    if party is None and not clean(facts.party_name):
        found.append(Problem("agreement-party", _("Name the other side."), "party_name"))
    if party is not None and owner is not None and party.pk == owner.pk:
        message = _("The other side is another organisation than your own.")
        found.append(Problem("agreement-party", message, "party_code"))
    if facts.starts_on and facts.ends_on and facts.ends_on < facts.starts_on:
        found.append(Problem("agreement-days", _("The last day is not before the first."), "ends_on"))
    if not 0 <= facts.trial_months <= 60:
        found.append(Problem("agreement-trial", _("A trial has at most 60 months."), "trial_months"))
    if not 0 <= facts.due_days <= 365:
        found.append(Problem("agreement-due", _("There are at most 365 days to pay."), "due_days"))
    return [*found, *_check_rows(facts)]


def _check_rows(facts: AgreementFacts) -> list[Problem]:
    found = []
    if facts.amount_fen is not None and facts.amount_fen < 0:
        found.append(Problem("amount-negative", _("An amount is not below zero."), "amount"))
    rows = facts.payments
    if len(rows) > MOST_PAYMENTS or any(not clean(one.what) or (one.fen is not None and one.fen <= 0) for one in rows):
        message = _("Say of each payment what it is for; its amount is above zero or open; at most %(most)s of them.")
        found.append(Problem("agreement-payments", message % {"most": MOST_PAYMENTS}, "payments"))
    aims = facts.milestones
    if len(aims) > MOST_MILESTONES or any(not clean(one.text) or one.due_on is None for one in aims):
        message = _("Say of each milestone what is to be reached and by when; at most %(most)s of them.")
        found.append(Problem("agreement-milestones", message % {"most": MOST_MILESTONES}, "milestones"))
    return found


def draft_agreement(*, actor: Actor, owner: Organisation, facts: AgreementFacts) -> Agreement:
    """Begin an agreement of the unit that the actor acts for; raises `NotAllowed` or `Refused`."""
    require_keeps(actor, owner, PAPERS)
    if problems := [*check_facts(facts, owner), *_strange_ties(actor, facts, None)]:
        raise Refused(problems)
    with journal.writing():
        made: Agreement = open_record(
            AGREEMENT,
            lambda record: Agreement(record=record, **_own_columns(facts)),
            actor=actor,
            title=facts.title,
            summary=facts.summary,
            owner=owner,
            contact=actor.person,
        )
        write_version(made.versions.create(number=1, binding=facts.binding), facts)
    return made


def edit_agreement(*, actor: Actor, agreement: Agreement, facts: AgreementFacts, expected_version: int) -> Agreement:
    """Change the version that is being written; the other side stays whoever signed the first one. Raises `NotAllowed`,
    `Refused`, or `Conflict` when somebody changed it meanwhile."""
    must_allow(
        keeps,
        actor,
        agreement,
        _("An agreement is changed by its unit, as a draft or as its next version."),
        stages=EDITED,
    )
    if problems := [*check_facts(facts, agreement.record.owner), *_strange_ties(actor, facts, agreement)]:
        raise Refused(problems)
    with journal.writing():
        row: Agreement = held(agreement)
        version = row.pending
        if version is None:
            raise Conflict(_("Somebody was faster: no version is being written any more."))
        values = _own_columns(facts)
        if row.in_force is not None:
            values = {name: value for name, value in values.items() if not name.startswith("party")}
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        changed = [*set_columns(row.record, texts), *set_columns(row, values)]
        require_fits(row.record, row)
        row.record.save(update_fields=list(texts))
        row.save()
        write_version(version, facts)
        touch(AGREEMENT, row, actor=actor, fields=[*changed, "version"], expected_version=expected_version)
    return row


def _own_columns(facts: AgreementFacts) -> dict[str, Any]:
    party = organisation_of_code(clean(facts.party_code).upper())
    return {
        "sort": facts.sort,
        "party": party,
        "party_name": party.record.title[:200] if party is not None else clean(facts.party_name),
        "party_code": clean(facts.party_code).upper(),
        "others": "\n".join(filter(None, map(clean, facts.others.splitlines()))),
        **{name: getattr(facts, name) for name in TIES},
    }


def write_version(version: AgreementVersion, facts: AgreementFacts) -> None:
    """Write down what a version says, with its payments and milestones."""
    set_columns(version, {name: getattr(facts, name) for name in OF_VERSION} | {"words": clean(facts.words)})
    require_fits(version)
    refuse_marked(version)
    refuse_marked_texts([[one.what for one in facts.payments], [one.text for one in facts.milestones]], "payments")
    version.save()
    version.payments.all().delete()
    version.milestones.all().delete()
    AgreementPayment.objects.bulk_create(
        AgreementPayment(
            version=version, number=number, what=clean(one.what)[:200], due_on=one.due_on, planned_fen=one.fen
        )
        for number, one in enumerate(facts.payments, 1)
    )
    AgreementMilestone.objects.bulk_create(
        AgreementMilestone(version=version, number=number, text=clean(one.text)[:300], due_on=one.due_on)
        for number, one in enumerate(facts.milestones, 1)
        if one.due_on is not None
    )


def _strange_ties(actor: Actor, facts: AgreementFacts, before: Agreement | None) -> list[Problem]:
    """What an agreement may not come from: what the actor's unit has no part in."""
    found = []
    for name in TIES:
        tie: Record | None = getattr(facts, name)
        if tie is None or (before is not None and getattr(before, name) == tie):
            continue
        if not ties_of(actor, name).filter(pk=tie.pk).exists():
            found.append(Problem("agreement-tie", _("Choose a record of your own unit."), name))
    return found


# -- while it stands ---------------------------------------------------------------------------------------------------


def note_invoice(*, actor: Actor, agreement: Agreement, number: int, invoice: str, on: date | None) -> Agreement:
    """Enter the invoice of a payment of the version in force; raises `NotAllowed`, `Missing`, `Conflict`, `Refused`."""
    with journal.writing():
        row, payment = _payment(actor, agreement, number)
        problems = _check_day(on, "on")
        if not clean(invoice):
            problems.append(Problem("agreement-invoice", _("Enter the number of the invoice."), "invoice"))
        if payment.due_on is None:
            message = _("Nothing is owed yet: the invoice follows what was agreed to come first.")
            problems.append(Problem("agreement-early", message, "invoice"))
        if problems:
            raise Refused(problems)
        payment.invoice, payment.invoiced_on = clean(invoice), on
        require_fits(payment)
        refuse_marked(payment)
        payment.save(update_fields=["invoice", "invoiced_on"])
        touch(AGREEMENT, row, actor=actor, fields=["payments"])
    return row


def note_payment(
    *, actor: Actor, agreement: Agreement, number: int, on: date | None, fen: int | None, voucher: str
) -> Agreement:
    """Enter what came in for a payment of the version in force; raises as `note_invoice`."""
    with journal.writing():
        row, payment = _payment(actor, agreement, number)
        problems = _check_day(on, "on")
        if fen is None or fen <= 0:
            problems.append(Problem("agreement-paid", _("Enter what came in, above zero."), "fen"))
        if problems:
            raise Refused(problems)
        payment.paid_on, payment.paid_fen, payment.voucher = on, fen, clean(voucher)
        require_fits(payment)
        refuse_marked(payment)
        payment.save(update_fields=["paid_on", "paid_fen", "voucher"])
        # The next version that is being written plans it no more.
        AgreementPayment.objects.filter(
            version__agreement=row, version__agreed_on=None, version__offered_on=None, number=number, what=payment.what
        ).delete()
        count_days(row)
        touch(AGREEMENT, row, actor=actor, fields=["payments"])
    return row


def _payment(actor: Actor, agreement: Agreement, number: int) -> tuple[Agreement, AgreementPayment]:
    row: Agreement = held(agreement)
    if not counts_money.test(actor, row):
        raise NotAllowed(_("Only members in charge of the unit's contracts and money enter this."))
    version = row.in_force if row.record.stage in STANDING else None
    if version is None:
        raise Conflict(_("No version is in force: nothing is paid."))
    payment = version.payments.filter(number=number).first()
    if payment is None:
        raise Missing(str(number))
    if payment.paid_on is not None:
        raise Conflict(_("This payment was entered as paid before."))
    return row, payment


def _check_day(on: date | None, field: str) -> list[Problem]:
    if on is None or on > today():
        return [Problem("agreement-day", _("Give a day, today or before."), field)]
    return []


def reach_milestone(*, actor: Actor, agreement: Agreement, number: int, on: date | None, evidence: str) -> Agreement:
    """Enter that a milestone was reached and how that is shown; raises as `note_invoice`."""
    refuse_marked_texts([evidence], "evidence")
    with journal.writing():
        row: Agreement = held(agreement)
        if not keeps.test(actor, row):
            raise NotAllowed(_("Only members in charge of the unit's contracts and money enter this."))
        version = row.in_force if row.record.stage in STANDING else None
        milestone = version.milestones.filter(number=number).first() if version is not None else None
        if milestone is None:
            raise Missing(str(number))
        if milestone.reached_on is not None:
            raise Conflict(_("This milestone was entered as reached before."))
        problems = _check_day(on, "on")
        if len(clean(evidence)) < 2:
            message = _("Say how it is shown that it was reached: report, contract, test.")
            problems.append(Problem("milestone-evidence", message, "evidence"))
        if problems:
            raise Refused(problems)
        milestone.reached_on, milestone.evidence = on, clean(evidence)
        milestone.save(update_fields=["reached_on", "evidence"])
        count_days(row)
        touch(AGREEMENT, row, actor=actor, fields=["milestones"])
    return row
