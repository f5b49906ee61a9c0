"""Projects under way in the API: milestones, payments, evidence, settlement."""

from typing import Any

from django.http import HttpRequest

from kezhuan.api.identity import writes
from kezhuan.api.records import asked_of, moved
from kezhuan.api.schemas import Moved
from kezhuan.areas.projects.actions import record_of
from kezhuan.areas.projects.evidence_actions import evaluate_self, name_user, record_test, report_first_use
from kezhuan.areas.projects.landing_actions import record_landing
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.payment_actions import judge_milestone, pay, report_milestone, settle_project
from kezhuan.areas.projects.schemas_running import (
    EvidenceBody,
    JudgedBody,
    LandingBody,
    MilestoneReportBody,
    PaidBody,
    SelfEvaluationBody,
    SettlementBody,
    TestReportBody,
    UserBody,
)


def report(request: HttpRequest, code: str, number: int, body: MilestoneReportBody) -> dict[str, Any]:
    """By the leader; an officer judges it."""
    actor, row = asked_of(request, Project, code)
    report_milestone(actor=actor, project=row, number=number, words=body.words)
    return moved(request, record_of(row))


def judged(request: HttpRequest, code: str, number: int, body: JudgedBody) -> dict[str, Any]:
    """What waits for a milestone that has passed is due."""
    actor, row = asked_of(request, Project, code)
    judge_milestone(actor=actor, project=row, number=number, passed=body.passed, words=body.words)
    return moved(request, record_of(row))


def paid(request: HttpRequest, code: str, number: int, body: PaidBody) -> dict[str, Any]:
    """Fiscal money by the officers in charge, within the room of the call's budget line; the poster's own by it."""
    actor, row = asked_of(request, Project, code)
    pay(actor=actor, project=row, number=number, voucher=body.voucher, on=body.paid_on, fen=body.fen)
    return moved(request, record_of(row))


def settlement(request: HttpRequest, code: str, body: SettlementBody) -> dict[str, Any]:
    """Of a project that ended before its goal; again once the rest has come back."""
    actor, row = asked_of(request, Project, code)
    settle_project(
        actor=actor, project=row, spent_fen=body.spent_fen, diligent=body.diligent, words=body.words,
        returned_on=body.returned_on, voucher=body.voucher,
    )  # fmt: skip
    return moved(request, record_of(row))


def first_use(request: HttpRequest, code: str, body: EvidenceBody) -> dict[str, Any]:
    """By the poster, or where it undertakes it itself by the unit that was named in its place."""
    actor, row = asked_of(request, Project, code)
    report_first_use(actor=actor, project=row, said=body.said)
    return moved(request, record_of(row))


def test_report(request: HttpRequest, code: str, body: TestReportBody) -> dict[str, Any]:
    """By the officers in charge; the tester is on no side of the project."""
    actor, row = asked_of(request, Project, code)
    record_test(actor=actor, project=row, tester=body.tester, said=body.said)
    return moved(request, record_of(row))


def first_user(request: HttpRequest, code: str, body: UserBody) -> dict[str, Any]:
    """Where the poster undertakes it itself."""
    actor, row = asked_of(request, Project, code)
    name_user(actor=actor, project=row, user=body.user)
    return moved(request, record_of(row))


def own_evaluation(request: HttpRequest, code: str, body: SelfEvaluationBody) -> dict[str, Any]:
    """By the leader, after acceptance and before the bureau evaluates."""
    actor, row = asked_of(request, Project, code)
    evaluate_self(actor=actor, project=row, reached=body.reached, words=body.words)
    return moved(request, record_of(row))


def landed(request: HttpRequest, code: str, body: LandingBody) -> dict[str, Any]:
    """Until then funded work of the member waits."""
    actor, row = asked_of(request, Project, code)
    record_landing(actor=actor, project=row, member=body.member, entity=body.entity, on=body.on)
    return moved(request, record_of(row))


ROUTES = (
    ("POST", "/{code}/milestones/{number}/report", report, "projects-report", "Report a milestone"),
    ("PUT", "/{code}/milestones/{number}", judged, "projects-judge", "Judge a milestone"),
    ("PUT", "/{code}/payments/{number}", paid, "projects-pay", "Note a payment"),
    ("PUT", "/{code}/settlement", settlement, "projects-settle", "Settle the money of a project that ended early"),
    ("PUT", "/{code}/first-use", first_use, "projects-first-use", "Report as the first user"),
    ("PUT", "/{code}/test-report", test_report, "projects-test-report", "Record a third party's test"),
    ("PUT", "/{code}/self-evaluation", own_evaluation, "projects-self-evaluation", "Evaluate one's own project"),
    ("PUT", "/{code}/landing", landed, "projects-landing", "Record a member's entity in the city"),
    ("PUT", "/{code}/first-user", first_user, "projects-first-user", "Name the first user"),
)


def mount(router: Any) -> None:
    """Add the routes to those of projects."""
    for method, path, view, operation, summary in ROUTES:
        router.add_api_operation(
            path, [method], view, response=Moved, auth=writes("project"), operation_id=operation, summary=summary
        )
