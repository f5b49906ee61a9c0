"""Pages on which a case is graded: evidence of an item, its level, what was found; the check of a report, and what the
registry is given of it."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.evaluations.forms import (
    AgencyReportForm,
    EvidenceForm,
    FindingsForm,
    LevelForm,
    RegistrationForm,
    RegistryForm,
    ReportForm,
    initial_findings,
)
from kezhuan.areas.evaluations.grading_actions import enter_findings, keep_agency_report, link_evidence, move_level
from kezhuan.areas.evaluations.models import Evaluation, WorkItem
from kezhuan.areas.evaluations.pages import ANY, grades_now
from kezhuan.areas.evaluations.papers import check_report, level_words
from kezhuan.areas.evaluations.permissions import evaluates, reports
from kezhuan.areas.evaluations.queries import TOLD, heard_of, is_own_test, leaves_of
from kezhuan.areas.evaluations.registering_actions import fill_in_form, register_result
from kezhuan.areas.evaluations.registry import GIVEN, form_of
from kezhuan.areas.notices.forms import upload_of
from kezhuan.kernel.access import can_view, get_visible, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.text import bracketed, listed, today
from kezhuan.web.components import Cell, Column, Fact, TableView, Tag
from kezhuan.web.exports import MEDIA, asks_for_file, table_file
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page, entry_page, expected_version
from kezhuan.web.records import record_trail
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day


def _found(request: Request, code: str, item: str) -> tuple[Evaluation, WorkItem]:
    row = get_visible(request.actor, Evaluation, code, related=TOLD)
    must_allow(grades_now, request.actor, row)
    work = row.items.filter(code=item).first()
    if work is None or item not in leaves_of(row):
        raise Missing(item)
    return row, work


@require_http_methods(ANY)
def evaluation_item(request: Request, code: str, item: str) -> HttpResponseBase:
    """What shows the level of a work item: what is linked, how the level moved, and the next piece."""
    row, work = _found(request, code, item)
    return entry_page(
        request,
        row,
        lambda posted, _files: EvidenceForm(posted, row=row, initial={"on": today()}),
        lambda form: link_evidence(
            actor=request.actor, evaluation=row, item=item, facts=form.facts, moves=form.cleaned_data["moves"]
        ),
        title=_("Evidence of %(item)s") % {"item": f"{work.code} {work.name}"},
        intro=_("A level moves only with linked evidence: a test, a proof of concept, a pilot run or a contract."),
        submit_label=_("Link the evidence"),
        template="evaluations/item.html",
        pieces=_pieces(row, work),
        moved=_moved(row, work),
        level_url=reverse("evaluation-level", args=[code, item]) if work.evidence.exists() else "",
    )


def _pieces(row: Evaluation, work: WorkItem) -> TableView | None:
    rows = tuple(
        (
            one.get_kind_display(),
            one.reference,
            Cell(one.issuer, tag=Tag(_("by the unit itself"), "wait") if is_own_test(row, one) else None),
            day(one.on),
            str(one.level),
            one.document.name if one.document is not None else one.linked.code if one.linked is not None else "",
        )
        for one in work.evidence.select_related("document", "linked")
    )
    columns = (
        Column(_("Kind")), Column(_("Number")), Column(_("Issued by")), Column(_("Day")),
        Column(_("Level"), numeric=True), Column(_("File or record")),
    )  # fmt: skip
    return TableView(columns, rows, _("Linked evidence")) if rows else None


def _moved(row: Evaluation, work: WorkItem) -> list[str]:
    return [
        bracketed(f"{day(one.on)} · {one.before or '–'} → {level_words(row, one.after)}", listed(one.evidence))
        for one in work.moves.all()
    ]


@require_http_methods(ANY)
def evaluation_level(request: Request, code: str, item: str) -> HttpResponseBase:
    """Move the level of a work item by evidence that is linked already."""
    row, work = _found(request, code, item)
    return entry_page(
        request,
        row,
        lambda posted, _files: LevelForm(posted, row=row, item=work, initial={"on": today()}),
        lambda form: move_level(actor=request.actor, evaluation=row, item=item, **form.cleaned_data),
        title=_("Level of %(item)s") % {"item": f"{work.code} {work.name}"},
        intro=level_words(row, work.level),
        submit_label=_("Move the level"),
    )


@require_http_methods(ANY)
def evaluation_findings(request: Request, code: str) -> HttpResponseBase:
    """Enter what was found: grades, marks, conclusion, limits."""
    row = get_visible(request.actor, Evaluation, code, related=TOLD)
    must_allow(evaluates, request.actor, row, stages={"evaluating"})
    heard = heard_of(row)
    start = initial_findings(row)

    def maker(posted: Any, _files: Any) -> FindingsForm:
        return FindingsForm(posted, initial=start)

    said = _("The panel gave %(score)s, %(experts)s experts: %(opinion)s")
    intro = (
        said % {"score": heard.item.result.get("score", ""), "experts": heard.experts, "opinion": heard.item.opinion}
        if heard is not None
        else ""
    )
    return entry_page(
        request,
        row,
        maker,
        lambda form: enter_findings(
            actor=request.actor,
            evaluation=row,
            facts=form.facts,
            expected_version=expected_version(request, row.record.version),
        ),
        title=_("Enter the findings"),
        intro=intro,
        carried=[("version", str(row.record.version))],
        template="evaluations/findings.html",
    )


@require_http_methods(ANY)
def evaluation_agency_report(request: Request, code: str) -> HttpResponseBase:
    """Add the signed report of the agency that the unit has chosen."""
    row = get_visible(request.actor, Evaluation, code, related=TOLD)
    must_allow(reports, request.actor, row, stages={"evaluating"})
    return entry_page(
        request,
        row,
        AgencyReportForm,
        lambda form: keep_agency_report(actor=request.actor, evaluation=row, file=upload_of(form)),
        title=_("Add the agency's report"),
        intro=_("Nobody takes it back; its SHA-256 stands in the report that is delivered, and is checked with it."),
        multipart=True,
    )


REGISTERED = frozenset({"delivered", "registered"})
"""Stages in which the form of registration is made of the report."""


@takes_a_list
def evaluation_registration(request: Request, code: str) -> HttpResponseBase:
    """The form of registration as the registry lays it out, to be taken along, and the number that it gave."""
    row = get_visible(request.actor, Evaluation, code, related=TOLD)
    must_allow(lambda actor, one: can_view(actor, one.record, "full"), request.actor, row, stages=REGISTERED)
    lines = form_of(row)
    if asks_for_file(request, beside_form=True):
        headers, values = zip(*lines, strict=True)
        return table_file(request, headers, [values], name=code, title=_("Form of registration (成果登记表)"))
    may = row.record.stage == "delivered" and represents_owner.test(request.actor, row)
    if request.method == "POST":
        must_allow(represents_owner, request.actor, row, stages={"delivered"})
    missing = [label for label, text in lines if not text and label not in GIVEN]
    return entry_page(
        request,
        row,
        lambda posted, _files: RegistrationForm(posted, initial={"on": today()}) if may else forms.Form(),
        lambda form: register_result(actor=request.actor, evaluation=row, **form.cleaned_data),
        title=_("Form of registration (成果登记表)"),
        intro=_("Prepared here and registered at the registry; what is left empty is filled in there."),
        submit_label=_("Read back the number"),
        template="evaluations/registration.html",
        lines=lines,
        missing=listed(missing),
        may=may,
        fill=reverse("evaluation-registration-form", args=[code]) if may else "",
        endings=tuple(MEDIA),
    )


@require_http_methods(ANY)
def evaluation_registration_form(request: Request, code: str) -> HttpResponseBase:
    """Fill in what the registry's form asks beyond what is known here."""
    row = get_visible(request.actor, Evaluation, code, related=TOLD)
    must_allow(represents_owner, request.actor, row, stages={"delivered"})
    back = reverse("evaluation-registration", args=[code])
    title = _("Fill in the form of registration")

    def act(form: RegistryForm) -> str:
        fill_in_form(
            actor=request.actor,
            evaluation=row,
            values=form.cleaned_data,
            expected_version=expected_version(request, row.record.version),
        )
        return back

    return action_page(
        request,
        lambda posted, _files: RegistryForm(posted, initial=row.registration),
        act,
        title=title,
        intro=_("The registry's form asks it; what is not known stays empty. The report is not changed by it."),
        submit_label=_("Save"),
        back=back,
        crumbs=record_trail(row.record, title),
        carried=[("version", str(row.record.version))],
        done=_("Saved."),
    )


@require_safe
def evaluation_reports(request: Request) -> HttpResponse:
    """Check a report: what it says and whether it stands, for whoever has it in hand."""
    asked = "number" in request.GET or "code" in request.GET
    form = ReportForm(request.GET if asked else None)
    checked = check_report(**form.cleaned_data) if asked and form.is_valid() else None
    title = _("Check a report of evaluation (成果评价报告)")
    return page(
        request,
        "evaluations/reports.html",
        status=200 if checked or not asked else 404 if form.is_valid() else 422,
        title=title,
        crumbs=trail((_("Home"), "/"), (capfirst(_("evaluations")), reverse("evaluations")), title),
        form=form,
        quiet=not asked,
        unknown=asked and form.is_valid() and checked is None,
        worth=checked.worth if checked else None,
        facts=[Fact(label, text) for label, text in checked.lines] if checked else [],
    )
