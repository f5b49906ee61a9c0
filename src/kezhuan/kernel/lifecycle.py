"""Lives of records: stages, and moves between them. Only this module writes a stage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.kernel import approvals, backfill, journal, notices, readers, turns
from kezhuan.kernel.access import GROUPS, Actor, Audiences, set_audiences
from kezhuan.kernel.checks import Check, require_fits, run_checks
from kezhuan.kernel.codes import give_codes
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused, Text
from kezhuan.kernel.inspecting import is_closed, with_inspectors
from kezhuan.kernel.marks import refuse_marked, refuse_marked_texts
from kezhuan.kernel.models import Approval, Identifier, Organisation, Person, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.predicates import Predicate
from kezhuan.kernel.text import clean, now, today

OVER = frozenset({Phase.DONE, Phase.FAILED, Phase.WITHDRAWN, Phase.VOID})
"""Phases in which a record has a day on which it was closed."""


@dataclass(frozen=True)
class Stage:
    """Where a record can stand: a stable key, its phase, and the word people read.

    A `sealed` one keeps the record closed (a draft, a blind or sealed bid): an inspector sees nothing of it until a
    later stage opens it. One that lies `aside` stands on the life line only of a record that is there or has been.
    """

    name: str
    phase: Phase
    label: Text
    sealed: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Move:
    """A step from one of `source` to `target`: who may take it, what must hold, what follows in the same transaction.

    `target` may be a function of (row, actor) that picks one of `targets`. `note` is none, optional or required;
    `reasons` are the codes and words one is chosen from, where `open_reasons` is given those whose codes it names for a
    row and an actor; `hint` is said beside the question. `done` says that what the
    actor's step would do is done already: it is not offered then, and whoever takes it all the same was too slow.
    `notice` makes what a notice about the row would tell, for a move before which a rule value may ask for one (see
    `notices`), `notice_title` its own title with {kind} and {subject} where the move's label does not say it. A
    `collective` one is decided by a meeting, always or where a function of the row says so: it goes by a route with
    such a step, and never without. What follows reads in `row.said` the note that was given, and in `row.said_reason`
    the code of the reason.
    """

    name: str
    label: Text
    source: frozenset[str]
    target: str | Callable[[Any, Actor], str]
    allowed: Predicate
    checks: tuple[Check, ...] = ()
    targets: tuple[str, ...] = ()
    then: tuple[Callable[[Any, Actor], None], ...] = ()
    note: Literal["none", "optional", "required"] = "none"
    reasons: tuple[tuple[str, Text], ...] = ()
    open_reasons: Callable[[Any, Actor], Collection[str]] | None = None
    hint: Text = ""
    done: Predicate | None = None
    primary: bool = False
    danger: bool = False
    notice: Callable[[Any], notices.Content] | None = None
    notice_title: Text = ""
    collective: bool | Callable[[Any], bool] = False

    def needs_meeting(self, row: Any) -> bool:
        """Whether a meeting decides on this row's move."""
        return self.collective if isinstance(self.collective, bool) else self.collective(row)

    def reasons_for(self, row: Any, actor: Actor) -> tuple[tuple[str, Text], ...]:
        """The reasons from which an actor chooses for a row."""
        codes = None if self.open_reasons is None else self.open_reasons(row, actor)
        return self.reasons if codes is None else tuple(one for one in self.reasons if one[0] in codes)

    @property
    def ends(self) -> tuple[str, ...]:
        """Every stage the move can lead to."""
        return (self.target,) if isinstance(self.target, str) else self.targets


DISCARDED = "discarded"
"""Stage of a draft that its owner threw away: out of every list, and nobody sees it; the journal keeps its entries."""


def discarding(allowed: Predicate, *also: str) -> Move:
    """The move by which a draft is thrown away, or what stands at a stage of `also`."""
    return Move(
        "discard",
        gettext_lazy("Discard the draft"),
        source=frozenset({"draft", *also}),
        target=DISCARDED,
        allowed=allowed,
        hint=gettext_lazy("Nobody finds it afterwards, and it does not come back."),
        danger=True,
    )


ENTRIES = frozenset({"open", "edit", "forget"})
"""What the journal calls a record's beginning and changes; a move of that name would read as one of them."""


