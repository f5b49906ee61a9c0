"""Importing in the browser: send a file, see what it is taken for, check, commit, see what came back, take it back."""

from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.exchange import actions
from kezhuan.exchange.exported import fresh_file
from kezhuan.exchange.kinds import importable, importables
from kezhuan.exchange.models import Import, State
from kezhuan.exchange.permissions import imports_visible_to, kinds_importable_by, may_change_import, may_undo_import
from kezhuan.exchange.rejects import Rejects, write_rejects
from kezhuan.exchange.templates import write_template
from kezhuan.exchange.uploads import source_of
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.web import exports
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import (
    ButtonLink,
    Cell,
    Column,
    Fact,
    Figure,
    ProblemLine,
    Progress,
    TableView,
    Tag,
    Text,
    Tone,
)
from kezhuan.web.forms import problems_of
from kezhuan.web.import_forms import UploadForm
from kezhuan.web.import_reading import check, crumbs, reading_page
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import moment

SHOWN = 50
"""Imports on a page of the list, and bad rows on the page of one; the workbook has them all."""
TONES: dict[str, Tone] = {
    State.DONE: "ok",
    State.RUNNING: "wait",
    State.CHECKING: "wait",
    State.STOPPED: "no",
    State.UNDONE: "no",
    State.DISCARDED: "no",
}
GONE_ON = frozenset({State.RUNNING, State.STOPPED, State.DONE, State.UNDONE})
"""States in which rows were taken in, so that counts are what happened and not what would."""


def _visible(request: Request, number: int) -> Import:
    rows = imports_visible_to(request.actor).select_related(
        "job", "by__record", "acting_for__record", "undone_by__record"
    )
    kept = rows.filter(pk=number).first()
    if kept is None:
        raise Missing(str(number))
    return kept


# -- the list, and a new one -------------------------------------------------------------------------------------------


@takes_a_list
def import_list(request: Request) -> HttpResponse:
    """The imports the reader made, those of their organisation, or for the city's officers all."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    rows = imports_visible_to(request.actor).select_related("by__record").order_by("-pk")
    if exports.asks_for_file(request):
        return _file(request, rows.select_related("acting_for__record"))
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    shown = list(rows[: SHOWN + 1])
    columns = (
        Column(_("File")), Column(_("State")), Column(_("Kind")),
        Column(_("created"), numeric=True), Column(_("updated"), numeric=True), Column(_("handed back"), numeric=True),
        Column(_("By")), Column(_("Begun")), Column(_("Import"), numeric=True),
    )  # fmt: skip
    lines: tuple[tuple[Cell | Text, ...], ...] = tuple(
        (
            Cell(one.file_name, reverse("import", args=[one.pk])),
            Cell("", tag=_tag(one)),
            capfirst(str(registry.kind_of(one.kind).plural)),
            *(f"{count:,}" for count in (one.created, one.updated, one.rejected)),
            name_of(one.by.record) if one.by else _("the program"),
            moment(one.started_at),
            f"{one.pk}",
        )
        for one in shown[:SHOWN]
    )
    may = bool(kinds_importable_by(request.actor))
    return page(
        request,
        "imports.html",
        title=_("Imports"),
        crumbs=trail((_("Home"), "/"), _("Imports")),
        table=TableView(columns, lines),
        buttons=[ButtonLink(_("Import a spreadsheet"), reverse("import-new"), primary=True)] if may else [],
        older_url=f"?before={shown[SHOWN - 1].pk}" if len(shown) > SHOWN else "",
        endings=tuple(exports.MEDIA) if shown else (),
    )


def _file(request: Request, rows: QuerySet[Import]) -> HttpResponse:
    headers = (
        _("Import"), _("File"), _("State"), _("Kind"), _("read"), _("created"), _("updated"), _("unchanged"),
        _("handed back"), _("By"), _("For"), _("Begun"),
    )  # fmt: skip
    lines = [
        (
            one.pk, one.file_name, str(_tag(one).label), capfirst(str(registry.kind_of(one.kind).plural)), one.read,
            one.created, one.updated, one.unchanged, one.rejected,
            str(name_of(one.by.record) if one.by else _("the program")),
            str(name_of(one.acting_for.record)) if one.acting_for else "", exports.local(one.started_at),
        )
        for one in rows[: exports.MOST_LINES + 1]
    ]  # fmt: skip
    return exports.table_file(request, headers, lines, name="imports", title=_("Imports"))


@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: Request) -> HttpResponse:
    """Send a file; nothing of it enters before it was looked at."""
    actor = request.actor
    if not actor.is_signed_in:
        return sign_in_first(request)
    slugs = kinds_importable_by(actor)
    if not slugs:
        raise NotAllowed(_("Sign in and choose the organisation you act for."))
    wanted = request.GET.get("kind", "")
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        actor=actor,
        initial={"kind": wanted if wanted in slugs else slugs[0]},
    )
    problems: tuple[ProblemLine, ...] = ()
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            kept = actions.upload_import(
                actor=actor,
                kind=importable(form.cleaned_data["kind"]),
                name=sent.name,
                content=sent.read(),
                declared_open=form.cleaned_data["declared_open"],
            )
        except Refused as refused:
            for one in refused.problems:
                form.add_error(one.field if one.field in form.fields else None, str(one.message))
            problems = problems_of(form)
        else:
            return redirect("import", number=kept.pk)
    elif form.is_bound:
        problems = problems_of(form)
    title = _("Import a spreadsheet")
    return page(
        request,
        "import_new.html",
        status=422 if problems else 200,
        title=title,
        intro=_("First the file is looked at: you see what each column is taken for and which rows are bad."),
        form=form,
        problems=problems,
        multipart=True,
        submit_label=_("Look at the file"),
        cancel_url=reverse("imports"),
        crumbs=crumbs(title),
        templates=[
            (capfirst(str(registry.kind_of(slug).plural)), reverse("import-template", args=[slug])) for slug in slugs
        ],
    )


@require_safe
def import_template(request: Request, slug: str) -> HttpResponse:
    """The workbook to fill in for a kind, in the reader's language."""
    if slug not in importables():
        raise Http404(slug)
    spoken = "zh-hans" if (get_language() or "zh").startswith("zh") else "en"
    path = fresh_file("xlsx")
    write_template(path, importable(slug), spoken)
    name = _("%(kind)s, template.xlsx") % {"kind": registry.kind_of(slug).plural}
    return exports.sent(path, name, "xlsx", keep=False)


