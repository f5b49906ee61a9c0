"""What waits for the reader: areas say what, the shell counts and shows it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from kezhuan.kernel import clocks, followers, registry, rulebook
from kezhuan.kernel.access import Actor, allowed_audiences, can_view, seen_by
from kezhuan.kernel.deputies import represented_by, standing_in
from kezhuan.kernel.memory import UntilNextEntry
from kezhuan.kernel.models import Approval, Clock, Notice, Record
from kezhuan.kernel.predicates import Predicate
from kezhuan.kernel.present import is_there
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import WORKING
from kezhuan.web import faces
from kezhuan.web.components import ClockLine, InboxLine, Text
from kezhuan.web.names import name_of

Keys = Sequence[tuple[date | None, int]]
"""For each thing that waits the day on which it is due, when it has a term, and its own number."""


@dataclass(frozen=True, slots=True)
class Source:
    """One area's share: how many things wait, at most so many (on every page, so one cheap query); the keys of so many,
    most pressing first; and the lines of some of them by their numbers. `clocks` are the terms of things for which no
    organisation as a whole is waited for. `standing` gives the kinds and stages of the records that may wait: while no
    record stands there nothing is asked."""

    count: Callable[[Actor, int], int]
    keys: Callable[[Actor, int], Keys]
    lines: Callable[[Actor, Sequence[int]], Mapping[int, InboxLine]]
    clocks: Callable[[Actor], Sequence[Clock]] = lambda _actor: ()
    standing: Callable[[], Iterable[tuple[str, str]]] | None = None


_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Add an area's share; called from its `apps.py`."""
    _sources.append(source)


MOST = 200
"""More things than this wait for nobody to read them all; the count on every page then says “200”."""
ALL = 1_000_000
SOON = timedelta(days=90)
"""What has no term stands before what is due later than this."""


_there: UntilNextEntry[frozenset[tuple[str, str]]] = UntilNextEntry(1)
_counts: UntilNextEntry[int] = UntilNextEntry(512)


def _asked(head: tuple[int, str]) -> list[tuple[int, Source]]:
    """The shares in which something may wait for anybody, each with its place: one query for all that name stages."""
    stages = [None if source.standing is None else frozenset(source.standing()) for source in _sources]
    named = frozenset().union(*(one for one in stages if one is not None))
    there = _there.get(head, named, lambda: registry.stood_at(named))
    return [(at, _sources[at]) for at, one in enumerate(stages) if one is None or one & there]


def count(actor: Actor, most: int = MOST) -> int:
    """How many things wait for the actor: every page says it, and nothing comes or goes without an entry or a new
    day."""
    who = (actor.person and actor.person.pk, actor.organisation and actor.organisation.pk, actor.deputy)
    question = (who, actor.tokens, actor.roles, actor.charges, most, today())
    head = followers.head()
    return _counts.get(head, question, lambda: sum(source.count(actor, most) for _at, source in _asked(head)))


