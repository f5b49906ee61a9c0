"""What must hold of a need before it is submitted: it can be judged when somebody claims to have solved it."""

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.engines.days import months_after
from kezhuan.kernel.access import region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation, RuleValue
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import today

LONGEST_MONTHS = "need.longest-months"
"""Code of the rule value; no policy sets one everywhere, so none is shipped."""
LONGEST_TITLE = 60
"""Characters a need's name may have once it is submitted; drafts and imports may be longer."""
LONGEST_BACKGROUND = 2000
"""Characters its background may have then."""
_NUMBER = re.compile(r"\d")


def check_figures(rows: Iterable[Any]) -> Iterable[Problem]:
    """What is compared with a number is one: an indicator's value holds a figure."""
    for row in rows:
        if not _NUMBER.search(row.value):
            yield Problem(
                "indicator-figure",
                _("Indicator “%(name)s”: give a figure as its value, “%(value)s” holds none.")
                % {"name": row.name, "value": row.value},
                "indicators",
            )


def check_indicators(need: Any) -> Iterable[Problem]:
    """At least one quantified indicator, and each with unit and test method (揭榜挂帅 need forms)."""
    rows = list(need.indicators.all())
    if not any(_NUMBER.search(row.value) for row in rows):
        yield Problem(
            "indicator-missing", _("Give at least one indicator with a figure: what counts as solved?"), "indicators"
        )
    else:
        yield from check_figures(rows)
    for row in rows:
        if not row.unit or not row.test_method:
            yield Problem(
                "indicator-incomplete",
                _("Indicator “%(name)s” needs a unit and a test method.") % {"name": row.name},
                "indicators",
            )


def check_budget_given(need: Any) -> Iterable[Problem]:
    """The firm says what it will spend."""
    if not need.budget_fen:
        yield Problem("budget-missing", _("Enter the money you plan to spend."), "budget")


def check_wording(need: Any) -> Iterable[Problem]:
    """The parts that make a need answerable are there."""
    required = {
        "summary": (need.record.summary, _("Say which technical problem is to be solved.")),
        "background": (need.background, _("Describe the background of the need.")),
        "field": (need.field, _("Choose the technical field.")),
        "scenario": (need.scenario, _("Describe the concrete scene of use.")),
        "ip_terms": (need.ip_terms, _("Say who is to own the results.")),
        "claimant_requirements": (need.claimant_requirements, _("Say what a solver must bring.")),
        "deadline": (need.deadline, _("Enter the day by which the need must be met.")),
    }
    for field, (value, message) in required.items():
        if not value:
            yield Problem(f"{field.replace('_', '-')}-missing", message, field)


def check_title_length(need: Any) -> Iterable[Problem]:
    """需求名称 has at most 60 characters (揭榜挂帅 need forms)."""
    length = len(need.record.title)
    if length > LONGEST_TITLE:
        yield Problem(
            "title-long",
            _("The title of a submitted need has at most %(most)s characters, this one has %(number)s: shorten it.")
            % {"most": LONGEST_TITLE, "number": length},
            "title",
        )


def check_background_length(need: Any) -> Iterable[Problem]:
    """需求背景 has at most 2,000 characters (揭榜挂帅 need forms)."""
    length = len(need.background)
    if length > LONGEST_BACKGROUND:
        yield Problem(
            "text-long",
            _("At most %(most)s characters fit here, these are %(number)s: shorten it.")
            % {"most": LONGEST_BACKGROUND, "number": length},
            "background",
        )


def check_poster_registered(need: Any) -> Iterable[Problem]:
    """See `poster_problems`."""
    return poster_problems(need.record.owner)


def poster_problems(owner: Organisation | None) -> Iterable[Problem]:
    """Whoever poses a need in public is a unit that is verified or in the public list; a claimed name is neither."""
    if owner is not None and owner.record.phase not in {Phase.PUBLIC, Phase.ACTIVE}:
        yield Problem(
            "poster-unverified",
            _("“%(name)s” is not a verified organisation: verify it on its own page first, or return the need.")
            % {"name": owner.record.title},
            "owner",
        )


def term_rule(need: Any) -> RuleValue | None:
    """The months within which a need is to be met, as its district or city has set them today."""
    return rule_or_none(LONGEST_MONTHS, on=today(), jurisdiction=region_of(need))


def check_deadline_ahead(need: Any) -> Iterable[Problem]:
    """The day by which a need must be met has not passed."""
    if need.deadline is not None and need.deadline < today():
        yield Problem(
            "deadline-past",
            _("%(day)s has passed: enter a day that is still to come.") % {"day": need.deadline.isoformat()},
            "deadline",
        )


def check_term(need: Any) -> Iterable[Problem]:
    """The day lies no further off than the months that a rule value `need.longest-months` allows, where one is set."""
    if need.deadline is None:
        return
    rule = term_rule(need)
    if rule is None:
        return
    last = months_after(today(), int(rule.value))
    if need.deadline > last:
        yield Problem(
            "deadline-late",
            _("A need is to be met within %(months)s months, by %(day)s at the latest: choose an earlier day.")
            % {"months": rule.value, "day": last.isoformat()},
            "deadline",
            rule.source,
        )


def check_not_self_solvable(need: Any) -> Iterable[Problem]:
    """A need that the firm can meet by itself is not accepted."""
    if need.self_solvable:
        yield Problem("self-solvable", _("A need that you can solve yourselves is not accepted here."), "self_solvable")
