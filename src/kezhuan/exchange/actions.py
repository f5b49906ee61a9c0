"""What is done to imports in the browser: sent, checked, committed, discarded, taken back; and the jobs behind it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from kezhuan.engines.tables import Unusable
from kezhuan.exchange import undo
from kezhuan.exchange.candidates import stem
from kezhuan.exchange.importing import Importer, keep_rejects
from kezhuan.exchange.kinds import Importable, importable
from kezhuan.exchange.models import FINAL, Import, ImportMapping, State
from kezhuan.exchange.permissions import brings_for_all, may_change_import, may_import, may_undo_import
from kezhuan.exchange.reading_actions import empty_old
from kezhuan.exchange.settings import COUNTS, Settings
from kezhuan.exchange.uploads import open_upload, source_of, store, stored, unusable_problem
from kezhuan.kernel import jobs, journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.backfill import Backfill, passed_over_anywhere
from kezhuan.kernel.errors import Conflict, KezhuanError, NotAllowed, Problem, Refused
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.marks import name_has_mark, refuse_marked_texts, secrets_problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, language, now

KEPT = timedelta(days=7)
"""How long the file and the rejected rows of an import that is over are kept, and one that nobody goes on with."""
AT_ONCE = 2000
"""Records that are taken back while the reader waits; more are a job."""
NOTHING = dict.fromkeys(COUNTS, 0) | {"position": 0}


def upload_import(*, actor: Actor, kind: Importable[Any], name: str, content: bytes, declared_open: bool) -> Import:
    """Keep a file that is to be imported. Raises `NotAllowed`, or `Refused` before anything is kept."""
    if not may_import(actor, kind):
        raise NotAllowed(_("Sign in and choose the organisation you act for."))
    if not declared_open:
        message = _("Declare that the file holds no state secret, then send it again.")
        raise Refused(Problem("declaration-missing", message, "declared_open"))
    name = clean(name.replace("\\", "/").rpartition("/")[2])[-255:]
    if name_has_mark(name):
        raise Refused(secrets_problem("file"))
    source = open_upload(kind, name, content)
    moment = now()
    return Import.objects.create(
        kind=kind.lifecycle.kind,
        by=actor.person,
        acting_for=actor.organisation,
        is_inner=not brings_for_all(actor, kind),
        file_name=name,
        sha256=store(content),
        has_file=True,
        source=stem(source.name),
        options={"language": language()},
        state=State.UPLOADED,
        started_at=moment,
        changed_at=moment,
    )


def settings_of(kept: Import, actor: Actor, *, dry_run: bool = False) -> Settings:
    """How the file is to be read: as chosen on its page; members bring drafts of the organisation they act for."""
    options, kind = kept.options, importable(kept.kind)
    owner = Organisation.objects.select_related("record").filter(pk=options.get("owner")).first()
    stage = kind.stage
    if kept.is_inner:
        owner, stage = kept.acting_for, next(iter(kind.lifecycle.stages))
    return Settings(
        actor=actor,
        # An organisation's own files are numbered by it, whatever they are called.
        source=f"org:{kept.acting_for_id}" if kept.is_inner else kept.source,
        sheet=options.get("sheet"),
        owner=owner,
        match_key=options.get("match_key", "id"),
        on_match=options.get("on_match", "update"),
        dry_run=dry_run,
        language=options.get("language", "zh"),
        shown_source="" if kept.is_inner else None,
        mapping=options.get("mapping", {}),
        stage=stage,
        reason=options.get("reason", ""),
        is_trusted=False,
    )


def check_import(*, actor: Actor, kept: Import, options: Mapping[str, Any]) -> Import:
    """Remember how the file is to be read and have all rows looked at; nothing enters. Raises `Conflict` when the
    import is past that, or `Refused` when the records would enter beyond an approval or a notice without a reason."""
    _require_may_change(actor, kept)
    refuse_marked_texts([options.get("reason", "")], "reason")
    kind = importable(kept.kind)
    entered = (next(iter(kind.lifecycle.stages)),) if kept.is_inner else kind.stages or (kind.stage,)
    for stage in entered:
        passed_over_anywhere(actor, kind.lifecycle, stage, Backfill(options.get("reason", "")))
    open_to = (State.UPLOADED, State.CHECKED, *((State.CHECKING,) if kept.has_failed else ()))
    with journal.writing():
        job = jobs.enqueue("imports.check", actor=actor, number=kept.pk)
        _move(kept, open_to, state=State.CHECKING, job=job, options={**kept.options, **options}, **NOTHING)
        kept.rejects.all().delete()
    return kept


def commit_import(*, actor: Actor, kept: Import) -> Import:
    """Let the checked file enter, or one that was stopped go on. Of several who press at once one does it, the others
    are told by `Conflict`."""
    _require_may_change(actor, kept)
    goes_on = kept.state == State.STOPPED or (kept.state == State.RUNNING and kept.has_failed)
    with journal.writing():
        job = jobs.enqueue("imports.run", actor=actor, number=kept.pk)
        fresh = {} if goes_on else NOTHING
        _move(kept, (kept.state,) if goes_on else (State.CHECKED,), state=State.RUNNING, job=job, **fresh)
        if not goes_on:
            kept.rejects.all().delete()
            _remember_mapping(kept)
            data = {"import": kept.pk, "file": kept.sha256, "kind": kept.kind}
            journal.note("import.commit", actor=actor, data=data)
    return kept


def discard_import(*, actor: Actor, kept: Import) -> Import:
    """Give up an import of which nothing is in; its file goes with the next tidying."""
    _require_may_change(actor, kept)
    with journal.writing():
        _move(kept, (State.UPLOADED, State.CHECKING, State.CHECKED), state=State.DISCARDED)
        kept.rejects.all().delete()
    return kept


def undo_import(*, actor: Actor, kept: Import) -> Import:
    """Take an import back, at once or by a job; see `undo.take_back` for what it refuses. Of several who press at once
    one does it, the others are told."""
    if not may_undo_import.test(actor, kept):
        raise NotAllowed(_("This import was made for another organisation."))
    if kept.created + kept.updated <= AT_ONCE:
        return undo.take_back(kept.pk, actor=actor)
    with journal.writing():
        # The job is read after the lock was got: whoever was faster has set it meanwhile.
        kept = Import.objects.select_for_update(no_key=True).get(pk=kept.pk)
        if kept.works:
            raise Conflict(_("Someone was faster: this import is being worked on. Nothing was changed by you."))
        undo.require_undoable(kept)
        kept.job = jobs.enqueue("imports.undo", actor=actor, number=kept.pk)
        kept.save(update_fields=["job"])
    return kept


def _require_may_change(actor: Actor, kept: Import) -> None:
    if not may_change_import.test(actor, kept):
        raise NotAllowed(_("This import was made for another organisation."))


def _move(kept: Import, sources: tuple[str, ...], **changes: Any) -> None:
    """Change an import that still stands where the actor saw it."""
    changes["changed_at"] = now()
    if not Import.objects.filter(pk=kept.pk, state__in=sources).update(**changes):
        raise Conflict(_("Someone was faster: this import stands elsewhere by now. Nothing was changed by you."))
    kept.refresh_from_db()


def _remember_mapping(kept: Import) -> None:
    """The organisation's next file of this kind is read the same way."""
    mapping = kept.options.get("mapping", {})
    if kept.acting_for_id is None or not mapping:
        return
    known, _made = ImportMapping.objects.select_for_update(no_key=True).get_or_create(
        organisation_id=kept.acting_for_id, kind=kept.kind
    )
    known.headers = {**known.headers, **mapping}
    known.save(update_fields=["headers"])


