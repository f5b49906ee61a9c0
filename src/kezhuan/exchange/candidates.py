"""Read a file row by row: each row as a candidate for a record, or as a reject with its reason."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.engines.tables import Problem, Row, Table, open_table
from kezhuan.engines.tables.added import ADDED, SOURCE
from kezhuan.engines.tables.cells import read_cell
from kezhuan.engines.tables.columns import Dictionary
from kezhuan.engines.tables.fixes import Fix, fixes_of
from kezhuan.engines.tables.opening import ENDINGS, PACKINGS, Source, find_source
from kezhuan.engines.tables.problems import shorten
from kezhuan.engines.tables.sheets import Side
from kezhuan.exchange.cells import digest_of, holds_secret, plain
from kezhuan.exchange.columns import is_open
from kezhuan.exchange.kinds import Content, HasColumns, Importable
from kezhuan.exchange.owners import Owners
from kezhuan.exchange.rejects import Reject, Rejects
from kezhuan.exchange.settings import LONGEST_SOURCE, REGISTERS, Settings
from kezhuan.exchange.sheets import CODE, HIDDEN
from kezhuan.exchange.templates import is_example
from kezhuan.kernel import errors
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.bulk import Number
from kezhuan.kernel.checks import check_fits
from kezhuan.kernel.marks import is_about_secrets, name_has_mark, secrets_problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean

CODED = "code"
"""Scheme of records' own codes; no file's ids have it."""
HASHED = "sha256:"
"""Begins the number of a row that is known by its words alone."""
_ROW = "row:"
_CLASSES = ("secrecy", "confidentiality")
"""Columns in which a file may name a class of state secrets."""
_ASKED = "asked"
"""Stands for a column of its own that asks the same: 涉密情况, 是否涉密."""
_ABOUT: dict[str, Side] = {"need": "needs", "achievement": "supply"}
"""What a sheet may say that it is about; in the browser the sheet is chosen on the page."""
_AGAIN = re.compile(r" \d+$")


@dataclass(frozen=True)
class Candidate:
    """A good row: its number in the file, the number it is known by, what it says, and its content.

    The number's note is the hash of the content. A row of an export is known by the record's own code (scheme `CODED`)
    and has no facts of its own: what it says is compared with the record, cell by cell; `blank` are the columns whose
    cells say nothing.
    """

    row: int
    known_by: Number
    facts: Any
    content: Content
    blank: frozenset[str] = frozenset()

    @property
    def is_coded(self) -> bool:
        """Whether the row names its record by the record's own code."""
        return self.known_by.scheme == CODED


class Marks:
    """Knows rows that hold a state secret, by marks in their cells and by what stands under headers of classes."""

    def __init__(self, kind: HasColumns) -> None:
        self._dictionary = Dictionary([column for column in kind.columns if column.name in _CLASSES])
        self._classes: dict[str, str] = {}

    def names_secret(self, cells: Mapping[str, Any]) -> bool:
        """Whether a cell carries a mark or, under any header of a class, a word for a secret or one not known."""
        classes = {header: name for header in cells if (name := self._class_of(header))}
        return holds_secret(cells, tuple(classes)) or not all(
            is_open(cells[header], or_no=name == _ASKED)
            for header, name in classes.items()
            if name in {"secrecy", _ASKED}
        )

    def _class_of(self, header: str) -> str:
        """The column of classes a header stands for, if any; one that stands twice has a number the second time."""
        if header not in self._classes:
            place = self._dictionary.place(header) or self._dictionary.place(_AGAIN.sub("", header))
            unknown = _ASKED if is_about_secrets(header) else ""
            self._classes[header] = place.column.name if place else unknown
        return self._classes[header]


