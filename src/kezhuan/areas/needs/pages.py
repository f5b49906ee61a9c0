"""Pages of needs: the list, the record, posing and changing one."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.needs.actions import edit_need, register_need
from kezhuan.areas.needs.forms import Indicators, NeedForm, check_typed, facts_of, initial_of
from kezhuan.areas.needs.models import CONTACT, Need, NeedSource
from kezhuan.areas.needs.queries import extra_shown, needs_listed
from kezhuan.areas.people.actions import require_member
from kezhuan.kernel.access import Actor, can_view, get_visible, represents_owner, visible_among
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import REGIONS, Confidentiality, Field, Mode
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Fact, ResultLine, Tag, Text
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import chain_name, name_of
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day, wan

FACETS = ("field", "region", "trl", "chain", "stage", "source")


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Need]:
    return visible_among(actor, needs_listed().filter(pk__in=ids))


def _line(actor: Actor, row: Need, words: str) -> ResultLine:
    record = row.record
    if not can_view(actor, record, "public"):
        return faces.plain_line(record, kind_label=_("need"), on=record.opened_on)
    meta = [name_of(record.owner.record)] if record.owner else []
    meta += [str(REGIONS[row.region])] if row.region in REGIONS else []
    meta += [_("budget %(amount)s") % {"amount": wan(row.budget_fen)}] if row.budget_fen else []
    meta += [_("needed by %(day)s") % {"day": day(row.deadline)}] if row.deadline else []
    tags = [faces.stage_tag(record)]
    if row.confidentiality != Confidentiality.PUBLIC:
        tags.append(Tag(Confidentiality(row.confidentiality).label, "wait"))
    if row.min_trl:
        tags.append(Tag(f"TRL ≥ {row.min_trl}"))
    return faces.plain_line(
        record,
        kind_label=_("need"),
        tags=tuple(tags),
        meta=tuple(meta),
        snippet_html=snippet(words, record.summary),
        on=record.opened_on,
    )


def register_face() -> None:
    """How needs stand in lists."""
    faces.register("need", faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Need) -> str:
    """A draft is changed by its firm."""
    may = row.record.phase == Phase.DRAFT and represents_owner.test(actor, row)
    return reverse("need-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    return faces.entering(actor, _("Post a need"), "need-new")


@takes_a_list
def need_list(request: Request) -> HttpResponse:
    """All needs the reader may see, narrowed by words and facets."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("needs")),
        kinds=("need",),
        facets=FACETS,
        buttons=[new] if new is not None else [],
        labels={"source": lambda value: str(NeedSource(value).label) if value in NeedSource.values else value},
    )


@require_safe
def need_page(request: Request, code: str) -> HttpResponse:
    """One need; matches stand in the panel of their area."""
    row = get_visible(request.actor, Need, code)
    actor, record = request.actor, row.record
    seen, inside = can_view(actor, record, "public"), can_view(actor, record, "full")
    if seen:  # for the table, and for matching
        prefetch_related_objects([row], "indicators")
    meta = []
    if seen:
        meta += [name_of(record.owner.record)] if record.owner else []
        meta += [_("budget %(amount)s") % {"amount": wan(row.budget_fen)}] if row.budget_fen else []
        meta += [_("needed by %(day)s") % {"day": day(row.deadline)}] if row.deadline else []
    return record_page(
        request,
        row,
        "needs/need.html",
        tags=_tags(row) if seen else (),
        meta=meta,
        facts=[*_facts(row), *(_inside_facts(row) if inside else ())] if seen else (),
        seen=seen,
        indicators=list(row.indicators.all()) if seen else [],
        extra=_further(row, inner=can_view(actor, record, "inner")) if inside else (),
    )


def _tags(row: Need) -> list[Tag]:
    tags = [Tag(f"TRL ≥ {row.min_trl}")] if row.min_trl else []
    if row.confidentiality != Confidentiality.PUBLIC:
        tags.append(Tag(Confidentiality(row.confidentiality).label, "wait"))
    return tags


def _facts(row: Need) -> list[Fact]:
    owner = row.record.owner
    return [
        Fact(_("Posed by"), name_of(owner.record) if owner else "", faces.url_of(owner.record) if owner else ""),
        Fact(_("Technical field"), Field(row.field).label if row.field else ""),
        Fact(_("Industry chain"), chain_name(row.chain)),
        Fact(_("Budget"), wan(row.budget_fen)),
        Fact(_("Expected benefit in money"), wan(row.benefit_fen)),
        Fact(_("Needed by"), day(row.deadline)),
        Fact(_("Least maturity"), f"TRL {row.min_trl}" if row.min_trl else ""),
        Fact(_("Accepted modes of cooperation"), listed(Mode(mode).label for mode in row.modes)),
        Fact(_("Who owns the results"), row.get_ip_terms_display()),
        Fact(_("Note on ownership"), row.ip_note),
        Fact(_("District"), str(REGIONS.get(row.region, row.region))),
        Fact(_("How it came in"), row.get_source_display()),
        Fact(_("Keywords"), listed(row.keywords)),
    ]


