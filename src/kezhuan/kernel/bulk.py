"""Open and renew many records in one transaction with one journal entry: what an import needs to be quick."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from kezhuan.kernel import backfill, journal, readers
from kezhuan.kernel.access import GROUPS, Actor, Audiences, audience_ids, audience_key
from kezhuan.kernel.lifecycle import Lifecycle, give_codes, start_record, write_void
from kezhuan.kernel.models import Identifier, Organisation, Record
from kezhuan.kernel.text import now

AudienceIds = tuple[int, ...]
"""Ids of the audiences of the four field groups, in the order of `GROUPS`."""


@dataclass(frozen=True)
class Number:
    """A number that somebody else gave a record."""

    scheme: str
    value: str
    note: str = ""


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
            for step in self.lifecycle.then:
                # A step may know a quicker way for many rows that were just opened (clocks do).
                if (at_once := getattr(step, "after_opening", None)) is not None:
                    at_once(rows, self.actor)
                    continue
                for row in rows:
                    step(row, self.actor)
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
            for row in rows:
                row.record.owner_id = row.pk
        type(rows[0]).objects.bulk_create(rows)
        Identifier.objects.bulk_create(
            Identifier(record=row.record, scheme=number.scheme, value=number.value, note=number.note)
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
    for row, key in rows:
        first.setdefault(("row", row.pk) if key is None else ("alike", key), row)
    found = _interned([lifecycle.audience(row) for row in first.values()])
    by_key = dict(zip(first, found, strict=True))
    groups: dict[AudienceIds, list[Record]] = {}
    for row, key in rows:
        ids = by_key[("row", row.pk) if key is None else ("alike", key)]
        _set(row.record, ids)
        groups.setdefault(ids, []).append(row.record)
    columns = [f"{group}_to" for group in GROUPS]
    if len(groups) > len(rows) // 20:
        Record.objects.bulk_update([row.record for row, _key in rows], columns, batch_size=200)
    else:
        for ids, records in groups.items():
            Record.objects.filter(pk__in=[record.pk for record in records]).update(
                **{f"{column}_id": number for column, number in zip(columns, ids, strict=True)}
            )
    return {key: by_key["alike", key] for _row, key in rows if key is not None}


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
        write_void(lifecycle, rows)
        Identifier.objects.filter(record__in=[row.pk for row in rows], active=True).update(active=False)
        for step in lifecycle.then:
            if (at_once := getattr(step, "after_moving", None)) is not None:
                at_once(rows, actor)
                continue
            for row in rows:
                step(row, actor)
        _show(lifecycle, [(row, alike(row)) for row in rows])
        readers.tell([row.record for row in rows], before)
        _note(lifecycle, "void", actor, rows, data or {})


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
