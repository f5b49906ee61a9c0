"""Rows of an export that come back: compared with their record cell by cell, and only what differs is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.engines.tables import Column
from kezhuan.engines.tables.cells import is_empty, read_cell
from kezhuan.engines.tables.problems import BadCell
from kezhuan.engines.tables.writing import fit
from kezhuan.exchange.candidates import Candidate
from kezhuan.exchange.kinds import Importable
from kezhuan.exchange.settings import Settings
from kezhuan.exchange.sheets import CODE, VERSION, Reader, SheetColumn
from kezhuan.kernel import registry
from kezhuan.kernel.access import visible_to
from kezhuan.kernel.checks import check_fits
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Identifier, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean

PARTS, EXTRA = "parts", "extra:"
"""What a column may fill beside the words and own columns: the rows of the parts, and a key of `extra`."""
BROUGHT = "row:"
"""Begins the note of a number by which a file's row is known."""


@dataclass(frozen=True)
class Change:
    """What a row changes of its record; `facts` are what the record says afterwards."""

    candidate: Candidate
    row: Any
    facts: Any
    fields: frozenset[str]


@dataclass(frozen=True)
class Refusal:
    """Why a row changes nothing: the sentence, and the columns it speaks of."""

    candidate: Candidate
    reason: str
    columns: tuple[str, ...] = ()
    is_secret: bool = False


