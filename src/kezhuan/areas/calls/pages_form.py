"""The page on which questions are added to the form of an open call."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.adding import adds_questions
from kezhuan.areas.calls.adding_actions import add_questions
from kezhuan.areas.calls.forms_questions import Questions, typed_question
from kezhuan.areas.calls.models import Call
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.text import listed
from kezhuan.web import faces
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, form_page
from kezhuan.web.records import record_trail


@require_http_methods(["GET", "HEAD", "POST"])
def call_form(request: Request, code: str) -> HttpResponse:
    """Add questions while the call takes applications; whoever has handed in is told."""
    row = get_visible(request.actor, Call, code)
    must_allow(
        adds_questions, request.actor, row, _("The officers in charge add to a form while the call takes applications.")
    )
    title, stands = _("Add questions to the form"), [f"{n} {one['words']}" for n, one in enumerate(row.questions, 1)]

    def save(_form: forms.Form, rows: Rows) -> Call:
        added = [typed_question(one.cleaned_data) for one in rows["questions"].forms]
        return add_questions(actor=request.actor, call=row, questions=added)

    hint = _("It asks already: %(questions)s.") % {"questions": listed(stands)} if stands else ""
    one: dict[str, Any] = {}
    return form_page(
        request,
        RecordForm(
            title=title,
            maker=forms.Form,
            groups=(),
            rows={"questions": RowSet(Questions, _("What an application says"), _("Add a question"), hint)},
            initial_rows={"questions": [one]},
            save=save,
            crumbs=record_trail(row.record, title),
            back=faces.url_of(row.record),
            intro=_("Drafts are asked them too. Whoever has handed in is told, and may answer until the deadline."),
            first=_("Add"),
        ),
    )
