"""How records stand in a spreadsheet: one list of columns per kind, written by exports and read again by imports."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from kezhuan.engines.tables import Column
from kezhuan.exchange.columns import ID
from kezhuan.kernel import registry
from kezhuan.kernel.access import GROUPS, Actor, allowed_audiences, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import FEN_PER_WAN
from kezhuan.kernel.text import batches as in_batches

Writer = Callable[[Actor, Any], Any]
BATCH = 500
HIDDEN = ("〔不显示〕", "[not shown]")
"""What stands in a cell that its reader may not see: it tells the hidden from the empty, and is never read back."""
CODE = Column("platform_code", ("平台编号", "platform code"))
"""The column by which a row of an export means its record, whatever its other columns say."""
VERSION = Column("platform_version", ("平台版本", "platform version"), kind="integer", low=1)
"""The column by which it is known whether a record was changed since it was exported."""
_INSIDE = frozenset({"full", "inner"})
"""Groups whose columns are left out for visitors, who would find nothing in them."""


@dataclass(frozen=True)
class SheetColumn:
    """One column: its headers in Chinese and English, what stands in it, and how it is read.

    `write` gives the value for the reader of the row's field group `group`; None for a column that is only read.
    `column` reads it; None for one that is only written. `fills` are the record's words and the own columns that a
    changed cell changes. `hint` is said on the header of a template, `example` stands in its example row.
    """

    zh: str
    en: str
    write: Writer | None = None
    group: str = "public"
    column: Column | None = None
    fills: tuple[str, ...] = ()
    hint: tuple[str, str] = ("", "")
    example: tuple[Any, Any] = ("", "")
    width: int = 18

    @property
    def name(self) -> str:
        """What tells it apart among the columns of its kind."""
        return self.column.name if self.column is not None else self.en

    @property
    def header(self) -> str:
        """The header in the reader's language."""
        return self.zh if speaks_chinese() else self.en


@dataclass(frozen=True)
class Sheet:
    """The columns of one kind; `related` and `prefetch` are what writing them reads."""

    kind: str
    columns: tuple[SheetColumn, ...]
    related: tuple[str, ...] = ()
    prefetch: tuple[str, ...] = ()

    @property
    def read_columns(self) -> tuple[Column, ...]:
        """The columns that an import understands."""
        return tuple(one.column for one in self.columns if one.column is not None)

    @property
    def written_only(self) -> frozenset[str]:
        """Headers, in both languages, of columns that an import leaves out."""
        return frozenset(header for one in self.columns if one.column is None for header in (one.zh, one.en))

    def shown_to(self, actor: Actor) -> tuple[SheetColumn, ...]:
        """The columns that an export for this reader has."""
        return tuple(
            one for one in self.columns if one.write is not None and (actor.is_signed_in or one.group not in _INSIDE)
        )

    def rows(self, actor: Actor, ids: Sequence[int]) -> Iterator[Any]:
        """The own rows of these ids in their order, as far as the actor may see them, in constant queries a batch."""
        model = registry.kind_of(self.kind).model
        found = model._default_manager.select_related(
            "record__owner__record",
            "record__contact__record",
            *(f"record__{group}_to" for group in GROUPS),
            *self.related,
        ).prefetch_related(*self.prefetch)
        for batch in in_batches(ids, BATCH):
            rows: dict[int, Any] = visible_to(actor, found).in_bulk(batch)
            yield from (rows[pk] for pk in batch if pk in rows)


