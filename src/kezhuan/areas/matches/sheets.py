"""The columns in which introductions stand in a spreadsheet: each side as far as the reader may know it."""

from datetime import date
from typing import Any

from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.queries import Side, sides_of
from kezhuan.exchange.sheets import CODE_COLUMN, HIDDEN, Sheet, SheetColumn, Writer, record_columns, speaks_chinese
from kezhuan.kernel.access import Actor

NEED, SUPPLY = 0, 1


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


SHEET = Sheet(
    INTRODUCTION.kind,
    (
        CODE_COLUMN,
        SheetColumn("需求", "Need", _title(NEED), "title", width=40),
        SheetColumn("需求编号", "Need code", _code(NEED), "title", width=16),
        SheetColumn("需求单位", "Posed by", _owner(NEED), "title", width=24),
        SheetColumn("成果", "Result", _title(SUPPLY), "title", width=40),
        SheetColumn("成果编号", "Result code", _code(SUPPLY), "title", width=16),
        SheetColumn("成果单位", "Offered by", _owner(SUPPLY), "title", width=24),
        SheetColumn("需求方同意日期", "Need side agreed on", _agreed(NEED), "title", width=14),
        SheetColumn("成果方同意日期", "Result side agreed on", _agreed(SUPPLY), "title", width=14),
        *record_columns(owner=False),
    ),
    related=tuple(
        f"{side}__{what}" for side in ("need__record", "supply") for what in ("owner__record", "title_to", "public_to")
    ),
)
