"""Equity got for an achievement: held by the unit or its asset company, and given up with a decision where it loses."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.evidence.actions import Freeze
from kezhuan.areas.ledger.actions import held_entry, not_allowed
from kezhuan.areas.ledger.lifecycle import LEDGER
from kezhuan.areas.ledger.models import AssetCompany, Equity, LedgerEntry
from kezhuan.areas.ledger.papers import told_as_evidence
from kezhuan.areas.ledger.queries import companies_of, contracts_for
from kezhuan.areas.people.checks import check_organisation_number
from kezhuan.areas.rights.permissions import keeps_income
from kezhuan.engines.money import MOST_FEN
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.documents import Upload, keep_proof
from kezhuan.kernel.errors import Conflict, Missing, Problem, Refused
from kezhuan.kernel.lifecycle import touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.text import clean, today

MOST_EQUITY = 20
EXIT = "exit-equity"
"""How the evidence file of a loss names what was decided: no move, for the entry stays in the ledger."""
LOSS = "equity-loss"
"""The kind of the document that shows the diligence of a decision on a loss."""


@dataclass(frozen=True)
class EquityFacts:
    """A share of a company: in basis points, its cost in 分; `holder` is the code of the unit's asset company, empty
    for the unit itself; `contract` the platform's code of the contract, empty for none that is here."""

    company: str
    company_code: str
    share_bp: int | None
    cost_fen: int | None
    held_on: date | None
    holder: str = ""
    contract: str = ""


def name_company(*, actor: Actor, name: str, code: str) -> AssetCompany:
    """Name the company that holds equity for the unit, by its credit code; naming it again corrects its name. Raises
    `NotAllowed` or `Refused`."""
    unit = actor.organisation
    if unit is None or not keeps_income(actor):
        raise not_allowed()
    number, problems = check_organisation_number(code, "uscc")
    problems = [Problem(one.code, one.message, "code", one.clause) for one in problems]
    if not 2 <= len(clean(name)) <= 200:
        problems.insert(0, Problem("ledger-company", _("Give the company's name of 2 to 200 characters."), "name"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        row = companies_of(unit.pk).filter(code=number).first() or AssetCompany(unit=unit, code=number)
        row.name = clean(name)
        refuse_marked(row)
        row.save()
        data = {"code": number, "name": row.name}
        journal.note("organisation.asset-company", record=unit.record, actor=actor, data=data)
    return row


def _problems(row: LedgerEntry, facts: EquityFacts) -> list[Problem]:
    _number, problems = check_organisation_number(facts.company_code, "uscc")
    found = [Problem(one.code, one.message, "company_code", one.clause) for one in problems]
    if not 2 <= len(clean(facts.company)) <= 200:
        found.append(Problem("ledger-company", _("Give the company's name of 2 to 200 characters."), "company"))
    if facts.share_bp is None or not 0 < facts.share_bp <= 10_000:
        found.append(Problem("share-range", _("A share is above 0 and up to 100 %."), "share"))
    if facts.cost_fen is None or not 0 <= facts.cost_fen <= MOST_FEN:
        found.append(Problem("ledger-cost", _("Give the value at which it was invested."), "cost"))
    if facts.held_on is None or facts.held_on > today():
        message = _("Give the day on which the share was registered, today or before.")
        found.append(Problem("ledger-day", message, "held_on"))
    if facts.holder and not companies_of(row.record.owner_id).filter(code=facts.holder).exists():
        message = _("Equity is held by the unit or its asset company, and by nobody else: name that company first.")
        found.append(Problem("ledger-holder", message, "holder"))
    if facts.contract and not contracts_for(row).filter(code=facts.contract).exists():
        message = _("Name a technology contract of the unit about this achievement.")
        found.append(Problem("income-contract", message, "contract"))
    return found


def add_equity(
    *, actor: Actor, row: LedgerEntry, facts: EquityFacts, expected_version: int | None = None
) -> LedgerEntry:
    """Enter equity that was got for the achievement. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if problems := _problems(row, facts):
        raise Refused(problems)
    code = check_organisation_number(facts.company_code, "uscc")[0]
    with journal.writing():
        found = held_entry(actor, row)
        numbers = list(found.equity.values_list("number", flat=True))
        if len(numbers) >= MOST_EQUITY:
            raise Refused(Problem("ledger-equity", _("An entry holds %(most)s shares.") % {"most": MOST_EQUITY}, ""))
        if (code, facts.held_on) in found.equity.values_list("company_code", "held_on"):
            message = _("This share stands there already.")
            raise Refused(Problem("ledger-equity-twice", message, "company_code"))
        equity = Equity(
            entry=found,
            number=max(numbers, default=0) + 1,
            company=clean(facts.company),
            company_code=code,
            contract=contracts_for(found).filter(code=facts.contract).first() if facts.contract else None,
            holder=companies_of(found.record.owner_id).filter(code=facts.holder).first() if facts.holder else None,
            share_bp=facts.share_bp or 0,
            cost_fen=facts.cost_fen or 0,
            held_on=facts.held_on or today(),
        )
        require_fits(equity)
        refuse_marked(equity)
        equity.save(force_insert=True)
        touch(LEDGER, found, actor=actor, fields=["equity"], expected_version=expected_version)
    return found


def exit_equity(
    *,
    actor: Actor,
    row: LedgerEntry,
    number: int,
    on: date | None,
    proceeds_fen: int | None,
    decision: str = "",
    proof: Upload | None = None,
    expected_version: int | None = None,
) -> LedgerEntry:
    """Enter that a share was given up, once. One that brings less than it cost is a loss: the decision on it is named,
    the file kept that shows on what it was taken, and what was known then is frozen. Raises `Missing`, `NotAllowed`,
    `Refused` or `Conflict`."""
    with journal.writing():
        found = held_entry(actor, row)
        equity = found.equity.filter(number=number).first()
        if equity is None:
            raise Missing(str(number))
        if equity.exited_on is not None:
            raise Conflict(_("This share was given up before."))
        problems = []
        if on is None or not equity.held_on <= on <= today():
            problems.append(Problem("ledger-day", _("Give a day from the registration until today."), "on"))
        if proceeds_fen is None or not 0 <= proceeds_fen <= MOST_FEN:
            problems.append(Problem("ledger-proceeds", _("Give what it brought, zero for nothing."), "proceeds"))
        elif proceeds_fen < equity.cost_fen:
            if not 2 <= len(clean(decision)) <= 200:
                message = _(
                    "It brings less than it cost: name the decision on the loss, such as the number of its minutes."
                )
                problems.append(Problem("ledger-loss-decision", message, "decision"))
            if proof is None:
                message = _("It brings less than it cost: add the file that shows on what the decision was taken.")
                problems.append(Problem("ledger-loss-file", message, "file"))
        if problems:
            raise Refused(problems)
        equity.exited_on, equity.proceeds_fen, equity.decision = on, proceeds_fen, clean(decision)
        refuse_marked(equity)
        equity.save(update_fields=["exited_on", "proceeds_fen", "decision"])
        if proof is not None:
            keep_proof(actor=actor, record=found.record, upload=proof, kind=LOSS)
        touch(LEDGER, found, actor=actor, fields=["equity"], expected_version=expected_version)
        if proceeds_fen is not None and proceeds_fen < equity.cost_fen:
            Freeze(EXIT, lambda entry: told_as_evidence(entry) | {"given_up": number})(found, actor)
    return found
