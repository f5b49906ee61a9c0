"""What must hold of an evaluation before it is handed in, before its report is delivered, before it is registered."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.evaluations.models import BY_EXPERTS, EvaluationMethod, EvidenceSort, Value
from kezhuan.areas.evaluations.queries import (
    agency_report,
    asks_grades,
    heard_of,
    marks_heard,
    problem_of,
    weights_of,
    whole_of,
)
from kezhuan.areas.reviews.queries import on_panel, unfinished_about
from kezhuan.engines.days import months_after
from kezhuan.kernel.access import region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Membership
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import SHANGHAI, listed, today

NOVELTY = "evaluation.novelty.months"
"""The rule value: how many months old a report of novelty is at most."""


def least_experts(method: str) -> str:
    """The code of the rule value: how many experts at least judge in a meeting, or by letter."""
    return f"evaluation.experts.{method}"


def check_material(row: Any) -> Iterator[Problem]:
    """The achievement stands, what is to be evaluated is said, and every core item has a level that evidence shows."""
    if row.achievement.stage not in SUPPLY_STAGES or row.achievement.owner_id != row.record.owner_id:
        message = _("Only an achievement of the unit that is listed or registered is evaluated.")
        yield Problem("evaluation-achievement", message, "achievement")
    if not row.record.summary:
        yield Problem("evaluation-summary", _("Say what is to be evaluated."), "summary")
    if asks_grades(row) and not row.items.exists():
        message = _("Divide the result into work items, at least one of them core: its maturity is told by them.")
        yield Problem("evaluation-items", message, "items")
    for finding in whole_of(row)[1]:
        yield problem_of(finding, "items")
    lost = row.items.filter(evidence__document__withdrawn_at__isnull=False)
    if codes := sorted(set(lost.values_list("code", flat=True))):
        message = _("The file of some evidence was taken back: of the items %(codes)s. Add it again and link it.")
        yield Problem("evidence-gone", message % {"codes": listed(codes)}, "items")
    if asks_grades(row) and not row.metrics.exists():
        message = _("Compare at least one measured figure with the best competitor's.")
        yield Problem("evaluation-metrics", message, "metrics")
    by_market = row.method == EvaluationMethod.MARKET
    if by_market and not row.items.filter(evidence__kind=EvidenceSort.CONTRACT).exists():
        message = _("By the market it is judged by what was sold: link a contract as evidence of a work item.")
        yield Problem("evaluation-market", message, "items")


def check_novelty(row: Any) -> Iterator[Problem]:
    """A report of novelty (查新报告) is told whole, and is not older at the evaluation than the rule value allows."""
    told = (row.novelty_reference, row.novelty_issuer, row.novelty_on)
    if not any(told):
        return
    if not all(told):
        message = _("Tell number, issuer and day of the report of novelty, or nothing of it.")
        yield Problem("novelty-incomplete", message, "novelty_reference")
        return
    judged = row.record.stage == "evaluating" and row.accepted_at is not None
    day = row.accepted_at.astimezone(SHANGHAI).date() if judged else today()
    if row.novelty_on > today():
        yield Problem("day-later", _("This day lies in the future."), "novelty_on")
    rule = rule_or_none(NOVELTY, on=day, jurisdiction=region_of(row))
    if rule is not None and months_after(row.novelty_on, rule.value) < day:
        message = _("The report of novelty is older than %(months)s months: have novelty looked into anew.")
        yield Problem("novelty-old", message % {"months": rule.value}, "novelty_on", rule.source)


def check_findings(row: Any) -> Iterator[Problem]:
    """The report says what was found, for what it does not hold, and until when."""
    if asks_grades(row):
        for value, field in ((row.innovation, "innovation"), (row.advancement, "advancement")):
            if value is None:
                message = _("Enter the findings first: the grades of innovation and of advancement are missing.")
                yield Problem("evaluation-grades", message, field)
                break
    weights = weights_of(row)
    if missing := [Value(one).label for one, rule in weights.items() if rule.value and one not in row.marks]:
        message = _("Mark each value that the weights in force count: %(values)s.")
        yield Problem("evaluation-marks", message % {"values": listed(missing)}, "marks")
    heard = marks_heard(row)
    if not row.marks_why and (
        others := [Value(one).label for one, mark in heard.items() if row.marks.get(one) != mark]
    ):
        message = _("The experts' means are others: of %(values)s. Take these, or say why not.")
        yield Problem("evaluation-marks-heard", message % {"values": listed(others)}, "marks_why")
    if not row.conclusion:
        yield Problem("evaluation-conclusion", _("Enter the findings first: the conclusion is missing."), "conclusion")
    if not row.limits:
        message = _("Say for what the report does not hold: no report goes out without its limits.")
        yield Problem("evaluation-limits", message, "limits")
    if row.valid_to is None or row.valid_to <= today():
        yield Problem("evaluation-valid", _("Say until when the report holds: a day to come."), "valid_to")


def check_heard(row: Any) -> Iterator[Problem]:
    """Where experts are asked a panel has concluded since the case was accepted, with enough experts, none of them of
    the unit; and its chair is named."""
    if row.method not in BY_EXPERTS:
        return
    if row.agency_id is not None:  # it asks experts of its own
        if not row.chair:
            yield Problem("evaluation-chair", _("Enter the findings first: name the chair of the experts."), "chair")
        return
    heard = heard_of(row)
    if heard is None:
        message = _("Experts are heard first: make a panel here, and let it conclude.")
        yield Problem("evaluation-unheard", message, "panel")
        return
    rule = rule_or_none(least_experts(row.method), on=today(), jurisdiction=region_of(row))
    if rule is not None and heard.experts < rule.value:
        message = _("%(number)s experts have judged; here it takes %(least)s at least.")
        yield Problem("evaluation-experts", message % {"number": heard.experts, "least": rule.value}, "", rule.source)
    if not row.chair:
        yield Problem("evaluation-chair", _("Enter the findings first: name the chair of the experts."), "chair")
    yield from _own_experts(row, heard)


def _own_experts(row: Any, heard: Any) -> Iterator[Problem]:
    experts = [one.expert for one in on_panel(heard.item.panel)]
    people = [one.person_id for one in experts]
    inside = Membership.objects.filter(organisation=row.record.owner_id, until=None, person__in=people)
    completed = row.achievement.achievement.completers.filter(person__in=people).values_list("person", flat=True)
    tied = {*inside.values_list("person", flat=True), *completed}
    named = sorted(
        one.person.record.title for one in experts if one.employer_id == row.record.owner_id or one.person_id in tied
    )
    if named:
        message = _("%(names)s of the panel belong to the unit or completed the result: another panel judges.")
        yield Problem("panel-own", message % {"names": listed(named)}, "panel")


def check_no_panel(row: Any) -> Iterator[Problem]:
    """No panel judges it at this moment: its experts would read on."""
    if codes := unfinished_about(row.record):
        message = _("A panel has not concluded: %(codes)s. It concludes or is withdrawn first.")
        yield Problem("evaluation-panel", message % {"codes": listed(codes)}, "panel")


def check_agency(row: Any) -> Iterator[Problem]:
    """An agency of the unit's choice is another one, was commissioned by a contract, and has no part in the result."""
    if row.agency_id is None:
        return
    if not row.agency_contract:
        message = _("Give the number of the contract by which the agency was commissioned.")
        yield Problem("evaluation-commission", message, "agency_contract")
    own = row.agency_id == row.record.owner_id
    if own or row.achievement.achievement.owners.filter(organisation=row.agency_id).exists():
        message = _("The agency owns a part of the achievement: another one evaluates it.")
        yield Problem("evaluation-agency", message, "agency")


def check_agency_report(row: Any) -> Iterator[Problem]:
    """The agency's own report is there: its hash stands in the report that is delivered."""
    if row.agency_id is not None and agency_report(row) is None:
        message = _("Add the agency's signed report first: it is locked by its hash.")
        yield Problem("evaluation-agency-report", message, "file")


def check_once(row: Any) -> Iterator[Problem]:
    """A unit appeals once, while the report holds."""
    if row.earlier:
        yield Problem("evaluation-appealed", _("There was an appeal already: a second one is not heard here."), "")
