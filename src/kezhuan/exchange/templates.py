"""Workbooks to fill in: a kind's columns with drop-downs, notes on the headers and an example that is left out."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override

from kezhuan.engines.tables import Column
from kezhuan.engines.tables.columns import fold
from kezhuan.engines.tables.writing import written_beside
from kezhuan.exchange.kinds import Importable
from kezhuan.exchange.sheets import CODE, VERSION, SheetColumn, speaks_chinese, words_of
from kezhuan.kernel import registry

EXAMPLE = ("示例", "example")
"""What stands under the id of an example row."""
_LAST_ROW = 5000
"""Rows that have drop-downs."""
_LONGEST_LIST = 250
"""Characters of a list that fits into a cell's rule; a longer one stands on a sheet of its own."""


def template_columns(kind: Importable[Any]) -> tuple[SheetColumn, ...]:
    """The columns that people fill in."""
    return tuple(
        one for one in kind.sheet.columns if one.column is not None and one.name not in {CODE.name, VERSION.name}
    )


def is_example(kind: Importable[Any], values: Mapping[str, Any]) -> bool:
    """Whether a row is the example of a template, as it was given out."""
    if fold(str(values.get("id") or "")) not in EXAMPLE:
        return False
    name = kind.needs_one_of[0]
    shown = next(one for one in kind.sheet.columns if one.name == name)
    return str(values.get(name) or "") in shown.example


def write_template(path: Path, kind: Importable[Any], language: str) -> None:
    """Write the workbook in "zh-hans" or "en". Raises `Unusable` when the place cannot be written."""
    with override(language), written_beside(path) as stream, xlsxwriter.Workbook(stream) as book:
        _Template(book, kind).write()


