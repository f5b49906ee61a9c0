"""What an area says so that rows of a file can become its records."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from kezhuan.engines.tables import Column
from kezhuan.exchange.sheets import Sheet
from kezhuan.exchange.sheets import register as register_sheet
from kezhuan.kernel.access import SYSTEM, Actor, is_officer, represents_owner
from kezhuan.kernel.bulk import Number
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.lifecycle import Lifecycle
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.opening import may_open
from kezhuan.kernel.text import today

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Content:
    """One row as an area reads it: typed values by column name, and `extra`, which takes whatever is left over.

    `headers` are the file's own headers by column name; `source` names where the rows come from; `owner` is whose
    records they become, or nobody's, which is the bureau's. `on` is the day of the import. `known` gives the
    organisation of a name or credit code, for a row that names another one beside its owner. `actor` imports it, who is
    told nothing of records that they may not know; `SYSTEM` where nobody is asked for rights.
    """

    values: Mapping[str, Any]
    extra: dict[str, Any]
    headers: Mapping[str, str]
    source: str
    owner: Organisation | None = None
    on: date = field(default_factory=today)
    known: Callable[[str], Organisation | None] = lambda _word: None
    actor: Actor = SYSTEM

    def keep(self, name: str, value: Any) -> None:
        """Keep a value that no field takes under the header it came with."""
        if value not in (None, "", (), []):
            self.extra[self.headers.get(name, name)] = value

    def code(self, name: str, allowed: Any) -> str:
        """The value of a choice column when it is one of `allowed`; any other word is kept in `extra`."""
        value: str = self.values.get(name) or ""
        if value and value not in allowed:
            self.keep(name, value)
            return ""
        return value

    def codes(self, name: str, allowed: Any) -> tuple[str, ...]:
        """The values of a list column that are among `allowed`; the others are kept in `extra`."""
        values: tuple[str, ...] = self.values.get(name) or ()
        self.keep(name, [value for value in values if value not in allowed])
        return tuple(value for value in values if value in allowed)

    def fitted(self, name: str, length: int) -> str:
        """The text of a column when it has at most `length` characters; a longer one is kept in `extra`."""
        value: str = self.values.get(name) or ""
        if len(value) > length:
            self.keep(name, value)
            return ""
        return value


@dataclass(frozen=True)
class Words:
    """The words that every record has."""

    title: str
    title_en: str = ""
    summary: str = ""


@dataclass(frozen=True)
class MatchKey:
    """A column that tells records of a kind apart: its value in a row's facts (empty: none), and the records that have
    some values, as (value, owner, record)."""

    of: Callable[[Any], str]
    held: Callable[[Collection[str]], Iterable[tuple[str, int | None, int]]]


class HasColumns(Protocol):
    """What is read of a file: at least the columns that are understood in it."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns."""


