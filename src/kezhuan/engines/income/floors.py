"""The floors that hold for a place on a day, as dated rule values with their sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kezhuan.engines.findings import Words
from kezhuan.engines.rules import RuleVersion

POOL = "income.floor.pool"
MAIN = "income.floor.main"
OFFICE = "income.floor.office"
PAYOUT = "income.payout"

CODES: dict[str, tuple[Words, str]] = {
    POOL: (Words("净收入中奖励和报酬的最低比例", "least share of net income for rewards"), "basis points"),
    MAIN: (
        Words("奖励总额中主要贡献人员的最低比例", "least share of the reward for main contributors"),
        "basis points",
    ),
    OFFICE: (
        Words("奖励总额中技术转移机构人员的最低比例", "least share of the reward for staff of the transfer office"),
        "basis points",
    ),
    PAYOUT: (Words("未约定时的发放期限", "term of payment where none was agreed"), "months"),
}
"""What each rule value decides, and its unit."""


def by_code(place: str) -> Words:
    """The code itself, where nobody knows the names of places."""
    return Words(place, place)


@dataclass(frozen=True, slots=True)
class Floors:
    """The versions in force for one receipt; None where no document is known, which limits nothing."""

    jurisdiction: str
    pool: RuleVersion | None = None
    main: RuleVersion | None = None
    office: RuleVersion | None = None
    payout: RuleVersion | None = None
    named: Callable[[str], Words] = by_code
    """What a place is called in a sentence."""


def floors_from(
    jurisdiction: str, look_up: Callable[[str], RuleVersion | None], named: Callable[[str], Words] = by_code
) -> Floors:
    """The floors of a place, each by its code; `named` gives the names of places."""
    return Floors(jurisdiction, look_up(POOL), look_up(MAIN), look_up(OFFICE), look_up(PAYOUT), named)