# -- one import --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: Request, number: int) -> HttpResponse:
    """One import where it stands: how it is to be read, what would happen, how far it is, what became of it."""
    kept = _visible(request, number)
    may = bool(may_change_import.test(request.actor, kept))
    if request.method == "POST":
        return _step(request, kept)
    reads = kept.state == State.UPLOADED or (kept.state == State.CHECKING and kept.has_failed)
    if may and (reads or (kept.state == State.CHECKED and "change" in request.GET)):
        return reading_page(request, kept)
    return _standing_page(request, kept)


def _step(request: Request, kept: Import) -> HttpResponse:
    match request.POST.get("step", ""):
        case "check":
            return check(request, kept)
        case "commit":
            actions.commit_import(actor=request.actor, kept=kept)
        case "discard":
            actions.discard_import(actor=request.actor, kept=kept)
            return redirect("imports")
        case _:
            raise Refused(Problem("step-unknown", _("There is no such step.")))
    return redirect("import", number=kept.pk)


def _tag(kept: Import) -> Tag:
    return Tag(State(kept.state).label, TONES.get(kept.state, "neutral"))


# -- where it stands ---------------------------------------------------------------------------------------------------


def _standing_page(request: Request, kept: Import) -> HttpResponse:
    works, rejects = kept.works, list(kept.rejects.order_by("row", "pk")[:SHOWN])
    columns = (Column(_("Row"), numeric=True), Column(_("Column")), Column(_("Why")), Column(_("Suggestion")))
    lines = tuple(
        (
            f"{one.row:,}",
            "、".join(one.columns),
            one.reason,
            "；".join(f"{column} → {value}" for column, value in one.fixes),
        )
        for one in rejects
    )
    job = kept.job
    return page(
        request,
        "import.html",
        title=kept.file_name,
        crumbs=crumbs(str(kept.pk)),
        tag=_tag(kept),
        live=works,
        progress=Progress(job.done, job.total, job.note) if job is not None and works else None,
        error=job.error if job is not None and not works else "",
        figures=() if kept.state == State.CHECKING or (works and kept.state == State.RUNNING) else _figures(kept),
        notes=[*kept.notes, *_nothing_to_import(kept)],
        facts=_facts(kept),
        table=TableView(columns, lines) if rejects else None,
        more=max(0, kept.rejected - len(rejects)) if rejects else 0,
        rejects_url=reverse("import-rejects", args=[kept.pk]) if rejects and kept.has_file else "",
        **_open_steps(request.actor, kept),
    )


