"""Check a whole register, or one form: every row for what is missing or wrong, the rows together for risks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from kezhuan.engines.contracts.codes import tables
from kezhuan.engines.contracts.columns import COLUMNS, CONTENT, HEADERS, contract_from
from kezhuan.engines.contracts.completeness import FORM, check, required_of
from kezhuan.engines.contracts.contract import Contract
from kezhuan.engines.contracts.flagging import Flag
from kezhuan.engines.contracts.risks import flags
from kezhuan.engines.contracts.rulesets import RuleSet, rule_set_on
from kezhuan.engines.contracts.stages import experts_asked
from kezhuan.engines.findings import Finding, Language, Words
from kezhuan.engines.tables import Problem, Unusable, open_table


@dataclass(frozen=True, slots=True)
class Found:
    """A finding about a row, and how the file calls the column; row 0 is the file as a whole."""

    file: str
    row: int
    column: str
    finding: Finding

    def say(self, language: Language = "zh") -> str:
        """One sentence naming row, field and clause."""
        said = self.finding.say(language)
        if language == "zh":
            row, column = f" 第 {self.row} 行" if self.row else "", f"“{self.column}”" if self.column else ""
            return f"{self.file}{row}{column}：{said}"
        row, column = f", row {self.row}" if self.row else "", f", “{self.column}”" if self.column else ""
        return f"{self.file}{row}{column}: {said}"


@dataclass(frozen=True, slots=True)
class Sums:
    """How many contracts, and their two amounts in 分, which are never added to each other."""

    contracts: int = 0
    turnover: int = 0
    technology: int = 0


@dataclass
class Register:
    """What was read and found. `left_out` are rows that could not be read; `unchecked` columns that the file lacks and
    nobody can be asked for in a register; `experts` the rows of which experts are asked, with the reason."""

    file: str
    contracts: list[Contract] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    experts: list[Found] = field(default_factory=list)
    unchecked: tuple[str, ...] = ()
    sums: dict[str, Sums] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing or wrong; flags say nothing of that."""
        return not self.found and not self.left_out


def check_file(path: str | Path, *, rules: RuleSet | None, as_of: date, sheet: str | None = None) -> Register:
    """Check the rows of an .xlsx, .csv, .tsv or .jsonl file by a rule set, or by the one in force on each row's day.

    Raises `Unusable` when the file as a whole cannot be read.
    """
    table = open_table(path, COLUMNS, sheet=sheet, any_of=("name", "turnover", "seller_name"))
    register = Register(table.name)
    filled: set[str] = set(table.columns_found)
    for row in table:
        if isinstance(row, Problem):
            register.left_out.append(row)
        else:
            filled.update(name for name, value in row.values.items() if value not in (None, (), ""))
            register.contracts.append(contract_from(row.number, row.values))
    if not register.contracts:
        raise Unusable(table.name, "no-good-rows", count=len(register.left_out))
    headers = {**HEADERS, **table.columns_found}
    found = [*_lacking_columns(register.contracts, filled), *_rows(register.contracts, rules, as_of, filled)]
    register.found = [Found(table.name, row, headers.get(one.field, one.field), one) for row, one in found]
    register.flags = flags(register.contracts, as_of=as_of)
    register.experts = [
        Found(table.name, one.row, headers[asked.field], asked)
        for one in register.contracts
        if (used := rules or _rules_of(one, as_of)) and (asked := experts_asked(one, used, disputed=one.disputed))
    ]
    content = () if "text" in filled else tuple(f"content_{name}" for name in CONTENT)
    register.unchecked = tuple(HEADERS[name] for name in content if name not in filled)
    register.sums = sums_by_kind(register.contracts)
    return register


def _rules_of(contract: Contract, as_of: date) -> RuleSet | None:
    return rule_set_on(contract.applied_on or contract.registered_on or contract.signed_on or as_of)


def _lacking_columns(contracts: Sequence[Contract], filled: set[str]) -> Iterator[tuple[int, Finding]]:
    """Required columns that the file has not got at all, told once."""
    needed = dict.fromkeys(column for one in contracts for column in required_of(one))
    lacking = [HEADERS[column] for column in needed if column not in filled]
    if lacking:
        words = Words(
            f"没有这些必填的列：{'、'.join(lacking)}；请补上。",
            f"These required columns are not there: {', '.join(lacking)}; add them.",
        )
        yield 0, Finding("columns-missing", words, "", FORM)


def _rows(
    contracts: Sequence[Contract], rules: RuleSet | None, as_of: date, filled: set[str]
) -> Iterator[tuple[int, Finding]]:
    first: dict[str, int] = {}
    for one in contracts:
        used = rules or _rules_of(one, as_of)
        if used is None:
            words = Words(
                "签订日期早于现有规则，无法检查；请用 --rules 指定。",
                "No rules are known for its day: name them with --rules.",
            )
            yield one.row, Finding("no-rules", words, "signed_on")
            continue
        for finding in check(one, used, filled.__contains__):
            yield one.row, finding
        if one.reg_no and first.setdefault(one.reg_no, one.row) != one.row:
            words = Words(
                f"登记编号 {one.reg_no} 已在第 {first[one.reg_no]} 行出现：一份合同只登记一次。",
                f"Registration number {one.reg_no} stands in row {first[one.reg_no]} already: a contract is"
                " registered once.",
            )
            yield one.row, Finding("registered-twice", words, "reg_no", used.once)


def sums_by_kind(contracts: Sequence[Contract]) -> dict[str, Sums]:
    """Contracts and both amounts by kind, in the order of the code table; other words behind it."""
    counts: Counter[str] = Counter()
    turnover: Counter[str] = Counter()
    technology: Counter[str] = Counter()
    for one in contracts:
        counts[one.kind] += 1
        turnover[one.kind] += one.turnover or 0
        technology[one.kind] += one.technology or 0
    known = [kind for kind in tables()["kinds"].codes if kind in counts]
    return {
        kind: Sums(counts[kind], turnover[kind], technology[kind])
        for kind in (*known, *sorted(counts.keys() - set(known)))
    }
