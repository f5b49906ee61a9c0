"""What kinds of record there are: areas register theirs; kernel and shell know areas only through this."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.db.models import Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel import clocks, filings, followers, notices, rulebook, search
from kezhuan.kernel.access import Actor, can_view, predicate, reading
from kezhuan.kernel.errors import Text
from kezhuan.kernel.lifecycle import OVER, Lifecycle
from kezhuan.kernel.models import Clock, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.present import Naming
from kezhuan.kernel.profiles import Profile


@dataclass(frozen=True)
class Panel:
    """A block that one area shows on another's record page."""

    template: str
    context: dict[str, Any]


Concerned = Callable[[Any], Iterable[int]]
"""The ids of the organisations and people whose own matter a row is, beside its owner and contact."""
Door = Callable[[Record], tuple[str, str]]
"""By which path on this site somebody without an account reaches a record now, and, where by none, a sentence that says
whom to ask."""
PublicFacts = Callable[[Any], Sequence[tuple[Text, Text]]]
"""The facts of a row's public part, named and worded in the language of the moment."""
PanelMaker = Callable[[Actor, Any], Panel | None]
Confidential = Callable[[Actor, Any], str]
HiddenParties = Callable[[Actor, Sequence[int]], Mapping[int, frozenset[int]]]


@dataclass
class Kind:
    """One kind of record and how it is reached.

    `page` names the URL pattern that takes the record's code; `documents` yields what search and matching read;
    `public_facts` are what followers are told the changes of; `panels` are blocks that higher areas add to the record's
    page, `asked` is what these ask `is_named` of. `hidden_parties` says, for records in which several parties take
    part, which of them are not named to an actor who may see the record (see the function of this name),
    `unnamed_people` whose people are not.
    `is_programme`: officers are put in charge of it by name.
    `waits` are the names of clocks that run beside its stages, each with the words for what waits; `dated` those whose
    day the record's full part says, so that no rule value does, and that are shown to its readers alone.
    `concerned` names whose own matter a row is: they decide nothing about it.
    `filing` says what a unit files of a row, and who files it: every kind whose records are inner has it, and one whose
    records are their unit's own until they are handed in.
    `keepers`, of an inner kind, keep its notices and decide on objections to them.
    `profile` says how its records answer needs; without one they are never suggested.
    `door` says how somebody without an account, whom a clock waits for, reaches a record.
    `confidential` says in a word, or with nothing, what is confidential of a row as an actor sees it: whoever sees it
    and is not of its owner is noted (see `disclosures`).
    """

    slug: str
    label: Text
    plural: Text
    model: type[models.Model]
    lifecycle: Lifecycle
    page: str
    list_page: str = ""
    documents: search.DocumentSource | None = None
    public_facts: PublicFacts | None = None
    panels: list[PanelMaker] = field(default_factory=list)
    asked: list[Naming] = field(default_factory=list)
    hidden_parties: HiddenParties | None = None
    unnamed_people: HiddenParties | None = None
    is_programme: bool = False
    concerned: Concerned | None = None
    confidential: Confidential | None = None
    filing: filings.Telling | None = None
    keepers: notices.Keepers | None = None
    profile: Profile | None = None
    door: Door | None = None
    waits: Mapping[str, Text] = field(default_factory=dict)
    dated: Mapping[str, Text] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; called once per kind from an area's `apps.py`."""
    if kind.slug in _kinds:
        raise ValueError(f"kind {kind.slug!r} is registered twice")
    letter = kind.lifecycle.prefix
    if same := next((one.slug for one in _kinds.values() if one.lifecycle.prefix == letter), ""):
        raise ValueError(f"kind {kind.slug!r}: codes that begin with {letter} are those of {same!r}")
    if kind.lifecycle.inner and kind.filing is None:
        raise ValueError(f"kind {kind.slug!r}: what a unit keeps inside is read by others as it is filed")
    _kinds[kind.slug] = kind
    if kind.keepers is not None:
        notices.keep_inside(kind.slug, kind.model, kind.keepers)
    _declare_terms(kind)
    label = format_lazy(_("Retention period of a closed case: {kind}"), kind=kind.label)
    rulebook.declare(rulebook.Rule(retention_rule(kind.slug), label, (Unit.MONTHS,)))
    for move in kind.lifecycle.moves.values():
        if move.notice is not None:
            notices.declare_rules(kind.slug, kind.label, move.name, move.label)
    if kind.documents is not None:
        search.register_source(kind.slug, kind.documents)


