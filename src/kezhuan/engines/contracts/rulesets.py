"""Rule sets of registration: which holds on a day, its terms, when experts are asked; each value with its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from kezhuan.engines.contracts.codes import data
from kezhuan.engines.findings import Words

DayKind = Literal["calendar", "working"]
Measure = Literal["technology", "turnover"]


@dataclass(frozen=True, slots=True)
class Review:
    """When experts are asked: from an amount in 分 up, counted by a measure, and on dispute."""

    measure: Measure
    amount: int
    on_dispute: bool
    source: str


@dataclass(frozen=True, slots=True)
class Term:
    """Within how many days of acceptance a contract is registered."""

    days: int
    day_kind: DayKind
    source: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A version of the rules. One that is not in force is used when it is named, never by date.

    `longer_days` is the term where experts are asked. `supplement` cites that the acceptance date is the day of the
    completed supplement; None where the document was not found to say so. The others cite the refusal of oral
    contracts, application within validity, registration once only, and the reckoning of the technology amount.
    """

    name: str
    words: Words
    in_force: bool
    since: date | None
    source: str
    term: Term
    longer_days: int | None
    review: Review | None
    supplement: str | None
    form: str
    validity: str
    once: str
    amount: str


def _read(name: str) -> RuleSet:
    content: dict[str, Any] = data(name)
    term, review = content["term"], content.get("review")
    return RuleSet(
        name=content["name"],
        words=Words(content["zh"], content["en"]),
        in_force=content["in_force"],
        since=content.get("from"),
        source=content["source"],
        term=Term(term["days"], term["day_kind"], term["source"]),
        longer_days=term.get("longer_days"),
        review=Review(review["measure"], review["amount_fen"], review["on_dispute"], review["source"])
        if review
        else None,
        supplement=content["supplement"]["source"] if "supplement" in content else None,
        form=content["form"]["source"],
        validity=content["validity"]["source"],
        once=content["once"]["source"],
        amount=content["amount"]["source"],
    )


NAMES = ("2000-063", "2024-draft")


@cache
def rule_sets() -> dict[str, RuleSet]:
    """Every rule set by name."""
    return {name: _read(name) for name in NAMES}


def rule_set_on(day: date) -> RuleSet | None:
    """The rule set in force on a day, the newest; None before the first."""
    held = [one for one in rule_sets().values() if one.in_force and one.since is not None and one.since <= day]
    return max(held, key=lambda one: one.since or date.min, default=None)
