"""Pages of standard licences: the list, one licence and taking it, writing one."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.agreements.forms_licences import LicenceForm, initial_of
from kezhuan.areas.agreements.licence_actions import EDITED, check_facts, draft_licence, edit_licence, take_licence
from kezhuan.areas.agreements.licence_lifecycle import KIND
from kezhuan.areas.agreements.models import Licence
from kezhuan.areas.agreements.permissions import keeps, keeps_papers, may_take
from kezhuan.areas.agreements.queries import LICENCES_TOLD, licences_visible_to, taken_by
from kezhuan.areas.agreements.terms import licence_terms, price_of
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed, NotNow
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Fact, ResultLine
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, action_page, expected_version, form_page
from kezhuan.web.records import record_page, record_trail
from kezhuan.web.shell import trail

ANY = ["GET", "HEAD", "POST"]


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Licence]:
    return list(licences_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Licence, words: str) -> ResultLine:
    owner = row.record.owner
    return faces.plain_line(
        row.record,
        kind_label=_("standard licence"),
        tags=(faces.stage_tag(row.record),),
        meta=tuple(filter(None, (name_of(owner.record) if owner is not None else "", price_of(row)))),
        snippet_html=snippet(words, row.record.summary),
        on=row.record.opened_on,
    )


def register_face() -> None:
    """How standard licences stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Licence) -> str:
    may = row.record.stage in EDITED and keeps.test(actor, row)
    return reverse("licence-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    may = keeps_papers(actor) and not actor.is_officer
    return ButtonLink(_("Offer a standard licence"), reverse("licence-new")) if may else None


@takes_a_list
def licence_list(request: Request) -> HttpResponse:
    """The standard licences that are open to everybody, and those of the reader's unit."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("standard licences")),
        kinds=(KIND,),
        facets=("stage",),
        buttons=[new] if new is not None else [],
        lead=_("Price and term stand on each: a firm takes one as it is, without a lawyer."),
        empty=_("No unit offers a standard licence at present."),
    )


@require_safe
def licence_page(request: Request, code: str) -> HttpResponse:
    """One standard licence: what whoever takes it agrees to."""
    actor = request.actor
    row = get_visible(actor, Licence, code, related=LICENCES_TOLD)
    about = row.achievement if can_view(actor, row.achievement) else None
    opened = row.record.stage == "open"
    may = opened and may_take(actor, row.record.owner_id)
    taken = taken_by(actor, row.record) if may else None
    way = (
        ButtonLink(_("Take this licence"), reverse("licence-take", args=[code]), primary=True)
        if taken is None
        else ButtonLink(
            _("You have it: %(code)s") % {"code": taken.record.code}, faces.url_of(taken.record), primary=True
        )
    )
    return record_page(
        request,
        row,
        "agreements/licence.html",
        facts=[
            Fact(label, text, faces.url_of(about) if about is not None and place == 0 else "")
            for place, (label, text) in enumerate(licence_terms(row))
        ],
        buttons=[way] if may else (),
        sign_in=opened and not actor.is_signed_in,
    )


@require_http_methods(ANY)
def licence_take(request: Request, code: str) -> HttpResponseBase:
    """Read what one agrees to, and take the licence for one's organisation."""
    actor = request.actor
    row = get_visible(actor, Licence, code, related=LICENCES_TOLD)
    if not may_take(actor, row.record.owner_id):
        raise NotAllowed(_("Only administrators and the legal office of another organisation take a licence."))
    taken = taken_by(actor, row.record) if request.method != "POST" else None
    if taken is not None:
        told = _("Your organisation has this licence already: %(code)s.") % {"code": taken.record.code}
        raise NotNow(told, taken.record)
    back, title = faces.url_of(row.record), _("Take this licence")

    def act(_form: forms.Form) -> str:
        expected = expected_version(request, row.record.version)
        return faces.url_of(take_licence(actor=actor, licence=row, expected_version=expected).record)

    unit = name_of(actor.organisation.record) if actor.organisation is not None else ""
    return action_page(
        request,
        lambda posted, _files: forms.Form(posted),
        act,
        title=title,
        intro=_("%(unit)s agrees to this with %(owner)s, and has the licence at once.")
        % {"unit": unit, "owner": name_of(row.record.owner.record) if row.record.owner is not None else ""},
        submit_label=_("Agree and take it"),
        back=back,
        crumbs=record_trail(row.record, title),
        done=_("The licence is yours; the agreement says what is owed, and when."),
        template="agreements/take.html",
        terms=licence_terms(row),
        summary=row.record.summary,
        carried=[("version", row.record.version)],
    )


@require_http_methods(ANY)
def licence_new(request: Request) -> HttpResponse:
    """Begin a standard licence for the organisation one acts for."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not keeps_papers(actor):
        raise NotAllowed(_("Agreements are kept by the administrators and the legal office of a unit."))
    start = {"achievement": request.GET.get("achievement", ""), "months": 36, "due_days": 30, "trial_months": 0}

    def keep(form: LicenceForm) -> Licence:
        return draft_licence(actor=actor, owner=owner, facts=form.facts)

    return _form(request, _("Offer a standard licence"), keep, start, back=reverse("licences"))


@require_http_methods(ANY)
def licence_edit(request: Request, code: str) -> HttpResponse:
    """Change a standard licence that is not offered."""
    row = get_visible(request.actor, Licence, code, related=LICENCES_TOLD)
    must_allow(_edit_url, request.actor, row)

    def keep(form: LicenceForm) -> Licence:
        expected = expected_version(request, row.record.version)
        return edit_licence(actor=request.actor, licence=row, facts=form.facts, expected_version=expected)

    return _form(request, _("Edit the licence"), keep, initial_of(row), back=faces.url_of(row.record), row=row)


def _form(
    request: Request,
    title: str,
    keep: Callable[[LicenceForm], Licence],
    fields: dict[str, Any],
    *,
    back: str,
    row: Licence | None = None,
) -> HttpResponse:
    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: LicenceForm(posted, initial=fields, actor=request.actor, held=row),
            groups=(
                (_("What is licensed"), ("achievement", "title", "summary", "use_field", "territory")),
                (_("Term and money"), ("months", "fee", "royalty")),
                (_("Use first, pay later (先用后付)"), ("trigger", "trial_months", "due_days")),
            ),
            rows={},
            initial_rows={},
            save=lambda form, _rows: keep(form),
            crumbs=trail((_("Home"), "/"), (capfirst(_("standard licences")), reverse("licences")), title),
            back=back,
            version=row.record.version if row is not None else None,
            row=row,
            check=lambda form, _rows: check_facts(form.facts),
        ),
    )