def public_facts(row: Need) -> list[tuple[Text, Text]]:
    """The public part, indicators included, as followers are told the changes of it."""
    figures = [
        (indicator.name, " ".join(part for part in (indicator.operator, indicator.value, indicator.unit) if part))
        for indicator in row.indicators.all()
    ]
    words = [
        (_("Background"), row.background),
        (_("Scene of use"), row.scenario),
        (_("Expected benefit"), row.expected_benefit),
        (_("What a solver must bring"), row.claimant_requirements),
    ]
    return [*((fact.label, fact.value) for fact in _facts(row)), *words, *figures]


def _further(row: Need, *, inner: bool) -> list[tuple[str, Any]]:
    """Further columns of the source, with whom to call in one line for those who may know."""
    shown = extra_shown(row, inner=inner)
    called = shown.pop(CONTACT, {})
    return [*shown.items(), *([(_("Contact in the file"), " · ".join(called.values()))] if called else [])]


def _inside_facts(row: Need) -> list[Fact]:
    """What only those inside read."""
    contact = row.record.contact
    return [
        Fact(
            _("R&D spending last year, % of revenue"),
            "" if row.rd_ratio_bp is None else f"{row.rd_ratio_bp / 100:g} %",
        ),
        Fact(_("We could solve this ourselves"), _("yes") if row.self_solvable else ""),
        Fact(_("Contact"), name_of(contact.record) if contact else ""),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def need_new(request: Request) -> HttpResponse:
    """Pose a need for the organisation one acts for."""
    owner, author = require_member(request.actor), request.actor.person
    start = {"contact": author and author.pk, "region": owner.region}
    start |= {"confidentiality": Confidentiality.TITLE_ONLY, "source": "self"}

    def save(form: NeedForm, rows: Rows) -> Need:
        return register_need(actor=request.actor, owner=owner, facts=facts_of(form, rows))

    return form_page(
        request,
        _form(request, _("Post a need"), save=save, fields=start, rows={"indicators": [{}]}, back=reverse("needs")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def need_edit(request: Request, code: str) -> HttpResponse:
    """Change a draft of the organisation one acts for."""
    row = get_visible(request.actor, Need, code)
    if not represents_owner.test(request.actor, row):
        raise NotAllowed
    fields, rows = initial_of(row)
    version = row.record.version

    def save(form: NeedForm, typed: Rows) -> Need:
        facts, expected = facts_of(form, typed), expected_version(request, version)
        return edit_need(actor=request.actor, need=row, facts=facts, expected_version=expected)

    back = faces.url_of(row.record)
    return form_page(
        request,
        _form(request, _("Edit the need"), save=save, fields=fields, rows=rows, back=back, version=version, row=row),
    )


def _form(
    request: Request,
    title: str,
    *,
    save: Callable[[Any, Rows], Need],
    fields: dict[str, Any],
    rows: dict[str, list[dict[str, Any]]],
    back: str,
    version: int | None = None,
    row: Need | None = None,
) -> RecordForm:
    return RecordForm(
        title=title,
        maker=lambda posted: NeedForm(posted, initial=fields, actor=request.actor),
        groups=(
            (
                _("The problem"),
                ("confidentiality", "title", "title_en", "summary", "background", "scenario", "keywords"),
            ),
            (_("Where it belongs"), ("field", "chain", "region", "source")),
            (_("Conditions"), ("deadline", "budget", "min_trl", "trl_scale", "modes", "ip_terms", "ip_note")),
            (
                _("Solver and use"),
                ("claimant_requirements", "expected_benefit", "benefit", "rd_ratio", "self_solvable", "contact"),
            ),
        ),
        rows={
            "indicators": RowSet(
                Indicators,
                _("Indicators"),
                _("Add an indicator"),
                _("What counts as solved? Figures with unit and test method."),
            )
        },
        initial_rows=rows,
        save=save,
        crumbs=trail((_("Home"), "/"), (capfirst(_("needs")), reverse("needs")), title),
        back=back,
        version=version,
        row=row,
        check=check_typed,
        intro=_(
            "A draft needs a title only. Before you submit it, fill in the problem, the field, the scene of use, the"
            " budget, the day, who owns the results, what a solver must bring and an indicator with a figure."
        ),
    )
