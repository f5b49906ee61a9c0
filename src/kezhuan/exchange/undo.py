"""Take an import back as one action, while nothing has built on it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.exchange.former import restore
from kezhuan.exchange.kinds import Importable, importable
from kezhuan.exchange.models import Import, ImportedRecord, Printed, Signature, State, Template
from kezhuan.kernel import history, journal, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.bulk import renew_records, void_records
from kezhuan.kernel.errors import Missing, Problem, Refused, Text
from kezhuan.kernel.models import (
    Clock,
    Document,
    Entry,
    Grant,
    Identifier,
    Link,
    Membership,
    Organisation,
    Person,
    Post,
    Record,
    Route,
    RuleUse,
    Watch,
    Webhook,
)
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import SHANGHAI, batches, now

BATCH = 1000
QUIET = timedelta(minutes=2)
"""A running import that confirmed nothing for so long was stopped."""
_BESIDE: set[type[models.Model]] = {Identifier, Clock, Entry, ImportedRecord, RuleUse, Watch}
"""Tables whose rows go with a record and are nothing built on it."""
_PARTIES: set[type[models.Model]] = {Organisation, Person}
"""Whoever somebody is or acts for: what points at them is no part of them."""
_WORDS: Mapping[type[models.Model], Text] = {
    Record: gettext_lazy("records that belong to it"),
    Link: gettext_lazy("a link"),
    Document: gettext_lazy("a document"),
    Membership: gettext_lazy("a member"),
    Grant: gettext_lazy("access that was given"),
    Import: gettext_lazy("an import"),
    Printed: gettext_lazy("a printed version"),
    Signature: gettext_lazy("a signature"),
    Post: gettext_lazy("a post"),
    Route: gettext_lazy("a route of approval"),
    Template: gettext_lazy("a Word template"),
    Webhook: gettext_lazy("a webhook"),
}


def take_back(number: int, *, actor: Actor) -> Import:
    """Take an import back: what it opened is void, what it changed has its former values again, in one transaction.

    Raises `Missing`, or `Refused` naming the record on which something was built since.
    """
    with journal.writing():
        kept = Import.objects.select_for_update(of=("self",), no_key=True).filter(pk=number).first()
        if kept is None:
            raise Missing(number)
        kind = importable(kept.kind)
        _require_over(kept)
        ids = list(ImportedRecord.objects.filter(of=kept).order_by("pk").values_list("pk", flat=True))
        list(Record.objects.select_for_update(of=("self",)).filter(imports__of=kept).order_by("pk").values_list("pk"))
        _require_nothing_built(kept, kind)
        data = {"import": kept.pk, "file": kept.sha256}
        for some in batches(ids, BATCH):
            batch = list(ImportedRecord.objects.filter(pk__in=some).order_by("pk"))
            _take_back_batch(kind, batch, actor=actor, data=data)
        kept.state, kept.undone_at, kept.undone_by, kept.changed_at = State.UNDONE, now(), actor.person, now()
        kept.save(update_fields=["state", "undone_at", "undone_by", "changed_at"])
    return kept


def _take_back_batch(
    kind: Importable[Any], batch: Sequence[ImportedRecord], *, actor: Actor, data: dict[str, Any]
) -> None:
    own = kind.model._default_manager.select_related("record__owner__record")
    rows: dict[int, Any] = own.in_bulk([one.record_id for one in batch])
    opened = [rows[one.record_id] for one in batch if one.is_new]
    void_records(kind.lifecycle, opened, actor=actor, alike=kind.alike, data=data)
    changed = [(rows[one.record_id], one.former) for one in batch if not one.is_new]
    restore(kind, changed)
    renew_records(kind.lifecycle, [row for row, _former in changed], actor=actor, data=data)
    for row, former in changed:
        # Whoever came before has the record again as they left it, and may be taken back in their turn.
        ImportedRecord.objects.filter(
            record=row.pk, version=former["version"], of__state__in=(State.DONE, State.STOPPED)
        ).update(version=row.record.version)


def require_undoable(kept: Import) -> None:
    """Raise `Refused` with what forbids to take the import back, before long work is asked for."""
    _require_over(kept)
    _require_nothing_built(kept, importable(kept.kind))


def _require_over(kept: Import) -> None:
    if kept.state in {State.UPLOADED, State.CHECKING, State.CHECKED, State.DISCARDED}:
        raise Refused(Problem("import-not-in", _("Nothing of import %(number)s is in.") % {"number": kept.pk}))
    if kept.state == State.UNDONE:
        raise Refused(Problem("import-undone", _("Import %(number)s was undone already.") % {"number": kept.pk}))
    if kept.state == State.RUNNING and kept.changed_at > now() - QUIET:
        message = _("Import %(number)s is still running; wait until it is done, then undo it.")
        raise Refused(Problem("import-running", message % {"number": kept.pk}))


def _require_nothing_built(kept: Import, kind: Importable[Any]) -> None:
    erased = ImportedRecord.objects.filter(of=kept, is_new=False, former={}).select_related("record").first()
    if erased is not None:
        message = _(
            "Import %(number)s cannot be undone: the former values of %(code)s were erased. Correct the records on"
            " their own pages."
        )
        raise Refused(Problem("import-erased", message % {"number": kept.pk, "code": erased.record.code}))
    for record, what in _built(kept, kind):
        message = _(
            "Import %(number)s cannot be undone: %(code)s “%(title)s” has been built on since (%(what)s). Take that"
            " back first, or correct the record on its own page."
        )
        words = {"number": kept.pk, "code": record.code, "title": record.title, "what": what}
        raise Refused(Problem("import-built-on", message % words))


def _built(kept: Import, kind: Importable[Any]) -> Iterator[tuple[Record, str]]:
    """Records of the import on which something was built since, with what it is."""
    changed = ImportedRecord.objects.filter(of=kept).exclude(version=F("record__version")).select_related("record")
    for one in changed.order_by("pk")[:1]:
        yield one.record, _change(one)
    columns = [(table, column) for table in (Record, kind.model) for column in _pointing_at(table)]
    # A record of another kind says more than the links and grants that came with it.
    for table, column in sorted(columns, key=lambda pair: _weight(pair[1].model)):
        if _is_beside(column) or (column.model, column.name) in kind.parts:
            continue
        way = column.name if table is Record else f"{column.name}__record"
        holders: QuerySet[Any] = column.model._default_manager.filter(**{f"{way}__imports__of": kept})
        # What was taken back itself stands on nothing any more.
        own = "source" if column.model is Link else "record"
        if column.model is not Record and column.name != own and hasattr(column.model, own):
            holders = holders.exclude(**{f"{own}__phase": Phase.VOID})
        for part_of in _parts_of(column.model):
            if part_of != column:
                holders = holders.exclude(**{f"{part_of.name}__record__phase": Phase.VOID})
        if column.model is Record:
            holders = holders.exclude(pk=F(f"{column.name}_id"))  # an organisation owns its own record
        holder = holders.select_related(way).order_by("pk").first()
        if holder is not None:
            target = getattr(holder, column.name)
            yield target if table is Record else target.record, _what(column.model)


def _pointing_at(table: type[models.Model]) -> Iterator[Any]:
    """The columns by which other rows point at rows of a table, those without a way back included."""
    for relation in table._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ForeignObjectRel):
            yield relation.field


def _parts_of(table: type[models.Model]) -> list[Any]:
    """The columns by which rows of a table that is no kind's are parts of a record: an item of its call."""
    whole = {one.model for one in registry.kinds()} - _PARTIES
    if table in whole:
        return []
    return [column for column in table._meta.concrete_fields if column.related_model in whole]