class _Template:
    """One workbook on its way."""

    def __init__(self, book: Any, kind: Importable[Any]) -> None:
        self.book = book
        self.kind = kind
        self.columns = template_columns(kind)
        self.place = 0 if speaks_chinese() else 1
        self.lists: list[tuple[str, list[str]]] = []
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF5"}
        )
        self.must = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#D5E3F3"}
        )
        self.grey = book.add_format({"italic": True, "font_color": "#5A6470", "text_wrap": True, "valign": "top"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})

    def write(self) -> None:
        """The sheet to fill in, the notes, and the lists that were too long for a cell."""
        plural = str(registry.kind_of(self.kind.lifecycle.kind).plural)
        page = self.book.add_worksheet(plural[:31])
        page.freeze_panes(1, 0)
        for index, one in enumerate(self.columns):
            page.set_column(index, index, one.width, self.day if _is_day(one) else self.wrap)
            page.write_string(0, index, one.header, self.must if self._is_needed(one) else self.head)
            if note := self._note(one):
                page.write_comment(0, index, note, {"x_scale": 2})
            self._example(page, index, one)
            self._rule(page, index, one)
        self._notes()
        self._lists()

    def _is_needed(self, one: SheetColumn) -> bool:
        return one.name in self.kind.needs_one_of or (one.column is not None and one.column.required)

    def _example(self, page: Any, index: int, one: SheetColumn) -> None:
        value = EXAMPLE[self.place] if one.name == "id" else one.example[self.place]
        if isinstance(value, int | float):
            page.write_number(1, index, value, self.grey)
        elif value:
            page.write_string(1, index, value, self.grey)

    def _note(self, one: SheetColumn) -> str:
        """What is to be written, with the words of a list that may be combined."""
        column = one.column
        parts = [one.hint[self.place]]
        if column is not None and column.choices:
            parts.append(_("One of: %(words)s") % {"words": self._joined(column)})
        elif column is not None and column.kind == "date":
            parts.append(_("A day such as 2027-06-30"))
        elif column is not None and column.kind == "money_wan":
            parts.append(_("A number, in 万元 (10,000 yuan)"))
        elif column is not None and column.kind == "integer":
            parts.append(
                _("A whole number from %(low)s to %(high)s") % {"low": column.low, "high": column.high}
                if column.high is not None
                else _("A whole number")
            )
        return "\n".join(filter(None, parts))

    def _joined(self, column: Column) -> str:
        return ("、" if self.place == 0 else ", ").join(self._words(column))

    def _words(self, column: Column) -> list[str]:
        return [words[self.place] for words in words_of(column).values()]

    def _rule(self, page: Any, index: int, one: SheetColumn) -> None:
        """A drop-down for a list; numbers and days are checked as they are typed."""
        column = one.column
        if column is None:
            return
        rule: dict[str, Any] = {"error_title": one.header[:32], "ignore_blank": True}
        if column.choices:
            words = self._words(column)
            source: Any = words
            if len(",".join(words)) > _LONGEST_LIST:
                self.lists.append((one.header, words))
                letter = chr(ord("A") + len(self.lists) - 1)
                source = f"='{self._list_sheet()}'!${letter}$2:${letter}${len(words) + 1}"
            # A list of which several may be given, or that knows more words than are shown, only warns.
            is_closed = column.kind == "choice" and not column.open_choices
            rule |= {"validate": "list", "source": source, "error_type": "stop" if is_closed else "information"}
        elif check := _typed(column):
            # Nothing is refused: import reads more than a spreadsheet program knows, such as 待定 or 3000元.
            rule |= check | {"error_type": "information" if _reads_words(column) else "warning"}
        else:
            return
        message = self._note(one)
        if column.kind not in _WORDS and _reads_words(column):
            message += "\n" + _("Words that say it are read, too: keep them.")
        rule["error_message"] = message[:255]
        page.data_validation(1, index, _LAST_ROW, index, rule)

    def _list_sheet(self) -> str:
        return "选项" if self.place == 0 else "Lists"

    def _lists(self) -> None:
        if not self.lists:
            return
        page = self.book.add_worksheet(self._list_sheet())
        page.hide()
        for index, (header, words) in enumerate(self.lists):
            page.write_column(0, index, [header, *words])

    def _notes(self) -> None:
        page = self.book.add_worksheet("填写说明" if self.place == 0 else "How to fill in")
        page.set_column(0, 0, 26, self.wrap)
        page.set_column(1, 1, 100, self.wrap)
        lines = [
            _("Write one row for each; the headers may be moved, and columns you do not need may be deleted."),
            _("The grey row is an example: it is left out when the file is imported, you need not delete it."),
            _("State secrets must not be written here; a file that holds one is refused as a whole."),
        ]
        for number, line in enumerate(lines):
            page.merge_range(number, 0, number, 1, line, self.wrap)
        first = len(lines) + 1
        page.write_row(first, 0, [_("Header"), _("What to write")], self.head)
        for number, one in enumerate(self.columns, first + 1):
            needed = _("Needed.") + " " if self._is_needed(one) else ""
            page.write_row(number, 0, [one.header, needed + self._note(one).replace("\n", " ")], self.wrap)


_WORDS = frozenset({"text", "texts", "choice"})
_FIRST_DAY, _LAST_DAY = date(1950, 1, 1), date(9999, 12, 31)
"""A bare year (2027), which a spreadsheet program takes for a day of 1905, lies before the first."""
_LARGEST = 10**12


def _typed(column: Column) -> dict[str, Any]:
    """How a spreadsheet program checks what is typed: days, numbers, whole numbers and amounts in 万元."""
    low, high = column.low, column.high
    if column.kind == "date":
        return {"validate": "date", "criteria": "between", "minimum": _FIRST_DAY, "maximum": _LAST_DAY}
    per_unit = 1_000_000 if column.kind == "money_wan" else 1
    bounds = {
        "criteria": "between",
        "minimum": -_LARGEST if low is None else low / per_unit if low % per_unit else low // per_unit,
        "maximum": _LARGEST if high is None else high / per_unit,
    }
    checks = {"integer": "integer", "number": "decimal", "money_wan": "decimal"}
    return {"validate": checks[column.kind], **bounds} if column.kind in checks else {}


def _reads_words(column: Column) -> bool:
    """Whether import reads words in a column of days or numbers: 3000元, 面议, TRL 6, 2027年6月, 18个月."""
    says = column.plain or column.neutral or column.affixes or column.month_end or column.terms
    return column.kind == "money_wan" or bool(says)


def _is_day(one: SheetColumn) -> bool:
    return one.column is not None and one.column.kind == "date"
