"""Run checks: functions from plain facts to problems, the same for forms, moves, imports and the command line."""

from collections.abc import Callable, Iterable
from typing import Any

from kezhuan.kernel.errors import Problem, Refused

Check = Callable[[Any], Iterable[Problem]]


def run_checks(facts: Any, checks: Iterable[Check]) -> list[Problem]:
    """Every problem that any of the checks finds, in the order of the checks."""
    return [problem for check in checks for problem in check(facts)]


def require(facts: Any, checks: Iterable[Check]) -> None:
    """Raise `Refused` with all problems when any check finds one."""
    problems = run_checks(facts, checks)
    if problems:
        raise Refused(problems)
