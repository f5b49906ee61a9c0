"""What is done with receipts and their distribution: entered and changed, and paid, to everybody once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kezhuan.areas.agreements.models import AgreementPayment
from kezhuan.areas.rights.distribution_lifecycle import DISTRIBUTION
from kezhuan.areas.rights.measures import gets
from kezhuan.areas.rights.models import Distribution, DistributionMember, Sharer, Way
from kezhuan.areas.rights.papers import told_apart
from kezhuan.areas.rights.permissions import keeps_money, keeps_money_for
from kezhuan.areas.rights.way_checks import way_problems
from kezhuan.engines.income import DEDUCTIONS, deduction_kind
from kezhuan.engines.money import MOST_FEN, yuan
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Organisation, Person, Record
from kezhuan.kernel.text import clean, today

MOST_MEMBERS, MOST_COSTS = 100, 30


@dataclass(frozen=True)
class Cost:
    """A direct cost of the deal in 分, and the voucher that shows it."""

    kind: str
    fen: int | None
    voucher: str = ""


@dataclass(frozen=True)
class Share:
    """Somebody who is rewarded: as what, and their weight against the others."""

    name: str
    role: str
    weight: int | None
    person: Person | None = None
    head: bool = False


@dataclass(frozen=True)
class ReceiptFacts:
    """What is entered of a receipt; money in 分, the agreed share in basis points. Owners under a grant follow from it
    and are not entered. `payment` is what came in under an agreement of the unit, whose day and amount it has. What
    stands below `members` is of the ways that its model names, and of the unit's decision."""

    title: str
    achievement: Record | None
    reference: str
    received_on: date | None
    received_fen: int | None
    summary: str = ""
    contract: Record | None = None
    payment: AgreementPayment | None = None
    costs: Sequence[Cost] = ()
    agreed_bp: int | None = None
    members: Sequence[Share] = ()
    way: str = Way.RECEIPT
    company: str = ""
    post_money_fen: int | None = None
    total_shares: int | None = None
    started_on: date | None = None
    year_no: int | None = None
    years: int | None = None
    minutes: str = ""
    decided_on: date | None = None


def check_facts(facts: ReceiptFacts, owner: Organisation | None) -> list[Problem]:
    """What cannot even be kept as a draft."""
    found = []

    def wrong(code: str, message: str, field: str) -> None:
        found.append(Problem(code, message, field))

    if not 2 <= len(clean(facts.title)) <= 200:
        wrong("title-length", _("Give a title of 2 to 200 characters."), "title")
    about = facts.achievement
    if about is None or about.kind != "achievement" or owner is None or about.owner_id != owner.pk:
        wrong("grant-achievement", _("Choose an achievement of the unit."), "achievement")
    contract = facts.contract
    if contract is not None and (owner is None or contract.kind != "contract" or contract.owner_id != owner.pk):
        wrong("income-contract", _("Choose a technology contract of the unit."), "contract")
    if not 1 <= len(clean(facts.reference)) <= 80:
        wrong("income-reference", _("Give the number of the receipt's voucher, at most 80 characters."), "reference")
    if facts.received_on is None or facts.received_on > today():
        wrong("income-day", _("Give the day on which it was received, today or before."), "received_on")
    if facts.received_fen is None or not 0 < facts.received_fen <= MOST_FEN:
        wrong("income-amount", _("Give the amount received, above zero."), "received")
    if facts.agreed_bp is not None and not 0 <= facts.agreed_bp <= 10_000:
        wrong("share-range", _("A share is from 0 to 100 %."), "agreed")
    return [*found, *_payment_problems(facts, owner), *_row_problems(facts), *way_problems(facts)]


