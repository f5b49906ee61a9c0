"""Read a file, match its rows with what is there, and open or renew records batch by batch."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from kezhuan.engines.tables import Problem, Row, Table, open_table
from kezhuan.engines.tables.columns import Dictionary
from kezhuan.engines.tables.opening import ENDINGS, PACKINGS, find_source
from kezhuan.exchange.cells import digest_of, holds_secret, plain
from kezhuan.exchange.columns import is_open
from kezhuan.exchange.kinds import Content, Importable
from kezhuan.exchange.owners import Owners
from kezhuan.exchange.rejects import ADDED, Reject, Rejects
from kezhuan.exchange.settings import Counts, Settings
from kezhuan.kernel import journal
from kezhuan.kernel.bulk import Number, Openers, Opening, renew_records
from kezhuan.kernel.checks import check_fits
from kezhuan.kernel.documents import secrets_problem
from kezhuan.kernel.models import Identifier, Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean

BATCH = 1000
"""Rows that enter in one transaction: what is confirmed together."""
ATTEMPTS = 3
_CLASSES = ("secrecy", "confidentiality")
"""Columns in which a file may name a class of state secrets."""
_ROW, _HASH = "row:", "sha256:"
_TitleKey = tuple[str, int | None]
_AGAIN = re.compile(r" \d+$")
REGISTERS = frozenset({"uscc", "moe", "stock"})
"""Schemes of numbers that registries give; no file's ids may pass for them."""


@dataclass(frozen=True)
class _Candidate:
    """A good row: its number in the file, the number it is known by, its content's hash, and what it says."""

    row: int
    known_by: Number
    facts: Any
    content: Content


@dataclass
class _Found:
    """What is there already: candidates to open, rows to renew with their candidates, and how many say nothing new."""

    fresh: list[_Candidate] = field(default_factory=list)
    changed: list[tuple[int, Identifier | None, _Candidate]] = field(default_factory=list)
    unchanged: int = 0


