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
from kezhuan.engines.income.ways import WAYS, Reckoned, WayRules, award, equity, profit, ways_from

__all__ = [
    "CODES",
    "DEDUCTIONS",
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
    "ways_from",
]