def _payment_problems(facts: ReceiptFacts, owner: Organisation | None) -> list[Problem]:
    """A receipt of an agreement is what the agreement says came in."""
    paid = facts.payment
    if paid is None:
        return []
    agreement = paid.version.agreement
    if owner is None or agreement.record.owner_id != owner.pk or paid.paid_on is None:
        message = _("Choose what came in under an agreement of the unit.")
        return [Problem("income-payment", message, "payment")]
    found = []
    if (facts.received_on, facts.received_fen) != (paid.paid_on, paid.paid_fen):
        message = _("The agreement says that %(yuan)s yuan came in on %(day)s: enter these, or choose another payment.")
        told = {"yuan": yuan(paid.paid_fen or 0), "day": paid.paid_on.isoformat()}
        found.append(Problem("income-payment-differs", message % told, "payment"))
    if agreement.achievement_id not in (None, facts.achievement.pk if facts.achievement is not None else None):
        message = _("The agreement is about another achievement.")
        found.append(Problem("income-payment-about", message, "achievement"))
    return found


def _row_problems(facts: ReceiptFacts) -> list[Problem]:
    found = []
    kinds = [deduction_kind(one.kind) for one in facts.costs]
    if "research" in kinds:
        found.append(Problem("income-research-cost", _("The cost of research is not deducted."), "costs"))
    elif set(kinds) - set(DEDUCTIONS) or len(kinds) > MOST_COSTS:
        found.append(Problem("income-cost-kind", _("Choose the kind of each cost from the list."), "costs"))
    if any(one.fen is None or not 0 < one.fen <= MOST_FEN for one in facts.costs):
        found.append(Problem("income-cost-amount", _("Give each cost an amount above zero."), "costs"))
    entered = {Sharer.MAIN, Sharer.OTHER, Sharer.OFFICE}
    if len(facts.members) > MOST_MEMBERS or any(
        not clean(one.name) or one.role not in entered or one.weight is None or not 0 < one.weight <= 1_000_000
        for one in facts.members
    ):
        message = _("Give each person a name, as what they share, and a weight above zero.")
        found.append(Problem("income-members", message, "members"))
    if _twice_named(facts.members):
        message = _(
            "Somebody is named twice: nobody receives the same yuan twice. Of two people of one name choose for each"
            " which colleague it is, or write their department behind the name."
        )
        found.append(Problem("income-person-twice", message, "members"))
    return found


def _twice_named(members: Sequence[Share]) -> bool:
    """Whether somebody is there twice; of two of the same name both need an account to be told apart."""
    people = [one.person.pk for one in members if one.person is not None]
    names = [clean(one.name) for one in members]
    shared = {name for name in names if names.count(name) > 1}
    unknown = any(one.person is None and clean(one.name) in shared for one in members)
    return len(people) != len(set(people)) or unknown


def _columns(facts: ReceiptFacts) -> dict[str, object]:
    return {
        "achievement": facts.achievement,
        "contract": facts.contract,
        "payment": facts.payment,
        "reference": clean(facts.reference),
        "received_on": facts.received_on,
        "received_fen": facts.received_fen,
        "costs": [[deduction_kind(one.kind), one.fen, clean(one.voucher)[:80]] for one in facts.costs],
        "agreed_bp": facts.agreed_bp,
        "way": facts.way,
        "company": clean(facts.company),
        "post_money_fen": facts.post_money_fen,
        "total_shares": facts.total_shares,
        "started_on": facts.started_on,
        "year_no": facts.year_no,
        "years": facts.years,
        "minutes": clean(facts.minutes),
        "decided_on": facts.decided_on,
    }


def _write_members(row: Distribution, facts: ReceiptFacts) -> None:
    row.members.all().delete()
    names = [clean(one.name) for one in facts.members]
    shared = {name for name in names if names.count(name) > 1}
    members: list[DistributionMember] = []
    for number, one in enumerate(facts.members, 1):
        name = told_apart(clean(one.name), one.person, shared, number)
        kept = {"person": one.person, "role": one.role, "weight": one.weight or 0, "head": one.head}
        members.append(DistributionMember(distribution=row, number=number, name=name, **kept))
    require_fits(*members)
    for written in members:
        refuse_marked(written)
    DistributionMember.objects.bulk_create(members)