def _nothing_to_import(kept: Import) -> list[str]:
    """Why a checked file has no button to import it."""
    if kept.state != State.CHECKED or kept.created or kept.updated:
        return []
    if kept.unchanged:
        return [_("Every good row is in already: there is nothing to import.")]
    if kept.rejected:
        return [_("Not one row could be used: correct the rows below and send the file again.")]
    return [_("The file holds no row.")]


def _open_steps(actor: Actor, kept: Import) -> dict[str, Any]:
    """What may be done with it now by this reader: each has its button."""
    steps = dict.fromkeys(("commits", "resumes", "changes", "discards"), False) | {"undo_url": ""}
    if kept.works:
        return steps
    if may_change_import.test(actor, kept):
        steps |= {
            "commits": kept.state == State.CHECKED and bool(kept.created or kept.updated),
            "resumes": kept.has_file
            and (kept.state == State.STOPPED or (kept.state == State.RUNNING and kept.has_failed)),
            "changes": kept.state == State.CHECKED,
            "discards": kept.state in {State.CHECKED, State.CHECKING},
        }
    if may_undo_import.test(actor, kept) and kept.state in {State.DONE, State.STOPPED}:
        steps["undo_url"] = reverse("import-undo", args=[kept.pk])
    return steps


def _figures(kept: Import) -> tuple[Figure, ...]:
    happened = kept.state in GONE_ON
    labels = (
        (_("rows read"), _("created"), _("updated"), _("unchanged"), _("handed back"))
        if happened
        else (_("rows read"), _("to be created"), _("to be updated"), _("unchanged"), _("to be handed back"))
    )
    counts = (kept.read, kept.created, kept.updated, kept.unchanged, kept.rejected)
    return tuple(Figure(f"{count:,}", label) for count, label in zip(counts, labels, strict=True))


def _facts(kept: Import) -> tuple[Fact, ...]:
    kind = registry.kind_of(kept.kind)
    found = [
        Fact(_("Import"), str(kept.pk)),
        Fact(_("Kind"), capfirst(str(kind.plural)), reverse(kind.list_page) if kind.list_page else ""),
        Fact(_("Sheet"), kept.options.get("sheet") or ""),
        Fact(_("By"), name_of(kept.by.record) if kept.by else _("the program")),
        Fact(_("For"), name_of(kept.acting_for.record) if kept.acting_for else ""),
        Fact(_("Begun"), moment(kept.started_at)),
        Fact(_("SHA-256 of the file"), kept.sha256),
    ]
    if kept.undone_at is not None:
        found.append(Fact(_("Undone"), moment(kept.undone_at)))
        found.append(Fact(_("Undone by"), name_of(kept.undone_by.record) if kept.undone_by else _("the program")))
    return tuple(found)


@require_safe
def import_rejects(request: Request, number: int) -> HttpResponse:
    """The bad rows as a workbook, with why and what to write instead."""
    kept = _visible(request, number)
    if not kept.rejects.exists():
        raise Missing(str(number))
    rejects = Rejects.of(kept, source_of(kept), importable(kept.kind).columns)
    path = fresh_file("xlsx")
    count = write_rejects(path, [rejects])
    with journal.writing():
        exports.note_export(request.actor, name="import-rejects", ending="xlsx", count=count, filters={})
    name = _("%(file)s, bad rows.xlsx") % {"file": Path(kept.file_name).stem}
    return exports.sent(path, name, "xlsx", keep=False)


@require_http_methods(["GET", "HEAD", "POST"])
def import_undo(request: Request, number: int) -> HttpResponse:
    """Ask once, then take the import back."""
    kept = _visible(request, number)
    if not may_undo_import.test(request.actor, kept):
        raise NotAllowed(_("This import was made for another organisation."))
    back = reverse("import", args=[kept.pk])
    if request.method == "POST":
        actions.undo_import(actor=request.actor, kept=kept)
        return redirect(back)
    return page(
        request,
        "confirm.html",
        title=_("Undo import %(number)s") % {"number": kept.pk},
        sentence=_(
            "%(created)s records that it created become void and %(updated)s that it updated get their former values"
            " back, as one step. The journal keeps both."
        )
        % {"created": f"{kept.created:,}", "updated": f"{kept.updated:,}"},
        submit_label=_("Undo the import"),
        danger=True,
        cancel_url=back,
        crumbs=crumbs((str(kept.pk), back), _("Undo")),
    )
