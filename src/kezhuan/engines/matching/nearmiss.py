"""Why not: the smallest single change that would lift a record just under the line over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .index import Index
from .records import Item, NearMiss


def near_misses(index: Index, need: Item, k: int, below: int, allowed: NDArray[np.bool_] | None) -> list[NearMiss]:
    """See `Matcher.why_not`."""
    return []
