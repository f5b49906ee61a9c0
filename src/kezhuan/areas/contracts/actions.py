"""What is done to contracts: prepared and changed by their unit, and numbered from what the registry gave. The only
writers here beside the steps of the lifecycle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from kezhuan.areas.agreements.permissions import keeps
from kezhuan.areas.agreements.queries import ties_of
from kezhuan.areas.contracts.answering import ANSWERED_FROM
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import NUMBER_SCHEME, Contract, columns_of
from kezhuan.areas.contracts.permissions import looks_second, reads_back, registers
from kezhuan.areas.contracts.queries import TIES
from kezhuan.engines import contracts as engine
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, held, open_record, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Identifier, Organisation, Record
from kezhuan.kernel.opening import require_keeps
from kezhuan.kernel.roles import PAPERS
from kezhuan.kernel.text import clean, cleaned, texts_in, today

EDITED = frozenset({"draft", "supplementing", "amending"})
"""Stages in which the unit changes its form."""


@dataclass(frozen=True)
class ContractFacts:
    """What a unit says of a contract: its form as the engine knows it, and the records that it comes from."""

    form: engine.Contract
    title_en: str = ""
    achievement: Record | None = None
    need: Record | None = None
    introduction: Record | None = None
    agreement: Record | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """项目名称."""
        return self.form.name


def check_facts(facts: ContractFacts) -> list[Problem]:
    """What is wrong with a form even as a draft; what it lacks is told when it is handed in."""
    if any(map(has_classification_mark, texts_in((facts.form, facts.title_en)))):
        return [secrets_problem("title")]
    found, form = [], facts.form
    if not clean(form.name):
        found.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(clean(form.name)) > 200:
        found.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    amounts = {"turnover": form.turnover, "technology": form.technology, **form.deductions}
    for name, fen in amounts.items():
        if fen is not None and fen < 0:
            found.append(Problem("amount-negative", _("An amount is not below zero."), name))
    if None not in (form.turnover, form.technology) and (form.technology or 0) > (form.turnover or 0):
        message = _("The technology amount is not above the turnover.")
        found.append(Problem("technology-above-turnover", message, "technology"))
    return found


def own_columns(facts: ContractFacts) -> dict[str, Any]:
    """The own columns that a form fills."""
    kept = {name: cleaned(value) for name, value in columns_of(facts.form).items()}
    return {**kept, **{name: getattr(facts, name) for name in TIES}, "extra": cleaned(dict(facts.extra))}


def prepare_contract(*, actor: Actor, owner: Organisation, facts: ContractFacts) -> Contract:
    """Begin the form of a contract of the unit that the actor acts for; raises `NotAllowed` or `Refused`."""
    require_keeps(actor, owner, PAPERS)
    if problems := [*check_facts(facts), *_strange_ties(actor, facts, None)]:
        raise Refused(problems)
    made: Contract = open_record(
        CONTRACT,
        lambda record: Contract(record=record, **own_columns(facts)),
        actor=actor,
        title=facts.title,
        title_en=facts.title_en,
        owner=owner,
        contact=actor.person,
    )
    return made


def edit_contract(*, actor: Actor, contract: Contract, facts: ContractFacts, expected_version: int) -> Contract:
    """Change the form of a contract while it is with its unit. Raises `NotAllowed`, `Refused`, or `Conflict` when
    somebody changed it meanwhile."""
    record = contract.record
    must_allow(
        keeps,
        actor,
        contract,
        _("A contract is changed by its unit, as a draft or when a supplement or a change is due."),
        stages=EDITED,
    )
    if problems := [*check_facts(facts), *_strange_ties(actor, facts, contract)]:
        raise Refused(problems)
    with journal.writing():
        texts = {"title": clean(facts.title), "title_en": clean(facts.title_en)}
        values = own_columns(facts)
        # No columns of the form: the day of handing in, and what a file brought beside it.
        del values["applied_on"], values["extra"]
        if contract.applied_on is not None:  # a registrar may have noted the dispute: the unit does not take it back
            values["disputed"] = contract.disputed or values["disputed"]
        changed = [*set_columns(record, texts), *set_columns(contract, values)]
        require_fits(record, contract)
        record.save(update_fields=list(texts))
        contract.save()
        touch(CONTRACT, contract, actor=actor, fields=changed, expected_version=expected_version)
    return contract


def _strange_ties(actor: Actor, facts: ContractFacts, before: Contract | None) -> list[Problem]:
    """What a contract may not come from: what the actor's unit has no part in."""
    found = []
    for name in TIES:
        tie: Record | None = getattr(facts, name)
        if tie is None or (before is not None and getattr(before, name) == tie):
            continue
        if not ties_of(actor, name).filter(pk=tie.pk).exists():
            found.append(Problem("contract-tie", _("Choose a record of your own unit."), name))
    return found


