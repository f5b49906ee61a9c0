"""Read back a register that was numbered outside: row for row, what is registered here too, and what does not agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.contracts.actions import Registration, number_contract
from kezhuan.areas.contracts.answering import (
    ANSWER_COLUMNS,
    ANSWERED_FROM,
    ANSWERED_ON,
    DONE,
    FILED_NO,
    NOTED,
    RESULT,
    WHY,
)
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.permissions import answers_come, reads_answers
from kezhuan.areas.contracts.queries import filed_of
from kezhuan.areas.contracts.tables import ROWS
from kezhuan.engines import contracts as engine
from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.models import Reading, RowOutcome
from kezhuan.exchange.reading_actions import CHECK, Answer, GivenRow, Reader, ReadingKind, left_out, read_in
from kezhuan.exchange.sheets import CODE
from kezhuan.kernel.access import Actor, is_officer, visible_to
from kezhuan.kernel.errors import KezhuanError
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import SHANGHAI, clean, listed, today, wan_from_fen

OPEN = frozenset({"passed", "changed"})
"""Stages of contracts that wait for what the registry gave."""
TAKE_AMOUNTS = "take_amounts"
ENDED = frozenset({"cancelled", "revoked"})
"""Answers that end a registration: they are about its number."""


def read_back(
    *, actor: Actor, source: Source, name: str = "", only_check: bool = False, take_amounts: bool = False
) -> Reading:
    """Let a job register every contract of a numbered register that agrees with it, each in a transaction of its own;
    a second reading changes nothing. A row is known by the platform's code, by its number, or by name, parties and day;
    one that names other parties than the contract changes nothing.

    A row whose amounts are not those of the form changes nothing, unless the registry's are to be taken
    (`take_amounts`). With `only_check` nothing is changed. Raises `NotAllowed`, or `Refused` for a file that cannot be
    used.
    """
    options = {CHECK: only_check, TAKE_AMOUNTS: take_amounts}
    return read_in(REGISTER, actor=actor, source=source, name=name, options=options)


class _Rows:
    """The columns that are read: those of the form, and those of a bureau's answers."""

    columns = (*ROWS.columns, *ANSWER_COLUMNS)


@dataclass(frozen=True)
class _Row:
    """A readable row: the form that it tells, the platform's code where it has one, and what a bureau answers in it
    other than a number: of which filing, since when and why."""

    code: str
    form: engine.Contract
    result: str = ""
    filed_no: int | None = None
    on: date | None = None
    why: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        """By what a row without code and number means a contract."""
        return _key_of(self.form)

    @property
    def given(self) -> Registration:
        """What the registry gave."""
        form = self.form
        return Registration(clean(form.reg_no), form.registered_on, form.turnover, form.technology)


def _key_of(form: engine.Contract) -> tuple[Any, ...]:
    return clean(form.name), form.seller.key, form.buyer.key, form.signed_on


def _row_of(one: GivenRow) -> _Row:
    values = one.values
    result = values[RESULT.name] or ""
    return _Row(
        clean(values[CODE.name] or ""),
        engine.contract_from(one.number, values),
        result="" if result == DONE else result,
        filed_no=values[FILED_NO.name],
        on=values[ANSWERED_ON.name],
        why=clean(values[WHY.name] or ""),
    )


def _reader(actor: Actor, rows: Sequence[GivenRow], options: Mapping[str, Any]) -> Reader:
    told = {one.number: _row_of(one) for one in rows}
    known = _Known(actor, list(told.values()))
    only_check, take_amounts = bool(options.get(CHECK)), bool(options.get(TAKE_AMOUNTS))

    def read(one: GivenRow) -> Answer:
        row = told[one.number]
        return _read(actor, row, known.contract(row), only_check=only_check, take_amounts=take_amounts)

    return read


def _titled(values: Mapping[str, Any]) -> str:
    return clean(str(values.get("name") or values.get("reg_no") or values.get(CODE.name) or ""))


