"""What is done to a project that is under way, on pages of their own: milestones, payments, evidence, settlement, and
who was barred from what was decided."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.queries import targets_of
from kezhuan.areas.projects.evidence_actions import evaluate_self, name_user, record_test, report_first_use
from kezhuan.areas.projects.forms_running import (
    EvidenceForm,
    JudgeForm,
    LandingForm,
    PayForm,
    ReportForm,
    SelfEvaluationForm,
    SettlementForm,
    TestReportForm,
    UserForm,
    yes,
)
from kezhuan.areas.projects.landing_actions import LANDS_AT, record_landing
from kezhuan.areas.projects.models import PaymentState, Project, Source
from kezhuan.areas.projects.pages import WHOLE
from kezhuan.areas.projects.payment_actions import judge_milestone, pay, report_milestone, settle_project
from kezhuan.areas.projects.permissions import (
    decides,
    evaluates_self,
    pays_own,
    reports_milestone,
    uses_first,
)
from kezhuan.areas.projects.queries import money_of, room_of, waits_to_land
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Conflict, Missing, Text
from kezhuan.kernel.text import today, wan_from_fen
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import entry_page
from kezhuan.web.templatetags.kezhuan import wan

ANY = ["GET", "HEAD", "POST"]
OFFICERS = gettext_lazy("Only the officers in charge, of no unit that takes part, decide here.")
PAYERS = gettext_lazy(
    "Fiscal money is paid by the officers in charge, of no unit that takes part; posters note theirs."
)


def _project(request: Request, code: str, allowed: Any, otherwise: Text = OFFICERS) -> Project:
    row = get_visible(request.actor, Project, code, related=WHOLE)
    must_allow(allowed, request.actor, row, otherwise)
    return row


def _acted(
    request: Request,
    row: Project,
    title: str,
    maker: Callable[[Any], Any],
    act: Callable[[Any], Any],
    intro: str = "",
    submit: str = "",
) -> HttpResponseBase:
    return entry_page(
        request,
        row,
        lambda posted, _files: maker(posted),
        act,
        title=title,
        intro=intro or f"{row.record.code} {name_of(row.record)}",
        submit_label=submit or title,
        done=_("It is noted."),
    )


@require_http_methods(ANY)
def milestone_report(request: Request, code: str, number: int) -> HttpResponseBase:
    """Report that a milestone is reached."""
    row = _project(
        request, code, reports_milestone, gettext_lazy("The leader reports milestones while the project is under way.")
    )
    milestone = row.milestones.filter(number=number).first()
    if milestone is None:
        raise Missing(code)

    def act(form: ReportForm) -> None:
        report_milestone(actor=request.actor, project=row, number=number, words=form.cleaned_data["words"])

    start = {"words": milestone.report}
    return _acted(
        request, row, _("Report the milestone"), lambda posted: ReportForm(posted, initial=start), act,
        milestone.indicator,
    )  # fmt: skip


@require_http_methods(ANY)
def milestone_judge(request: Request, code: str, number: int) -> HttpResponseBase:
    """Find whether a milestone has passed."""
    row = _project(request, code, decides)
    milestone = row.milestones.filter(number=number).first()
    if milestone is None:
        raise Missing(code)

    def act(form: JudgeForm) -> None:
        typed = form.cleaned_data
        judge_milestone(
            actor=request.actor, project=row, number=number, passed=yes(typed["passed"]), words=typed["words"]
        )

    intro = f"{milestone.indicator} · {milestone.report}"
    return _acted(request, row, _("Judge the milestone"), JudgeForm, act, intro)


@require_http_methods(ANY)
def payment_made(request: Request, code: str, number: int) -> HttpResponseBase:
    """Note that a payment was made."""
    row = _project(request, code, decides | pays_own, PAYERS)
    payment = row.payments.filter(number=number).first()
    if payment is None:
        raise Missing(code)
    must_allow(decides if payment.source == Source.FISCAL else pays_own, request.actor, row, PAYERS)
    if payment.state == PaymentState.PAID:
        raise Conflict(_("This payment was made already."))

    def act(form: PayForm) -> None:
        typed = form.cleaned_data
        pay(
            actor=request.actor, project=row, number=number, voucher=typed["voucher"], on=typed["paid_on"],
            fen=typed["amount"],
        )  # fmt: skip

    payment.project = row
    intro = f"{row.record.code} · {payment.get_source_display()} · {name_of(payment.unit.record)}"
    if payment.source == Source.FISCAL:
        room = wan_from_fen(room_of(row.application.item.call))
        intro = f"{intro} · " + _("The budget line has %(room)s 万元.") % {"room": room}
    start = {"paid_on": today(), "amount": payment.planned_fen}
    return _acted(request, row, _("Note the payment"), lambda posted: PayForm(posted, initial=start), act, intro)


@require_http_methods(ANY)
def project_settlement(request: Request, code: str) -> HttpResponseBase:
    """Settle the money of a project that ended before its goal."""
    row = _project(request, code, decides)
    if row.returned_on is not None:
        raise Conflict(_("What was not spent has come back already."))

    def act(form: SettlementForm) -> None:
        typed = form.cleaned_data
        settle_project(
            actor=request.actor, project=row, spent_fen=typed["spent"] or 0, diligent=yes(typed["diligent"]),
            words=typed["words"], returned_on=typed["returned_on"], voucher=typed["voucher"],
        )  # fmt: skip

    start = {
        "spent": row.spent_fen,
        "diligent": None if row.diligent is None else ("yes" if row.diligent else "no"),
        "words": row.settlement,
        "returned_on": row.returned_on,
        "voucher": row.returned_voucher,
    }
    paid = wan(money_of(row).paid + row.returned_fen)
    intro = _("%(paid)s of fiscal money were paid: what was not spent of it comes back.") % {"paid": paid}
    intro = f"{row.record.code} · {intro}"
    return _acted(request, row, _("Settle the money"), lambda posted: SettlementForm(posted, initial=start), act, intro)


@require_http_methods(ANY)
def first_use(request: Request, code: str) -> HttpResponseBase:
    """Report as the first user."""
    otherwise = gettext_lazy("The first user reports, before acceptance: the poster, or who was named in its place.")
    row = _project(request, code, uses_first, otherwise)

    def act(form: EvidenceForm) -> None:
        report_first_use(actor=request.actor, project=row, said=form.said)

    start = {"on": today()}
    return _acted(request, row, _("Report as the first user"), lambda posted: EvidenceForm(posted, initial=start), act)


@require_http_methods(ANY)
def test_report(request: Request, code: str) -> HttpResponseBase:
    """Record the report of a third party's test."""
    row = _project(request, code, decides)

    def act(form: TestReportForm) -> None:
        record_test(actor=request.actor, project=row, tester=form.cleaned_data["tester"], said=form.said)

    start = {"on": today()}
    return _acted(request, row, _("Record a test report"), lambda posted: TestReportForm(posted, initial=start), act)


