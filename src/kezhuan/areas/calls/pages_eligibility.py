"""The formality check: what officers say of each condition of an application, and of all applications to a call."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.eligibility import Criterion, criteria_of
from kezhuan.areas.calls.eligibility_actions import judge_criteria
from kezhuan.areas.calls.forms_eligibility import ChecksForm, SpotCheckForm, initial_of
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.pages_list import ANY, call_crumbs
from kezhuan.areas.calls.permissions import judges_criteria, reads_tables, spot_checks
from kezhuan.areas.calls.queries import applications_to
from kezhuan.areas.calls.spot_actions import record_spot_check
from kezhuan.areas.calls.spot_checking import SpotCheck
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Column, Crumb, TableView
from kezhuan.web.errors import error_page
from kezhuan.web.lists import pager_at, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import RecordForm, entry_page, expected_version, form_page
from kezhuan.web.records import record_trail
from kezhuan.web.shell import page

SHOWN = 25
"""Applications on a page of the table; the file has all."""


@require_http_methods(ANY)
def application_criteria(request: Request, code: str) -> HttpResponse:
    """Say of each condition whether the application meets it, and what that rests on."""
    row = get_visible(request.actor, Application, code, related=("item__call__record",))
    must_allow(
        judges_criteria,
        request.actor,
        row,
        _("The officers in charge say whether conditions are met, while an application is checked."),
    )
    title, version = _("Check the conditions"), row.record.version

    def save(form: ChecksForm, _rows: Any) -> Application:
        expected = expected_version(request, version)
        return judge_criteria(actor=request.actor, application=row, checks=form.checks, expected_version=expected)

    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: ChecksForm(posted, row=row, initial=initial_of(row)),
            groups=ChecksForm(row=row).groups,
            rows={},
            initial_rows={},
            save=save,
            crumbs=record_trail(row.record, title),
            back=faces.url_of(row.record),
            version=version,
            intro=_("Then pass it, ask for a supplement, or refuse it on the application's page."),
        ),
    )


@require_http_methods(ANY)
def application_spot_check(request: Request, code: str) -> HttpResponseBase:
    """Record what was found when the application was looked at again."""
    row = get_visible(request.actor, Application, code, related=("item__call__record",))
    must_allow(
        spot_checks, request.actor, row, _("The officers in charge record spot checks, of a call that has them.")
    )
    return entry_page(
        request,
        row,
        lambda posted, _files: SpotCheckForm(posted),
        lambda form: record_spot_check(actor=request.actor, application=row, said=SpotCheck(**form.cleaned_data)),
        title=_("Record a spot check"),
    )


@takes_a_list
def call_criteria(request: Request, code: str) -> HttpResponse:
    """What the formality check says of each criterion of every application to a call (形式审查表)."""
    call = get_visible(request.actor, Call, code)
    if not reads_tables.test(request.actor, call):
        back = Crumb(_("Back to the call"), faces.url_of(call.record))
        sentence = _("The officers in charge, of no side of the call, read this.")
        return error_page(request, 403, sentence=sentence, ways=[back])
    title, whole = _("Formality check of each application"), exports.asks_for_file(request)
    handed = applications_to(request.actor, call).filter(submitted_at__isnull=False, sealed=False)
    rows = handed.select_related("record", "applicant__record", "item__call")
    total = handed.count()
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // SHOWN)))
    if whole:
        return exports.shown_file(
            request, criteria_table(call, list(rows[: exports.MOST_LINES + 1])), name="formality", title=title
        )
    return page(
        request,
        "calls/table.html",
        title=title,
        crumbs=call_crumbs(call, title),
        table=criteria_table(call, list(rows[(at - 1) * SHOWN : at * SHOWN])),
        pager=pager_at(request.GET, at, SHOWN, total),
        empty=_("No application was handed in yet."),
        endings=tuple(exports.MEDIA) if total else (),
    )


def criteria_table(call: Call, rows: Sequence[Application]) -> TableView:
    """A line for each application, with a column for each criterion that one of them has."""
    found = [(one, {each.words: each for each in criteria_of(one)}) for one in rows]
    asked = dict.fromkeys([one["words"] for one in call.conditions])
    asked |= dict.fromkeys(words for _one, there in found for words in there)
    fixed = (Column(_("Application")), Column(_("Applicant")), Column(_("Stage")))
    return TableView(
        columns=(*fixed, *(Column(words) for words in asked)),
        rows=tuple(
            (
                Cell(f"{one.record.code} {name_of(one.record)}", faces.url_of(one.record)),
                name_of(one.applicant.record),
                str(APPLICATION.stages[one.record.stage].label),
                *(_told(there.get(words)) for words in asked),
            )
            for one, there in found
        ),
    )


def _told(one: Criterion | None) -> str:
    return " · ".join(filter(None, (one.label, one.basis, one.note))) if one is not None else ""
