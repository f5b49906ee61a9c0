"""Files that come back filled in from another house, such as a register that was numbered or a list that was paid: kept
once, then read by a job row by row, each row with what became of it. Whoever takes the job over goes on behind the last
row that has an answer, and a reading that only checked is carried out from its rows without the file.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from kezhuan.engines.tables import Column, Unusable, open_table
from kezhuan.engines.tables import Problem as BadRow
from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.kinds import HasColumns
from kezhuan.exchange.models import Reading, ReadingRow, RowOutcome
from kezhuan.exchange.uploads import unusable_problem
from kezhuan.kernel import jobs, journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, KezhuanError, Missing, NotAllowed, Problem, Refused, Text
from kezhuan.kernel.models import JobState, Record
from kezhuan.kernel.text import language, now

JOB = "readings.read"
"""The job that reads a file's rows."""
MOST_ROWS = 20_000
BATCH = 100
"""Rows that are looked up at once; each is written by itself."""
CHECK = "only_check"
"""The option of a reading that changes nothing."""


@dataclass(frozen=True)
class Answer:
    """What becomes of a row, why, and the record that it means."""

    outcome: RowOutcome
    reason: str = ""
    record: Record | None = None


@dataclass(frozen=True)
class GivenRow:
    """A row as it is read: its number in the file and its values by column."""

    number: int
    values: Mapping[str, Any]


Reader = Callable[[GivenRow], Answer]


def left_out(refused: KezhuanError, record: Record | None = None) -> Answer:
    """The answer to a row that may not do what it says."""
    said = [part.message for part in refused.problems] if isinstance(refused, Refused) else [refused]
    return Answer(RowOutcome.REFUSED, " ".join(map(str, said)), record)


@dataclass(frozen=True)
class ReadingKind:
    """A sort of files that are read in.

    `rows` are the columns, of which a file must have one of `any_of`; `may` says who reads them in, `refusal` is said
    to others; `titled` gives the words by which a row is shown. `reader` looks up what some rows mean, and the function
    that it gives carries out one of them in the transaction in which its answer is kept. `words` say in this sort what
    the outcomes are, `page` is where another file is sent.
    """

    name: str
    label: Text
    rows: HasColumns
    any_of: tuple[str, ...]
    may: Callable[[Actor], bool]
    refusal: Text
    titled: Callable[[Mapping[str, Any]], str]
    reader: Callable[[Actor, Sequence[GivenRow], Mapping[str, Any]], Reader]
    words: Mapping[RowOutcome, Text]
    page: str


_kinds: dict[str, ReadingKind] = {}


def register(kind: ReadingKind) -> None:
    """Let files of this sort be read in; called once by its area when Django has loaded the models."""
    _kinds[kind.name] = kind


def kind_of(reading: Reading) -> ReadingKind:
    """What a file was read in as; raises `Missing` for what no area knows any more."""
    if reading.name not in _kinds:
        raise Missing(reading.name)
    return _kinds[reading.name]


def readings_of(actor: Actor) -> QuerySet[Reading]:
    """The files that the actor's office sent, of the sorts that the actor reads in."""
    if actor.organisation is None:
        return Reading.objects.none()
    names = [name for name, kind in _kinds.items() if kind.may(actor)]
    return Reading.objects.filter(office=actor.organisation, name__in=names).select_related("job")


def read_in(
    kind: ReadingKind, *, actor: Actor, source: Source, name: str = "", options: Mapping[str, Any] | None = None
) -> Reading:
    """Keep the rows of a file, and let a job read them; the same file sent again while it is read is the same reading.

    `options` are the reader's own, and `only_check`. Raises `NotAllowed`, or `Refused` for a file that cannot be used.
    """
    _ask(kind, actor)
    return _begin(kind, actor, list(_rows_of(kind, source)), name, dict(options or {}))


def carry_out(*, actor: Actor, reading: Reading) -> Reading:
    """Read the rows of a file that was only checked once more, and change what they say. Raises `NotAllowed`, and
    `Conflict` where it is carried out already, still being checked, or its rows were removed after their days."""
    kind = kind_of(reading)
    _ask(kind, actor)
    kept = list(reading.rows.all())
    if not reading.options.get(CHECK) or any(not one.outcome for one in kept):
        raise Conflict(_("Only a file that was checked to its end is carried out."))
    if reading.emptied:
        raise Conflict(_("The rows of this file were removed after their days; send it again."))
    rows = [
        ReadingRow(row=one.row, values=one.values, title=one.title)
        if one.values
        else ReadingRow(row=one.row, outcome=one.outcome, reason=one.reason)
        for one in kept
    ]
    options = {name: value for name, value in reading.options.items() if name != CHECK}
    return _begin(kind, actor, rows, reading.file_name, options)


