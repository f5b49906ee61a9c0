"""What is done with the separate ledger: achievements entered and described, fees, stock-takes, what is given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError
from django.utils.translation import gettext as _

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.ledger.lifecycle import LEDGER, count_annuity
from kezhuan.areas.ledger.models import AchievementOrigin, LedgerEntry, StockTake, StocktakeOutcome, Upkeep, WorkStage
from kezhuan.areas.ledger.queries import missing_achievements, not_taken, own_entries
from kezhuan.areas.rights.permissions import keeps_income, keeps_money, keeps_money_for
from kezhuan.engines.money import MOST_FEN
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.text import clean, today

MOST_AT_ONCE = 200
"""So many achievements are entered, or looked at in a stock-take, by one press."""
MOST_UPKEEP = 200


@dataclass(frozen=True)
class LedgerFacts:
    """What is said of an entry; the value in the books in 分, None while none is recognised."""

    achievement: Record | None
    origin: str = ""
    work_stage: str = ""
    recognised_fen: int | None = None
    summary: str = ""


def not_allowed() -> NotAllowed:
    """Whoever does not keep the unit's ledger."""
    return NotAllowed(_("Only members in charge of the unit's ledger enter this."))


def check_facts(facts: LedgerFacts, owner: Organisation | None) -> list[Problem]:
    """What cannot be kept."""
    found = []
    about = facts.achievement
    if about is None or about.kind != "achievement" or owner is None or about.owner_id != owner.pk:
        found.append(Problem("grant-achievement", _("Choose an achievement of the unit."), "achievement"))
    for name, value, choices in (
        ("origin", facts.origin, AchievementOrigin.values),
        ("work_stage", facts.work_stage, WorkStage.values),
    ):
        if value not in ["", *choices]:
            found.append(Problem("choice-unknown", _("Choose from the list."), name))
    if facts.recognised_fen is not None and not 0 <= facts.recognised_fen <= MOST_FEN:
        found.append(Problem("ledger-value", _("A value is an amount from zero up."), "recognised"))
    return found


def _columns(facts: LedgerFacts) -> dict[str, object]:
    return {"origin": facts.origin, "work_stage": facts.work_stage, "recognised_fen": facts.recognised_fen}


def _twice() -> Refused:
    message = _("This achievement stands in the ledger already: each stands in it once.")
    return Refused(Problem("ledger-twice", message, "achievement"))


def enter_achievement(*, actor: Actor, owner: Organisation, facts: LedgerFacts) -> LedgerEntry:
    """Enter an achievement in the ledger of its unit. Raises `NotAllowed`, or `Refused`: also for one that stands in it
    already."""
    if not keeps_money_for(actor, owner.pk):
        raise not_allowed()
    about = facts.achievement
    if problems := check_facts(facts, owner):
        raise Refused(problems)
    assert about is not None
    if about.stage not in SUPPLY_STAGES:
        message = _("Only an achievement that is listed or registered stands in the ledger.")
        raise Refused(Problem("ledger-achievement", message, "achievement"))
    try:
        with journal.writing():
            row = _open(actor, owner, facts)
    except IntegrityError:
        raise _twice() from None
    return row


def _open(actor: Actor, owner: Organisation, facts: LedgerFacts) -> LedgerEntry:
    about = facts.achievement
    assert about is not None
    row: LedgerEntry = open_record(
        LEDGER,
        lambda record: LedgerEntry(record=record, achievement=about, **_columns(facts)),
        actor=actor,
        title=about.title,
        title_en=about.title_en,
        summary=facts.summary,
        owner=owner,
        contact=actor.person,
    )
    return row


def enter_missing(*, actor: Actor) -> int:
    """Enter the unit's achievements that stand in no ledger yet, at most `MOST_AT_ONCE`; what is not known of them
    stays empty. Returns how many were entered. Raises `NotAllowed`."""
    owner = actor.organisation
    if owner is None or not keeps_income(actor):
        raise not_allowed()
    with journal.writing():
        entered = 0
        for about in list(missing_achievements(actor)[:MOST_AT_ONCE]):
            try:
                with journal.writing():
                    _open(actor, owner, LedgerFacts(about))
            except IntegrityError:  # somebody entered it at this moment
                continue
            entered += 1
    return entered


