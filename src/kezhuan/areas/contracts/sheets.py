"""The columns of the registration form in a spreadsheet: those of the engine, in the order of the registry's form."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import translation

from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.queries import NOT_TOLD, as_read_by, in_words
from kezhuan.engines import contracts as engine
from kezhuan.engines.tables import Column
from kezhuan.exchange import columns
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    ID_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    Writer,
    record_columns,
    speaks_chinese,
    word,
)
from kezhuan.kernel.access import SYSTEM, Actor
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.text import FEN_PER_WAN, clean

_TIES = (
    ("achievement", "来源成果编号", "achievement code"),
    ("need", "来源需求编号", "need code"),
)
_FILLS = {
    "name": "title", "goal_code": "goal", "turnover": "turnover_fen", "technology": "technology_fen",
    "new_investment": "new_investment_fen", "new_output": "new_output_fen", "paid": "paid_fen",
    "equipment_budget": "equipment_fen", "revenue": "revenue_fen",
}  # fmt: skip
_GIVEN = frozenset({"reg_no", "registered_on", "applied_on"})
"""What the way through registration gives: an export tells it, and a file changes it of no record."""
FORM_COLUMNS = tuple(one for one in engine.COLUMNS if one.name not in NOT_TOLD)
"""The columns that a form fills beside its text."""
_READ_ONLY = frozenset({"registrar", "reviewer"})
_EXAMPLES: dict[str, tuple[Any, Any]] = {
    "name": ("碳化硅衬底抛光工艺开发", "Development of polishing for silicon carbide"),
    "kind": ("技术开发", "development"),
    "subkind": ("委托开发", "development-commissioned"),
    "form": ("书面", "written"),
    "signed_on": ("2026-03-18", "2026-03-18"),
    "valid_from": ("2026-03-18", "2026-03-18"),
    "valid_to": ("2028-03-17", "2028-03-17"),
    "seller_name": ("示例大学", "Example University"),
    "seller_kind": ("高等院校", "university"),
    "buyer_name": ("示例半导体有限公司", "Example Semiconductor Co."),
    "buyer_kind": ("有限责任公司", "150"),
    "seller_region": ("440106", "440106"),
    "buyer_region": ("440112", "440112"),
    "field": ("新材料及其应用", "materials"),
    "rights": ("技术秘密", "technical secret"),
    "payment": ("分期支付", "instalments"),
    "turnover": (100, 100),
    "equipment": (30, 30),
    "technology": (70, 70),
    "instalments": ("60万元；40万元", "60万元; 40万元"),
}
_HINTS = {
    "reg_no": ("16位数字；未登记的请留空", "16 digits; empty while it is not registered"),
    "technology": ("成交总额减去非技术性费用", "Turnover less the costs that are no technology"),
    "rights": ("可填多项，用分号隔开", "Several are separated by semicolons"),
    "instalments": ("各期金额，用分号隔开", "Amounts apart by semicolons"),
}


def _words(name: str) -> Writer:
    return lambda _actor, row: in_words(row, name)


def _wan(name: str) -> Writer:
    def write(_actor: Actor, row: Any) -> Any:
        fen = row.deductions.get(name) if name in engine.DEDUCTIONS else getattr(row, _FILLS[name])
        if fen is None:
            return None
        amount = Decimal(fen) / FEN_PER_WAN
        return int(amount) if amount == amount.to_integral_value() else float(amount)

    return write


def _plain(name: str) -> Writer:
    return lambda _actor, row: getattr(row, name)


def _yes(name: str) -> Writer:
    def write(_actor: Actor, row: Any) -> str:
        yes, no = ("是", "否") if speaks_chinese() else ("yes", "no")
        return yes if getattr(row, name) else no

    return write


def _instalments(_actor: Actor, row: Any) -> str:
    return "；".join(f"{Decimal(one) / FEN_PER_WAN:f}万元" for one in row.instalments)


def _rights(_actor: Actor, row: Any) -> str:
    said = engine.tables()["rights"]
    return "；".join(said.say(one).zh if speaks_chinese() else said.say(one).en for one in row.rights)


def form_cells(row: Any) -> dict[str, str]:
    """What a form says, as text under the headers of an export in Chinese: exact, and read back as it was."""
    with translation.override(LANGUAGE):
        told = {header_of(column): _cell(column, row) for column in FORM_COLUMNS}
    return {header: value for header, value in told.items() if value}


def header_of(column: Column) -> str:
    """The header of a column in an export in Chinese."""
    return f"{column.headers[0]}{'(万元)' if column.kind == 'money_wan' else ''}"


def _cell(column: Column, row: Any) -> str:
    if column.kind == "money_wan":
        fen = row.deductions.get(column.name) if column.name in engine.DEDUCTIONS else getattr(row, _FILLS[column.name])
        return "" if fen is None else f"{Decimal(fen) / FEN_PER_WAN:f}"
    write = _written(column)
    value = write(SYSTEM, row) if write is not None else None
    if column.kind == "choice":
        return str(value) if getattr(row, column.name) else ""
    return clean(value.isoformat() if isinstance(value, date) else str(value or ""))


def _writer(column: Column) -> Writer | None:
    """What is written of a contract as the actor reads it."""
    write = _written(column)
    return (lambda actor, row: write(actor, as_read_by(actor, row))) if write is not None else None


def _written(column: Column) -> Writer | None:
    name = column.name
    special: dict[str, Writer | None] = {
        "name": word("title"), "rights": _rights, "instalments": _instalments, "registrar": None, "reviewer": None,
    }  # fmt: skip
    if name in special:
        return special[name]
    if column.kind == "money_wan":
        return _wan(name)
    if column.kind == "choice":
        return _yes(name)
    return _words(name) if name in engine.CODED or name.startswith("content_") else _plain(name)


def _read(column: Column) -> Column:
    """A coded column is chosen from its table; a word that stands in none is kept as it was written."""
    if column.name not in engine.CODED:
        return column
    table = engine.tables()[engine.CODED[column.name]]
    known = {said: code for code, words in table.codes.items() for said in (words.zh, words.en)}
    return dataclasses.replace(column, kind="choice", choices={**known, **table.known}, open_choices=True)


def _fills(name: str) -> tuple[str, ...]:
    if name in _GIVEN | _READ_ONLY:
        return ()
    if name in engine.DEDUCTIONS:
        return ("deductions",)
    return ("content",) if name.startswith("content_") else (_FILLS.get(name, name),)


def _column(column: Column) -> SheetColumn:
    unit = "(万元)" if column.kind == "money_wan" else ""
    return SheetColumn(
        header_of(column),
        f"{engine.label_of(column.name, 'en').lower()}{f' {unit}' if unit else ''}",
        _writer(column),
        column=_read(column),
        fills=_fills(column.name),
        hint=_HINTS.get(column.name, ("", "")),
        example=_EXAMPLES.get(column.name, ("", "")),
        width=40 if column.name in {"name", "text"} or column.name.startswith("content_") else 16,
    )


def _tie(name: str) -> Writer:
    def write(_actor: Actor, row: Any) -> str:
        tie = getattr(row, name)
        return tie.code if tie is not None else ""

    return write


SHEET = Sheet(
    CONTRACT.kind,
    (
        CODE_COLUMN,
        ID_COLUMN,
        *map(_column, engine.COLUMNS),
        *(
            SheetColumn(
                zh, en, _tie(name), column=Column(name, (zh, en)), fills=(name,), width=16,
                hint=("本单位记录的平台编号", "The platform code of a record of your own"),
            )
            for name, zh, en in _TIES
        ),
        SheetColumn("密级", "classification", column=columns.SECRECY, width=10),
        *record_columns(),
        VERSION_COLUMN,
    ),
    related=("achievement", "need"),
)  # fmt: skip