class _Known:
    """The contracts that some rows mean, looked up for all of them at once among those that the actor may see."""

    def __init__(self, actor: Actor, rows: Sequence[_Row]) -> None:
        self.by_code: dict[str, Contract] = {}
        self.by_number: dict[str, Contract] = {}
        self.by_key: dict[tuple[Any, ...], list[Contract]] = {}
        wanted = (
            Q(record__code__in=[one.code for one in rows if one.code])
            | Q(reg_no__in=[one.given.reg_no for one in rows if one.given.reg_no])
            | Q(record__title__in=[clean(one.form.name) for one in rows if one.form.name])
        )
        found = visible_to(actor, Contract.objects.filter(wanted).select_related("record__owner__record"), "full")
        for row in found.exclude(record__phase__in=(Phase.DRAFT, Phase.VOID)):
            self._add(row)

    def _add(self, row: Contract) -> None:
        if row.record.code in self.by_code:
            return
        self.by_code[row.record.code] = row
        if row.reg_no:
            self.by_number[row.reg_no] = row
        key = (clean(row.record.title), _party(row, "seller"), _party(row, "buyer"), row.signed_on)
        self.by_key.setdefault(key, []).append(row)

    def contract(self, one: _Row) -> Contract | None:
        """The contract that a row means; of several alike ones none."""
        if one.code:
            return self.by_code.get(one.code)
        if (held := self.by_number.get(one.given.reg_no)) is not None:
            return held
        alike = self.by_key.get(one.key, [])
        return alike[0] if len(alike) == 1 else None


def _party(row: Contract, side: str) -> str:
    return engine.Party(getattr(row, f"{side}_name"), getattr(row, f"{side}_code")).key


def _read(actor: Actor, one: _Row, row: Contract | None, *, only_check: bool, take_amounts: bool) -> Answer:
    if row is None:
        return Answer(
            RowOutcome.UNKNOWN, _("No contract here agrees with code, number, or name, parties and day of signing.")
        )
    # A row before this one may have registered it.
    row.refresh_from_db()
    row.record.refresh_from_db(fields=["stage"])
    record, given = row.record, one.given
    if others := _others(one.form, row):
        # A code of another instance may be one here too.
        return Answer(RowOutcome.DIFFERS, _said({}, others), record)
    if one.result:
        return _answered(actor, one, row, only_check=only_check)
    if record.stage == "registered":
        return _compared(row, given)
    if record.stage == "changed" and reads_answers.test(actor, row) and (other := _other_filing(one, row)):
        return Answer(RowOutcome.REFUSED, other, record)
    if record.stage not in (OPEN if is_officer.test(actor, row) else ANSWERED_FROM | {"changed"}):
        said = _("It is “%(stage)s” here.") % {"stage": CONTRACT.stages[record.stage].label}
        return Answer(RowOutcome.REFUSED, said, record)
    if not given.reg_no:
        return Answer(RowOutcome.REFUSED, _("The row has no registration number."), record)
    differing = _differing(given, row, "turnover_fen", "technology_fen")
    if differing and not take_amounts:
        return Answer(RowOutcome.DIFFERS, _said(differing, ()), record)
    if only_check:
        return Answer(RowOutcome.TAKEN, record=record)
    try:
        number_contract(actor=actor, contract=row, given=given)
    except KezhuanError as refused:
        return left_out(refused, record)
    return Answer(RowOutcome.TAKEN, _said(differing, ()) if differing else "", record)


def _answered(actor: Actor, one: _Row, row: Contract, *, only_check: bool) -> Answer:
    """What a bureau answers without a number, at the unit's own instance: of the filing that stands here, or of the
    registration that has this number, and noted once."""
    record, stage = row.record, CONTRACT.stages[row.record.stage].label
    move = CONTRACT.moves[NOTED[one.result]]
    if not reads_answers.test(actor, row):
        message = _("This row answers a unit that filed at an instance of its own, which alone reads it.")
        return Answer(RowOutcome.REFUSED, message, record)
    if record.stage == one.result:
        return Answer(RowOutcome.SAME, record=record)
    if one.result in ENDED:
        if one.given.reg_no != row.reg_no:
            return Answer(RowOutcome.DIFFERS, _said({}, [_("the number")]), record)
    elif other := _other_filing(one, row):
        return Answer(RowOutcome.REFUSED, other, record)
    if record.stage == "province" and not (one.on is not None and one.on > _objected_on(row)):
        return Answer(RowOutcome.REFUSED, _("It was objected to here since."), record)
    if record.stage not in move.source:
        return Answer(RowOutcome.REFUSED, _("It is “%(stage)s” here.") % {"stage": stage}, record)
    if not only_check:
        try:
            advance(CONTRACT, row, move.name, actor=actor, note=one.why)
        except KezhuanError as refused:
            return left_out(refused, record)
    return Answer(RowOutcome.PART, _("%(field)s: %(problem)s") % {"field": move.label, "problem": one.why}, record)