def retention_rule(slug: str) -> str:
    """The code of the rule value that says for how long a closed case of a kind is kept (保管期限); none ships."""
    return f"archive.{slug}.retention"


def _declare_terms(kind: Kind) -> None:
    """Every stage that waits for somebody can be given a term of answer."""
    life = kind.lifecycle
    for name, words in kind.waits.items():
        label = format_lazy(_("Term of answer: {kind}, {stage}"), kind=kind.label, stage=words)
        rulebook.declare(rulebook.Rule(f"clock.{kind.slug}.{name}", label, rulebook.DAYS))
    if any(isinstance(step, clocks.Restart) for step in life.then):
        left = {source for move in life.moves.values() for source in move.source}
        for stage in life.stages.values():
            if stage.name in left and stage.phase not in OVER:
                label = format_lazy(_("Term of answer: {kind}, {stage}"), kind=kind.label, stage=stage.label)
                rulebook.declare(rulebook.Rule(f"clock.{kind.slug}.{stage.name}", label, rulebook.DAYS))


def add_panel(slug: str, maker: PanelMaker, *asks: Naming) -> None:
    """Show a higher area's block on the page of a lower area's kind; `asks` are what the block asks `is_named` of."""
    _kinds[slug].panels.append(maker)
    _kinds[slug].asked.extend(asks)


def follow(name: str, kinds: Sequence[str], function: followers.Function, sweep: followers.Sweep | None = None) -> None:
    """Call `function` with the new entries of records of these kinds: in order, at least once; all is done anew in a
    `sweep`, where there is one."""
    followers.register(name, frozenset(kinds), function, sweep=sweep)


def kind_of(record: Record | str) -> Kind:
    """The kind of a record, or of a slug."""
    return _kinds[record if isinstance(record, str) else record.kind]


def kinds() -> list[Kind]:
    """All kinds, in the order of registration."""
    return list(_kinds.values())


def waits_as(kind: Kind, name: str) -> Text:
    """The words for what a clock of this name waits for."""
    stage = kind.lifecycle.stages.get(name)
    return kind.waits.get(name) or kind.dated.get(name) or (stage.label if stage is not None else name)


def clocks_shown(actor: Actor, record: Record) -> QuerySet[Clock]:
    """The clocks that run on a record, as far as the actor may know of them."""
    rows = Clock.objects.filter(record=record, ended_on=None, grant=None)
    dated = kind_of(record).dated
    if dated and not can_view(actor, record, "full"):
        rows = rows.exclude(name__in=list(dated))
    return rows.select_related("party__record", "person__record").order_by("pk")


def returned() -> list[tuple[str, str]]:
    """Kind and stage of everything that was sent back and waits for its owner to put it right."""
    return [
        (kind.slug, stage)
        for kind in kinds()
        for step in kind.lifecycle.then
        for stage in sorted(getattr(step, "returned", ()))
    ]


def handed_in() -> list[tuple[str, str]]:
    """Kind and stage of everything that was handed in and waits for the bureau."""
    return [
        (kind.slug, stage.name)
        for kind in kinds()
        for step in kind.lifecycle.then
        if getattr(step, "waits_for_bureau", False)
        for stage in kind.lifecycle.stages.values()
        if stage.phase == Phase.SUBMITTED and stage.name not in getattr(step, "returned", ())
    ]


_STOOD_AT = """
SELECT column1, column2 FROM (VALUES {values}) AS asked
WHERE EXISTS (SELECT 1 FROM kernel_record WHERE kind = column1 AND stage = column2)
"""


