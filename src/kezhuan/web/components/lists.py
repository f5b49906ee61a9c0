"""Lists, their facets and pages, tables, figures and charts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from unicodedata import east_asian_width

from django.utils.safestring import SafeString

from kezhuan.web.components.bars import BAR_WIDTH
from kezhuan.web.components.record import ClockLine, Tag
from kezhuan.web.components.words import Text


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One record in a list or a search result; `on_label` says of which day, where it is not that of its entering."""

    title: Text
    url: str
    code: str = ""
    kind_label: Text = ""
    tags: tuple[Tag, ...] = ()
    meta: tuple[Text, ...] = ()
    snippet_html: SafeString | None = None
    on: date | None = None
    on_label: Text = ""


@dataclass(frozen=True, slots=True)
class FacetOption:
    """One value of a facet; ``url`` turns it on, or off when it is on. ``count`` None is not shown."""

    label: Text
    count: int | None
    url: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a list."""

    name: str
    label: Text
    options: tuple[FacetOption, ...] = ()

    @property
    def chosen(self) -> tuple[FacetOption, ...]:
        """The options that are on."""
        return tuple(option for option in self.options if option.on)

    @property
    def first_options(self) -> tuple[FacetOption, ...]:
        """The options always in sight: the first eight, and every one that is on."""
        return tuple(option for place, option in enumerate(self.options) if place < 8 or option.on)

    @property
    def more_options(self) -> tuple[FacetOption, ...]:
        """The options behind “more”."""
        return tuple(option for option in self.options[8:] if not option.on)


@dataclass(frozen=True, slots=True)
class SortChoice:
    """One order a list can be shown in."""

    label: Text
    url: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Where in a list the page stands: first and last row shown (from 1), and how many there are."""

    previous_url: str = ""
    next_url: str = ""
    first: int = 0
    last: int = 0
    total: int = 0
    total_exact: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numeric ones are set to the right in figures of one width."""

    label: Text
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a link or a tag; a cell that is only words may stand in the row as a plain string."""

    text: Text
    url: str = ""
    tag: Tag | None = None

    def __str__(self) -> str:
        """The words alone, the tag's where there are no others."""
        return str(self.text or (self.tag.label if self.tag is not None else ""))


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with a head that stays in sight; each row holds as many cells as there are columns."""

    WIDE: ClassVar[int] = 5
    """From this many columns on a narrow screen would show the last ones only after scrolling sideways."""
    LONG: ClassVar[int] = 14
    """A cell or a head of more letters (a Chinese one counts twice) is long: of three columns and more a narrow screen
    holds one that has such, and cuts the next."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | Text, ...], ...]
    caption: Text = ""
    crossed: bool = False
    """Whether the first cell names its row and figures are read across: a narrow screen keeps that cell in sight."""

    @property
    def stacked(self) -> bool:
        """Whether a narrow screen sets the cells of a row below each other, each under the name of its column."""
        if self.crossed or len(self.columns) < 3:
            return False
        if len(self.columns) >= self.WIDE:
            return True
        heads = [column.label for column in self.columns]
        return sum(any(map(self._long, cells)) for cells in zip(heads, *self.rows, strict=True)) > 1

    def _long(self, cell: Cell | Text) -> bool:
        words = str(cell)
        tag = str(cell.tag.label) if isinstance(cell, Cell) and cell.tag is not None and cell.text else ""
        return sum(1 + (east_asian_width(letter) in "WF") for letter in words + tag) > self.LONG

    @property
    def lines(self) -> list[list[tuple[Column, Cell]]]:
        """The rows as pairs of column and cell."""
        return [
            [
                (column, cell if isinstance(cell, Cell) else Cell(cell))
                for column, cell in zip(self.columns, row, strict=True)
            ]
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that opens the rows behind it."""

    value: Text
    label: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar of a chart, with its value as words beside it."""

    label: Text
    value: float
    shown: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart that is a table at the same time: every bar stands beside its label and its value. A value of `whole`
    fills the width, as does the longest bar of a chart without one."""

    caption: Text
    label: Text
    value_label: Text
    bars: tuple[ChartBar, ...] = ()
    whole: float = 0.0

    @property
    def lines(self) -> list[tuple[ChartBar, int]]:
        """Bars with their length in drawing units."""
        longest = max((self.whole, *(bar.value for bar in self.bars)))
        return [(bar, round(BAR_WIDTH * max(0.0, bar.value) / longest) if longest > 0 else 0) for bar in self.bars]


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One thing that waits for the reader: what to do, on which record, until when."""

    label: Text
    title: Text
    url: str
    code: str = ""
    who: Text = ""
    since: datetime | None = None
    clock: ClockLine | None = None