def lines(actor: Actor, start: int = 0, stop: int = MOST) -> tuple[InboxLine, ...]:
    """What waits for the actor, from one place to another: most pressing first, things without a term before what is
    due long after."""
    asked, later = _asked(followers.head()), today() + SOON
    keys = [(due or later, at, pk) for at, source in asked for due, pk in source.keys(actor, stop)]
    shown = sorted(keys)[start:stop]
    drawn: dict[tuple[int, int], InboxLine] = {}
    for at, source in enumerate(_sources):
        ids = [pk for _due, own, pk in shown if own == at]
        if ids:
            drawn |= {(at, pk): line for pk, line in source.lines(actor, ids).items()}
    # What somebody has dealt with since it was counted is left out.
    return tuple(drawn[at, pk] for _due, at, pk in shown if (at, pk) in drawn)


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in whose place the reader may act: how many things wait for them."""

    key: str
    name: Text
    organisation: Text
    count: int
    until: date


def places(actor: Actor) -> tuple[Place, ...]:
    """In whose place the actor may act and does not do so now, with what waits there; a few queries for each."""
    if actor.person is None:
        return ()
    return tuple(
        Place(
            f"deputy:{one.pk}",
            name_of(one.represented.record),
            name_of(one.organisation.record),
            count(standing_in(actor, one.pk)),
            one.until,
        )
        for one in represented_by(actor.person)
        if one.pk != actor.deputy
    )


_RUNNING = "SELECT 1 FROM kernel_clock WHERE ended_on IS NULL AND"


def _waiting(actor: Actor) -> list[QuerySet[Clock]]:
    """Running clocks that wait for the actor's organisation, for themselves, and, for officers, for the bureau.

    Asked apart: joined by "or", the database would read every clock there ever was.
    """
    waits: list[dict[str, int | None]] = []
    if actor.organisation is not None and is_there(f"{_RUNNING} party_id = %s LIMIT 1", actor.organisation.pk):
        waits.append({"party": actor.organisation.pk})
    if actor.person is not None and is_there(f"{_RUNNING} person_id = %s LIMIT 1", actor.person.pk):
        waits.append({"person": actor.person.pk})
    if actor.is_officer:
        waits.append({"party": None, "person": None})
    if not waits:
        return []
    # A record may wait for somebody who must not know of it yet: it is neither shown nor counted.
    # What waits for a post in particular, or is asked for by a grant, is told by whoever knows who answers it.
    running = Clock.objects.filter(ended_on=None, post=None, grant=None, audience__in=allowed_audiences(actor))
    return [running.filter(**one) for one in waits]


def clock_line(label: Text, clock: Clock, left: clocks.Remaining) -> ClockLine:
    """A running term as pages draw it."""
    return ClockLine(label, clock.due_on, left.days, left.day_kind == WORKING, left.days < 0, left.unloaded)


def _count_waiting(actor: Actor, most: int) -> int:
    return min(sum(rows[:most].count() for rows in _waiting(actor)), most)


def _keys_waiting(actor: Actor, most: int) -> Keys:
    keys = [key for rows in _waiting(actor) for key in rows.order_by("due_on", "pk").values_list("due_on", "pk")[:most]]
    return sorted(keys)[:most]


def waiting_clocks(actor: Actor) -> list[Clock]:
    """All running clocks that wait for the actor, most pressing first, with all that showing them needs."""
    own = _clocks([pk for _due, pk in _keys_waiting(actor, MOST)])
    rows = [*own, *(clock for source in _sources for clock in source.clocks(actor))]
    return sorted(rows, key=lambda clock: (clock.due_on, clock.pk))[:MOST]


def _clocks(ids: Sequence[int]) -> list[Clock]:
    named = ("record__owner__record", "record__public_to", "record__title_to")
    found = Clock.objects.select_related(*named).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _waiting_lines(actor: Actor, ids: Sequence[int]) -> dict[int, InboxLine]:
    found, shown = {}, _clocks(ids)
    titles = faces.titles(actor, [clock.record for clock in shown])
    for clock, left in zip(shown, clocks.remaining_on(shown), strict=True):
        owner = clock.record.owner if can_view(actor, clock.record, "public") else None
        kind = registry.kind_of(clock.record)
        waits = registry.waits_as(kind, clock.name)
        found[clock.pk] = InboxLine(
            label=f"{kind.label} · {waits}",
            title=titles[clock.record_id] or clock.record.code,
            url=faces.url_of(clock.record),
            code=clock.record.code,
            who=name_of(owner.record) if owner is not None else "",
            since=None,
            clock=clock_line(waits, clock, left),
        )
    return found


def _at_stages(stages: Sequence[tuple[str, str]]) -> Q:
    found = Q(pk__in=())
    for kind, stage in stages:
        found |= Q(kind=kind, stage=stage)
    return found


def at(kind: str, stages: Iterable[str], record: str = "record") -> Q:
    """The condition that the record of a row, reached by this name, stands at one of the stages of its kind. By both
    the index finds it: the inbox is counted on every page, and nothing in it may read a table whole."""
    return Q(**{f"{record}__kind": kind, f"{record}__stage__in": sorted(stages)})


def without_term(actor: Actor, *conditions: Any) -> QuerySet[Record]:
    """The records of these conditions that the actor knows of and whose stage has no term."""
    timed = Clock.objects.filter(record=OuterRef("pk"), ended_on=None, grant=None)
    return Record.objects.filter(*conditions, seen_by(actor, "title_to")).exclude(Exists(timed))


def _returned(actor: Actor) -> QuerySet[Record]:
    """What was sent back to the actor's organisation, to be put right, and has no term."""
    if actor.organisation is None:
        return Record.objects.none()
    # By stage first: what a large unit owns would be read row by row, while little is ever at these stages.
    own = Coalesce(ExpressionWrapper(Q(owner=actor.organisation.pk), BooleanField()), Value(False))
    return without_term(actor, _at_stages(registry.returned()), own)


