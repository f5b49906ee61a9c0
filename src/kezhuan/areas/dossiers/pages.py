"""Pages of dossiers: the list, one dossier, keeping and changing one."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.dossiers.actions import edit_dossier, keep_dossier
from kezhuan.areas.dossiers.forms import DossierForm, initial_of
from kezhuan.areas.dossiers.models import Dossier, DossierSort, roles_of
from kezhuan.areas.dossiers.permissions import keeps, sorts_kept_by
from kezhuan.areas.dossiers.queries import TOLD, dossiers_visible_to
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import listed, today
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Fact, ResultLine, Tag
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day, wan

FACETS = ("sort", "stage")


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Dossier]:
    return list(dossiers_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Dossier, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("inner dossier"),
        tags=(faces.stage_tag(row.record), Tag(row.get_sort_display())),
        meta=tuple(filter(None, (row.number, wan(row.amount_fen) if row.amount_fen is not None else ""))),
        snippet_html=snippet(words, row.record.summary),
        dated=(_("Day of the paper"), row.on),
    )


def register_face() -> None:
    """How dossiers stand in lists."""
    faces.register("dossier", faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Dossier) -> str:
    may = row.record.stage == "kept" and keeps.test(actor, row)
    return reverse("dossier-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    return ButtonLink(_("Keep a dossier"), reverse("dossier-new"), primary=True) if sorts_kept_by(actor) else None


@takes_a_list
def dossier_list(request: Request) -> HttpResponse:
    """The dossiers of the reader's unit, as far as their role reads them."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("inner dossiers")),
        kinds=("dossier",),
        facets=FACETS,
        buttons=[new] if new is not None else [],
        lead=_("Price, income and ledger are read by your unit's administrators and finance, minutes, contracts and"
               " exemption by administrators and legal. The bureau reads what you file, and nothing else."),
        empty=_("Your unit keeps nothing here that your role reads.")
        if request.actor.is_signed_in
        else _("Sign in to see what your organisation keeps inside."),
        labels={"sort": lambda value: str(DossierSort(value).label)},
    )  # fmt: skip


@require_safe
def dossier_page(request: Request, code: str) -> HttpResponse:
    """One dossier."""
    row = get_visible(request.actor, Dossier, code, related=TOLD)
    about = row.about if row.about is not None and can_view(request.actor, row.about) else None
    return record_page(
        request,
        row,
        "dossiers/dossier.html",
        tags=(Tag(row.get_sort_display()),),
        extra=row.extra.items(),
        facts=[
            Fact(_("Number"), row.number),
            Fact(_("Day of the paper"), day(row.on)),
            Fact(_("Amount"), wan(row.amount_fen)),
            Fact(_("Achievement"), name_of(about) if about else "", faces.url_of(about) if about else ""),
            Fact(_("Read by"), listed(role.label for role in Role if role in roles_of(row.sort))),
        ],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_new(request: Request) -> HttpResponse:
    """Keep a dossier for the organisation one acts for."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not sorts_kept_by(actor):
        raise NotAllowed(_("Only members of the unit in charge of this keep its inner records."))

    def keep(form: DossierForm) -> Dossier:
        return keep_dossier(actor=actor, owner=owner, facts=form.facts)

    start = {"on": today(), "about": request.GET.get("about", "")}
    return _form(request, _("Keep a dossier"), keep, start, back=reverse("dossiers"))


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_edit(request: Request, code: str) -> HttpResponse:
    """Change a dossier."""
    row = get_visible(request.actor, Dossier, code, related=TOLD)
    must_allow(_edit_url, request.actor, row)
    version = row.record.version

    def keep(form: DossierForm) -> Dossier:
        expected = expected_version(request, version)
        return edit_dossier(actor=request.actor, dossier=row, facts=form.facts, expected_version=expected)

    back = faces.url_of(row.record)
    return _form(request, _("Edit the dossier"), keep, initial_of(row), back=back, version=version)


def _form(
    request: Request,
    title: str,
    keep: Callable[[DossierForm], Dossier],
    start: dict[str, Any],
    *,
    back: str,
    version: int | None = None,
) -> HttpResponse:
    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: DossierForm(posted, initial=start, actor=request.actor),
            groups=((_("What is kept"), ("sort", "title", "number", "on", "amount", "about", "summary")),),
            rows={},
            initial_rows={},
            save=lambda form, _rows: keep(form),
            crumbs=trail((_("Home"), "/"), (capfirst(_("inner dossiers")), reverse("dossiers")), title),
            back=back,
            version=version,
            first=_("Save"),
            intro=_("Add the papers themselves as documents afterwards."),
        ),
    )