def _other_filing(one: _Row, row: Contract) -> str:
    """That a row answers another filing of the contract than the one that stands; empty where it answers this."""
    filed = filed_of(row)
    if filed is not None and filed.number == one.filed_no:
        return ""
    message = _("It answers filing no. %(told)s of this contract; the one that stands is no. %(here)s.")
    return message % {"told": one.filed_no or "–", "here": filed.number if filed is not None else "–"}


def _objected_on(row: Contract) -> date:
    """The day on which the unit objected to the refusal, last."""
    last = Entry.objects.filter(record=row.record, kind="contract.object").order_by("-seq").first()
    return last.at.astimezone(SHANGHAI).date() if last is not None else today()


def _others(told: engine.Contract, row: Contract) -> list[str]:
    """The parties that are others in a register than here: of what both tell of one, neither code nor name agrees."""
    found = []
    for side, label in (("seller", _("the seller")), ("buyer", _("the buyer"))):
        theirs, ours = getattr(told, side), engine.Party(getattr(row, f"{side}_name"), getattr(row, f"{side}_code"))
        pairs = [
            (one.key, other.key)
            for one, other in (
                (engine.Party(code=theirs.code), engine.Party(code=ours.code)),
                (engine.Party(theirs.name), engine.Party(ours.name)),
            )
            if one.key and other.key
        ]
        if pairs and all(one != other for one, other in pairs):
            found.append(label)
    return found


def _compared(row: Contract, given: Registration) -> Answer:
    """What is registered already, beside what the register says."""
    differing = _differing(given, row, "registered_turnover_fen", "registered_technology_fen")
    other = [_("the number")] * (given.reg_no != row.reg_no) + [_("the day")] * (
        given.registered_on != row.registered_on
    )
    if not other and not differing:
        return Answer(RowOutcome.SAME, record=row.record)
    return Answer(RowOutcome.DIFFERS, _said(differing, other), row.record)


def _differing(given: Registration, row: Contract, turnover: str, technology: str) -> Mapping[str, tuple[Any, Any]]:
    """The amounts that the register and this program tell otherwise: each by its name, never their sum."""
    pairs = {
        _("turnover"): (given.turnover, getattr(row, turnover)),
        _("technology amount"): (given.technology, getattr(row, technology)),
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and pair[1] is not None}


def _said(differing: Mapping[str, tuple[Any, Any]], others: Iterable[str]) -> str:
    amounts = [
        _("%(name)s: register %(theirs)s, here %(ours)s (万元)")
        % {"name": name, "theirs": "–" if theirs is None else wan_from_fen(theirs), "ours": wan_from_fen(ours)}
        for name, (theirs, ours) in differing.items()
    ]
    others = list(others)
    return "；".join([*amounts, *([_("Different: %(what)s") % {"what": listed(others)}] if others else [])])


REGISTER = ReadingKind(
    "contracts.register",
    gettext_lazy("Read back a register"),
    _Rows(),
    ("name", CODE.name, "reg_no"),
    answers_come,
    gettext_lazy("Only the registrars in charge read back what the registry gave."),
    _titled,
    _reader,
    {
        RowOutcome.TAKEN: gettext_lazy("registered"),
        RowOutcome.PART: gettext_lazy("answered otherwise, noted"),
        RowOutcome.SAME: gettext_lazy("known already, unchanged"),
        RowOutcome.DIFFERS: gettext_lazy("does not agree"),
        RowOutcome.UNKNOWN: gettext_lazy("not known here"),
        RowOutcome.REFUSED: gettext_lazy("left out"),
    },
    "contracts-read-back",
)
"""A register that was numbered outside, as it is read back."""
