"""Who gets an answer at each address: one line for each route, by the name it has in `urls.py`, in its area's module.

A new route needs a line in `PAGES` there, a new operation of the API one in `OPERATIONS` unless every kind has it
(`tests/architecture/test_routes.py` fails without): the predicate of `src` that decides, and which samples of the town
are tried (`town.py`). What is not allowed is answered by 403, 404 or the way to the sign-in page; what is allowed by
anything else, a refusal of what was typed included.
"""

from itertools import chain

from tests.access.rules import (
    accounts,
    approvals,
    brokers,
    calls,
    chains,
    contracts,
    evaluations,
    inside,
    matches,
    notices,
    people,
    projects,
    records,
    reviews,
    shell,
)
from tests.access.rules.records import ANY_KIND
from tests.access.rules.rule import Rule

AREAS = (shell, records, people, accounts, notices, approvals, inside, matches, brokers, calls, reviews, projects,
         chains, contracts, evaluations)  # fmt: skip


def together(tables: list[dict[str, Rule]]) -> dict[str, Rule]:
    """All lines in one table; no address has two."""
    found = dict(chain.from_iterable(table.items() for table in tables))
    assert len(found) == sum(map(len, tables)), "two rules for one address"
    return found


PAGES = together([area.PAGES for area in AREAS])
"""Routes of pages."""

OPERATIONS = together([getattr(area, "OPERATIONS", {}) for area in AREAS])
"""Operations of the API that are not as every kind has them, by operation id."""


def rule_of(operation: str, plurals: dict[str, str]) -> tuple[Rule, str] | None:
    """The rule of an operation and the kind it is about; `plurals` gives the kind of a plural."""
    if operation in OPERATIONS:
        return OPERATIONS[operation], ""
    plural, _mark, what = operation.partition("-")
    return (ANY_KIND[what], plurals[plural]) if plural in plurals and what in ANY_KIND else None


__all__ = ["ANY_KIND", "OPERATIONS", "PAGES", "Rule", "rule_of"]