class Lifecycle:
    """The stages and moves of one kind, its first stage first.

    An `inner` kind's records are their unit's own: nobody but people who act for their owner reads any part of them
    (and whom these admit to inspect them), and the people `named` in a row, whose own matter it is; others read what
    the unit files (see `filings`).
    """

    def __init__(
        self,
        kind: str,
        prefix: str,
        stages: Sequence[Stage],
        moves: Sequence[Move],
        *,
        audience: Callable[[Any], Audiences],
        then: tuple[Callable[[Any, Actor], None], ...] = (),
        inner: bool = False,
        named: readers.People = lambda _row: (),
    ) -> None:
        self.kind = kind
        self.prefix = prefix
        self.stages = {stage.name: stage for stage in stages}
        self.moves = {move.name: move for move in moves}
        self.audience = readers.inside(audience, named) if inner else audience
        self.then = then
        self.inner = inner
        for move in moves:
            if unknown := (set(move.source) | set(move.ends)) - set(self.stages):
                raise ValueError(f"{kind}.{move.name} names unknown stages {sorted(unknown)}")
            if move.name in ENTRIES:
                raise ValueError(f"{kind}.{move.name} is what the journal calls something else")

    def open_to(self, actor: Actor, row: Any) -> list[Move]:
        """The moves that the actor may take from the row's stage, in their written order."""
        stage = row.record.stage
        moves = [move for move in self.moves.values() if stage in move.source]
        # Moves share permissions, and one may ask the database: each is asked once.
        allows = {permission: permission.test(actor, row) for permission in {move.allowed for move in moves}}
        return [
            move
            for move in moves
            if allows[move.allowed] and not (move.done is not None and move.done.test(actor, row))
        ]

    def refresh_audience(self, row: Any) -> bool:
        """Recompute and save who sees the row after its stage, class or grants changed; returns whether others do."""
        before, sealed = readers.seen_by(row.record), is_closed(row, self.stages[row.record.stage])
        _save_audience(row.record, with_inspectors(row.record, self.audience(row), sealed=sealed))
        turns.renew([row])
        return readers.tell([row.record], [before])


def _save_audience(record: Record, audiences: Audiences) -> None:
    set_audiences(record, audiences)
    record.save(update_fields=[f"{group}_to" for group in GROUPS])


def start_record(
    lifecycle: Lifecycle,
    code: str,
    *,
    title: str,
    title_en: str = "",
    summary: str = "",
    owner: Organisation | None = None,
    contact: Person | None = None,
    stage: str | None = None,
    opened_on: date | None = None,
) -> Record:
    """A record at its first stage, or the one named, cleaned and not saved; `open_record` and `bulk` save it."""
    first = lifecycle.stages[stage] if stage else next(iter(lifecycle.stages.values()))
    return Record(
        kind=lifecycle.kind,
        code=code,
        title=clean(title),
        title_en=clean(title_en),
        summary=clean(summary),
        owner=owner,
        contact=contact,
        stage=first.name,
        phase=first.phase,
        opened_on=opened_on or today(),
        closed_on=today() if first.phase in OVER else None,
        changed_at=now(),
    )


def open_record(
    lifecycle: Lifecycle,
    build: Callable[[Record], Any],
    *,
    actor: Actor,
    title: str,
    title_en: str = "",
    summary: str = "",
    owner: Organisation | None = None,
    contact: Person | None = None,
    stage: str | None = None,
    opened_on: date | None = None,
    why: backfill.Backfill | None = None,
) -> Any:
    """Start a record's life: the shared row, the own row that `build` makes (saved here), audiences, first entry.

    An officer who opens it beyond a move that goes by an approval or after a notice says `why` (see `backfill`).
    """
    with journal.writing():
        record = start_record(
            lifecycle,
            give_codes(lifecycle.prefix)[0],
            title=title,
            title_en=title_en,
            summary=summary,
            owner=owner,
            contact=contact,
            stage=stage,
            opened_on=opened_on,
        )
        # Nobody sees the row until its own table is there and says who may.
        set_audiences(record, Audiences.nested())
        require_fits(record)
        refuse_marked(record)
        record.save()
        row = build(record)
        require_fits(row)
        refuse_marked(row)
        row.save(force_insert=True)
        _save_audience(record, lifecycle.audience(row))  # nobody inspects it yet, nothing tells of it, no clock runs
        for step in lifecycle.then:
            step(row, actor)
        passed = backfill.passed_over(actor, lifecycle, row, why) if stage else backfill.NOTHING
        journal.note(
            f"{lifecycle.kind}.open",
            record=record,
            actor=actor,
            data={"stage": record.stage, **passed.data},
            texts=passed.texts,
            backfilled=bool(passed.moves),
        )
    return row


def advance(
    lifecycle: Lifecycle,
    row: Any,
    name: str,
    *,
    actor: Actor,
    note: str = "",
    reason: str = "",
    expected: str | None = None,
    expected_version: int | None = None,
) -> Any:
    """Take one move, in order: lock the record, compare it with what the actor saw, ask permission, run the checks, ask
    for its approval, write stage and phase, run what follows, renew audiences, note the entry — in one transaction.

    Raises `Conflict` when the record is no longer where the move starts, `NotAllowed`, or `Refused` with the problems.
    """
    move = lifecycle.moves.get(name)
    if move is None:
        raise NotAllowed(_("There is no such step."))
    with journal.writing():
        row = held(row)
        record = row.record
        must_start_at(lifecycle, move, record, expected, expected_version)
        if not move.allowed.test(actor, row):
            raise NotAllowed(_("You may not take this step."))
        if move.done is not None and move.done.test(actor, row):
            raise Conflict(_("Someone was faster: this is done already. Nothing was changed by you."))
        require_words(move, row, actor, note, reason)
        if problems := [
            *problems_of(row, move),
            *approvals.check_route(actor, row, name, note, reason, collective=move.needs_meeting(row)),
        ]:
            raise Refused(problems)
        before, target = record.stage, (move.target if isinstance(move.target, str) else move.target(row, actor))
        write_stage(lifecycle, [row], target)
        approved = approvals.spend(record, name)
        if move.notice is not None:
            notices.spend(record, name)
        row.said, row.said_reason = clean(note), reason
        for step in (*move.then, *lifecycle.then):
            step(row, actor)
        lifecycle.refresh_audience(row)
        journal.note(
            f"{lifecycle.kind}.{name}",
            record=record,
            actor=actor,
            data=_data_of(before, target, reason, approved),
            texts={"note": row.said} if row.said else None,
        )
    return row