class Candidates:
    """The rows of one file; iterating gives a `Candidate` or a `Reject` for each, in file order, and None for what is
    no row: the example of a template, and the place where reading stopped before the end, kept as `stopped`."""

    def __init__(self, kind: Importable[Any], path: str | Path | Source, settings: Settings) -> None:
        """Open the file; raises `Unusable`, with one sentence, when it cannot be used as a whole, and `Refused` when
        its name carries the mark of a state secret."""
        self.kind = kind
        self.settings = settings
        self.file = path if isinstance(path, Source) else find_source(path)
        self.source = settings.source or stem(self.file.name)
        if name_has_mark(self.file.name) or name_has_mark(self.source):
            raise errors.Refused(secrets_problem())
        self.table: Table = open_table(
            self.file,
            kind.columns,
            sheet=settings.sheet,
            any_of=(*kind.needs_one_of, CODE.name),
            unique="id",
            blanks=frozenset(HIDDEN),
            mapping=settings.mapping,
            about=_ABOUT.get(kind.lifecycle.kind) if settings.is_trusted else None,
        )
        if settings.match_key in kind.match_keys and settings.match_key not in self.table.columns_found:
            message = _("The file has no column “%(column)s”, by which its rows are to be told apart.")
            raise errors.Refused(
                errors.Problem(
                    "match-key-missing", message % {"column": kind.header_of(settings.match_key)}, "match_key"
                )
            )
        self.sha256 = _sha256(self.file.path)
        self.owners = Owners()
        self._headers = self.table.columns_found
        self._columns = Dictionary(kind.columns, settings.mapping)
        self._marks = Marks(kind)
        self.stopped: Problem | None = None

    def rejects(self) -> Rejects:
        """An empty list for the bad rows of this file."""
        return Rejects(self.file, self.table.sheet, self.kind.columns, self.source)

    def __iter__(self) -> Iterator[Candidate | Reject | None]:
        seen: dict[Number, tuple[int, str]] = {}
        for row in self.table:
            if isinstance(row, Problem) and row.stops:
                self.stopped = row
                yield None
            elif isinstance(row, Problem):
                yield self._refused(row)
            elif self._marks.names_secret({**row.extra, **row.values}):
                yield self.secret(row.number)
            elif is_example(self.kind, row.values):
                yield None
            else:
                judged = self._judged(row)
                again = self._again(judged, row, seen) if isinstance(judged, Candidate) else None
                yield again or judged

    def _again(self, one: Candidate, row: Row, seen: dict[Number, tuple[int, str]]) -> Reject | None:
        """What is said of a row that says something else of a thing than one above: neither is to win unseen."""
        if self.settings.on_match == "create":
            return None
        said = row.number, one.known_by.note or digest_of([row.values, row.extra])
        for number in (one.known_by, *(() if one.is_coded else self.kind.numbers(one.facts))):
            first = seen.setdefault(Number(number.scheme, number.value), said)
            if first[1] != said[1]:
                return self._contradicting(one, number, first[0])
        return None

    def _contradicting(self, one: Candidate, number: Number, first: int) -> Reject:
        key = next(iter(self.kind.match_keys), "")
        name = (CODE.name if one.is_coded else "id") if number == one.known_by else key
        if number.value.startswith(HASHED) or not name:  # known by its words, or by the records that it names
            name = (
                self.settings.match_key
                if self.settings.match_key in self.kind.match_keys
                else self.kind.needs_one_of[0]
            )
            message = _("Row %(row)s is of the same one and says something else of it; make the two one row.")
        else:
            message = _(
                "“%(number)s” stands in row %(row)s too, which says something else of it; make the two one row."
            )
        return self.reject(one.row, message % {"number": shorten(number.value), "row": first}, name)

    def reject(self, row: int, reason: str, *names: str, fixes: tuple[Fix, ...] = ()) -> Reject:
        """A row that is left out; `names` are the columns that the reason speaks of."""
        headers = tuple(dict.fromkeys(self._headers[name] for name in names if name in self._headers))
        return Reject(self.table.name, row, reason, self.table.sheet, headers, fixes)

    def secret(self, row: int) -> Reject:
        """A row that holds a state secret: nothing but its place is said."""
        return Reject(self.table.name, row, str(secrets_problem().message), self.table.sheet, is_secret=True)

    def _judged(self, row: Row) -> Candidate | Reject:
        code = clean(row.values[CODE.name] or "") if self.settings.on_match != "create" else ""
        left_out = {*ADDED, *(self.kind.sheet.written_only if code else ())}
        extra = {clean(name): plain(value) for name, value in row.extra.items() if name not in left_out}
        source = self._source(row)
        if code:
            content = self._content(row.values, extra, source)
            return Candidate(row.number, Number(CODED, code), None, content, row.blank)
        named = self._named(row.values)
        # A unit that has become known since makes the row another one.
        digest = digest_of([row.values, extra, *([named.pk] if named else [])])
        content = self._content(row.values, extra, source, self.settings.owner or named)
        facts = self.kind.facts(content)
        stage = self.settings.stage_of(self.kind, facts)
        problems = [*self.kind.check(facts, content), *self.kind.check_entered(content.owner, stage, facts)]
        problems = problems or check_fits(self.kind.model(**self.kind.own(facts)))
        if problems:
            return self._wrong(row, problems, facts, content)
        own_id = clean(row.values.get("id") or "")
        key = self.kind.match_keys.get(self.settings.match_key)
        if own_id and (key is not None or self.settings.match_key == "title" or self.settings.on_match == "create"):
            content.keep("id", own_id)
        if key is not None:
            if not (told := key.of(facts)):
                header = self.kind.header_of(self.settings.match_key)
                message = _("“%(column)s” is empty, and this file's rows are told apart by it.") % {"column": header}
                return self.reject(row.number, message, self.settings.match_key)
            owner = content.owner.pk if content.owner else None
            value = f"{HASHED}{digest_of([self.settings.match_key, told, owner])}"
        elif self.settings.match_key == "title":
            value = f"{HASHED}{digest_of(self.kind.words(facts).title)}"
        else:
            value = own_id or f"{HASHED}{digest_of(self.kind.identity(facts))}"
        if len(value) > 200:
            return self.reject(row.number, _("The id has more than 200 characters; shorten it."), "id")
        return Candidate(row.number, Number(source, value, _ROW + digest, self.kind.lifecycle.kind), facts, content)

    def _content(
        self, values: Mapping[str, Any], extra: dict[str, Any], source: str, owner: Organisation | None = None
    ) -> Content:
        actor = SYSTEM if self.settings.is_trusted else self.settings.actor
        return Content(values, extra, self._headers, self._shown(source), owner, known=self.owners.known, actor=actor)

    def _named(self, values: Mapping[str, Any]) -> Organisation | None:
        """The unit that a row names, where its file is not of one unit."""
        return None if self.settings.owner else self.owners.named(self.kind.owner_named(values))

    def _source(self, row: Row) -> str:
        """Where the row's id comes from: a mended row says it of the file it was left out of."""
        given = " ".join(clean(str(row.extra.get(SOURCE) or "")).split())
        is_usable = given and len(given) <= LONGEST_SOURCE and given not in REGISTERS and not name_has_mark(given)
        return given if is_usable and not self.settings.source else self.source

    def _shown(self, source: str) -> str:
        """What the record says of where it comes from."""
        return source if self.settings.shown_source is None else self.settings.shown_source

    def _wrong(self, row: Row, problems: list[errors.Problem], facts: Any, content: Content) -> Reject:
        if problems[0].code == "state-secret":
            return self.secret(row.number)
        names = [self.kind.column_of.get(one.field, one.field) for one in problems]
        fixes = (
            Fix(self._headers[name], words)
            for name, one in zip(names, problems, strict=True)
            if name in self._headers and (words := self.kind.fix(one, facts, content))
        )
        reason = " ".join(dict.fromkeys(str(one.message) for one in problems))  # of two columns it may be the same
        return self.reject(row.number, reason, *names, fixes=tuple(dict.fromkeys(fixes)))

    def _refused(self, problem: Problem) -> Reject:
        # The engine's sentence may quote a cell, so a secret row is answered before it is quoted.
        if self._marks.names_secret(problem.cells):
            return self.secret(problem.row)
        every = (problem, *problem.rest)
        reasons = [one.reason(self.settings.language) for one in every]
        end = "。" if self.settings.language == "zh" else "."
        columns = tuple(dict.fromkeys(one.column for one in every if one.column))
        reject = Reject(
            self.table.name,
            problem.row,
            ("；" if self.settings.language == "zh" else "; ").join(reasons) + end,
            self.table.sheet,
            columns,
            self._passing(problem, columns),
        )
        others = self._wrong_beside(problem, columns)
        if others is None:
            return reject
        return others if others.is_secret else reject.with_others(others)

    def _passing(self, problem: Problem, columns: tuple[str, ...]) -> tuple[Fix, ...]:
        """What to write instead of the cells that could not be read, where the record would take it."""
        unread = {name for name, header in self._headers.items() if header in columns}
        good = []
        for fix in fixes_of(problem, self._columns):
            place = self._columns.place(fix.column)
            assert place is not None  # it is the column that the fix was found for
            name = place.column.name
            value = read_cell(fix.value, place.column, place.fen_per_unit, in_months=place.in_months)
            values = {**problem.values, name: value}
            if self._waits(values, unread - {name}):
                good.append(fix)
                continue
            content = self._content(values, {}, self.source, self.settings.owner)
            wrong = self.kind.check(self.kind.facts(content), content)
            if name not in {self.kind.column_of.get(one.field, one.field) for one in wrong}:
                good.append(fix)
        return tuple(good)

    def _waits(self, values: Mapping[str, Any], unread: set[str]) -> bool:
        """Whether the row cannot be checked yet: what cells mean may hang on a choice, and a required cell is asked for
        first."""
        waits = (one for one in self.kind.columns if one.required or (one.kind == "choice" and one.name in unread))
        return any(values.get(one.name) is None for one in waits)

    def _wrong_beside(self, problem: Problem, columns: tuple[str, ...]) -> Reject | None:
        """What else is wrong with a row of which cells could not be read, told at once so that it is mended once."""
        values = problem.values
        unread = {name for name, header in self._headers.items() if header in columns}
        if not values or values[CODE.name] or self._waits(values, unread):
            return None
        owner = self.settings.owner or self._named(values)
        content = self._content(values, {}, self.source, owner)
        facts = self.kind.facts(content)
        problems = list(self.kind.check(facts, content))
        if any(one.code == "state-secret" for one in problems):
            return self.secret(problem.row)
        # What is missing may stand in a cell that could not be read.
        readable = self._headers.keys() - unread
        problems = [one for one in problems if self.kind.column_of.get(one.field, one.field) in readable]
        return self._wrong(Row(problem.row, problem.sheet, values, {}), problems, facts, content) if problems else None


def stem(name: str) -> str:
    """A file's name without the endings that say its format."""
    for ending in (*PACKINGS, *ENDINGS):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return f"{name}-file" if name in {*REGISTERS, CODED} else name[:LONGEST_SOURCE]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
