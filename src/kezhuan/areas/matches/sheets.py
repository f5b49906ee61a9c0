"""The columns in which introductions stand in a spreadsheet: each side as far as the reader may know it."""

import dataclasses
from datetime import date
from typing import Any

from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.queries import Side, sides_of
from kezhuan.engines.tables import Column
from kezhuan.exchange import columns
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    HIDDEN,
    ID_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    Writer,
    own,
    record_columns,
    speaks_chinese,
)
from kezhuan.kernel.access import Actor

NEED, SUPPLY = 0, 1
STAGES = {
    "已见面": "met", "见面": "met", "已对接": "met", "对接": "met", "洽谈": "met", "met": "met",
    "达成意向": "intent", "意向": "intent", "intent": "intent",
    "已签合同": "contract", "签约": "contract", "已签约": "contract", "签订合同": "contract", "合同": "contract",
    "contract": "contract",
    "未达成": "dropped", "未成": "dropped", "终止": "dropped", "已终止": "dropped", "dropped": "dropped",
}  # fmt: skip
"""What a list says became of two sides that were brought together before, and the stage that it is here."""
# The sides' numbers are none of the row's own.
_ID = dataclasses.replace(
    ID_COLUMN, column=dataclasses.replace(columns.ID, headers=("id", "编号", "对接编号", "introduction no"))
)
_NEED = Column("need", ("need", "需求编号", "need code", "需求平台编号"), required=True)
_SUPPLY = Column("supply", ("supply", "成果编号", "result code", "成果平台编号"), required=True)
_STAGE = Column("stage", ("stage", "阶段", "对接阶段", "对接状态", "状态", "status"), kind="choice", required=True,
                choices=STAGES)  # fmt: skip
_INTRODUCED = Column("introduced_on", ("introduced_on", "对接日期", "introduced on"), kind="date")
_MET = Column("met_on", ("met_on", "见面日期", "洽谈日期", "met on"), kind="date")


def _hidden() -> str:
    return HIDDEN[0 if speaks_chinese() else 1]


def _title(place: int) -> Writer:
    def write(actor: Actor, row: Any) -> str:
        side: Side = sides_of(actor, row)[place]
        return side.record.title if side.record is not None else _hidden()

    return write


def _code(place: int) -> Writer:
    def write(actor: Actor, row: Any) -> str:
        side: Side = sides_of(actor, row)[place]
        return side.record.code if side.record is not None else _hidden()

    return write


def _owner(place: int) -> Writer:
    def write(actor: Actor, row: Any) -> str:
        side: Side = sides_of(actor, row)[place]
        return side.owner.record.title if side.owner is not None else ""

    return write


def _agreed(place: int) -> Writer:
    def write(actor: Actor, row: Any) -> date | None:
        side: Side = sides_of(actor, row)[place]
        return side.agreed_on

    return write


def _stage(_actor: Actor, row: Any) -> str:
    return str(INTRODUCTION.stages[row.record.stage].label)


SHEET = Sheet(
    INTRODUCTION.kind,
    (
        CODE_COLUMN,
        _ID,
        SheetColumn("需求", "Need", _title(NEED), "title", width=40),
        SheetColumn(
            "需求编号",
            "Need code",
            _code(NEED),
            "title",
            _NEED,
            width=16,
            example=("N-2026-00001", "N-2026-00001"),
            hint=("平台编号，或导入时该需求自己的编号", "Its code here, or its own number in the list that brought it"),
        ),
        SheetColumn("需求单位", "Posed by", _owner(NEED), "title", width=24),
        SheetColumn("成果", "Result", _title(SUPPLY), "title", width=40),
        SheetColumn(
            "成果编号",
            "Result code",
            _code(SUPPLY),
            "title",
            _SUPPLY,
            width=16,
            example=("A-2026-00001", "A-2026-00001"),
            hint=("平台编号，或导入时该成果自己的编号", "Its code here, or its own number in the list that brought it"),
        ),
        SheetColumn("成果单位", "Offered by", _owner(SUPPLY), "title", width=24),
        SheetColumn("需求方同意日期", "Need side agreed on", _agreed(NEED), "title", width=14),
        SheetColumn("成果方同意日期", "Result side agreed on", _agreed(SUPPLY), "title", width=14),
        SheetColumn(
            "阶段",
            "Stage",
            _stage,
            "title",
            _STAGE,
            width=14,
            example=("已见面", "met"),
            hint=("双方在此之前走到哪一步", "How far the two have come before"),
        ),
        SheetColumn(
            "对接日期", "Introduced on", own("introduced_on"), "title", _INTRODUCED, ("introduced_on",), width=14
        ),
        SheetColumn("见面日期", "Met on", own("met_on"), "title", _MET, ("met_on",), width=14),
        SheetColumn("密级", "secrecy", column=columns.SECRECY),
        *record_columns(owner=False)[1:],
        VERSION_COLUMN,
    ),
    related=tuple(
        f"{side}__{what}" for side in ("need__record", "supply") for what in ("owner__record", "title_to", "public_to")
    ),
)
