"""What must hold of a contract before a step: the findings of the engine, as problems of the form."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.contracts.models import Contract, form_of
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.queries import TELLING
from kezhuan.engines import contracts as engine
from kezhuan.engines.findings import Finding, Words
from kezhuan.kernel import filings
from kezhuan.kernel.access import region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Entry, Filing, RuleValue
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import language, today
from kezhuan.kernel.workdays import add_days

JUDGED = frozenset({"clause-missing"})
"""Findings that a registrar judges and that refuse nothing: the program looks for words, and words can be others."""
NAMES = {
    "name": "title", "goal_code": "goal", "turnover": "turnover", "deductions": "turnover", "reg_no": "title",
    "stage": "", "disputed": "disputed", "reviewer": "",
}  # fmt: skip
"""Where a finding's field has another name in the form."""


OBJECT_WITHIN = "contract.object-within"
"""The rule value that says within how many days of a refusal its unit objects to the province."""
OWN_PRACTICE = "本程序的默认做法，所用规则集未见规定"
"""Where experts are asked on dispute and the rule set does not speak of it."""


def rules_code(name: str) -> str:
    """The code of the rule value that has contracts judged by a rule set which is in force nowhere else."""
    return f"contract.rules.{name}"


def rules_value(on: date) -> tuple[str, RuleValue] | None:
    """The rule set that the city has put in force by a dated value, the newest, with that value; None without one."""
    chosen = [
        (name, value)
        for name, one in engine.rule_sets().items()
        if not one.in_force and (value := rule_or_none(rules_code(name), on=on)) is not None and value.value
    ]
    return max(chosen, key=lambda pair: pair[1].effective_from, default=None)


def rules_for(row: Contract) -> engine.RuleSet:
    """The rule set that judges a contract: the one stamped when it was accepted, else the one that the city has put in
    force by a dated value, else the one in force on the day."""
    if row.rule_set:
        return engine.rule_sets()[row.rule_set]
    day = row.applied_on or today()
    if (chosen := rules_value(day)) is not None:
        return engine.rule_sets()[chosen[0]]
    return engine.rule_set_on(day) or engine.rule_sets()["2000-063"]


def object_within(row: Contract) -> RuleValue | None:
    """Within how many days of a refusal its unit objects to the province: a dated value of the place, or none."""
    return rule_or_none(OBJECT_WITHIN, on=row.record.closed_on or today(), jurisdiction=region_of(row))


def object_until(row: Contract) -> date | None:
    """The last day on which the unit objects to a refusal; none where no value says so."""
    value, refused_on = object_within(row), row.record.closed_on
    if value is None or refused_on is None:
        return None
    return add_days(refused_on, int(value.value), "working" if value.unit == Unit.WORKING_DAYS else "calendar")


def check_object_in_time(row: Any) -> Iterator[Problem]:
    """The unit objects within the days that a rule value gives, where one does."""
    last = object_until(row)
    if last is not None and today() > last:
        message = _("The last day to object to the refusal was %(day)s.") % {"day": last.isoformat()}
        yield Problem("objection-late", message, "")


def experts_for(row: Contract, form: engine.Contract | None = None) -> Finding | None:
    """Why experts are asked for a contract: by its rule set, and on dispute also where that does not speak of it."""
    asked = engine.experts_asked(form or form_of(row), rules_for(row), disputed=row.disputed)
    if asked is not None or not row.disputed:
        return asked
    words = Words("有争议，须经专家评审。", "Experts are asked: there is a dispute.")
    return Finding("experts", words, "disputed", OWN_PRACTICE)


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
            said = (
                _("%(field)s: %(problem)s") % {"field": name, "problem": problem.message} if name else problem.message
            )
            yield Problem(problem.code, said, problem.field, problem.clause)


def check_in_time(row: Any) -> Iterator[Problem]:
    """It is written, and its term was not over on the day on which it is or was handed in (国科发政字〔2000〕063号)."""
    on = row.applied_on if row.record.stage == "submitted" else today()
    yield from map(as_problem, engine.refused_at_once(form_of(row), rules_for(row), on))


def check_unchanged(row: Any) -> Iterator[Problem]:
    """The form says what was filed when the registry had it, not a change that was handed in since and came back."""
    if not is_filed_so(row, _registered(row)):
        message = _("The form was changed: hand the change in, or write the form as it was registered.")
        yield Problem("contract-changed", message, "")


def is_filed_so(row: Contract, filed: Filing | None) -> bool:
    """Whether a filing tells the form as it stands; its files are not asked for."""
    now = filings.frozen(TELLING, row, ())
    return filed is not None and all(filed.content[name] == now[name] for name in ("subject", "facts", "text"))


def _registered(row: Contract) -> Filing | None:
    """The filing that stood when the registry gave what was read back last; None where it was filed elsewhere."""
    done = Entry.objects.filter(
        record=row.record, kind__in=("contract.register", "contract.answered", "contract.amended")
    )
    until = done.order_by("-seq").values_list("seq", flat=True).first() or 0
    made = Entry.objects.filter(record=row.record, kind="filing.made", seq__lt=until)
    known = made.values_list("data__other", flat=True)
    rows = Filing.objects.filter(about=row.record, region=region_of(row), programme=PROGRAMME)
    return rows.filter(record__uid__in=list(known)).order_by("-number").first() or row.filing


def check_experts(row: Any) -> Iterator[Problem]:
    """Experts were heard where the rule set asks for them."""
    asked = experts_for(row)
    if asked is not None and not row.experts_heard:
        yield as_problem(asked)