# -- jobs --------------------------------------------------------------------------------------------------------------


def _actor(running: Running, kept: Import, may: Any = may_change_import) -> Actor:
    """Who asked for the job, with the rights of this moment."""
    actor = running.actor
    if actor is None or not may.test(actor, kept):
        raise NotAllowed(_("This import was made for another organisation."))
    return actor


def _importer(kept: Import, settings: Settings, *, resumed: Import | None = None) -> Importer:
    try:
        return Importer(importable(kept.kind), source_of(kept), settings, resumed)
    except Unusable as unusable:
        raise Refused(unusable_problem(unusable)) from None


def run_check(running: Running, number: int) -> None:
    """Read all rows and count what would become of them; a takeover begins anew."""
    kept = Import.objects.get(pk=number)
    settings = settings_of(kept, _actor(running, kept), dry_run=True)
    with override("en" if settings.language == "en" else "zh-hans"):
        importer = _importer(kept, settings)
        total = importer.table.total_hint or 0
        counts = importer.run(lambda done: running.progress(done, total))
        notes = importer.notes()
    with journal.writing():
        kept.rejects.all().delete()
        keep_rejects(kept, importer.rejects.rows)
        Import.objects.filter(pk=number, state=State.CHECKING).update(
            state=State.CHECKED, changed_at=now(), notes=notes, **vars(counts)
        )
        running.result({"page": "import", "at": [number]})
        running.finish()


def run_import(running: Running, number: int) -> None:
    """Take the rows in, batch by batch; a takeover goes on where the last confirmed batch ended."""
    kept = Import.objects.get(pk=number)
    settings = settings_of(kept, _actor(running, kept))
    try:
        with override("en" if settings.language == "en" else "zh-hans"):
            importer = _importer(kept, settings, resumed=kept)
            total = importer.table.total_hint or 0
            importer.run(lambda done: running.progress(done, total))
            notes = importer.notes()
    except KezhuanError:
        Import.objects.filter(pk=number, state=State.RUNNING).update(state=State.STOPPED, changed_at=now())
        raise
    with journal.writing():
        Import.objects.filter(pk=number).update(notes=notes)
        running.result({"page": "import", "at": [number]})
        running.finish()


def run_undo(running: Running, number: int) -> None:
    """Take a large import back, in one transaction."""
    kept = Import.objects.get(pk=number)
    actor = _actor(running, kept, may_undo_import)
    with override("en" if kept.options.get("language") == "en" else "zh-hans"), journal.writing():
        undo.take_back(number, actor=actor)
        running.result({"page": "import", "at": [number]})
        running.finish()


def forget_files(running: Running) -> None:
    """After their days: the files and rejected rows of imports that are over, imports that nobody went on with, and
    what the rows of files said that were read back."""
    border = now() - KEPT
    old = Import.objects.filter(changed_at__lt=border)
    old.filter(state__in=(State.UPLOADED, State.CHECKING, State.CHECKED)).update(state=State.DISCARDED)
    for kept in old.filter(has_file=True, state__in=FINAL).iterator():
        with journal.writing():
            kept.rejects.all().delete()
            Import.objects.filter(pk=kept.pk).update(has_file=False)
    empty_old(border)
    in_use = set(Import.objects.filter(has_file=True).values_list("sha256", flat=True))
    for path in stored("00").parent.parent.glob("??/*"):
        # A fresh file that no row names may be one that is being kept just now.
        if path.name not in in_use and path.stat().st_mtime < (now() - timedelta(days=1)).timestamp():
            path.unlink(missing_ok=True)
