"""Pages on which one thing about a case of exemption is entered: a decision, a condition, the finding, a statement."""

from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.exemptions import actions
from kezhuan.areas.exemptions.forms import ConditionForm, DecisionForm, FindingForm, StatementForm
from kezhuan.areas.exemptions.lifecycle import heard_now
from kezhuan.areas.exemptions.models import ExemptionCase
from kezhuan.areas.exemptions.pages import ANY
from kezhuan.areas.exemptions.permissions import examines, is_self
from kezhuan.areas.exemptions.queries import TOLD, evidence_for, ground_of
from kezhuan.areas.notices.forms import upload_of
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import Missing
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import entry_page


def _found(request: Request, code: str, *stages: str) -> ExemptionCase:
    row = get_visible(request.actor, ExemptionCase, code, related=TOLD)
    must_allow(examines, request.actor, row, stages=stages)
    return row


@require_http_methods(ANY)
def exemption_decision(request: Request, code: str) -> HttpResponseBase:
    """Attach the evidence file of another decision."""
    row = _found(request, code, "draft", "collecting")
    held = set(row.decisions.values_list("document__stored", flat=True))
    files = [one for one in evidence_for(request.actor) if one.sha256 not in held]
    return entry_page(
        request,
        row,
        lambda posted, _files: DecisionForm(posted, files=files),
        lambda form: actions.attach_decision(actor=request.actor, row=row, sha256=form.cleaned_data["decision"]),
        title=_("Attach a decision"),
        intro=_("The file as it was frozen becomes the case's; whoever took part in the decision examines nothing."),
    )


@require_http_methods(ANY)
def exemption_condition(request: Request, code: str, duty: str) -> HttpResponseBase:
    """Say whether a condition was met, with its evidence."""
    row = _found(request, code, "draft", "collecting")
    condition = row.conditions.filter(duty=duty).first()
    if condition is None:
        raise Missing(duty)
    files = list(documents_of(row.record, ("full", "inner")))
    start = {"holds": condition.holds, "document": condition.document_id, "note": condition.note}

    def act(form: ConditionForm) -> Any:
        typed = form.cleaned_data
        document = next((one for one in files if str(one.pk) == typed["document"]), None)
        file = upload_of(form) if typed.get("file") else None
        told = {"holds": typed["holds"], "note": typed["note"], "document": document, "file": file}
        return actions.note_condition(actor=request.actor, row=row, duty=duty, **told)

    return entry_page(
        request,
        row,
        lambda posted, sent: ConditionForm(posted, sent, initial=start, files=files),
        act,
        title=_("Condition: %(condition)s") % {"condition": condition.get_duty_display()},
        multipart=True,
    )


@require_http_methods(ANY)
def exemption_finding(request: Request, code: str) -> HttpResponseBase:
    """Enter what is proposed."""
    row = _found(request, code, "reviewing")
    start = {"finding": row.finding, "ground": ground_of(row.clause), "bars": row.bars}
    return entry_page(
        request,
        row,
        lambda posted, _files: FindingForm(posted, initial=start, row=row),
        lambda form: actions.enter_finding(actor=request.actor, row=row, **form.cleaned_data),
        title=_("Enter the finding"),
    )


@require_http_methods(ANY)
def exemption_statement(request: Request, code: str, number: int) -> HttpResponseBase:
    """Take down what somebody who took part says."""
    actor = request.actor
    row = get_visible(actor, ExemptionCase, code, related=TOLD)
    person = row.people.filter(number=number).first()
    if person is None:
        raise Missing(str(number))
    own = is_self(actor, person)
    must_allow(lambda who, case: heard_now(case) and (own or examines.test(who, case)), actor, row)
    return entry_page(
        request,
        row,
        lambda posted, _files: StatementForm(posted, initial={"text": person.statement}),
        lambda form: actions.state(actor=actor, row=row, number=number, text=form.cleaned_data["text"]),
        title=_("Statement of %(name)s") % {"name": person.name},
        intro=_("In your own name.") if own else _("As it was taken down on paper, also that nothing was said."),
    )
