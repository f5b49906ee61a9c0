"""Open, renew and move many records in one transaction and a constant number of queries: what an import needs to be
quick, and a step that decides about hundreds of records at once."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F

from kezhuan.kernel import backfill, journal, readers, turns
from kezhuan.kernel.access import GROUPS, Actor, Audiences, audience_ids, audience_key, is_system
from kezhuan.kernel.codes import give_codes
from kezhuan.kernel.inspecting import inspected_among, is_closed, with_inspectors
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, must_start_at, start_record, write_stage
from kezhuan.kernel.models import Identifier, Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now

AudienceIds = tuple[int, ...]
"""Ids of the audiences of the four field groups, in the order of `GROUPS`."""


@dataclass(frozen=True)
class Number:
    """A number that somebody else gave a record; `kind` is that of the records when it is the id of a list of these."""

    scheme: str
    value: str
    note: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Opening:
    """A record to be opened: its words, the numbers others gave it, and `build`, which makes its own row (unsaved)."""

    title: str
    build: Callable[[Record], Any]
    title_en: str = ""
    summary: str = ""
    numbers: tuple[Number, ...] = ()


class Openers:
    """Opens batches of records of one kind; remembers the audiences of rows that are `alike`.

    `alike` gives rows that the same people may see an equal key, computed before they are saved; None when every row
    has readers of its own. `stage` is where the records enter. With `own_themselves` each record, being an
    organisation, is its own owner. `why` they enter beyond a move that goes by an approval or after a notice, an
    officer must say: raises `Refused` otherwise (see `backfill`).
    """

    def __init__(
        self,
        lifecycle: Lifecycle,
        *,
        actor: Actor,
        stage: str,
        owner: Organisation | None = None,
        own_themselves: bool = False,
        alike: Callable[[Any], Hashable | None] = lambda _row: None,
        why: backfill.Backfill | None = None,
    ) -> None:
        self.lifecycle = lifecycle
        self.actor = actor
        self.stage = stage
        self.owner = owner
        self.own_themselves = own_themselves
        self.alike = alike
        self.passed = backfill.passed_over_anywhere(actor, lifecycle, stage, why)
        self._known: dict[Hashable, AudienceIds] = {}

    def open_records(self, openings: Sequence[Opening], *, data: dict[str, Any] | None = None) -> list[Any]:
        """Open the records in one transaction; returns their own rows, in order.

        One entry `<kind>.open` names all uids beside `data` (identifiers and field names only). What `lifecycle.then`
        says happens to each row as if it had been opened alone.
        """
        if not openings:
            return []
        with journal.writing():
            rows = self._insert(openings)
            _follow(self.lifecycle.then, rows, self.actor, "after_opening")
            said = {"stage": self.stage, **(data or {})}
            _note(self.lifecycle, "open", self.actor, rows, said, self.passed)
        return rows

    def forget(self) -> None:
        """Forget the audiences learnt: the transaction that made them was rolled back."""
        self._known.clear()

    def _insert(self, openings: Sequence[Opening]) -> list[Any]:
        # Nobody sees a row until it is known who may.
        nobody = _interned([Audiences.nested()])[0]
        rows, kept = [], []
        for code, opening in zip(give_codes(self.lifecycle.prefix, len(openings)), openings, strict=True):
            record = start_record(
                self.lifecycle,
                code,
                title=opening.title,
                title_en=opening.title_en,
                summary=opening.summary,
                owner=self.owner,
                stage=self.stage,
            )
            row = opening.build(record)
            key = self.alike(row)
            known = None if key is None else self._known.get(key)
            _set(record, known or nobody)
            rows.append(row)
            kept.append((key, known))
        Record.objects.bulk_create([row.record for row in rows])
        for row in rows:
            row.record = row.record  # now that it has its number, the own row takes it as its key
        if self.own_themselves:
            ids = [row.pk for row in rows]
            Record.objects.filter(pk__in=ids).update(owner=F("pk"))
        type(rows[0]).objects.bulk_create(rows)
        if self.own_themselves:
            for row in rows:
                row.record.owner = row  # at hand: whoever asks for the owner need not look it up, one by one
        Identifier.objects.bulk_create(
            Identifier(record=row.record, scheme=number.scheme, value=number.value, note=number.note, kind=number.kind)
            for row, opening in zip(rows, openings, strict=True)
            for number in opening.numbers
        )
        self._show([(row, key) for row, (key, known) in zip(rows, kept, strict=True) if known is None])
        return rows

    def _show(self, hidden: Sequence[tuple[Any, Hashable | None]]) -> None:
        self._known |= _show(self.lifecycle, hidden)


def _show(lifecycle: Lifecycle, rows: Sequence[tuple[Any, Hashable | None]]) -> dict[Hashable, AudienceIds]:
    """Write who sees the rows, each given with the key that is equal for alike ones; returns what was learnt by key."""
    first: dict[Hashable, Any] = {}
    inspected = inspected_among([row.record for row, _key in rows])
    rows = [(row, None if row.pk in inspected else key) for row, key in rows]
    for row, key in rows:
        first.setdefault(("row", row.pk) if key is None else ("alike", key), row)
    found = _interned([_audience(lifecycle, row, inspected) for row in first.values()])
    by_key = dict(zip(first, found, strict=True))
    groups: dict[AudienceIds, list[Record]] = {}
    for row, key in rows:
        ids = by_key[("row", row.pk) if key is None else ("alike", key)]
        _set(row.record, ids)
        groups.setdefault(ids, []).append(row.record)
    columns = [f"{group}_to" for group in GROUPS]
    if len(groups) > len(rows) // 20:
        _write_each([row.record for row, _key in rows], columns)
    else:
        for ids, records in groups.items():
            Record.objects.filter(pk__in=[record.pk for record in records]).update(
                **{f"{column}_id": number for column, number in zip(columns, ids, strict=True)}
            )
    return {key: by_key["alike", key] for _row, key in rows if key is not None}


def _write_each(records: Sequence[Record], columns: Sequence[str]) -> None:
    """Write these columns, numbers of other rows, of each record: one statement for all, which is prepared once.

    `bulk_update` makes an expression for each record and column, and takes half of the time of an import with them.
    """
    quoted, options = connection.ops.quote_name, Record._meta
    names = [f"{column}_id" for column in columns]
    set_to = ", ".join(f"{quoted(name)} = %s" for name in names)
    key, table = quoted(options.pk.attname), quoted(options.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {set_to} WHERE {key} = %s",  # noqa: S608  # names of the model's own columns alone
            [(*(getattr(record, name) for name in names), record.pk) for record in records],
        )


def _audience(lifecycle: Lifecycle, row: Any, inspected: Collection[int]) -> Audiences:
    audiences = lifecycle.audience(row)
    if row.pk not in inspected:
        return audiences
    return with_inspectors(row.record, audiences, sealed=is_closed(row, lifecycle.stages[row.record.stage]))


def renew_records(
    lifecycle: Lifecycle, rows: Sequence[Any], *, actor: Actor, data: dict[str, Any] | None = None
) -> None:
    """Save rows whose words and own columns the caller has changed (locked, inside `writing()`); stages stay.

    Versions rise, audiences are renewed, one entry `<kind>.edit` names all uids beside `data`.
    """
    if not rows:
        return
    with journal.writing():
        for row in rows:
            record = row.record
            record.version, record.changed_at = record.version + 1, now()
            record.save(update_fields=["title", "title_en", "summary", "version", "changed_at"])
            row.save(force_update=True)
            lifecycle.refresh_audience(row)
        _note(lifecycle, "edit", actor, rows, data or {})


def void_records(
    lifecycle: Lifecycle,
    rows: Sequence[Any],
    *,
    actor: Actor,
    alike: Callable[[Any], Hashable | None] = lambda _row: None,
    data: dict[str, Any] | None = None,
) -> None:
    """Take back rows (locked, inside `writing()`) whose opening was a mistake, as if each had been moved to void.

    They leave lists, index and counts, their numbers are free again, and one entry `<kind>.void` names all uids beside
    `data`. Nothing is asked: the caller has made sure that nothing was built on them.
    """
    if not rows:
        return
    before = [readers.seen_by(row.record) for row in rows]
    with journal.writing():
        _write_void(lifecycle, rows)
        _follow(lifecycle.then, rows, actor, "after_moving")
        _show(lifecycle, [(row, alike(row)) for row in rows])
        readers.tell([row.record for row in rows], before)
        _note(lifecycle, "void", actor, rows, data or {})


def _write_void(lifecycle: Lifecycle, rows: Sequence[Any]) -> None:
    """Write the void stage onto rows whose opening is taken back (see `void_records`); drafts are discarded."""
    void = next(stage.name for stage in lifecycle.stages.values() if stage.phase == Phase.VOID)
    ends: dict[str, list[Any]] = {}
    for row in rows:
        draft = row.record.phase == Phase.DRAFT and DISCARDED in lifecycle.stages
        ends.setdefault(DISCARDED if draft else void, []).append(row)
    for name, those in ends.items():
        write_stage(lifecycle, those, name)


def advance_records(lifecycle: Lifecycle, rows: Sequence[Any], name: str, *, actor: Actor) -> None:
    """Take with each of the rows a move that the program alone takes, in a constant number of queries: as if each had
    been moved by `advance`, with an entry of its own.

    Raises `ValueError` for a move that people take or that asks for something (checks, words, a notice), and `Conflict`
    when one of the rows is no longer where the move starts; nothing is moved then.
    """
    move = lifecycle.moves[name]
    if move.allowed is not is_system or not isinstance(move.target, str) or move.checks or move.notice or move.done:
        raise ValueError(f"{lifecycle.kind}.{name} is asked of one record at a time")
    if not rows:
        return
    with journal.writing():
        locked = Record.objects.select_for_update(of=("self",), no_key=True).select_related("owner__record")
        records = locked.order_by("pk").in_bulk([row.pk for row in rows])
        for row in rows:
            row.record = records[row.pk]
            must_start_at(lifecycle, move, row.record)
        before = [(row.record.stage, readers.seen_by(row.record)) for row in rows]
        write_stage(lifecycle, rows, move.target)
        _follow((*move.then, *lifecycle.then), rows, actor, "after_moving")
        _show(lifecycle, [(row, None) for row in rows])
        turns.renew(rows)
        readers.tell([row.record for row in rows], [seen for _stage, seen in before])
        for row, (stage, _seen) in zip(rows, before, strict=True):
            data = {"from": stage, "to": move.target}
            journal.note(f"{lifecycle.kind}.{name}", record=row.record, actor=actor, data=data)


def _follow(steps: Sequence[Callable[[Any, Actor], None]], rows: Sequence[Any], actor: Actor, quicker: str) -> None:
    """Run what follows an opening or a move; a step may have a quicker way, by this name, for many rows that came to
    one stage (clocks do)."""
    for step in steps:
        if (at_once := getattr(step, quicker, None)) is not None:
            at_once(rows, actor)
            continue
        for row in rows:
            step(row, actor)


def _note(
    lifecycle: Lifecycle,
    name: str,
    actor: Actor,
    rows: Sequence[Any],
    data: dict[str, Any],
    passed: backfill.PassedOver = backfill.NOTHING,
) -> None:
    journal.note(
        f"{lifecycle.kind}.{name}",
        actor=actor,
        data={**data, **passed.data, "uids": [str(row.record.uid) for row in rows]},
        texts=passed.texts,
        backfilled=bool(passed.moves),
    )


def _interned(audiences: Sequence[Audiences]) -> list[AudienceIds]:
    """The ids of the four audiences of each, made when new."""
    keys = [tuple(audience_key(getattr(one, group)) for group in GROUPS) for one in audiences]
    ids = audience_ids(key for four in keys for key in four)
    return [tuple(ids[key] for key in four) for four in keys]


def _set(record: Record, ids: AudienceIds) -> None:
    for group, number in zip(GROUPS, ids, strict=True):
        setattr(record, f"{group}_to_id", number)
