"""What must hold of a contract before a step: the findings of the engine, as problems of the form."""

from collections.abc import Iterable, Iterator
from typing import Any

from kezhuan.areas.contracts.models import Contract, form_of
from kezhuan.engines import contracts as engine
from kezhuan.engines.findings import Finding
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import language, today

JUDGED = frozenset({"clause-missing"})
"""Findings that a registrar judges and that refuse nothing: the program looks for words, and words can be others."""
NAMES = {
    "name": "title", "goal_code": "goal", "turnover": "turnover", "deductions": "turnover", "reg_no": "title",
    "stage": "", "disputed": "disputed", "reviewer": "",
}  # fmt: skip
"""Where a finding's field has another name in the form."""


def rules_for(row: Contract) -> engine.RuleSet:
    """The rule set that judges a contract: the one stamped when it was accepted, else the one in force on the day."""
    if row.rule_set:
        return engine.rule_sets()[row.rule_set]
    return engine.rule_set_on(row.applied_on or today()) or engine.rule_sets()["2000-063"]


def as_problem(finding: Finding) -> Problem:
    """A finding of the engine in the reader's language, at the field of the form."""
    field = NAMES.get(finding.field, finding.field)
    said = finding.words.say(language())
    return Problem(finding.code, said, field, finding.clause)


def findings_of(row: Contract, text: str = "") -> list[Finding]:
    """Everything that the form lacks or says wrongly; `text` is what its papers say, where the form holds none."""
    return list(engine.check(form_of(row, text), rules_for(row)))


def check_form(row: Any) -> Iterable[Problem]:
    """The form is complete and right; what only a reader of the text can judge is left to the registrar."""
    for finding in findings_of(row):
        if finding.code not in JUDGED:
            name = engine.label_of(finding.field, language()) if finding.code == "field-missing" else ""
            problem = as_problem(finding)
            yield (
                Problem(problem.code, f"{name}: {problem.message}", problem.field, problem.clause) if name else problem
            )


def check_in_time(row: Any) -> Iterator[Problem]:
    """It is written, and its term is not over today (国科发政字〔2000〕063号)."""
    yield from map(as_problem, engine.refused_at_once(form_of(row), rules_for(row), today()))


def check_experts(row: Any) -> Iterator[Problem]:
    """Experts were heard where the rule set asks for them."""
    asked = engine.experts_asked(form_of(row), rules_for(row), disputed=row.disputed)
    if asked is not None and not row.experts_heard:
        yield as_problem(asked)