def stood_at(stages: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of some kinds and stages at which any record stands: one query, and in it one look into an index for each
    of them, however many stand there."""
    asked = sorted(set(stages))
    if not asked:
        return frozenset()
    with connection.cursor() as cursor:
        statement = _STOOD_AT.format(values=", ".join(["(%s, %s)"] * len(asked)))
        cursor.execute(statement, [part for pair in asked for part in pair])
        return frozenset(cursor.fetchall())


def programmes() -> dict[str, Text]:
    """The programmes that an officer or a department can be put in charge of, by name."""
    return {kind.slug: kind.plural for kind in _kinds.values() if kind.is_programme}


def column_of(kind: Kind) -> str:
    """The name by which a record leads to its own row of a kind."""
    one: Any = kind.model._meta.get_field("record")
    return str(one.remote_field.get_accessor_name())


def own_row(record: Record) -> Any:
    """The own row of a record's kind; without a query where it was read with the record."""
    return getattr(record, column_of(kind_of(record)))


def row_of(record: Record) -> Any:
    """The own row of a record's kind."""
    return kind_of(record).model._default_manager.select_related("record").get(pk=record.pk)


def rows_of(records: Iterable[Record]) -> dict[int, Any]:
    """The own rows of records by number, with their owners; one query for each kind."""
    ids: dict[str, list[int]] = {}
    for record in records:
        ids.setdefault(record.kind, []).append(record.pk)
    found: dict[int, Any] = {}
    for slug, own in ids.items():
        found |= kind_of(slug).model._default_manager.select_related("record__owner").in_bulk(own)
    return found


def concerned_in(row: Any) -> frozenset[int]:
    """Ids of the organisations and people whose own matter a row is: owner, contact, and whom its kind names."""
    kind, record = kind_of(row.record), row.record
    named = kind.concerned(row) if kind.concerned is not None else ()
    return frozenset(filter(None, (record.owner_id, record.contact_id, *named)))


def hidden_parties(actor: Actor, records: Sequence[Record]) -> dict[int, frozenset[int]]:
    """By record the organisations that take part in it and must not be named to the actor beside it: in a clock, an
    entry, a panel. Usually its owner, for those who may not read its public part; one query per kind that says more.

    Nobody is hidden from themselves.
    """
    found: dict[int, frozenset[int]] = {}
    for slug in {record.kind for record in records}:
        own, kind = [record for record in records if record.kind == slug], kind_of(slug)
        if kind.hidden_parties is not None:
            found.update(kind.hidden_parties(actor, [record.pk for record in own]))
        else:
            found |= {
                record.pk: frozenset(() if can_view(actor, record, "public") else filter(None, [record.owner_id]))
                for record in own
            }
    return _of_others(actor, found)


def unnamed_people(actor: Actor, records: Sequence[Record]) -> dict[int, frozenset[int]]:
    """By record the organisations whose people are not named to the actor beside it, though they themselves may be: a
    side that has been shown, before both have agreed to talk. One query per kind that knows such sides.
    """
    found: dict[int, frozenset[int]] = {record.pk: frozenset() for record in records}
    for slug in {record.kind for record in records}:
        unnamed = kind_of(slug).unnamed_people
        if unnamed is not None:
            found |= unnamed(actor, [record.pk for record in records if record.kind == slug])
    return _of_others(actor, found)


def _of_others(actor: Actor, parties: dict[int, frozenset[int]]) -> dict[int, frozenset[int]]:
    """Without the actor's own organisation."""
    mine = {actor.organisation.pk} if actor.organisation is not None else set()
    return {pk: ids - mine for pk, ids in parties.items()}


@predicate
def _is_filed_by(actor: Actor, row: Any) -> bool:
    """Acts for the unit that owns it, in a role that its kind names; a deputy of one programme does not: what a unit
    keeps inside belongs to none."""
    record, telling = row.record, kind_of(row.record).filing
    own = actor.organisation is not None and record.owner_id == actor.organisation.pk
    return telling is not None and own and not actor.programme and telling.filed_by(actor, row)


@_is_filed_by.beside
def _filed_by(actor: Actor, rows: Rows) -> Q:
    telling = next((one.filing for one in kinds() if one.model is rows.model), None)
    if telling is None or actor.organisation is None or actor.programme:
        return rows.none
    return rows.records.where(owner=actor.organisation.pk) & telling.filed_by.where(actor, rows)


may_file = _is_filed_by & reading("title") & reading("public") & reading("full") & reading("inner")
"""Files a row: a member of the unit that owns it, in a role that its kind names, who reads all of it."""
