"""Run checks: functions from plain facts to problems, the same for forms, moves, imports and the command line."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import CharField, Model
from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem, Refused

Check = Callable[[Any], Iterable[Problem]]


def run_checks(facts: Any, checks: Iterable[Check]) -> list[Problem]:
    """Every problem that any of the checks finds, in the order of the checks."""
    return [problem for check in checks for problem in check(facts)]


def check_fits(row: Model) -> list[Problem]:
    """What of a row, saved or not, its table cannot hold: texts that are too long, codes that are on no list."""
    problems = []
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if not isinstance(column, CharField) or not isinstance(value, str):
            continue
        if column.max_length is not None and len(value) > column.max_length:
            message = _("At most %(most)s characters fit here, these are %(number)s: shorten it.")
            numbers = {"most": column.max_length, "number": len(value)}
            problems.append(Problem("text-long", message % numbers, column.name))
        elif value and column.choices and value not in dict(column.flatchoices):
            message = _("“%(value)s” is not on the list: choose one of its entries.") % {"value": value}
            problems.append(Problem("choice-unknown", message, column.name))
    return problems


def require_fits(*rows: Model) -> None:
    """Raise `Refused` with everything that the tables of the rows cannot hold."""
    problems = [problem for row in rows for problem in check_fits(row)]
    if problems:
        raise Refused(problems)


def set_columns(row: Model, values: Mapping[str, Any]) -> list[str]:
    """Set columns of a row and return the names of those that held something else, as its entry tells them."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def require(facts: Any, checks: Iterable[Check]) -> None:
    """Raise `Refused` with all problems when any check finds one."""
    problems = run_checks(facts, checks)
    if problems:
        raise Refused(problems)