def _ask(kind: ReadingKind, actor: Actor) -> None:
    if not kind.may(actor):
        raise NotAllowed(kind.refusal)


def _begin(
    kind: ReadingKind, actor: Actor, rows: Sequence[ReadingRow], name: str, options: Mapping[str, Any]
) -> Reading:
    if actor.person is None or actor.organisation is None:
        raise NotAllowed(kind.refusal)
    told = json.dumps([[one.row, one.values] for one in rows], cls=DjangoJSONEncoder, sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()
    with journal.writing():
        same = Reading.objects.filter(name=kind.name, office=actor.organisation, sha256=digest)
        for other in same.filter(job__state__in=(JobState.WAITING, JobState.RUNNING)):
            if other.options == options:
                return other
        made = Reading.objects.create(
            name=kind.name, by=actor.person, office=actor.organisation, file_name=name[:200], sha256=digest,
            options=dict(options), language=get_language() or "zh-hans", made_at=now(),
        )  # fmt: skip
        for one in rows:
            one.sheet = made
        ReadingRow.objects.bulk_create(rows, batch_size=1000)
        made.job = jobs.enqueue(JOB, actor=actor, reading=made.pk)
        made.save(update_fields=["job"])
        return made


def _rows_of(kind: ReadingKind, source: Source) -> Iterator[ReadingRow]:
    try:
        for number, one in enumerate(open_table(source, kind.rows.columns, any_of=kind.any_of), 1):
            if number > MOST_ROWS:
                message = _("At most %(most)s rows are read back at once: split the file.") % {"most": f"{MOST_ROWS:,}"}
                raise Refused(Problem("file-unusable", message, "file"))
            if isinstance(one, BadRow):
                reasons = "；".join(part.reason(language()) for part in (one, *one.rest))
                yield ReadingRow(row=one.row, outcome=RowOutcome.REFUSED, reason=reasons)
            else:
                values = {name: value for name, value in one.values.items() if value not in (None, "", ())}
                yield ReadingRow(row=one.number, values=values, title=kind.titled(one.values))
    except Unusable as unusable:
        raise Refused(unusable_problem(unusable)) from None


def run(running: jobs.Running, reading: int) -> None:
    """Carry out or check what a file's rows tell, each in a transaction of its own with what becomes of it; with the
    rights that whoever sent it has at this moment."""
    asked, actor = Reading.objects.get(pk=reading), running.actor
    if actor is None:
        raise Missing(str(reading))
    kind = kind_of(asked)
    counted = asked.rows.aggregate(all=Count("pk"), done=Count("pk", filter=~Q(outcome="")))
    done, total, options = counted["done"], counted["all"], asked.options
    columns = kind.rows.columns
    with override(asked.language):
        while batch := list(asked.rows.filter(outcome="")[:BATCH]):
            given = [GivenRow(one.row, _typed(columns, one.values)) for one in batch]
            read = kind.reader(actor, given, options)
            for one, row in zip(batch, given, strict=True):
                with journal.writing():
                    answer = read(row)
                    one.outcome, one.reason, one.record = answer.outcome, answer.reason, answer.record
                    one.save(update_fields=["outcome", "reason", "record"])
                done += 1
                running.progress(done, total)
    with journal.writing():
        running.result({"page": "reading", "at": [asked.pk]})
        running.finish()


def _typed(columns: Sequence[Column], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row as its columns give them: days and several texts are no words of JSON."""
    values: dict[str, Any] = {}
    for one in columns:
        value = kept.get(one.name)
        if one.kind == "texts":
            value = tuple(value or ())
        elif one.kind == "date" and value is not None:
            value = date.fromisoformat(value)
        values[one.name] = value
    return values


def empty_old(border: Any) -> None:
    """Take away what the rows of files say that were sent before a moment; what became of them stays."""
    for one in Reading.objects.filter(made_at__lt=border, emptied=False):
        with journal.writing():
            one.rows.update(values={})
            Reading.objects.filter(pk=one.pk).update(emptied=True)
