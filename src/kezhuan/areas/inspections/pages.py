"""Pages of inspections: the list, one with its records and every look, a new one, its letter."""

import re
from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.inspections.actions import add_letter, edit_inspection, prepare_inspection
from kezhuan.areas.inspections.forms import InspectionChangeForm, InspectionForm, LetterForm, upload_of
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.inspections.permissions import admits, may_prepare, side_of
from kezhuan.areas.inspections.queries import TOLD, inspections_visible_to, matters_shown
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.text import today
from kezhuan.web import faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink, Fact, ResultLine
from kezhuan.web.lists import list_page, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, Rows, action_page, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day


def register_face() -> None:
    """How inspections stand in lists."""
    faces.register("inspection", faces.Face(_rows, _line))


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Inspection]:
    return list(inspections_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Inspection, _words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        meta=(row.body, name_of(row.inspector.record), row.letter_no, f"{day(row.since)}–{day(row.until)}"),
        on=row.record.opened_on,
    )


@takes_a_list
def inspection_list(request: Request) -> HttpResponseBase:
    """The inspections one may know of: those one admits, those of one's records, those by which one inspects."""
    actor = request.actor
    if not actor.is_signed_in:
        return sign_in_first(request)
    prepares = [ButtonLink(_("Prepare an inspection"), reverse("inspection-new"), primary=True)]
    return list_page(
        request,
        title=capfirst(_("inspections")),
        kinds=("inspection",),
        facets=("stage",),
        buttons=prepares if may_prepare(actor) else (),
        empty=_("You know of no inspection."),
    )


@require_safe
def inspection_page(request: Request, code: str) -> HttpResponse:
    """An inspection: by whom and by which letter, its records as far as the reader may see them, and every look."""
    row = get_visible(request.actor, Inspection, code, related=TOLD)
    facts = [
        Fact(_("Audit or discipline body"), row.body),
        Fact(_("Inspector"), name_of(row.inspector.record)),
        Fact(_("Number of the letter"), row.letter_no),
        Fact(_("From"), day(row.since)),
        Fact(_("Last day"), day(row.until)),
        Fact(_("Admitted by"), name_of(row.unit.record) if row.unit else _("the bureau")),
        Fact(_("The owners of the records are told"), _("yes") if row.owner_told else _("no, the letter forbids it")),
    ]
    adds = admits.test(request.actor, row) and row.record.stage == "prepared"
    return record_page(
        request,
        row,
        "inspections/inspection.html",
        facts=facts,
        buttons=[
            ButtonLink(_("Add the letter"), reverse("inspection-letter", args=[code])),
            ButtonLink(_("Edit"), reverse("inspection-edit", args=[code])),
        ]
        if adds
        else (),
        matters=faces.lines(request.actor, list(matters_shown(request.actor, row).values_list("pk", flat=True))),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def inspection_new(request: Request) -> HttpResponseBase:
    """Prepare the admission of an inspector; it is admitted on the inspection's page."""
    actor = request.actor
    if not may_prepare(actor):
        raise NotAllowed

    def act(form: InspectionForm) -> str:
        given = form.cleaned_data
        names = ("email", "body", "letter_no", "since", "until", "owner_told")
        row = prepare_inspection(
            actor=actor,
            unit=side_of(actor),
            codes=_codes(given["codes"]),
            letter=upload_of(given),
            **{name: given[name] for name in names},
        )
        return faces.url_of(row.record)

    title = _("Prepare an inspection")
    start = {"since": today(), "until": today() + timedelta(days=13)}
    return action_page(
        request,
        lambda posted, files: InspectionForm(posted, files, initial=start),
        act,
        title=title,
        intro=_(
            "An inspector reads the named records as far as you see them yourselves, changes nothing, and every look is"
            " noted. What a stage keeps closed, opens to them with its stage. It ends by itself after its last day."
        ),
        submit_label=_("Prepare"),
        back=reverse("inspections"),
        crumbs=trail((_("Home"), "/"), (capfirst(_("inspections")), reverse("inspections")), title),
    )


def _codes(typed: str) -> list[str]:
    return re.split(r"[\s,，;；、]+", typed)


@require_http_methods(["GET", "HEAD", "POST"])
def inspection_edit(request: Request, code: str) -> HttpResponse:
    """Correct an inspection until the inspector is admitted."""
    row = get_visible(request.actor, Inspection, code, related=TOLD)
    must_allow(
        admits,
        request.actor,
        row,
        _("An inspection is corrected by those who admit, until the inspector is admitted."),
        stages={"prepared"},
    )
    back, version, title = faces.url_of(row.record), row.record.version, _("Edit")
    names = ("body", "letter_no", "since", "until", "owner_told")
    start = {name: getattr(row, name) for name in names} | {
        "codes": "\n".join(matters_shown(request.actor, row).values_list("code", flat=True))
    }

    def save(form: InspectionChangeForm, _rows: Rows) -> Inspection:
        given = {**form.cleaned_data, "codes": _codes(form.cleaned_data["codes"])}
        seen = expected_version(request, version)
        return edit_inspection(actor=request.actor, inspection=row, **given, expected_version=seen)

    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: InspectionChangeForm(posted, initial=start),
            groups=((name_of(row.inspector.record), (*names[:4], "codes", "owner_told")),),
            rows={},
            initial_rows={},
            save=save,
            crumbs=trail((_("Home"), "/"), (capfirst(_("inspections")), reverse("inspections")), (code, back), title),
            back=back,
            version=version,
            row=row,
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def letter_new(request: Request, code: str) -> HttpResponseBase:
    """Add the letter to an inspection."""
    row = get_visible(request.actor, Inspection, code, related=TOLD)
    if not admits.test(request.actor, row):
        raise NotAllowed
    back = faces.url_of(row.record)

    def act(form: LetterForm) -> str:
        letter = upload_of(form.cleaned_data)
        assert letter is not None
        add_letter(actor=request.actor, inspection=row, letter=letter)
        return back

    title = _("Add the letter")
    return action_page(
        request,
        LetterForm,
        act,
        title=title,
        intro=name_of(row.record),
        submit_label=_("Add"),
        back=back,
        crumbs=trail((_("Home"), "/"), (capfirst(_("inspections")), reverse("inspections")), (code, back), title),
    )