def _handed_in(actor: Actor) -> QuerySet[Record]:
    """What was handed in and waits for the officers in charge, and has no term."""
    if not actor.is_officer:
        return Record.objects.none()
    waits = registry.handed_in()
    # Where a value came with the program everything has a term from the first day on: of so many nothing is looked for.
    timed = rulebook.codes_shipped(f"clock.{kind}.{stage}" for kind, stage in waits)
    there = registry.stood_at(one for one in waits if f"clock.{one[0]}.{one[1]}" not in timed)
    return without_term(actor, _at_stages(sorted(there))) if there else Record.objects.none()


def told_by_no_term(actor: Actor, records: QuerySet[Record]) -> QuerySet[Record]:
    """Those of these records that do not stand in the actor's inbox already, by the term of their stage."""
    terms = Clock.objects.filter(record=OuterRef("pk"), ended_on=None, grant=None, post=None)
    party = None if actor.is_officer else actor.organisation and actor.organisation.pk
    return records.exclude(Exists(terms.filter(party=party, person=None)))


def kept_at(kind: str, stages: Iterable[str], keeps: Predicate) -> Callable[[Actor], QuerySet[Record]]:
    """The records at these stages that wait, without a term, for who keeps them for their unit, while no notice and no
    approval of them runs: these wait for somebody else."""

    def rows(actor: Actor) -> QuerySet[Record]:
        if actor.organisation is None:
            return Record.objects.none()
        model = registry.kind_of(kind).model
        kept = keeps.among(actor, model._default_manager.filter(at(kind, stages)))
        about = {"about": OuterRef("pk"), "record__stage": "running"}
        waiting = Record.objects.filter(pk__in=kept.values("pk"))
        for others in (Notice.objects.filter(**about), Approval.objects.filter(**about)):
            waiting = waiting.exclude(Exists(others))
        return told_by_no_term(actor, waiting)

    return rows


Matters = Callable[[Actor, Sequence[Record]], Mapping[int, Text]]
"""By the ids of some records what they wait for, in words; of none where their stage says it."""


def source_of(
    rows: Callable[[Actor], QuerySet[Record]],
    matter: Text = "",
    *,
    matters: Matters | None = None,
    standing: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> Source:
    """The share of records that wait without a term: for what their stage says, for `matter`, or for what `matters`
    says of each. `standing`: the stages by kind at which they stand."""

    def lines_of(actor: Actor, ids: Sequence[int]) -> dict[int, InboxLine]:
        shown = list(rows(actor).filter(pk__in=ids).select_related("owner__record", "public_to", "title_to"))
        titles, said = faces.titles(actor, shown), matters(actor, shown) if matters is not None else {}
        return {
            record.pk: _record_line(actor, record, titles[record.pk], said.get(record.pk, matter)) for record in shown
        }

    return Source(
        lambda actor, most: rows(actor)[:most].count(),
        lambda actor, most: [(None, pk) for pk in rows(actor).order_by("pk").values_list("pk", flat=True)[:most]],
        lines_of,
        standing=(lambda: [(kind, one) for kind, stages in standing.items() for one in stages]) if standing else None,
    )


def _record_line(actor: Actor, record: Record, title: str, matter: Text) -> InboxLine:
    kind = registry.kind_of(record)
    owner = record.owner if can_view(actor, record, "public") else None
    return InboxLine(
        label=f"{kind.label} · {matter or kind.lifecycle.stages[record.stage].label}",
        title=title or record.code,
        url=faces.url_of(record),
        code=record.code,
        who=name_of(owner.record) if owner is not None else "",
    )


add_source(Source(_count_waiting, _keys_waiting, _waiting_lines))
add_source(replace(source_of(_returned), standing=registry.returned))
add_source(replace(source_of(_handed_in), standing=registry.handed_in))