def _twice(stopped: IntegrityError) -> Refused:
    """Both databases name the column that holds what may stand once."""
    if "payment_id" in str(stopped):
        message = _("What came in for this payment was entered before: money is distributed once.")
        return Refused(Problem("income-payment-twice", message, "payment"))
    if "year_no" in str(stopped):
        message = _("The profit of this year was entered before: it is rewarded once.")
        return Refused(Problem("income-year-twice", message, "year_no"))
    message = _("This receipt was entered before: money is distributed once.")
    return Refused(Problem("income-receipt-twice", message, "reference"))


def enter_receipt(*, actor: Actor, owner: Organisation, facts: ReceiptFacts) -> Distribution:
    """Enter money that an achievement brought in. Raises `NotAllowed`, or `Refused`: also for a voucher that the unit
    has entered before."""
    if not keeps_money_for(actor, owner.pk):
        raise NotAllowed(_("Only members in charge of the unit's income enter this."))
    _require_sound(facts, owner)
    try:
        with journal.writing():
            row: Distribution = open_record(
                DISTRIBUTION,
                lambda record: Distribution(record=record, unit=owner, **_columns(facts)),
                actor=actor,
                title=facts.title,
                summary=facts.summary,
                owner=owner,
                contact=actor.person,
            )
            _write_members(row, facts)
    except IntegrityError as stopped:
        raise _twice(stopped) from None
    return row


def _require_sound(facts: ReceiptFacts, owner: Organisation | None) -> None:
    if problems := check_facts(facts, owner):
        raise Refused(problems)


def edit_receipt(*, actor: Actor, row: Distribution, facts: ReceiptFacts, expected_version: int) -> Distribution:
    """Change a draft. Raises `NotAllowed`, `Refused`, or `Conflict` when somebody changed it meanwhile."""
    record = row.record
    must_allow(
        keeps_money,
        actor,
        row,
        _("A receipt is changed while it is a draft, by who keeps the unit's income."),
        stages={"draft"},
    )
    _require_sound(facts, record.owner)
    try:
        with journal.writing(), transaction.atomic():
            texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
            changed = [*set_columns(record, texts), *set_columns(row, _columns(facts))]
            require_fits(record, row)
            record.save(update_fields=list(texts))
            row.save()
            _write_members(row, facts)
            fresh = Distribution.objects.select_related("record__owner", "achievement").get(pk=row.pk)
            touch(DISTRIBUTION, fresh, actor=actor, fields=[*changed, "members"], expected_version=expected_version)
    except IntegrityError as stopped:
        raise _twice(stopped) from None
    return fresh


def pay_share(
    *, actor: Actor, row: Distribution, number: int, on: date | None, voucher: str, expected_version: int | None = None
) -> Distribution:
    """Enter that somebody was paid their share: once. Raises `Missing`, `NotAllowed`, `Refused`, or `Conflict` when it
    was entered before."""
    with journal.writing():
        found: Distribution = held(row)
        if not keeps_money.test(actor, found):
            raise NotAllowed(_("Only members in charge of the unit's income enter this."))
        if found.record.stage != "settled":
            raise Conflict(_("Shares are paid once the distribution is settled."))
        member = found.members.filter(number=number).first()
        if member is None:
            raise Missing(str(number))
        if member.paid_on is not None or not gets(member):
            raise Conflict(_("This share was paid before, or there is nothing to pay."))
        problems = []
        if on is None or not found.received_on <= on <= today():
            problems.append(Problem("income-paid-day", _("Give a day from the receipt until today."), "on"))
        if not 1 <= len(clean(voucher)) <= 80:
            message = _("Give the number of the payment's voucher, at most 80 characters.")
            problems.append(Problem("income-voucher", message, "voucher"))
        if problems:
            raise Refused(problems)
        member.paid_on, member.voucher = on, clean(voucher)
        member.save(update_fields=["paid_on", "voucher"])
        touch(DISTRIBUTION, found, actor=actor, fields=["members"], expected_version=expected_version)
    return found
