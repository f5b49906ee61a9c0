"""Pages of signatures: print a version, upload its stamped scan, confirm it here, have it sealed, look a code up."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kezhuan.exchange.models import Printed, SealRequest, SealState, Signature, Way
from kezhuan.exchange.papers import seals, signing
from kezhuan.exchange.papers.printing import (
    code_from_typed,
    code_of,
    content_of,
    hash_of,
    is_current,
    may_print,
    print_record,
)
from kezhuan.kernel import access, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.history import deputised
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.models import Record
from kezhuan.web import faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink, Fact
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail

both = require_http_methods(["GET", "HEAD", "POST"])


def _row(request: Request, code: str) -> Any:
    row = registry.row_of(access.get_visible(request.actor, Record, code))
    row.record = access.get_visible(request.actor, Record, code)
    note_views(request.actor, [row.pk], "document")
    if not may_print(request.actor, row):
        raise NotAllowed
    return row


def _crumbs(row: Any, *more: Any) -> Any:
    return trail((_("Home"), "/"), (row.record.code, faces.url_of(row.record)), *more)


@require_safe
def signatures(request: Request, code: str) -> HttpResponseBase:
    """The signatures of a record, what they stand on, and the three ways to add one."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    row = _row(request, code)
    present = code_of(hash_of(row.record, content_of(request.actor, row)))
    rows = signing.signatures_of(request.actor, row.record)
    own = request.actor.organisation and request.actor.organisation.pk
    waiting = (
        SealRequest.objects.filter(printed__record=row.pk).exclude(state=SealState.SEALED).select_related("printed")
    )
    labels = {name: provider.label for name, provider in seals.providers().items()}
    return page(
        request,
        "signatures.html",
        title=_("Print and sign"),
        crumbs=_crumbs(row, _("Print and sign")),
        record=row.record,
        name=name_of(row.record),
        present=present,
        lines=[_line(one, present, labels) for one in rows],
        waiting=[(one, labels.get(one.provider, one.provider)) for one in waiting.order_by("-pk")],
        may_sign=signing.may_sign(request.actor, row),
        confirmed=any(one.way == Way.CONFIRMED and one.printed.code == present and one.party_id == own for one in rows),
        providers=list(labels.items()),
    )


def _line(one: Signature, present: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "row": one,
        "way": one.get_way_display(),
        "party": name_of(one.party.record) if one.party is not None else "",
        "who": deputised(one.signed_by, one.signed_for),
        "typed": one.code_by == signing.TYPED,
        "provider": labels.get(one.provider, one.provider),
        "url": reverse("document", args=[one.document_id]),
        "present": one.printed.code == present,
    }


@require_POST
def print_version(request: Request, code: str) -> HttpResponse:
    """The present version as a PDF."""
    printed, content = print_record(actor=request.actor, row=_row(request, code))
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{code}-{printed.code}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


class ScanForm(forms.Form):
    """A stamped paper, scanned."""

    file = forms.FileField(
        label=gettext_lazy("Scan of all pages"),
        help_text=format_lazy(
            gettext_lazy("One PDF, or a picture of a single page; at most {most} MB. The squares on it are read."),
            most=settings.FILE_MEGABYTES,
        ),
    )
    code = forms.CharField(
        label=gettext_lazy("Version code"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Only when no square can be read; the history then says that it was typed."),
    )
    declared_open = forms.BooleanField(
        label=gettext_lazy("I declare that this file holds no state secret (秘密, 机密, 绝密) and may be kept here."),
        error_messages={"required": gettext_lazy("Declare that the file holds no state secret, then send it again.")},
    )


@both
def scan(request: Request, code: str) -> HttpResponseBase:
    """Upload a stamped scan."""
    row = _row(request, code)
    if not signing.may_sign(request.actor, row):
        raise NotAllowed
    back = reverse("signatures", args=[code])

    def act(form: ScanForm) -> str:
        file = form.cleaned_data["file"]
        upload = Upload(file.name, file.read(), form.cleaned_data["declared_open"])
        signing.add_stamped_scan(actor=request.actor, row=row, upload=upload, typed=form.cleaned_data["code"])
        return back

    return action_page(
        request,
        ScanForm,
        act,
        title=_("Upload the stamped scan"),
        intro=name_of(row.record),
        submit_label=_("Upload"),
        back=back,
        crumbs=_crumbs(row, (_("Print and sign"), back), _("Upload the stamped scan")),
    )


@both
def confirm(request: Request, code: str) -> HttpResponseBase:
    """Confirm the present version on this site, after seeing what it says."""
    row = _row(request, code)
    if not signing.may_sign(request.actor, row):
        raise NotAllowed
    back = reverse("signatures", args=[code])
    content = content_of(request.actor, row)
    present = code_of(hash_of(row.record, content))

    def act(_form: forms.Form) -> str:
        signing.confirm_version(actor=request.actor, row=row, code=request.POST.get("version", ""))
        return back

    return action_page(
        request,
        forms.Form,
        act,
        title=_("Confirm this version"),
        sentence=_(
            "You confirm version %(code)s for the organisation you act for. It is kept as a PDF with the record."
        )
        % {"code": present},
        facts=tuple(Fact(label, text) for label, text in content.facts),
        carried=(("version", present),),
        submit_label=_("Confirm"),
        back=back,
        crumbs=_crumbs(row, (_("Print and sign"), back), _("Confirm this version")),
        template="confirm_version.html",
    )


@require_POST
def ask_seal(request: Request, code: str) -> HttpResponse:
    """Hand the present version to an e-seal provider."""
    signing.ask_seal(actor=request.actor, row=_row(request, code), provider=request.POST.get("provider", ""))
    return redirect("signatures", code=code)


@require_safe
def version(request: Request, code: str, place: str = "") -> HttpResponse:
    """What a square leads to: whether the paper in one's hands is the present version of its record."""
    printed = Printed.objects.filter(code=code_from_typed(code)).select_related("record", "printed_by").first()
    if printed is None:
        raise Missing(code)
    record = _seen(request.actor, printed.record)
    row = registry.row_of(record or printed.record)
    buttons = (ButtonLink(_("Open the record"), faces.url_of(record)),) if record is not None else ()
    return page(
        request,
        "version.html",
        title=_("Version %(code)s") % {"code": printed.code},
        crumbs=trail((_("Home"), "/"), _("Version %(code)s") % {"code": printed.code}),
        printed=printed,
        present=is_current(printed, row, request.actor),
        name=name_of(record) if record is not None else "",
        buttons=buttons,
    )


def _seen(actor: Actor, record: Record) -> Record | None:
    try:
        return access.get_visible(actor, Record, record.code)
    except Missing:
        return None
