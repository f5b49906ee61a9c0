"""Registers evaluations with the kernel, and which rule values they look up."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.levels import tell_level_by
from kezhuan.areas.achievements.panels import add_life_step
from kezhuan.areas.evaluations.checks import NOVELTY, least_experts
from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import (
    BY_EXPERTS,
    Evaluation,
    EvaluationMethod,
    EvaluationPurpose,
    ResultType,
    Value,
)
from kezhuan.areas.evaluations.panels import EVALUATED, evaluations_panel, reviews_panel
from kezhuan.areas.evaluations.papers import PAPER, filed, found_by_report
from kezhuan.areas.evaluations.permissions import KIND
from kezhuan.areas.evaluations.queries import evaluation_documents, weight_code
from kezhuan.areas.evaluations.reviewing import JUDGING
from kezhuan.areas.evaluations.sheets import SHEET
from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.pages_asking import questions_panel
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.printing import put_on_paper
from kezhuan.kernel import filings, registry, rulebook
from kezhuan.kernel.access import represents_owner
from kezhuan.kernel.models.rules import Unit


def _declare_rules() -> None:
    for sort in ResultType:
        for value in Value:
            label = format_lazy(_("Weight in an evaluation: {sort}, {value}"), sort=sort.label, value=value.label)
            rulebook.declare(rulebook.Rule(weight_code(sort, value), label, (Unit.BASIS_POINTS,)))
            for purpose in EvaluationPurpose:
                label = format_lazy(
                    _("Weight in an evaluation: {sort}, for {purpose}, {value}"),
                    sort=sort.label,
                    purpose=purpose.label,
                    value=value.label,
                )
                rulebook.declare(rulebook.Rule(weight_code(sort, value, purpose), label, (Unit.BASIS_POINTS,)))
    rulebook.declare(rulebook.Rule(NOVELTY, _("Age of a report of novelty at the evaluation at most"), (Unit.MONTHS,)))
    for method in sorted(BY_EXPERTS):
        label = format_lazy(_("How many experts at least evaluate: {method}"), method=EvaluationMethod(method).label)
        rulebook.declare(rulebook.Rule(least_experts(method), label, (Unit.COUNT,)))


def register() -> None:
    """Called once when Django has loaded the models."""
    _declare_rules()
    registry.register(
        registry.Kind(
            slug=KIND,
            is_programme=True,
            label=_("evaluation"),
            plural=_("evaluations"),
            model=Evaluation,
            lifecycle=EVALUATION,
            page="evaluation",
            list_page="evaluations",
            documents=evaluation_documents,
            filing=filings.Telling(filed, filed_by=represents_owner),
        )
    )
    judging.register(KIND, JUDGING)
    registry.add_panel("evaluation", questions_panel)
    registry.add_panel("achievement", evaluations_panel, (Evaluation, "achievement"))
    add_life_step(EVALUATED)
    tell_level_by(found_by_report)
    registry.add_panel(KIND, reviews_panel)
    sheets.register(SHEET)
    put_on_paper(KIND, PAPER)
