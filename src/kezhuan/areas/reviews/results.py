"""What came of the scores of a panel: kept with its items when the scores are closed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from kezhuan.areas.reviews.models import Panel, Sheet
from kezhuan.engines import scoring

CAUTION = 1.0
"""How far an expert's lean is trusted (`engines.scoring.harshness`): chance varies as much as leans do."""
LOW, HIGH = Decimal(0), Decimal(100)


def criteria_of(panel: Panel) -> list[scoring.Criterion]:
    """The criteria as the engine takes them; each is called by its place."""
    return [scoring.Criterion(str(place), one["weight"], LOW, HIGH) for place, one in enumerate(panel.criteria)]


def as_sheet(row: Sheet) -> scoring.Sheet:
    """A sheet as the engine takes it; experts are called by their number on the panel."""
    marks = {str(place): Decimal(mark) for place, mark in enumerate(row.marks)}
    return scoring.Sheet(f"{row.review.number:03d}", str(row.item_id), marks)


def total_of(panel: Panel, row: Sheet) -> Decimal:
    """The weighted total of a sheet that was submitted."""
    return scoring.to_hundredths(scoring.sheet_total(as_sheet(row), criteria_of(panel)))


def counted(panel: Panel) -> Any:
    """The sheets that count: submitted, and not given back."""
    rows = Sheet.objects.filter(item__panel=panel.pk, submitted_at__isnull=False, recused="")
    return rows.select_related("review", "item")


def score_items(panel: Panel, sheets: Sequence[Sheet]) -> dict[int, dict[str, Any]]:
    """By item what led to its score: raw mean, rank, totals by expert's number, those left out, spread, outliers, and
    beside the raw score the one corrected for harsh and lenient experts, with its rank."""
    criteria = criteria_of(panel)
    flags = scoring.FlagRule(Decimal(panel.spread_flag), Decimal(panel.outlier_flag))
    drop = scoring.DropRule(panel.drop_from) if panel.drop_from else None
    by_item: dict[int, list[scoring.Sheet]] = {}
    for row in sheets:
        by_item.setdefault(row.item_id, []).append(as_sheet(row))
    scores = {pk: scoring.item_score(own, criteria, flags=flags, drop=drop) for pk, own in by_item.items()}
    ranks = {one.item: one.rank for one in scoring.places({str(pk): one.score for pk, one in scores.items()})}
    totals = {(expert, str(pk)): float(total) for pk, one in scores.items() for expert, total in one.totals.items()}
    corrected = scoring.corrected_scores(totals, caution=CAUTION)
    shown = {name: Decimal(f"{value:.2f}") for name, value in corrected.scores.items()}
    corrected_ranks = {one.item: one.rank for one in scoring.places(shown)}
    return {
        pk: {
            "score": str(one.score),
            "rank": ranks[str(pk)],
            "totals": {str(int(expert)): str(total) for expert, total in one.totals.items()},
            "dropped": [int(expert) for expert in one.dropped],
            "spread": str(one.spread),
            "is_spread": one.is_spread,
            "outliers": [int(expert) for expert in one.outliers],
            "corrected": str(shown[str(pk)]),
            "corrected_rank": corrected_ranks[str(pk)],
            "compares": corrected.groups[str(pk)],
        }
        for pk, one in scores.items()
    }