class Comparison:
    """Compares rows with the records that they name by code."""

    def __init__(self, kind: Importable[Any], settings: Settings, headers: Mapping[str, str]) -> None:
        self.kind = kind
        self.settings = settings
        self._headers = headers
        self._sheet = {one.name: one for one in kind.sheet.columns if one.column is not None}

    def judge(self, batch: Sequence[Candidate]) -> list[Change | Refusal]:
        """A change or a refusal for each row, in order; a change without fields is none."""
        if not batch:
            return []
        codes = [one.known_by.value for one in batch]
        # Anew for each batch: what the ones before changed may have given records other readers.
        reader = Reader(self.settings.actor)
        records = visible_to(self.settings.actor, Record.objects.filter(code__in=codes))
        records = records.filter(kind=self.kind.lifecycle.kind).exclude(phase=Phase.VOID)
        ids = dict(records.values_list("code", "pk"))
        found = self.kind.model._default_manager.select_related("record__owner__record", *self.kind.sheet.related)
        rows: dict[int, Any] = found.prefetch_related(*self.kind.sheet.prefetch).in_bulk(ids.values())
        brought = Identifier.objects.filter(record__in=rows, active=True, note__startswith=BROUGHT)
        from_file = set(brought.values_list("record_id", flat=True))
        return [self._judge(one, rows.get(ids.get(one.known_by.value, 0)), from_file, reader) for one in batch]

    def _judge(self, one: Candidate, row: Any, from_file: set[int], reader: Reader) -> Change | Refusal:
        code = one.known_by.value
        if row is None:
            message = _("There is no %(kind)s with the code %(code)s; leave the code empty for a new one.")
            words = {"kind": registry.kind_of(self.kind.lifecycle.kind).label, "code": code}
            return Refusal(one, message % words, (CODE.name,))
        now = {name: self._now(column, row) for name, column in self._sheet.items()}
        changed = [name for name in self._headers if self._differs(one, name, now)]
        held = getattr(row, "extra", {})
        if not changed and all(held.get(name) == value for name, value in one.content.extra.items()):
            return Change(one, row, None, frozenset())
        version = one.content.values[VERSION.name]
        if version is not None and version != row.record.version:
            message = _("%(code)s was changed after it was exported; export it again and make your change there.")
            return Refusal(one, message % {"code": code})
        if self.settings.on_match == "forbid":
            return Refusal(one, _("The record is there already; leave the row out or allow updates."))
        actor = self.settings.actor
        may_fill = bool(changed) and self.kind.may_fill(actor, row, changed)
        if not may_fill and not self.kind.may_renew(actor, row, from_file=row.pk in from_file):
            return Refusal(one, _("You may not change %(code)s by a file; change it on its own page.") % {"code": code})
        groups = reader.groups(row.record)
        fixed = [name for name in changed if not self._sheet[name].fills or self._sheet[name].group not in groups]
        if fixed:
            message = _(
                "A file does not change this of a record; leave the cell as it was, or change the record's page."
            )
            return Refusal(one, message, tuple(fixed))
        return self._change(one, row, now, changed)

    def _now(self, column: SheetColumn, row: Any) -> Any:
        """What an import would read if an export wrote the column now."""
        if column.write is None or column.column is None:
            return None
        return _read(column.write(self.settings.actor, row), column.column)

    def _differs(self, one: Candidate, name: str, now: Mapping[str, Any]) -> bool:
        if name in {CODE.name, VERSION.name} or name in one.blank or name not in self._sheet:
            return False
        typed, held = one.content.values[name], now[name]
        if isinstance(typed, str) and isinstance(held, str):
            # A workbook's cell holds less than a record's text: what was cut off is not gone.
            return clean(typed) not in {clean(held), clean(fit(held))}
        return (typed or None) != (held or None) if not isinstance(typed, int) else typed != held

    def _change(self, one: Candidate, row: Any, now: Mapping[str, Any], changed: Sequence[str]) -> Change | Refusal:
        values = {**now, **{name: one.content.values[name] for name in changed}}
        for name, column in self._sheet.items():
            if values.get(name) is None and column.column is not None and column.column.kind == "texts":
                values[name] = ()
        content = replace(one.content, values=values, owner=row.record.owner)
        facts = self.kind.facts(content)
        problems = self.kind.check_filled(facts, content) or check_fits(self.kind.model(**self.kind.own(facts)))
        if problems:
            return self._wrong(one, problems)
        fields = frozenset(name for column in changed for name in self._sheet[column].fills)
        return Change(one, row, facts, fields)

    def _wrong(self, one: Candidate, problems: Sequence[Problem]) -> Refusal:
        columns = tuple(dict.fromkeys(self.kind.column_of.get(problem.field, problem.field) for problem in problems))
        reason = " ".join(dict.fromkeys(str(problem.message) for problem in problems))
        return Refusal(one, reason, columns, problems[0].code == "state-secret")

    def apply(self, change: Change) -> bool:
        """Write a change onto its row (locked, not saved); returns whether anything is another than before."""
        if change.facts is None:
            return False
        row, words, own = change.row, self.kind.words(change.facts), self.kind.own(change.facts)
        before = _state(row, change.fields)
        for name in change.fields:
            if name.startswith(EXTRA):
                key = name.removeprefix(EXTRA)
                kept = {one: value for one, value in row.extra.items() if one != key}
                row.extra = kept | ({key: own["extra"][key]} if key in own["extra"] else {})
            elif name in {"title", "title_en", "summary"}:
                setattr(row.record, name, getattr(words, name))
            elif name != PARTS:
                setattr(row, name, own[name])
        if hasattr(row, "extra"):
            row.extra = {**row.extra, **{name: value for name, value in own["extra"].items() if name in _typed(change)}}
        return PARTS in change.fields or before != _state(row, change.fields)


def _typed(change: Change) -> frozenset[str]:
    """Columns that no field understands and that the row itself brings."""
    return frozenset(change.candidate.content.extra)


def _state(row: Any, fields: frozenset[str]) -> list[Any]:
    own = [
        getattr(row.record if name in {"title", "title_en", "summary"} else row, name, None) for name in sorted(fields)
    ]
    return [*own, dict(getattr(row, "extra", {}))]


def _read(cell: Any, column: Column) -> Any:
    if is_empty(cell):
        return None
    try:
        return read_cell(cell, column)
    except BadCell:
        return None  # such as an amount that no cell can hold; it then differs from any that is typed