class Import:
    """One file on its way into the database. `run` may be called again after any interruption: it finishes."""

    def __init__(self, kind: Importable[Any], path: str | Path, settings: Settings) -> None:
        self.kind = kind
        self.settings = settings
        file = find_source(path)
        self.source = settings.source or _stem(file.path)
        self.table: Table = open_table(
            file.path, kind.columns, sheet=settings.sheet, any_of=kind.needs_one_of, unique="id"
        )
        self.sha256 = _sha256(file.path)
        self.counts = Counts()
        self.rejects = Rejects(file.path, self.table.sheet, kind.columns)
        self._headers = self.table.columns_found
        self._dictionary = Dictionary([column for column in kind.columns if column.name in _CLASSES])
        self._classes: dict[str, str] = {}
        self._owners = Owners()
        self._openers: dict[int | None, Openers] = {}
        self._by_title = kind.match_by_title or settings.match_key == "title"
        self._seen_dry: set[str] = set()

    def run(self, progress: Callable[[int], None] | None = None) -> Counts:
        """Take in all rows; what is counted as created or updated is confirmed. `progress` hears the rows read."""
        batch: list[_Candidate] = []
        taken: set[tuple[str, str]] = set()
        for candidate in self._candidates(progress):
            keys = self._keys(candidate)
            # A second row of the same thing meets the first one in the database, not beside it.
            if len(batch) >= BATCH or not taken.isdisjoint(keys):
                self._take_in(batch)
                batch, taken = [], set()
            batch.append(candidate)
            taken |= keys
        self._take_in(batch)
        return self.counts

    def notes(self) -> list[str]:
        """Sentences on what entered and yet wants attention."""
        if not (unknown := self._owners.unknown):
            return []
        return [
            _(
                "%(file)s: %(rows)s rows name a unit that is not in the list (%(units)s), so nobody owns them."
                " Register or import the unit, then import the file again."
            )
            % {"file": self.table.name, "rows": sum(unknown.values()), "units": self._owners.some_unknown()}
        ]

    def _keys(self, candidate: _Candidate) -> set[tuple[str, str]]:
        """Everything by which a later row could mean the same record."""
        if self.settings.on_match == "create":
            return set()
        numbers = (candidate.known_by, *self.kind.numbers(candidate.facts))
        title = {("", self.kind.words(candidate.facts).title)} if self._by_title else set()
        return {(number.scheme, number.value) for number in numbers} | title

    # -- rows --------------------------------------------------------------------------------------------------------

    def _candidates(self, progress: Callable[[int], None] | None) -> Iterator[_Candidate]:
        for row in self.table:
            self.counts.read += 1
            if progress is not None:
                progress(self.counts.read)
            if isinstance(row, Problem):
                self._reject_problem(row)
                continue
            if self._names_secret({**row.extra, **row.values}):
                self._reject_secret(row.number)
                continue
            candidate = self._candidate(row)
            if candidate is not None:
                yield candidate

    def _candidate(self, row: Row) -> _Candidate | None:
        extra = {clean(name): plain(value) for name, value in row.extra.items() if name not in ADDED}
        named = None if self.settings.owner else self._owners.named(self.kind.owner_named(row.values))
        # A unit that has become known since makes the row another one.
        digest = digest_of([row.values, extra, *([named.pk] if named else [])])
        content = Content(row.values, extra, self._headers, self.source, self.settings.owner or named)
        facts = self.kind.facts(content)
        problems = self.kind.check(facts, content) or check_fits(self.kind.model(**self.kind.own(facts)))
        if problems:
            first = problems[0]
            if first.code == "state-secret":
                self._reject_secret(row.number)
            else:
                reason = " ".join(str(problem.message) for problem in problems)
                self._reject(row.number, reason, self._headers.get(first.field, ""))
            return None
        own_id = clean(row.values.get("id") or "")
        if own_id and (self.settings.match_key == "title" or self.settings.on_match == "create"):
            content.keep("id", own_id)
        if self.settings.match_key == "title":
            value = f"{_HASH}{digest_of(self.kind.words(facts).title)}"
        else:
            value = own_id or f"{_HASH}{digest_of(self.kind.identity(facts))}"
        if len(value) > 200:
            self._reject(row.number, _("The id has more than 200 characters; shorten it."), self._headers.get("id", ""))
            return None
        return _Candidate(row.number, Number(self.source, value, _ROW + digest), facts, content)

    def _names_secret(self, cells: Mapping[str, Any]) -> bool:
        """Whether a cell carries a mark or, under any header of a class, a word for a secret or one not known."""
        classes = {header: name for header in cells if (name := self._class_of(header))}
        return holds_secret(cells, tuple(classes)) or not all(
            is_open(cells[header]) for header, name in classes.items() if name == "secrecy"
        )

    def _class_of(self, header: str) -> str:
        """The column of classes that a header stands for; a header that stands twice has a number the second time."""
        if header not in self._classes:
            place = self._dictionary.place(header) or self._dictionary.place(_AGAIN.sub("", header))
            self._classes[header] = place.column.name if place else ""
        return self._classes[header]

    def _reject(self, row: int, reason: str, column: str = "", *, is_secret: bool = False) -> None:
        self.counts.rejected += 1
        self.rejects.rows.append(Reject(self.table.name, row, reason, self.table.sheet, column, is_secret))

    def _reject_secret(self, row: int) -> None:
        self._reject(row, str(secrets_problem().message), is_secret=True)

    def _reject_problem(self, problem: Problem) -> None:
        # The engine's sentence may quote a cell, so a secret row is answered before it is quoted.
        if self._names_secret(problem.cells):
            self._reject_secret(problem.row)
            return
        reasons = [one.reason(self.settings.language) for one in (problem, *problem.rest)]
        end = "。" if self.settings.language == "zh" else "."
        self._reject(problem.row, "; ".join(reasons) + end, problem.column or "")

    # -- batches -----------------------------------------------------------------------------------------------------

    def _take_in(self, batch: Sequence[_Candidate]) -> None:
        if not batch:
            return
        for attempt in range(ATTEMPTS):
            refused = len(self.rejects.rows)
            counted = Counts(**vars(self.counts))
            try:
                if self.settings.dry_run:
                    self._count_only(batch)
                else:
                    with journal.writing():
                        self._write(batch)
                return
            except IntegrityError:
                # Another import was faster with one of the numbers: look again, now it is there.
                del self.rejects.rows[refused:]
                self.counts = counted
                for openers in self._openers.values():
                    openers.forget()
                if attempt == ATTEMPTS - 1:
                    raise

    def _write(self, batch: Sequence[_Candidate]) -> None:
        found = self._look_up(batch)
        data = {"file": self.sha256, "source": self.source}
        changed = self._renewed(found.changed)
        renew_records(self.kind.lifecycle, [row for row, _facts in changed], actor=self.settings.actor, data=data)
        if changed:
            self.kind.write_parts(changed)
        by_owner: dict[Organisation | None, list[_Candidate]] = {}
        for one in found.fresh:
            by_owner.setdefault(one.content.owner, []).append(one)
        for owner, fresh in by_owner.items():
            rows = self._openers_for(owner).open_records([self._opening(one) for one in fresh], data=data)
            self.kind.write_parts([(row, one.facts) for row, one in zip(rows, fresh, strict=True)])
        self.counts.created += len(found.fresh)
        self.counts.updated += len(changed)
        self.counts.unchanged += found.unchanged

    def _openers_for(self, owner: Organisation | None) -> Openers:
        key = owner.pk if owner else None
        if key not in self._openers:
            self._openers[key] = Openers(
                self.kind.lifecycle,
                actor=self.settings.actor,
                stage=self.kind.stage,
                owner=owner,
                own_themselves=self.kind.own_themselves,
                alike=self.kind.alike,
            )
        return self._openers[key]

    def _opening(self, candidate: _Candidate) -> Opening:
        words, own = self.kind.words(candidate.facts), self.kind.own(candidate.facts)
        # Told to create in any case, a row cannot have a number that is taken: its id is among the extra columns.
        numbers = (
            () if self.settings.on_match == "create" else (candidate.known_by, *self.kind.numbers(candidate.facts))
        )
        return Opening(
            title=words.title,
            title_en=words.title_en,
            summary=words.summary,
            build=lambda record: self.kind.model(record=record, **own),
            numbers=numbers,
        )

    def _look_up(self, batch: Sequence[_Candidate]) -> _Found:
        found = _Found()
        if self.settings.on_match == "create":
            found.fresh = list(batch)
            return found
        held = self._held(batch)
        titles = self._titles(batch)
        for one in batch:
            own = held.get((one.known_by.scheme, one.known_by.value))
            others = (held.get((number.scheme, number.value)) for number in self.kind.numbers(one.facts))
            match = own or next((other for other in others if other is not None), None)
            record = match.record_id if match else self._of_title(one, titles)
            if record is None:
                found.fresh.append(one)
            elif own is not None and own.note == one.known_by.note:
                found.unchanged += 1
            elif self.settings.on_match == "forbid":
                self._reject(one.row, _("The record is there already; leave the row out or allow updates."))
            else:
                found.changed.append((record, own, one))
        return found

    def _held(self, batch: Sequence[_Candidate]) -> dict[tuple[str, str], Identifier]:
        wanted: dict[str, set[str]] = {}
        for one in batch:
            for number in (one.known_by, *self.kind.numbers(one.facts)):
                wanted.setdefault(number.scheme, set()).add(number.value)
        return {
            (identifier.scheme, identifier.value): identifier
            for scheme, values in wanted.items()
            for identifier in Identifier.objects.filter(
                scheme=scheme, value__in=values, active=True, record__kind=self.kind.lifecycle.kind
            )
        }

    def _titles(self, batch: Sequence[_Candidate]) -> dict[_TitleKey, tuple[int, set[str]]]:
        """By title and owner the record and the schemes of its numbers, where titles tell records apart."""
        if not self._by_title:
            return {}
        titles = {self.kind.words(one.facts).title for one in batch}
        rows = Record.objects.filter(kind=self.kind.lifecycle.kind, title__in=titles).exclude(phase=Phase.VOID)
        found: dict[_TitleKey, int] = {
            (title, None if self.kind.own_themselves else owner): pk
            for title, owner, pk in rows.order_by("-pk").values_list("title", "owner_id", "pk")
        }
        schemes: dict[int, set[str]] = {pk: set() for pk in found.values()}
        for pk, scheme in Identifier.objects.filter(record__in=schemes, active=True).values_list("record_id", "scheme"):
            schemes[pk].add(scheme)
        return {key: (pk, schemes[pk]) for key, pk in found.items()}

    def _of_title(self, one: _Candidate, titles: dict[_TitleKey, tuple[int, set[str]]]) -> int | None:
        """The record of the row's title, unless one register gave the two different numbers."""
        owner = one.content.owner
        key = (self.kind.words(one.facts).title, owner.pk if owner else None)
        pk, schemes = titles.get(key, (None, set()))
        numbers = list(self.kind.numbers(one.facts))
        if not one.known_by.value.startswith(_HASH):
            numbers.append(one.known_by)
        return None if any(number.scheme in schemes for number in numbers) else pk

    def _renewed(self, changed: Sequence[tuple[int, Identifier | None, _Candidate]]) -> list[tuple[Any, Any]]:
        """The own rows of changed records and what the file says now; a record that has moved on is left as it is."""
        ids = [pk for pk, _, _ in changed]
        list(Record.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
        rows = self.kind.model._default_manager.select_related("record__owner__record").in_bulk(ids)
        renewed: dict[int, tuple[Any, Any]] = {}
        for pk, identifier, one in changed:
            row: Any = rows[pk]
            reason = self._why_not(row.record, one.content.owner)
            if reason:
                self._reject(one.row, reason)
                continue
            self.kind.renew(row, one.facts)
            if row.record.owner_id is None and one.content.owner is not None:
                row.record.owner = one.content.owner
                Record.objects.filter(pk=pk).update(owner=one.content.owner)
            renewed[pk] = (row, one.facts)
            if identifier is None:
                identifier = Identifier(record_id=pk, scheme=one.known_by.scheme, value=one.known_by.value)
            identifier.note = one.known_by.note
            identifier.save()
            for number in self.kind.numbers(one.facts):
                Identifier.objects.get_or_create(
                    scheme=number.scheme, value=number.value, active=True, defaults={"record_id": pk}
                )
        return list(renewed.values())

    def _why_not(self, record: Record, owner: Organisation | None) -> str:
        if self.kind.own_themselves:
            return ""
        # What nobody owns is given to the unit that its row names, once that unit is known.
        free = record.owner_id is None and self.settings.owner is None
        if record.owner_id != (owner.pk if owner else None) and not free:
            return _("%(code)s has this id and another owner; name the owner, or give the file its own --source.") % {
                "code": record.code
            }
        if record.stage != self.kind.stage:
            return _("%(code)s is no longer as it was imported; change it on its own page.") % {"code": record.code}
        return ""

    def _count_only(self, batch: Sequence[_Candidate]) -> None:
        unseen = [one for one in batch if one.known_by.value not in self._seen_dry]
        self.counts.unchanged += len(batch) - len(unseen)
        found = self._look_up(unseen)
        self._seen_dry.update(one.known_by.value for one in found.fresh)
        self.counts.created += len(found.fresh)
        self.counts.updated += len(found.changed)
        self.counts.unchanged += found.unchanged


def _stem(path: Path) -> str:
    """A file's name without the endings that say its format."""
    name = path.name
    for ending in (*PACKINGS, *ENDINGS):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return f"{name}-file" if name in REGISTERS else name[:60]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