def edit_entry(*, actor: Actor, row: LedgerEntry, facts: LedgerFacts, expected_version: int) -> LedgerEntry:
    """Say where it comes from and what it is worth in the books; its achievement stays. Raises `NotAllowed`, `Refused`,
    or `Conflict` when somebody changed it meanwhile."""
    must_allow(
        keeps_money,
        actor,
        row,
        _("An entry is changed while it is kept, by members in charge of the unit's ledger."),
        stages={"kept"},
    )
    if problems := check_facts(facts, row.record.owner):
        raise Refused(problems)
    if facts.achievement != row.achievement:
        message = _("An entry is about one achievement for good: enter the other one by itself.")
        raise Refused(Problem("ledger-achievement", message, "achievement"))
    with journal.writing():
        about = row.achievement
        texts = {"title": about.title, "title_en": about.title_en, "summary": clean(facts.summary)}
        changed = [*set_columns(row.record, texts), *set_columns(row, _columns(facts))]
        require_fits(row.record, row)
        row.record.save(update_fields=list(texts))
        row.save(update_fields=list(_columns(facts)))
        touch(LEDGER, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def held_entry(actor: Actor, row: LedgerEntry) -> LedgerEntry:
    """The entry, locked, for whoever keeps it while it is kept. Raises `NotAllowed` or `Conflict`."""
    found: LedgerEntry = held(row)
    if not keeps_money.test(actor, found):
        raise not_allowed()
    if found.record.stage != "kept":
        raise Conflict(_("This entry is not kept any more: open it again first."))
    return found


# -- fees --------------------------------------------------------------------------------------------------------------


def add_upkeep(
    *,
    actor: Actor,
    row: LedgerEntry,
    what: str,
    fen: int | None,
    due_on: date | None,
    expected_version: int | None = None,
) -> LedgerEntry:
    """Enter a fee and the day by which it is to be paid. Raises `NotAllowed`, `Refused` or `Conflict`."""
    problems = []
    if not 2 <= len(clean(what)) <= 120:
        message = _("Say which fee it is, in 2 to 120 characters: the right's number and the year.")
        problems.append(Problem("ledger-fee", message, "what"))
    if fen is None or not 0 <= fen <= MOST_FEN:
        problems.append(Problem("ledger-fee-amount", _("Give the amount of the fee."), "amount"))
    if due_on is None:
        problems.append(Problem("ledger-fee-day", _("Give the day by which it is to be paid."), "due_on"))
    if problems or fen is None or due_on is None:
        raise Refused(problems)
    with journal.writing():
        found = held_entry(actor, row)
        if found.upkeep.filter(what=clean(what), due_on=due_on).exists():
            message = _("This fee stands there already.")
            raise Refused(Problem("ledger-fee-twice", message, "what"))
        numbers = list(found.upkeep.values_list("number", flat=True))
        if len(numbers) >= MOST_UPKEEP:
            raise Refused(Problem("ledger-fees", _("An entry holds %(most)s fees.") % {"most": MOST_UPKEEP}, "what"))
        fee = Upkeep(entry=found, number=max(numbers, default=0) + 1, what=clean(what), fen=fen, due_on=due_on)
        require_fits(fee)
        refuse_marked(fee)
        fee.save(force_insert=True)
        count_annuity(found)
        touch(LEDGER, found, actor=actor, fields=["upkeep"], expected_version=expected_version)
    return found


def _fee(found: LedgerEntry, number: int) -> Upkeep:
    fee = found.upkeep.filter(number=number).first()
    if fee is None:
        raise Missing(str(number))
    if fee.paid_on is not None:
        raise Conflict(_("This fee was paid before."))
    return fee


def pay_upkeep(
    *, actor: Actor, row: LedgerEntry, number: int, on: date | None, voucher: str, expected_version: int | None = None
) -> LedgerEntry:
    """Enter that a fee was paid: once. Raises `Missing`, `NotAllowed`, `Refused` or `Conflict`."""
    with journal.writing():
        found = held_entry(actor, row)
        fee = _fee(found, number)
        problems = []
        if on is None or on > today():
            problems.append(Problem("income-paid-day", _("Give the day of payment, today or before."), "on"))
        if not 1 <= len(clean(voucher)) <= 80:
            message = _("Give the number of the payment's voucher, at most 80 characters.")
            problems.append(Problem("income-voucher", message, "voucher"))
        if problems:
            raise Refused(problems)
        fee.paid_on, fee.voucher = on, clean(voucher)
        fee.save(update_fields=["paid_on", "voucher"])
        count_annuity(found)
        touch(LEDGER, found, actor=actor, fields=["upkeep"], expected_version=expected_version)
    return found


def drop_upkeep(*, actor: Actor, row: LedgerEntry, number: int) -> LedgerEntry:
    """Take out a fee that nobody has to pay. Raises `Missing`, `NotAllowed` or `Conflict`."""
    with journal.writing():
        found = held_entry(actor, row)
        _fee(found, number).delete()
        count_annuity(found)
        touch(LEDGER, found, actor=actor, fields=["upkeep"])
    return found


# -- stock-take, and what is given up ----------------------------------------------------------------------------------


def take_stock(*, actor: Actor, codes: Sequence[str], outcome: str, note: str) -> int:
    """Note what the stock-take of this year found of some entries of the unit, each once a year. Returns of how many.
    Raises `NotAllowed`, or `Refused`: also where one of them is no entry of the unit whose stock is to be taken."""
    if actor.organisation is None or not keeps_income(actor):
        raise not_allowed()
    year, problems = today().year, []
    if outcome not in StocktakeOutcome.values:
        problems.append(Problem("choice-unknown", _("Choose from the list."), "outcome"))
    elif outcome != StocktakeOutcome.AGREES and len(clean(note)) < 2:
        problems.append(Problem("ledger-stock-note", _("Say what differs, or why it is given up."), "note"))
    wanted = list(dict.fromkeys(codes))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        message = _("Choose 1 to %(most)s entries.") % {"most": MOST_AT_ONCE}
        problems.append(Problem("ledger-stock-entries", message, "codes"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        ids = list(not_taken(own_entries(actor), year).filter(record__code__in=wanted).values_list("pk", flat=True))
        rows = [held(LedgerEntry.objects.select_related("record").get(pk=one)) for one in sorted(ids)]
        if len(rows) != len(wanted) or StockTake.objects.filter(entry__in=ids, year=year).exists():
            message = _(
                "Of one of these entries the stock was taken this year, or it is not kept any more. Choose again."
            )
            raise Refused(Problem("ledger-stock-twice", message, "codes"))
        for row in rows:
            taken = StockTake(entry=row, year=year, on=today(), person=actor.person, outcome=outcome, note=clean(note))
            require_fits(taken)
            refuse_marked(taken)
            taken.save(force_insert=True)
            touch(LEDGER, row, actor=actor, fields=["stock_takes"])
    return len(rows)


def note_offer(
    *, actor: Actor, row: LedgerEntry, on: date | None, answer: str, expected_version: int | None = None
) -> LedgerEntry:
    """Enter when the achievement was offered to its completers before it is given up, and what they answered. Raises
    `NotAllowed`, `Refused` or `Conflict`."""
    problems = []
    if on is None or on > today():
        problems.append(Problem("ledger-offer-day", _("Give the day of the offer, today or before."), "on"))
    if len(clean(answer)) < 2:
        problems.append(Problem("ledger-offer", _("Say what the completers answered."), "answer"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        found = held_entry(actor, row)
        changed = set_columns(found, {"offered_on": on, "offered": clean(answer)})
        require_fits(found)
        found.save(update_fields=["offered_on", "offered"])
        touch(LEDGER, found, actor=actor, fields=changed, expected_version=expected_version)
    return found