class Reader:
    """What one actor may read: the audiences they belong to are looked up once."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._audiences = frozenset(allowed_audiences(actor))

    def groups(self, record: Record) -> frozenset[str]:
        """The field groups of a record that the actor may see; agrees with `groups_seen`, without a query."""
        return frozenset(group for group in GROUPS if getattr(record, f"{group}_to_id") in self._audiences)

    def cells(self, columns: Sequence[SheetColumn], row: Any) -> list[Any]:
        """What stands in these columns of a row before this reader."""
        groups = self.groups(row.record)
        hidden = HIDDEN[0 if speaks_chinese() else 1]
        return [
            one.write(self.actor, row) if one.group in groups else hidden for one in columns if one.write is not None
        ]


_sheets: dict[str, Sheet] = {}


def register(sheet: Sheet) -> None:
    """Add a kind's columns; called once per kind from an area's `kinds.py`."""
    _sheets[sheet.kind] = sheet


def has_sheet(kind: str) -> bool:
    """Whether a kind has columns of its own."""
    return kind in _sheets


def sheet_of(kind: str) -> Sheet:
    """The columns of a kind; raises `KeyError` for one that stands in no sheet."""
    return _sheets[kind]


# -- cells -------------------------------------------------------------------------------------------------------------


def speaks_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "zh").startswith("zh")


def own(name: str) -> Writer:
    """The own row's column of this name."""
    return lambda _actor, row: getattr(row, name)


def word(name: str) -> Writer:
    """The shared row's words of this name."""
    return lambda _actor, row: getattr(row.record, name)


def listed(name: str) -> Writer:
    """A list of the own row, in one text."""
    return lambda _actor, row: "；".join(getattr(row, name))


def wan(name: str) -> Writer:
    """Money of the own row, kept in 分, as a number of 万元."""

    def write(_actor: Actor, row: Any) -> Any:
        fen = getattr(row, name)
        if fen is None:
            return None
        amount = Decimal(fen) / FEN_PER_WAN
        return int(amount) if amount == amount.to_integral_value() else float(amount)

    return write


def coded(name: str, column: Column) -> Writer:
    """A code, or a list of codes, of the own row in the words by which the column reads it again."""
    words = words_of(column)

    def write(_actor: Actor, row: Any) -> Any:
        value, place = getattr(row, name), 0 if speaks_chinese() else 1
        if isinstance(value, list):
            return "；".join(words[code][place] if code in words else code for code in value)
        return words[value][place] if value in words else value

    return write


def words_of(column: Column) -> Mapping[str, tuple[str, str]]:
    """For each code of a list the word that stands for it in Chinese and in English, both read as this code."""
    found: dict[str, tuple[str, str]] = {}
    for code in dict.fromkeys(column.choices.values()):
        named = [word for word, one in column.choices.items() if one == code]
        english = [word for word in named if word.isascii() and word.replace(" ", "").replace("&", "").isalpha()]
        chinese = [word for word in named if not word.isascii()]
        other = next((word for word in named if word != code), code)
        found[code] = (chinese[0] if chinese else other, english[0] if english else code)
    return found


VERSION_COLUMN = SheetColumn(
    "平台版本",
    "Platform version",
    lambda _actor, row: row.record.version,
    "title",
    VERSION,
    hint=("导出时自动填写；请勿改动", "Filled in by exports; leave it as it is"),
    width=10,
)


def record_columns(*, owner: bool = True) -> tuple[SheetColumn, ...]:
    """What stands at the end of every kind's sheet: stage, owner and the day it was opened; none of it is read."""
    columns = [SheetColumn("阶段", "Stage", _stage, "title", width=12)]
    if owner:
        columns.append(SheetColumn("所属单位", "Owner", _owner, width=24))
    return (*columns, SheetColumn("登记日期", "Opened on", _opened, "title", width=12))


def _stage(_actor: Actor, row: Any) -> str:
    return str(registry.kind_of(row.record).lifecycle.stages[row.record.stage].label)


def _owner(_actor: Actor, row: Any) -> str:
    return row.record.owner.record.title if row.record.owner is not None else ""


def _opened(_actor: Actor, row: Any) -> date:
    day: date = row.record.opened_on
    return day


CODE_COLUMN = SheetColumn(
    "平台编号",
    "Platform code",
    word("code"),
    "title",
    CODE,
    hint=(
        "导出时自动填写；导入时按它找到原记录，新记录请留空",
        "Filled in by exports; leave it empty for a new record",
    ),
    width=16,
)
ID_COLUMN = SheetColumn(
    "编号",
    "id",
    column=ID,
    hint=("本单位自己的编号；同一编号再次导入即更新", "Your own number; the same one again is an update"),
)
