"""What must hold of a case before each of its moves."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.exemptions.models import DecisionPart, DiligenceDuty, DutyState, ExemptionFinding
from kezhuan.areas.exemptions.queries import GROUNDS, clauses_for, ground_of, ground_rule
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import listed


def check_decisions(row: Any) -> Iterable[Problem]:
    """It is about a decision."""
    if not row.decisions.exists():
        message = _("Attach the evidence file of the decision that the case is about.")
        yield Problem("exemption-decision", message, "decisions")


def check_collected(row: Any) -> Iterable[Problem]:
    """Every condition is answered: found in a file, missing, or not asked, and then why."""
    open_ones = [str(DiligenceDuty(one.duty).label) for one in row.conditions.filter(holds="")]
    if open_ones:
        message = _("Say of each condition whether it was met, with its evidence: %(conditions)s.")
        yield Problem("exemption-conditions", message % {"conditions": listed(open_ones)}, "conditions")


def check_finding(row: Any) -> Iterable[Problem]:
    """What is proposed follows from the conditions, and cites the clause."""
    if not row.finding:
        yield Problem("exemption-finding", _("Enter the finding first: what it is, and by which clause."), "finding")
        return
    if row.clause is not None and row.clause not in clauses_for(row).values():  # an earlier decision came to the case
        message = _("No rule value lets this ground exempt here on the day of the decision.")
        yield Problem("exemption-clause", message, "ground")
    missing = [str(DiligenceDuty(one.duty).label) for one in row.conditions.filter(holds=DutyState.MISSING)]
    if row.finding == ExemptionFinding.REFUSED:
        if not missing and not row.bars:
            message = _("Nothing is missing and nothing bars it: say what stands against the exemption.")
            yield Problem("exemption-unfounded", message, "finding")
        return
    if row.bars:
        yield Problem("exemption-barred", _("What was found is never exempted: the case is not exempt."), "bars")
    if missing and row.finding == ExemptionFinding.EXEMPT:
        message = _("It is not wholly exempt: missing are %(conditions)s.") % {"conditions": listed(missing)}
        yield Problem("exemption-missing", message, "finding")
    yield from _clause_problems(row)


def _clause_problems(row: Any) -> Iterable[Problem]:
    ground = ground_of(row.clause)
    if ground is None:
        message = _(
            "Cite the clause. Which ground exempts here is a rule value %(code)s, in force on the day of the decision:"
            " without one have the city's officers enter it with its source."
        )
        yield Problem("exemption-clause", message % {"code": ground_rule("…")}, "clause")
    elif not row.people.filter(part__in=GROUNDS[ground]).exists():
        parts = listed([str(DecisionPart(one).label) for one in sorted(GROUNDS[ground])])
        message = _("This ground exempts those who %(parts)s; nobody of them is named here.")
        yield Problem("exemption-audience", message % {"parts": parts}, "clause", row.clause.source)


def check_heard(row: Any) -> Iterable[Problem]:
    """Everybody who took part was heard, or it was taken down that they say nothing."""
    if names := list(row.people.filter(statement="").values_list("name", flat=True)):
        message = _("Not heard yet: %(names)s. Enter what they say, or that they say nothing.")
        yield Problem("exemption-unheard", message % {"names": listed(names)}, "people")
