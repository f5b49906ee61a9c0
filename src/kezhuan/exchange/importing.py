"""Take in a file: match its rows with what is there, and open or renew records batch by batch."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.candidates import Candidate, Candidates
from kezhuan.exchange.coded import PARTS, Change, Comparison
from kezhuan.exchange.former import former_of
from kezhuan.exchange.kinds import Importable
from kezhuan.exchange.known import Known
from kezhuan.exchange.models import Import, ImportedRecord, RejectedRow, State
from kezhuan.exchange.rejects import Reject, Rejects
from kezhuan.exchange.settings import Counts, Settings
from kezhuan.kernel import journal
from kezhuan.kernel.backfill import Backfill, passed_over_anywhere
from kezhuan.kernel.bulk import Openers, Opening, renew_records
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.models import Identifier, Organisation, Record
from kezhuan.kernel.text import now

BATCH = 1000
"""Rows that enter in one transaction: what is confirmed together."""
ATTEMPTS = 3


class Importer:
    """One file on its way into the database.

    What it has confirmed stands in its `Import`; given one that was stopped, `run` goes on where it stood.
    """

    def __init__(
        self, kind: Importable[Any], path: str | Path | Source, settings: Settings, kept: Import | None = None
    ) -> None:
        """Open the file; raises `Unusable`, with one sentence, when it cannot be used as a whole."""
        self.kind = kind
        self.settings = settings
        self.candidates = Candidates(kind, path, settings)
        self.table, self.sha256, self.source = self.candidates.table, self.candidates.sha256, self.candidates.source
        self.kept = kept
        self.counts = Counts()
        self.rejects = self.candidates.rejects()
        self._known = Known(kind, settings)
        self._comparison = Comparison(kind, settings, self.table.columns_found)
        self._position = 0
        self._openers: dict[tuple[int | None, str], Openers] = {}
        self._waiting: list[Reject] = []
        self._seen_dry: set[str] = set()

    def run(self, progress: Callable[[int], None] | None = None) -> Counts:
        """Take in all rows; what is counted as created or updated is confirmed. `progress` hears the rows done.

        Raises `Conflict` when somebody else took the import over or took it back meanwhile.
        """
        # Told before a row is looked at, and by a dry run too.
        for stage in self.kind.stages or (self.settings.stage or self.kind.stage,):
            passed_over_anywhere(self.settings.actor, self.kind.lifecycle, stage, self._why())
        self._begin()
        batch: list[Candidate] = []
        taken: set[tuple[str, str]] = set()
        for one in islice(self.candidates, self._position, None):
            if one is None:
                self._position += 1  # no row
                continue
            keys = self._known.keys(one) if isinstance(one, Candidate) else set()
            # A second row of the same thing meets the first one in the database, not beside it.
            if len(batch) + len(self._waiting) >= BATCH or not taken.isdisjoint(keys):
                self._take_in(batch)
                batch, taken = [], set()
            self._position += 1
            self.counts.read += 1
            if isinstance(one, Candidate):
                batch.append(one)
                taken |= keys
            else:
                self._leave_out(one)
            if progress is not None:
                progress(self._position)
        self._take_in(batch)
        self._settle(State.DONE)
        self.rejects.rows.sort(key=lambda reject: reject.row)
        return self.counts

    def stop(self) -> None:
        """Note that the import was stopped half-way; what it confirmed stays."""
        self._settle(State.STOPPED)

    def notes(self) -> list[str]:
        """Sentences on what entered and yet wants attention, first that the file was not read to its end."""
        stopped, owners = self.candidates.stopped, self.candidates.owners
        notes = [stopped.say(self.settings.language)] if stopped is not None else []
        if not (unknown := owners.unknown):
            return notes
        return [
            *notes,
            _(
                "%(file)s: %(rows)s rows name a unit that is not in the list (%(units)s), so nothing was entered as"
                " theirs. Register or import the unit, then import the file again."
            )
            % {"file": self.table.name, "rows": sum(unknown.values()), "units": owners.some_unknown()},
        ]

    # -- the import's own row ----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self.settings.dry_run:
            return
        if self.kept is None:
            actor, moment = self.settings.actor, now()
            self.kept = Import.objects.create(
                kind=self.kind.lifecycle.kind,
                by=actor.person,
                acting_for=actor.organisation,
                file_name=self.table.name[-255:],
                sha256=self.sha256,
                source=self.source,
                options=self.settings.options,
                started_at=moment,
                changed_at=moment,
            )
            return
        Import.objects.filter(pk=self.kept.pk, state=State.STOPPED).update(state=State.RUNNING)
        self._position = self.kept.position
        self.counts = Counts(**{name: getattr(self.kept, name) for name in vars(self.counts)})
        self.rejects = Rejects.of(self.kept, self.candidates.file, self.kind.columns)

    def _settle(self, state: State) -> None:
        if self.kept is not None:
            Import.objects.filter(pk=self.kept.pk, state=State.RUNNING).update(state=state, changed_at=now())
            self.kept.refresh_from_db()

    def _confirm(self) -> None:
        """Write how far the import has come, in the transaction of its batch: two who run it cannot both."""
        assert self.kept is not None
        moved = Import.objects.filter(pk=self.kept.pk, state=State.RUNNING, position=self.kept.position).update(
            position=self._position, changed_at=now(), **vars(self.counts)
        )
        if not moved:
            raise Conflict(_("Someone was faster: the import is no longer where this run left it."))
        keep_rejects(self.kept, self._waiting)

    # -- batches -----------------------------------------------------------------------------------------------------

    def _leave_out(self, reject: Reject) -> None:
        self.counts.rejected += 1
        self._waiting.append(reject)
        self.rejects.rows.append(reject)

    def _take_in(self, batch: Sequence[Candidate]) -> None:
        if not batch and not self._waiting:
            return
        for attempt in range(ATTEMPTS):
            refused, waiting = len(self.rejects.rows), len(self._waiting)
            counted = Counts(**vars(self.counts))
            try:
                if self.settings.dry_run:
                    self._count_only(batch)
                else:
                    with journal.writing():
                        self._write(batch)
                        self._confirm()
                break
            except IntegrityError:
                # Another import was faster with one of the numbers: look again, now it is there.
                del self.rejects.rows[refused:], self._waiting[waiting:]
                self.counts = counted
                for openers in self._openers.values():
                    openers.forget()
                if attempt == ATTEMPTS - 1:
                    raise
        self._waiting = []
        if self.kept is not None:
            self.kept.position = self._position

    def _write(self, batch: Sequence[Candidate]) -> None:
        assert self.kept is not None
        found = self._known.look_up(batch)
        for one, reason in found.refused:
            self._leave_out(self.candidates.reject(one.row, reason))
        data = {"file": self.sha256, "source": self.source, "import": self.kept.pk}
        self.counts.updated += self._renew(found.changed, data) + self._renew_coded(found.coded, data)
        entering: dict[tuple[Organisation | None, str], list[Candidate]] = {}
        for one in found.fresh:
            entering.setdefault((one.content.owner, self.settings.stage_of(self.kind, one.facts)), []).append(one)
        for (owner, stage), fresh in entering.items():
            rows = self._openers_for(owner, stage).open_records([self._opening(one) for one in fresh], data=data)
            self.kind.write_parts([(row, one.facts) for row, one in zip(rows, fresh, strict=True)])
            ImportedRecord.objects.bulk_create(
                ImportedRecord(of=self.kept, record=row.record, is_new=True, version=row.record.version) for row in rows
            )
        self.counts.created += len(found.fresh)
        self.counts.unchanged += found.unchanged

    def _why(self) -> Backfill:
        """Why the records enter where they do, and where they come from."""
        return Backfill(self.settings.reason, f"{self.table.name} ({self.source})")

    def _openers_for(self, owner: Organisation | None, stage: str) -> Openers:
        key = (owner.pk if owner else None, stage)
        if key not in self._openers:
            self._openers[key] = Openers(
                self.kind.lifecycle,
                actor=self.settings.actor,
                stage=stage,
                owner=owner,
                own_themselves=self.kind.own_themselves,
                alike=self.kind.alike,
                why=self._why(),
            )
        return self._openers[key]

    def _opening(self, candidate: Candidate) -> Opening:
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

    def _renew(self, changed: Sequence[tuple[int, Identifier | None, Candidate]], data: dict[str, Any]) -> int:
        """Write what the file says now onto changed records; one that has moved on is left as it is."""
        ids = [pk for pk, _number, _one in changed]
        list(Record.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
        rows: dict[int, Any] = self.kind.model._default_manager.select_related("record__owner__record").in_bulk(ids)
        allowed = []
        for pk, identifier, one in changed:
            reason = self._known.why_not(rows[pk], one)
            if reason:
                self._leave_out(self.candidates.reject(one.row, reason))
            else:
                allowed.append((rows[pk], identifier, one))
        former = former_of(self.kind, [row for row, _number, _one in allowed])
        renewed: dict[int, tuple[Any, Any]] = {}
        for row, identifier, one in allowed:
            self.kind.renew(row, one.facts)
            if row.record.owner_id is None and one.content.owner is not None:
                row.record.owner = one.content.owner
                Record.objects.filter(pk=row.pk).update(owner=one.content.owner)
            renewed[row.pk] = (row, one.facts)
            _number(row.pk, identifier, one)
            for number in self.kind.numbers(one.facts):
                Identifier.objects.get_or_create(
                    scheme=number.scheme, value=number.value, active=True, defaults={"record_id": row.pk}
                )
        pairs = list(renewed.values())
        renew_records(self.kind.lifecycle, [row for row, _facts in pairs], actor=self.settings.actor, data=data)
        if pairs:
            self.kind.write_parts(pairs)
            self._keep_former([row for row, _facts in pairs], former)
        return len(pairs)

    def _renew_coded(self, coded: Sequence[Candidate], data: dict[str, Any]) -> int:
        """Change the records that rows name by code, where the rows say something else."""
        codes = [one.known_by.value for one in coded]
        list(Record.objects.select_for_update(of=("self",)).filter(code__in=codes).order_by("pk").values_list("pk"))
        changes = self._judged(coded)
        former = former_of(self.kind, [change.row for change in changes])
        done = [change for change in changes if self._comparison.apply(change)]
        renew_records(self.kind.lifecycle, [change.row for change in done], actor=self.settings.actor, data=data)
        self.kind.write_parts([(change.row, change.facts) for change in done if PARTS in change.fields])
        self._keep_former([change.row for change in done], {change.row.pk: former[change.row.pk] for change in done})
        self.counts.unchanged += len(changes) - len(done)
        return len(done)

    def _judged(self, coded: Sequence[Candidate]) -> list[Change]:
        """What rows change of the records that they name by code; those that may not are left out."""
        changes = []
        for judged in self._comparison.judge(coded):
            if isinstance(judged, Change):
                changes.append(judged)
            elif judged.is_secret:
                self._leave_out(self.candidates.secret(judged.candidate.row))
            else:
                self._leave_out(self.candidates.reject(judged.candidate.row, judged.reason, *judged.columns))
        return changes

    def _keep_former(self, rows: Iterable[Any], former: dict[int, dict[str, Any]]) -> None:
        """Keep what stood there; of a record that this import touched before, what stood there the first time."""
        assert self.kept is not None
        touched = {one.record_id: one for one in ImportedRecord.objects.filter(of=self.kept, record__in=former)}
        ImportedRecord.objects.filter(pk__in=[one.pk for one in touched.values()]).update(version=F("version") + 1)
        ImportedRecord.objects.bulk_create(
            ImportedRecord(
                of=self.kept, record=row.record, is_new=False, version=row.record.version, former=former[row.pk]
            )
            for row in rows
            if row.pk not in touched
        )

    def _count_only(self, batch: Sequence[Candidate]) -> None:
        unseen = [one for one in batch if one.known_by.value not in self._seen_dry]
        self.counts.unchanged += len(batch) - len(unseen)
        found = self._known.look_up(unseen)
        own = self.kind.model._default_manager.select_related("record__owner__record")
        rows: dict[int, Any] = own.in_bulk([pk for pk, _number, _one in found.changed])
        refused = [*found.refused]
        for pk, _identifier, one in found.changed:
            if reason := self._known.why_not(rows[pk], one):
                refused.append((one, reason))
        for one, reason in refused:
            self._leave_out(self.candidates.reject(one.row, reason))
        judged = self._judged(found.coded)
        renewed = sum(map(self._comparison.apply, judged))
        self.counts.updated += renewed
        self.counts.unchanged += len(judged) - renewed
        self._seen_dry.update(one.known_by.value for one in found.fresh)
        self.counts.created += len(found.fresh)
        self.counts.updated += len(found.changed) - (len(refused) - len(found.refused))
        self.counts.unchanged += found.unchanged


def _number(record: int, identifier: Identifier | None, one: Candidate) -> None:
    """Remember by which number and content the record was met."""
    if identifier is None:
        own = one.known_by
        identifier = Identifier(record_id=record, scheme=own.scheme, value=own.value, kind=own.kind)
    identifier.note = one.known_by.note
    identifier.save()


def keep_rejects(kept: Import, rejects: Iterable[Reject]) -> None:
    """Keep rows that were left out with their import."""
    RejectedRow.objects.bulk_create(
        RejectedRow(
            of=kept,
            row=reject.row,
            columns=reject.columns,
            reason=reject.reason,
            fixes=[[fix.column, fix.value] for fix in reject.fixes],
            is_secret=reject.is_secret,
        )
        for reject in rejects
    )
