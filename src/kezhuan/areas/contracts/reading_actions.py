"""Read back a register that was numbered outside: row for row, what is registered here too, and what does not agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.contracts.actions import Registration, number_contract
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.sheets import SHEET
from kezhuan.engines import contracts as engine
from kezhuan.engines.tables import Problem as BadRow
from kezhuan.engines.tables import Table, Unusable, open_table
from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.sheets import CODE
from kezhuan.exchange.uploads import unusable_problem
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import batches, clean, language, listed, wan_from_fen

MOST_ROWS = 500
"""Rows that are read while the registrar waits."""
OPEN = frozenset({"passed", "changed"})
"""Stages of contracts that wait for what the registry gave."""


class Outcome(StrEnum):
    """What becomes of a row."""

    REGISTERED = "registered"
    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True)
class ReadRow:
    """A row of the register: its number in the file, the contract it means, what becomes of it and why."""

    row: int
    outcome: Outcome
    name: str
    contract: Contract | None = None
    reason: str = ""


def read_back(
    *, actor: Actor, source: Source, only_check: bool = False, take_amounts: bool = False
) -> tuple[ReadRow, ...]:
    """Register every contract of a numbered register that agrees with it, each in a transaction of its own; a second
    reading changes nothing. A row is known by the platform's code, by its number, or by name, parties and day.

    A row whose amounts are not those of the form changes nothing, unless the registry's are to be taken
    (`take_amounts`). With `only_check` nothing is changed. Raises `NotAllowed`, or `Refused` for a file that cannot be
    used.
    """
    if not actor.regions_of(CONTRACT.kind):
        raise NotAllowed(_("Only the registrars in charge read back what the registry gave."))
    rows = _rows_of(source)
    known = _Known(actor, [one for one in rows if not isinstance(one, BadRow)])
    read = []
    for one in rows:
        if isinstance(one, BadRow):
            reasons = "；".join(part.reason(language()) for part in (one, *one.rest))
            read.append(ReadRow(one.row, Outcome.REFUSED, "", reason=reasons))
        else:
            read.append(_read(actor, one, known.contract(one), only_check=only_check, take_amounts=take_amounts))
    return tuple(read)


@dataclass(frozen=True)
class _Row:
    """A readable row: the form that it tells, and the platform's code where it has one."""

    number: int
    code: str
    form: engine.Contract

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


def _rows_of(source: Source) -> list[_Row | BadRow]:
    try:
        table: Table = open_table(source, SHEET.read_columns, any_of=("name", CODE.name, "reg_no"))
        rows: list[_Row | BadRow] = []
        for one in table:
            rows.append(
                one
                if isinstance(one, BadRow)
                else _Row(one.number, clean(one.values[CODE.name] or ""), engine.contract_from(one.number, one.values))
            )
            if len(rows) > MOST_ROWS:
                message = _("At most %(most)s rows are read back at once: split the file.") % {"most": MOST_ROWS}
                raise Refused(Problem("file-unusable", message, "file"))
    except Unusable as unusable:
        raise Refused(unusable_problem(unusable)) from None
    return rows


class _Known:
    """The contracts that rows mean, looked up for all of them at once among those that the actor may see."""

    def __init__(self, actor: Actor, rows: Sequence[Any]) -> None:
        self.by_code: dict[str, Contract] = {}
        self.by_number: dict[str, Contract] = {}
        self.by_key: dict[tuple[Any, ...], list[Contract]] = {}
        for batch in batches(rows, 100):
            wanted = (
                Q(record__code__in=[one.code for one in batch if one.code])
                | Q(reg_no__in=[one.given.reg_no for one in batch if one.given.reg_no])
                | Q(record__title__in=[clean(one.form.name) for one in batch if one.form.name])
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


def _read(actor: Actor, one: _Row, row: Contract | None, *, only_check: bool, take_amounts: bool) -> ReadRow:
    name = clean(one.form.name)
    if row is None:
        reason = _("No contract here agrees with code, number, or name, parties and day of signing.")
        return ReadRow(one.number, Outcome.UNKNOWN, name, reason=reason)
    # A row before this one may have registered it.
    row.refresh_from_db()
    row.record.refresh_from_db(fields=["stage"])
    name, given = row.record.title, one.given
    if row.record.stage == "registered":
        differing = _differing(given, row, "registered_turnover_fen", "registered_technology_fen")
        other = [_("the number")] * (given.reg_no != row.reg_no) + [_("the day")] * (
            given.registered_on != row.registered_on
        )
        if not other and not differing:
            return ReadRow(one.number, Outcome.SAME, name, row)
        return ReadRow(one.number, Outcome.DIFFERS, name, row, _said(differing, other))
    if row.record.stage not in OPEN:
        stage = CONTRACT.stages[row.record.stage].label
        return ReadRow(one.number, Outcome.REFUSED, name, row, _("It is “%(stage)s” here.") % {"stage": stage})
    if not given.reg_no:
        return ReadRow(one.number, Outcome.REFUSED, name, row, _("The row has no registration number."))
    differing = _differing(given, row, "turnover_fen", "technology_fen")
    if differing and not take_amounts:
        return ReadRow(one.number, Outcome.DIFFERS, name, row, _said(differing, ()))
    if only_check:
        return ReadRow(one.number, Outcome.REGISTERED, name, row)
    try:
        done = number_contract(actor=actor, contract=row, given=given)
    except Refused as refused:
        return ReadRow(one.number, Outcome.REFUSED, name, row, " ".join(str(p.message) for p in refused.problems))
    except (Conflict, NotAllowed) as refused:
        return ReadRow(one.number, Outcome.REFUSED, name, row, str(refused))
    return ReadRow(one.number, Outcome.REGISTERED, name, done, _said(differing, ()) if differing else "")


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
