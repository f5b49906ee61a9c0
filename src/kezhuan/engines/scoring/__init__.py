"""Scores of a review: weighted criteria, the drop-one rule, spread and outliers, harshness, ranks with their ties."""

from kezhuan.engines.scoring.harshness import Corrected, corrected_scores
from kezhuan.engines.scoring.ranks import Place, cut, places
from kezhuan.engines.scoring.scores import (
    Criterion,
    DropRule,
    FlagRule,
    ItemScore,
    Sheet,
    item_score,
    sheet_total,
    to_hundredths,
)

__all__ = [
    "Corrected",
    "Criterion",
    "DropRule",
    "FlagRule",
    "ItemScore",
    "Place",
    "Sheet",
    "corrected_scores",
    "cut",
    "item_score",
    "places",
    "sheet_total",
    "to_hundredths",
]