@require_http_methods(ANY)
def user_named(request: Request, code: str) -> HttpResponseBase:
    """Name the first user where the poster undertakes it itself."""
    row = _project(request, code, decides)

    def act(form: UserForm) -> None:
        name_user(actor=request.actor, project=row, user=form.cleaned_data["user"])

    return _acted(request, row, _("Name the first user"), UserForm, act)


@require_http_methods(ANY)
def landing(request: Request, code: str) -> HttpResponseBase:
    """Record the entity that a member from elsewhere has set up here."""
    row = _project(request, code, decides)
    waiting = waits_to_land(row)
    if row.record.stage not in LANDS_AT or not waiting:
        raise Missing(code)

    def act(form: LandingForm) -> None:
        record_landing(actor=request.actor, project=row, **form.cleaned_data)

    return _acted(request, row, _("Record the local entity"), lambda posted: LandingForm(posted, members=waiting), act)


@require_http_methods(ANY)
def self_evaluation(request: Request, code: str) -> HttpResponseBase:
    """Say for the leader what came of an accepted project."""
    otherwise = gettext_lazy("The leader evaluates its project itself, after acceptance and before the bureau does.")
    row = _project(request, code, evaluates_self, otherwise)
    indicators, told = targets_of(row.application), getattr(row, "self_evaluation", None)
    start: dict[str, Any] = {} if told is None else {"words": told.words}
    if told is not None:
        start |= {f"reached_{place}": one for place, one in enumerate(told.reached)}

    def act(form: SelfEvaluationForm) -> None:
        evaluate_self(actor=request.actor, project=row, reached=form.reached, words=form.cleaned_data["words"])

    return _acted(
        request, row, _("Self-evaluation (绩效自评)"),
        lambda posted: SelfEvaluationForm(posted, indicators=indicators, initial=start), act,
        intro=_("Say of each indicator what was reached, with its unit. Until the bureau evaluates the performance"
                " you may say it anew."),
        submit=_("Hand in the self-evaluation"),
    )  # fmt: skip