def must_start_at(
    lifecycle: Lifecycle, move: Move, record: Record, expected: str | None = None, expected_version: int | None = None
) -> None:
    """Raise `Conflict` unless the record (locked) stands where the move starts and the actor saw it."""
    if (
        record.stage not in move.source
        or (expected is not None and record.stage != expected)
        or (expected_version is not None and record.version != expected_version)
    ):
        raise Conflict(
            _("Someone was faster: “%(title)s” is now “%(stage)s”. Nothing was changed by you.")
            % {"title": record.title, "stage": lifecycle.stages[record.stage].label}
        )


def write_stage(lifecycle: Lifecycle, rows: Sequence[Any], name: str) -> None:
    """Write a stage onto rows whose records are locked; numbers of what is void are free again."""
    stage, moment = lifecycle.stages[name], now()
    closed = today() if stage.phase in OVER else None
    for row in rows:
        record = row.record
        record.stage, record.phase, record.closed_on = stage.name, stage.phase, closed
        record.version, record.changed_at = record.version + 1, moment
    ids = [row.pk for row in rows]
    Record.objects.filter(pk__in=ids).update(
        stage=stage.name, phase=stage.phase, closed_on=closed, version=F("version") + 1, changed_at=moment
    )
    if stage.phase == Phase.VOID:
        Identifier.objects.filter(record__in=ids).update(active=False)


def held(row: Any) -> Any:
    """The row as it stands, with its record locked until the transaction ends."""
    locked = Record.objects.select_for_update(of=("self",), no_key=True).select_related("owner__record")
    record = locked.get(pk=row.record.pk)
    row = type(row).objects.get(pk=row.pk)
    row.record = record
    return row


def hold_records(records: QuerySet[Record]) -> None:
    """Hold these records until the transaction ends; whoever holds several holds them in one order."""
    list(records.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _data_of(before: str, after: str, reason: str, approved: Approval | None) -> dict[str, str]:
    """What the entry of a move holds: the way, the reason, and the approval on the strength of which it was taken."""
    found = {"from": before, "to": after, "reason": reason, "approval": str(approved.record.uid) if approved else ""}
    return {name: value for name, value in found.items() if value}


def problems_of(row: Any, move: Move) -> list[Problem]:
    """What stands against a move whoever takes it: its checks, and the notice that a rule value asks for."""
    problems = run_checks(row, move.checks)
    if move.notice is not None:
        problems += notices.check_notice(row, move.name, move.notice)
    return problems


def require_words(move: Move, row: Any, actor: Actor, note: str, reason: str) -> None:
    """Raise `Refused` unless a move gets the words it asks for, and no others."""
    refuse_marked_texts([note, reason], "note")
    if move.note == "required" and not clean(note):
        raise Refused(Problem("note-missing", _("Say in a few words why."), "note"))
    if (reasons := dict(move.reasons_for(row, actor))) and reason not in reasons:
        raise Refused(Problem("reason-missing", _("Choose one of the reasons."), "reason"))
    # It would go into the journal, which nobody can correct: a reason is a code of the move's list, or nothing.
    if reason and not reasons:
        raise Refused(Problem("reason-unknown", _("This step takes no reason from a list; leave it out."), "reason"))


def touch(
    lifecycle: Lifecycle, row: Any, *, actor: Actor, fields: Sequence[str], expected_version: int | None = None,
    step: str = "", **told: Any,
) -> None:  # fmt: skip
    """Note an edit of the named fields: renew version and audiences, write the entry; call inside `writing()`. Of a
    `step` with a name of its own the entry is of that kind, and holds what is `told` beside.

    Raises `Conflict` when `expected_version` is given and somebody changed the record since.
    """
    refuse_marked(row.record)
    refuse_marked(row)
    seen = {} if expected_version is None else {"version": expected_version}
    if not Record.objects.filter(pk=row.record.pk, **seen).update(version=F("version") + 1, changed_at=now()):
        raise Conflict(
            _("Someone changed this record while you were writing. Nothing of either is lost: compare and save again.")
        )
    row.record.refresh_from_db(fields=["version", "changed_at"])
    lifecycle.refresh_audience(row)
    kind = step or f"{lifecycle.kind}.edit"
    journal.note(kind, record=row.record, actor=actor, data={**told, "fields": sorted(fields)})
