"""What can be done on any record's page: take a move, attach a file, open a file."""

from functools import partial
from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kezhuan.kernel import access, registry
from kezhuan.kernel.disclosures import note_opened
from kezhuan.kernel.documents import (
    Upload,
    attach_document,
    may_attach,
    may_withdraw,
    read_document,
    unsealed,
    withdraw_document,
)
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.sealing import note_look
from kezhuan.web import faces
from kezhuan.web.components import Crumb, ProblemLine
from kezhuan.web.errors import error_page, refused_step
from kezhuan.web.fields import offer
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page, edit_for
from kezhuan.web.records import open_move
from kezhuan.web.shell import trail

EVERYBODY = ("public", _("everybody who sees the record"))
"""Who may open a file, when not those alone who read the record in full."""


def _row(request: Request, code: str) -> Any:
    record = access.get_visible(request.actor, Record, code)
    return registry.row_of(record)


@require_POST
def move(request: Request, code: str, name: str) -> HttpResponse:
    """Take a move; afterwards the record's page, or the list of its kind when the record is out of sight then."""
    row = _row(request, code)
    kind = registry.kind_of(row.record)
    try:
        row = advance(
            kind.lifecycle,
            row,
            name,
            actor=request.actor,
            note=request.POST.get("note", ""),
            reason=request.POST.get("reason", ""),
            expected=request.POST.get("expected_stage") or None,
        )
    except Refused as refused:
        return _refused_move(request, row, name, refused)
    except Conflict as conflict:  # somebody was faster: what was written is shown, for whoever wants it elsewhere
        return error_page(request, 409, sentence=str(conflict), words=request.POST.get("note", ""))
    record = Record.objects.select_related("title_to").get(pk=row.pk)
    stage = kind.lifecycle.stages[record.stage]
    told = _("“%(move)s” is done; “%(title)s” is now: %(stage)s.")
    messages.success(
        request, told % {"move": kind.lifecycle.moves[name].label, "title": name_of(record), "stage": stage.label}
    )
    return redirect(faces.url_of(record) if access.can_view(request.actor, record) else kind.list_page or "home")


_BEGUN_AT = {"notice-missing": "notice-new", "notice-changed": "notice-new", "approval-needed": "approval-new"}
_SIGNED_AT = frozenset({"grant-agreement"})
"""Problems of a paper that is not signed yet: it is printed and read back on one page."""


def _begun_at(actor: access.Actor, record: Record, move: str, problem: Problem) -> str:
    """The page on which what a step waits for is begun; empty where nothing is, or somebody else begins it."""
    if problem.code == "approval-no-meeting" and not (actor.is_officer or Role.ADMINISTRATOR in actor.roles):
        return ""
    if problem.code == "approval-no-meeting":
        return f"{reverse('route-new')}?move={record.kind}.{move}"
    if problem.code in _SIGNED_AT:
        return reverse("signatures", args=[record.code])
    place = _BEGUN_AT.get(problem.code)
    return reverse(place, args=[record.code, move]) if place else ""


def _refused_move(request: Request, row: Any, name: str, refused: Refused) -> HttpResponse:
    """What keeps a record from a move, which can be sent again from here with the words that were typed; for whoever
    may change the record each line leads to its field."""
    edit = faces.edit_url(request.actor, row)
    asked = {"note", "reason"}
    form = edit_for(edit, name) if edit and any(one.field not in asked for one in refused.problems) else ""
    apart = faces.elsewhere_urls(request.actor, row)
    urls = {one.field: apart.get(one.field) or (f"{form}#id_{one.field}" if form else "") for one in refused.problems}
    urls |= dict.fromkeys(asked, "")
    begun = [_begun_at(request.actor, row.record, name, one) for one in refused.problems]
    lines = [
        ProblemLine(one.message, url=at or urls[one.field]) for one, at in zip(refused.problems, begun, strict=True)
    ]
    step = open_move(request.actor, row, registry.kind_of(row.record).lifecycle.moves[name])
    return refused_step(request, lines, step, [Crumb(_("Go to the form"), form)] if form else ())


