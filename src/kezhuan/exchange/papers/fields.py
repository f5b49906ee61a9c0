"""What a template may name: the columns in which a kind stands in spreadsheets, what every record has, who writes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kezhuan.exchange.sheets import HIDDEN, Reader, SheetColumn, has_sheet, sheet_of, speaks_chinese
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today

ROWS = ("清单", "items")
"""The names under which a template repeats rows: one for each record."""
NUMBER = ("序号", "number")
"""A row's own place in them."""


@dataclass(frozen=True)
class Named:
    """A record with its own row, and what it is called before the reader."""

    record: Record
    title: str


@dataclass(frozen=True)
class Field:
    """One thing that can be named, in Chinese and in English; the readers of `group` see what stands there."""

    zh: str
    en: str
    group: str = "title"

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.zh if speaks_chinese() else self.en


Values = tuple[Sequence[Any], Sequence[Sequence[Any]]]
"""The values of a part's fields, and those of its rows, each in the order of the fields."""


@dataclass(frozen=True)
class Part:
    """What stands beside a record of any kind and has rows of its own, as an approval has its opinions.

    `rows` are the names under which a template repeats them; `values` reads them as far as the actor may, None where
    there is nothing. Papers of single records have it, lists do not.
    """

    rows: tuple[str, str]
    fields: tuple[Field, ...]
    row_fields: tuple[Field, ...]
    values: Callable[[Actor, Record], Values | None]

    def of(self, actor: Actor, record: Record) -> dict[str, Any]:
        """By name what a template finds of a record."""
        own, rows = self.values(actor, record) or (("",) * len(self.fields), ())
        told = [_by_name(self.row_fields, row) | dict.fromkeys(NUMBER, str(at)) for at, row in enumerate(rows, 1)]
        return {**_by_name(self.fields, own), **dict.fromkeys(self.rows, told)}


def _by_name(fields: Sequence[Field], values: Sequence[Any]) -> dict[str, str]:
    return {name: in_words(value) for field, value in zip(fields, values, strict=True) for name in (field.zh, field.en)}


_parts: list[Part] = []


def register_part(part: Part) -> None:
    """Add a part; called once from an area's `kinds.py`."""
    _parts.append(part)


def parts() -> Sequence[Part]:
    """The parts that templates of every kind may name."""
    return _parts


_NO_LETTER = re.compile(r"\W+")


def name_of_header(header: str) -> str:
    """A column's header as a template names it: without brackets and signs, blanks as underscores."""
    return _NO_LETTER.sub("", header.replace(" ", "_").replace("-", "_")).lower()


LETTER = (
    Field("今日", "today"),
    Field("本单位", "our_office"),
    Field("经办人", "written_by"),
    Field("条数", "count"),
)
"""What belongs to the paper and not to a record."""
COMMON = (
    Field("编号", "code"),
    Field("名称", "title"),
    Field("类别", "kind"),
    Field("阶段", "stage"),
    Field("所属单位", "owner", "public"),
    Field("登记日期", "opened_on"),
)
"""What every record has."""


def _columns(kind: str) -> tuple[SheetColumn, ...]:
    return tuple(one for one in sheet_of(kind).columns if one.write is not None) if has_sheet(kind) else ()


def fields_of(kind: str) -> tuple[Field, ...]:
    """What a template of a kind may name of a record, each once."""
    own = [Field(name_of_header(one.zh), name_of_header(one.en), one.group) for one in _columns(kind)]
    found: dict[str, Field] = {}
    for field in (*COMMON, *own, *(field for part in _parts for field in part.fields)):
        found.setdefault(field.zh, field)
    return tuple(found.values())


def names_of(kind: str) -> frozenset[str]:
    """Every name of a record's field, in both languages."""
    return frozenset(name for field in fields_of(kind) for name in (field.zh, field.en))


def fields_of_rows() -> tuple[Field, ...]:
    """What a template may name of a row of a part, after the name of the rows: 审批意见.岗位."""
    return tuple(
        Field(f"{part.rows[0]}.{one.zh}", f"{part.rows[1]}.{one.en}", one.group)
        for part in _parts
        for one in part.row_fields
    )


def parts_of(actor: Actor, record: Record) -> dict[str, Any]:
    """What templates find beside a single record, part by part."""
    return {name: value for part in _parts for name, value in part.of(actor, record).items()}


LETTER_NAMES = frozenset(name for field in LETTER for name in (field.zh, field.en))


def letter_values(actor: Actor, count: int) -> dict[str, str]:
    """The values of the paper's own fields."""
    office = actor.organisation.record.title if actor.organisation is not None else ""
    values = (today(), office, actor.name, count)
    return {name: in_words(value) for field, value in zip(LETTER, values, strict=True) for name in (field.zh, field.en)}


def rows_of(actor: Actor, kind: str, named: Sequence[Named]) -> list[dict[str, str]]:
    """The values of every field of these records before the reader, in their order; what they may not see is told as
    such, and a record that they may not see is left out. Constant queries."""
    columns, reader = _columns(kind), Reader(actor)
    fields = [(name_of_header(one.zh), name_of_header(one.en)) for one in columns]
    titles = {one.record.pk: one.title for one in named}
    ids = [one.record.pk for one in named]
    own: Mapping[int, Any] = {row.pk: row for row in sheet_of(kind).rows(actor, ids)} if columns else {}
    records = visible_to(actor, Record.objects.select_related("owner__record")).in_bulk(ids)
    found: list[dict[str, str]] = []
    for pk in ids:
        if pk not in records or (columns and pk not in own):
            continue
        record = records[pk]
        values = dict(_common(reader, record, titles[pk]))
        if columns:
            cells = reader.cells(columns, own[pk])
            for names, cell in zip(fields, cells, strict=True):
                values = {**{name: in_words(cell) for name in names}, **values}
        values.update(dict.fromkeys(NUMBER, str(len(found) + 1)))
        found.append(values)
    return found


def _common(reader: Reader, record: Record, title: str) -> dict[str, str]:
    kind = registry.kind_of(record)
    owner = record.owner.record.title if record.owner is not None else ""
    seen = "public" in reader.groups(record)
    values = (
        record.code,
        title,
        str(kind.label),
        str(kind.lifecycle.stages[record.stage].label),
        owner if seen else HIDDEN[0 if speaks_chinese() else 1],
        record.opened_on,
    )
    return {name: in_words(value) for field, value in zip(COMMON, values, strict=True) for name in (field.zh, field.en)}


def in_words(value: Any) -> str:
    """A value as it stands in an official paper."""
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日" if speaks_chinese() else value.isoformat()
    if isinstance(value, float | Decimal):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)
