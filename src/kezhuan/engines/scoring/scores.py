"""From an expert's marks to an item's score, exactly: no binary fractions, rounded once and at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

WHOLE = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is marked: its code, its weight in basis points, the lowest and highest mark.

    A weight of zero makes the criterion independent: marked and shown, and not counted.
    """

    code: str
    weight: int
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    """One expert's marks for one item, by criterion."""

    expert: str
    item: str
    marks: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class DropRule:
    """Leave out the highest and the lowest total where at least `from_experts` have scored; three or more of them.

    The number is the call's or a rule value's; the domain has no law for it.
    """

    from_experts: int

    def __post_init__(self) -> None:
        if self.from_experts < 3:
            raise ValueError(
                "Highest and lowest can be left out from three experts on; fewer leave nothing to average."
            )


@dataclass(frozen=True, slots=True)
class FlagRule:
    """From which distance, in points of the totals, an item's scores are looked at again.

    `spread`: between its highest and lowest total. `outlier`: between one total and the median of the other experts'.
    """

    spread: Decimal
    outlier: Decimal


@dataclass(frozen=True)
class ItemScore:
    """An item's score with all that led to it.

    `score` is the mean of the counted totals, to hundredths (half away from zero). `totals` are by expert and exact to
    hundredths for showing; `dropped` names whose total was left out (the highest, the lowest). `spread` is highest
    minus lowest of all totals; `outliers` and `is_spread` follow the rule that was given.
    """

    item: str
    score: Decimal
    totals: Mapping[str, Decimal]
    dropped: tuple[str, ...]
    spread: Decimal
    is_spread: bool
    outliers: tuple[str, ...]


def sheet_total(sheet: Sheet, criteria: Sequence[Criterion]) -> Fraction:
    """The weighted sum of a sheet's marks, exact, in points of the marks.

    Raises ValueError, naming expert, item and criterion, for a mark that is missing, unknown, no number or out of
    range: an incomplete sheet never counts. Weights must add up to 10,000 basis points.
    """
    if sum(one.weight for one in criteria) != WHOLE or min(one.weight for one in criteria) < 0:
        raise ValueError("The weights of the criteria must be zero or more and add up to 10,000 basis points.")
    place = f"Sheet of “{sheet.expert}” for “{sheet.item}”"
    unknown = sheet.marks.keys() - {one.code for one in criteria}
    if unknown:
        raise ValueError(f"{place}: there is no criterion “{min(unknown)}”.")
    total = Fraction(0)
    for criterion in criteria:
        mark = sheet.marks.get(criterion.code)
        if mark is None:
            raise ValueError(f"{place}: “{criterion.code}” has no mark; a sheet counts only when it is complete.")
        if not (mark.is_finite() and criterion.low <= mark <= criterion.high):
            raise ValueError(f"{place}: “{criterion.code}” is {mark}, not from {criterion.low} to {criterion.high}.")
        total += Fraction(mark) * criterion.weight
    return total / WHOLE


def item_score(
    sheets: Sequence[Sheet], criteria: Sequence[Criterion], *, flags: FlagRule, drop: DropRule | None = None
) -> ItemScore:
    """Score one item from all its sheets.

    With a drop rule one highest and one lowest total are left out of the mean (去掉一个最高分、一个最低分); of equal
    ones that of the first expert by name, which changes no score. Raises ValueError for no sheet, for sheets of
    several items, for two sheets of one expert, and for what `sheet_total` refuses.
    """
    names = [sheet.expert for sheet in sheets]
    items = {sheet.item for sheet in sheets}
    if len(items) != 1:
        raise ValueError(f"Sheets of exactly one item make a score; these are of {len(items)}.")
    item = items.pop()
    if len(set(names)) != len(names):
        raise ValueError(f"“{item}”: one expert has handed in two sheets; only one of them can count.")
    totals = {sheet.expert: sheet_total(sheet, criteria) for sheet in sorted(sheets, key=lambda one: one.expert)}
    dropped: tuple[str, ...] = ()
    if drop is not None and len(totals) >= drop.from_experts:
        highest = max(totals, key=lambda name: totals[name])
        lowest = min((name for name in totals if name != highest), key=lambda name: totals[name])
        dropped = (highest, lowest)
    counted = [total for name, total in totals.items() if name not in dropped]
    spread = max(totals.values()) - min(totals.values())
    return ItemScore(
        item,
        to_hundredths(sum(counted, Fraction(0)) / len(counted)),
        {name: to_hundredths(total) for name, total in totals.items()},
        dropped,
        to_hundredths(spread),
        spread >= flags.spread,
        tuple(name for name in totals if _is_outlier(name, totals, flags.outlier)),
    )


def _is_outlier(name: str, totals: Mapping[str, Fraction], distance: Decimal) -> bool:
    """Whether a total is far from the median of the others'; two experts disagree, and neither is the outlier."""
    others = sorted(total for other, total in totals.items() if other != name)
    if len(others) < 2:
        return False
    middle = (others[(len(others) - 1) // 2] + others[len(others) // 2]) / 2
    return abs(totals[name] - middle) >= distance


def to_hundredths(value: Fraction) -> Decimal:
    """An exact number rounded to hundredths, half away from zero, as people round."""
    cents = abs(value) * 100
    whole = int(cents + Fraction(1, 2))
    return (Decimal(whole if value >= 0 else -whole) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