@dataclass(frozen=True)
class Registration:
    """What the registry gave: 合同登记编号, its day, 合同成交总额 and 技术交易额 in 分 as it printed them; no amount
    where the contract leaves its total open (提成), until a change registers what it came to."""

    reg_no: str
    registered_on: date | None
    turnover: int | None
    technology: int | None


def check_registration(given: Registration, *, undetermined: bool) -> list[Problem]:
    """What is wrong with what the registry is said to have given a contract; `undetermined` says that its total is
    open."""
    found = []
    number = clean(given.reg_no)
    if len(number) != 16 or not (number.isascii() and number.isdigit()):
        found.append(Problem("registration-number", _("A registration number has 16 digits."), "reg_no"))
    if given.registered_on is None:
        found.append(Problem("day-missing", _("Enter the day of the registration."), "registered_on"))
    elif given.registered_on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "registered_on"))
    left_open = undetermined and given.turnover is given.technology is None
    for name in ("turnover", "technology"):
        if getattr(given, name) is None and not left_open:
            message = _("Enter both amounts as the registry printed them: they are two measures.")
            found.append(Problem("amount-missing", message, name))
    if given.turnover is not None and given.technology is not None and given.technology > given.turnover:
        message = _("The technology amount is not above the turnover.")
        found.append(Problem("technology-above-turnover", message, "technology"))
    return found


def require_second(actor: Actor, row: Contract) -> None:
    """Raise `NotAllowed` for a change that nobody confirmed yet, or that the actor confirmed."""
    if row.record.stage == "changed" and not looks_second.test(actor, row):
        raise NotAllowed(_("A change is confirmed by one registrar first, and read back by another one."))


def number_contract(*, actor: Actor, contract: Contract, given: Registration) -> Contract:
    """Read back what the registry gave a contract that was passed or changed, which registers it here.

    Of two registrars who do this at once one does it, the other gets `Conflict`. Raises `NotAllowed`, or `Refused` for
    a number that another contract has.
    """
    if not reads_back(actor, contract):
        raise NotAllowed(_("Only the registrars in charge read back what the registry gave."))
    with journal.writing():
        row: Contract = held(contract)
        if problems := check_registration(given, undetermined=row.undetermined):
            raise Refused(problems)
        record = row.record
        move = {"passed": "register", "changed": "amended"}.get(record.stage)
        if not registers.test(actor, row):
            move = "answered" if record.stage in ANSWERED_FROM else None
            move = "answered-change" if record.stage == "changed" else move
        if move is None:
            raise Conflict(
                _("Someone was faster: “%(title)s” is now “%(stage)s”. Nothing was changed by you.")
                % {"title": record.title, "stage": CONTRACT.stages[record.stage].label}
            )
        if move != "answered-change":  # two registrars of the bureau have looked at it
            require_second(actor, row)
        _keep_number(row, clean(given.reg_no))
        row.reg_no, row.registered_on, row.numbered = clean(given.reg_no), given.registered_on, True
        row.registered_turnover_fen, row.registered_technology_fen = given.turnover, given.technology
        row.registered_form = {}
        row.save()
        advance(CONTRACT, row, move, actor=actor)
    return Contract.objects.select_related("record").get(pk=contract.pk)


def _keep_number(row: Contract, number: str) -> None:
    """The number is this contract's alone; raises `Refused` when another has it, or when this one has another."""
    held = Identifier.objects.filter(scheme=NUMBER_SCHEME, value=number, active=True).select_related("record").first()
    if held is not None and held.record_id == row.pk:
        return
    if held is not None:
        raise Refused(_taken(number))
    if row.reg_no and row.reg_no != number:
        message = _("A change keeps the number: this contract has %(number)s.") % {"number": row.reg_no}
        raise Refused(Problem("registration-number-other", message, "reg_no"))
    try:
        Identifier.objects.create(record=row.record, scheme=NUMBER_SCHEME, value=number)
    except IntegrityError:
        raise Refused(_taken(number)) from None


def _taken(number: str) -> Problem:
    message = _("Another contract has the number %(number)s: a contract is registered once.") % {"number": number}
    return Problem("registration-number-taken", message, "reg_no")