class UploadForm(forms.Form):
    """A file and the declaration that goes with it."""

    file = forms.FileField(
        label=_("File"),
        help_text=format_lazy(
            _("PDF, .docx, .xlsx, .pptx, PNG, JPEG or text, at most {most} MB; without macros."),
            most=settings.FILE_MEGABYTES,
        ),
    )
    group = forms.ChoiceField(
        label=_("Who may open it"),
        choices=[("full", _("my unit and the officers")), EVERYBODY],
        widget=forms.RadioSelect,
        initial="full",
    )
    declared_open = forms.BooleanField(
        label=_("I declare that this file holds no state secret (秘密, 机密, 绝密) and may be kept here."),
        error_messages={"required": _("Declare that the file holds no state secret, then send it again.")},
    )

    def __init__(self, *arguments: Any, record: Record) -> None:
        super().__init__(*arguments)
        if record.owner_id is None:
            # An introduction is read in full by both of its sides.
            full = ("full", _("everybody who reads the record in full"))
            offer(self, "group", [full, EVERYBODY])
        if registry.kind_of(record).lifecycle.inner:
            offer(self, "group", [("full", _("the members of my unit who read this record"))])


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request, code: str) -> HttpResponseBase:
    """Attach a file to a record."""
    row = _row(request, code)
    if not may_attach(request.actor, row):
        raise NotAllowed
    back = faces.url_of(row.record)

    def act(form: UploadForm) -> str:
        file = form.cleaned_data["file"]
        attach_document(
            actor=request.actor,
            record=row.record,
            upload=Upload(file.name, file.read(), form.cleaned_data["declared_open"]),
            group=form.cleaned_data["group"],
        )
        return back

    return action_page(
        request,
        partial(UploadForm, record=row.record),
        act,
        title=_("Add a document"),
        intro=name_of(row.record),
        submit_label=_("Add"),
        back=back,
        done=_("The document was added."),
        crumbs=trail((_("Home"), "/"), (row.record.code, back), _("Add a document")),
    )


def _document(request: Request, number: int) -> Document:
    """The file, for whoever sees its field group of its record; raises `Missing`."""
    found = Document.objects.filter(pk=number, withdrawn_at=None).select_related("record").first()
    if found is None:
        raise Missing
    try:
        found.record = access.get_visible(request.actor, Record, found.record.code)
        if not access.can_view(request.actor, found.record, found.group):
            raise Missing
    except Missing:
        note_look(request.actor, found.record, "document")
        raise
    return unsealed(found)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: Request, number: int) -> HttpResponseBase:
    """Take a file back, after asking once."""
    found = _document(request, number)
    row = registry.row_of(found.record)
    if not may_withdraw(request.actor, row, found):
        raise NotAllowed
    back = faces.url_of(found.record)

    return confirm_page(
        request,
        lambda: withdraw_document(actor=request.actor, row=row, document=found),
        title=_("Take back: %(name)s") % {"name": found.name},
        sentence=_("Nobody finds or opens the file any more; its bytes are removed after a day."),
        submit_label=_("Take back"),
        back=back,
        done=_("The file was taken back."),
        crumbs=trail((_("Home"), "/"), (found.record.code, back), _("Take back")),
    )


@require_safe
def document(request: Request, number: int) -> HttpResponse:
    """Open a file, for whoever sees its field group of its record."""
    return file_answer(request.actor, _document(request, number))


def file_answer(actor: access.Actor, found: Document) -> HttpResponse:
    """The bytes of a file that the actor may open, which is noted; to be kept and not shown."""
    note_views(actor, [found.record_id], "document")
    note_opened(actor, found)
    try:
        content = read_document(found)
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(content, content_type=found.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