def _weight(table: type[models.Model]) -> int:
    """What says most comes first: records, parts of records, what has a word of its own."""
    if any(one.model is table for one in registry.kinds()):
        return 0
    return 1 if _parts_of(table) else 2 if table in _WORDS else 3


def _is_beside(column: Any) -> bool:
    """Whether rows that point by this column are nothing built on what they point at."""
    goes_along = column.primary_key or column.model in _BESIDE or (column.model is Link and column.name == "source")
    return column.remote_field.on_delete is not models.PROTECT or goes_along


def _change(one: ImportedRecord) -> str:
    """What changed a record last: a later import, or the newest entry of its own."""
    later = ImportedRecord.objects.filter(record=one.record_id, of__gt=one.of_id).exclude(of__state=State.UNDONE)
    if (last := later.order_by("-of").first()) is not None:
        return _("import %(number)s") % {"number": last.of_id}
    entry = Entry.objects.filter(record=one.record_id).order_by("-seq").first()
    if entry is None:
        return _("a later change")
    day = formats.date_format(entry.at.astimezone(SHANGHAI), "Y-m-d")
    return f"{history.label(registry.kind_of(one.record), entry.kind)}, {day}"


def _what(table: type[models.Model]) -> str:
    """What has been built, in words: a record, or the record that it is a part of."""
    shown = next(iter(_parts_of(table)), None)
    model = shown.related_model if shown is not None else table
    kind = next((kind for kind in registry.kinds() if kind.model is model), None)
    return str(kind.label if kind is not None else _WORDS.get(table, gettext_lazy("other entries that name it")))
