"""What an officer says of a call, and what is wrong with that even while it is a draft."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.awarding import term_problems
from kezhuan.areas.calls.choices import AwardRule, CallKind, ConditionRule, Occasion, PosterPays, RelatedRule
from kezhuan.areas.calls.inviting import invited_problems
from kezhuan.areas.calls.questions import Question, question_problems, rows_of_questions
from kezhuan.areas.calls.staging import StageFacts, stage_problems
from kezhuan.areas.calls.units import unknown_among
from kezhuan.areas.reviews.models import Choice, Scheme
from kezhuan.areas.reviews.panel_actions import CriterionFacts, criteria_problems, rows_of_criteria
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean, cleaned, listed, texts_in
from kezhuan.kernel.workdays import WORKING

MOST_GRACE = 7 * 24 * 60
"""Minutes: a grace of more than a week is a later deadline."""


@dataclass(frozen=True)
class Condition:
    """Who may apply, whether an applicant is to show that they do, and by which rule it is worked out, if by any."""

    words: str
    evidence: bool = False
    rule: str = ""


@dataclass(frozen=True)
class CallFacts:
    """What an officer says of a call; moments carry their zone, money is in 分."""

    title: str
    about: str = ""
    title_en: str = ""
    call_kind: str = CallKind.CHALLENGE
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    grace_minutes: int = 0
    disclosure: str = "public"
    ip_terms: str = ""
    ip_note: str = ""
    conditions: tuple[Condition, ...] = ()
    questions: tuple[Question, ...] = ()
    readers_asked: int = 3
    budget_year: int | None = None
    budget_subject: str = ""
    budget_document: str = ""
    budget_fen: int | None = None
    paid_on: tuple[str, ...] = tuple(Occasion.values)
    poster_pays: str = PosterPays.WARN
    asks_recommending: bool = False
    recommend_until: datetime | None = None
    letter_optional: bool = False
    recommenders: tuple[str, ...] = ()
    invited: tuple[str, ...] = ()
    seals: bool = False
    most_per_unit: int | None = None
    most_directions: int | None = None
    begins_projects: bool = True
    keeps_library: bool = False
    awaits_budget: bool = False
    unit_check: bool = False
    needs_approval: bool = False
    related_rule: str = RelatedRule.DISCLOSE
    review_scheme: str = ""
    review_choice: str = ""
    review_per_item: int | None = None
    criteria: tuple[CriterionFacts, ...] = ()
    stages: tuple[StageFacts, ...] = ()
    award_rule: str = AwardRule.ITEM
    award_most: int | None = None
    award_score: int | None = None
    holds_notice: bool = False
    notice_days: int | None = None
    notice_day_kind: str = WORKING
    notice_places: tuple[str, ...] = ()


COLUMNS = (
    "call_kind", "opens_at", "closes_at", "grace_minutes", "disclosure", "ip_terms", "ip_note", "readers_asked",
    "budget_year", "budget_subject", "budget_document", "budget_fen", "paid_on", "poster_pays", "seals",
    "asks_recommending", "recommend_until", "letter_optional", "most_per_unit", "most_directions", "begins_projects",
    "keeps_library", "awaits_budget", "unit_check", "needs_approval", "related_rule",
    "review_scheme", "review_choice", "review_per_item", "award_rule", "award_most", "award_score",
    "holds_notice", "notice_days", "notice_day_kind", "notice_places",
)  # fmt: skip
MOST_RECOMMENDERS = 200


def check_facts(facts: CallFacts) -> list[Problem]:
    """What is wrong with a call even as a draft; what it lacks is told when it is published."""
    if any(map(has_classification_mark, texts_in(facts))):
        return [secrets_problem("title")]
    found, title = [], clean(facts.title)
    if not title:
        found.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > 200:
        found.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    if facts.opens_at is not None and facts.closes_at is not None and facts.closes_at <= facts.opens_at:
        message = _("Applications close after they open: choose a later moment.")
        found.append(Problem("call-closes-early", message, "closes_at"))
    if not 0 <= facts.grace_minutes <= MOST_GRACE:
        message = _("The grace is from none to a week (10080 minutes).")
        found.append(Problem("call-grace", message, "grace_minutes"))
    if not 1 <= facts.readers_asked <= 99:
        message = _("Ask at least one expert, at most 99.")
        found.append(Problem("call-readers", message, "readers_asked"))
    if facts.most_per_unit is not None and not 1 <= facts.most_per_unit <= 99:
        message = _("A unit has at least one application, at most 99.")
        found.append(Problem("call-most-per-unit", message, "most_per_unit"))
    if facts.most_directions is not None and not 1 <= facts.most_directions <= 999:
        message = _("At least one direction is funded, at most 999.")
        found.append(Problem("call-most-directions", message, "most_directions"))
    if facts.related_rule not in RelatedRule.values:
        message = _("Say what becomes of a party related to the poster.")
        found.append(Problem("call-related", message, "related_rule"))
    if facts.budget_fen is not None and facts.budget_fen <= 0:
        found.append(Problem("budget-not-positive", _("The budget is more than zero."), "budget"))
    if facts.budget_fen and not (facts.budget_year and clean(facts.budget_subject)):
        message = _("A budget line names its year and its subject (科目).")
        found.append(Problem("call-budget-line", message, "budget_subject"))
    if not facts.paid_on or not set(facts.paid_on) <= set(Occasion.values):
        found.append(Problem("call-paid-on", _("Say when projects are paid: choose at least one."), "paid_on"))
    found += [*_review_problems(facts), *stage_problems(facts.stages)]
    found += [*_recommender_problems(facts), *invited_problems(facts.invited)]
    return [*found, *term_problems(facts), *_row_problems(facts)]


def _review_problems(facts: CallFacts) -> list[Problem]:
    found = criteria_problems(facts.criteria)
    if facts.review_scheme not in {"", *Scheme.values} or facts.review_choice not in {"", *Choice.values}:
        message = _("Choose who knows of whom in a review, and how experts are chosen, of what stands there.")
        found.append(Problem("call-review", message, "review_scheme"))
    if facts.review_per_item is not None and not 1 <= facts.review_per_item <= 99:
        message = _("Give a number from %(least)s to %(most)s.")
        found.append(Problem("panel-number", message % {"least": 1, "most": 99}, "review_per_item"))
    return found


def _recommender_problems(facts: CallFacts) -> list[Problem]:
    if len(facts.recommenders) > MOST_RECOMMENDERS:
        message = _("A call names at most %(most)s recommending units.")
        return [Problem("recommenders-many", message % {"most": MOST_RECOMMENDERS}, "recommenders")]
    strangers = unknown_among(facts.recommenders)
    if not strangers:
        return []
    message = _("No unit has the code “%(codes)s”: give the codes of the units' pages.")
    return [Problem("recommender-unknown", message % {"codes": listed(strangers[:10])}, "recommenders")]


def _row_problems(facts: CallFacts) -> list[Problem]:
    found = []
    if any(not clean(one.words) for one in facts.conditions):
        found.append(Problem("condition-empty", _("Say what the condition is, or remove the row."), "conditions"))
    if any(one.rule not in {"", *ConditionRule.values} for one in facts.conditions):
        message = _("Choose who says whether a condition is met of what stands there.")
        found.append(Problem("condition-rule", message, "conditions"))
    return [*found, *question_problems(facts.questions)]


def own_columns(facts: CallFacts) -> dict[str, Any]:
    """A call's own columns as these facts fill them."""
    rows: dict[str, Any] = {
        "criteria": rows_of_criteria(facts.criteria),
        "conditions": [
            {"words": clean(one.words), "evidence": one.evidence, "rule": str(one.rule)} for one in facts.conditions
        ],
        "questions": rows_of_questions(facts.questions),
    }
    return {**{name: cleaned(getattr(facts, name)) for name in COLUMNS}, **rows}
