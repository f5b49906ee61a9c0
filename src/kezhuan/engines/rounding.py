"""Numbers rounded so that those who add them up get the sum that stands beside them."""

import math
from collections.abc import Sequence
from decimal import Decimal


def adding_up(values: Sequence[float], places: int) -> list[float]:
    """The values with so many decimals, adding up to their sum with so many: of all cut, those that lost most are
    rounded up. None is off by a whole unit or changes its sign."""
    unit = 10**places
    exact = [Decimal(value) * unit for value in values]
    cut = [math.floor(one) for one in exact]
    whole = int(Decimal(f"{math.fsum(values):.{places}f}") * unit)
    lost_most = sorted(range(len(cut)), key=lambda place: cut[place] - exact[place])
    for place in lost_most[: whole - sum(cut)]:
        cut[place] += 1
    return [math.copysign(one / unit, value) for one, value in zip(cut, values, strict=True)]
