"""Distribute what an achievement brought in: net income, reward pool, floors, persons, unit; every yuan once.

Rules: 促进科技成果转化法 (2015) 第四十五条 and what provinces set beyond it; the engine takes the values as arguments.
"""

from kezhuan.engines.income.distribution import (
    Distribution,
    Figure,
    Line,
    distribute,
    distribute_all,
)
from kezhuan.engines.income.dividing import divide
from kezhuan.engines.income.floors import CODES, Floors, floors_from
from kezhuan.engines.income.rewards import Investment, ProfitYear, distribute_equity, distribute_profit
from kezhuan.engines.income.terms import (
    DEDUCTIONS,
    Agreement,
    Deduction,
    Member,
    Owners,
    Receipt,
    Role,
    deduction_kind,
)
from kezhuan.engines.income.ways import (
    CODES_OF,
    MOST_YEARS,
    WAYS,
    Reckoned,
    WayRules,
    award,
    equity,
    profit,
    refused_equity,
    ways_from,
    year_ends,
)

__all__ = [
    "CODES",
    "CODES_OF",
    "DEDUCTIONS",
    "MOST_YEARS",
    "WAYS",
    "Agreement",
    "Deduction",
    "Distribution",
    "Figure",
    "Floors",
    "Investment",
    "Line",
    "Member",
    "Owners",
    "ProfitYear",
    "Receipt",
    "Reckoned",
    "Role",
    "WayRules",
    "award",
    "deduction_kind",
    "distribute",
    "distribute_all",
    "distribute_equity",
    "distribute_profit",
    "divide",
    "equity",
    "floors_from",
    "profit",
    "refused_equity",
    "ways_from",
    "year_ends",
]