class Importable(ABC, Generic[Facts]):
    """How rows become records of one kind."""

    lifecycle: Lifecycle
    model: type[models.Model]
    stage: str
    """Where imported records enter; only there a later file may still change them."""
    stages: tuple[str, ...] = ()
    """The stages at which rows themselves say that their records enter; none where all enter at `stage`."""
    sheet: Sheet
    """The columns, shared with exports and templates."""
    needs_one_of: tuple[str, ...]
    """Columns of which a file and each row must have at least one."""
    column_of: Mapping[str, str] = {}
    """Where a problem's field has another name than the column it stands in."""
    parts: tuple[tuple[type[models.Model], str], ...] = ()
    """Tables whose rows belong to a record and are written by `write_parts`, each with its way back to the own row."""
    for_members = True
    """Whether members import it for their own organisation, as drafts; officers import every kind."""
    own_themselves = False
    match_by_title = False
    """Whether a row without a known number means the record of the same title."""

    match_keys: Mapping[str, MatchKey] = {}
    """Columns beside id and title by which a file's rows may be told apart, when it is asked for."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are understood in a file."""
        return self.sheet.read_columns

    @abstractmethod
    def facts(self, content: Content) -> Facts:
        """What the row says; moves what no field takes into `content.extra`."""

    @abstractmethod
    def check(self, facts: Facts, content: Content) -> list[Problem]:
        """Everything that is wrong with it: the same checks as when a person enters it."""

    def check_entered(self, owner: Organisation | None, stage: str, facts: Facts) -> list[Problem]:
        """What is wrong with a record of this owner that begins at this stage: what the moves that lead there ask."""
        return []

    @abstractmethod
    def words(self, facts: Facts) -> Words:
        """The words of the shared row."""

    @abstractmethod
    def own(self, facts: Facts) -> dict[str, Any]:
        """The own row's columns and values."""

    def alike(self, row: Any) -> Hashable | None:
        """A key that is equal for unsaved rows which the same people may see; None when each has its own readers."""
        return None

    def brought_by(self, actor: Actor) -> bool:
        """Whether the actor, no officer in charge, imports it for the organisation they act for."""
        own = actor.organisation
        return self.for_members and own is not None and bool(represents_owner.test(actor, own))

    def read_by(self, actor: Actor) -> bool:
        """Whether the actor sees what others imported for the organisation they act for; their own they see anyway."""
        own = actor.organisation
        return own is not None and bool(represents_owner.test(actor, own))

    def opening(self, facts: Facts) -> Hashable:
        """What decides, beside its owner, who may open a record."""
        return None

    def not_opened(self) -> str:
        """What is said of a row whose record the actor may not open."""
        return _("You may not enter this for its owner or district; leave the row out.")

    def may_open(self, actor: Actor, owner: Organisation | None, facts: Facts, stage: str | None) -> bool:
        """Whether the actor may open a record of this owner at this stage, None for the first one."""
        return may_open(actor, self.lifecycle.kind, owner, stage)

    def may_renew(self, actor: Actor, row: Any, *, from_file: bool) -> bool:
        """Whether a row that names the record by its code may change it: the officers in charge what a file brought
        and nobody has moved on, members with writing rights the drafts of their own organisation."""
        if row.record.stage == self.stage:
            return from_file and bool(is_officer.test(actor, row))
        return row.record.phase == Phase.DRAFT and bool(represents_owner.test(actor, row))

    def may_fill(self, actor: Actor, row: Any, names: Collection[str]) -> bool:
        """Whether a row that names the record by its code may change these columns, whatever stage the record has."""
        return False

    def check_filled(self, facts: Facts, content: Content) -> list[Problem]:
        """What is wrong with a record as such a row would leave it."""
        return self.check(facts, content)

    def numbers(self, facts: Facts) -> tuple[Number, ...]:
        """Numbers that registries gave the thing, beside the row's id in its source."""
        return ()

    def stage_of(self, facts: Facts) -> str | None:
        """The stage that the row itself says; None where all of a file enter at one."""
        return None

    def why_not(self, row: Any, facts: Facts) -> str:
        """What of a row may not be written onto the record it means, in a sentence; empty when all may."""
        return ""

    def fix(self, problem: Problem, facts: Facts, content: Content) -> str | None:
        """What to write into the problem's column instead, where that can be known."""
        return None

    def owner_named(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Words by which a row names the organisation that is to own its record, its name last; none when it does not.

        `facts` keeps them when they name nobody known.
        """
        return ()

    def write_parts(self, rows: Sequence[tuple[Any, Facts]]) -> None:
        """Write what stands in tables of its own, for rows just opened or renewed, in the same transaction."""
        return

    def header_of(self, name: str) -> str:
        """A column as people name it; `id` and `title` where it has none."""
        return next((one.header for one in self.sheet.columns if one.name == name), name)

    def match_key_named(self, said: str) -> str | None:
        """The match key that is meant by a name or a header; None for one that tells no records of this kind apart."""
        headers = {header: one.name for one in self.columns for header in one.headers if one.name in self.match_keys}
        named = headers.get(said, said)
        return named if named in {"id", "title", *self.match_keys} else None

    def identity(self, facts: Facts) -> str:
        """The words by which a row without an id is known again."""
        words = self.words(facts)
        return f"{words.title}\n{words.summary}"

    def renew(self, row: Any, facts: Facts) -> None:
        """Write the facts of a changed row onto its record's row (not saved)."""
        words = self.words(facts)
        row.record.title, row.record.title_en, row.record.summary = words.title, words.title_en, words.summary
        for name, value in self.own(facts).items():
            setattr(row, name, value)


_importables: dict[str, Importable[Any]] = {}


def register(rows: Importable[Any]) -> None:
    """Add how rows become records of a kind; called once per kind from an area's `kinds.py`."""
    _importables[rows.lifecycle.kind] = rows
    register_sheet(rows.sheet)


def importable(kind: str) -> Importable[Any]:
    """How rows become records of a kind; raises `KeyError` for a kind that no file can bring."""
    return _importables[kind]


def importables() -> dict[str, Importable[Any]]:
    """Every kind that files can bring, by slug, in the order of registration."""
    return dict(_importables)
