"""Search and matching over everything: one index per process that follows the journal and repairs itself."""

from kezhuan.kernel.search.columns import SEVERAL, Supply
from kezhuan.kernel.search.documents import (
    LEVEL_FULL,
    LEVEL_PUBLIC,
    LEVEL_TITLE,
    DocumentSource,
    SearchDocument,
    by_group,
    by_record,
    register_source,
)
from kezhuan.kernel.search.held import forget_live_index, live_index
from kezhuan.kernel.search.live import LiveIndex
from kezhuan.kernel.search.queries import (
    BEST,
    NEWEST,
    Asked,
    FacetCount,
    Position,
    Results,
    audience_mask,
    matching,
    search,
)
from kezhuan.kernel.search.status import Status

__all__ = [
    "BEST",
    "LEVEL_FULL",
    "LEVEL_PUBLIC",
    "LEVEL_TITLE",
    "NEWEST",
    "SEVERAL",
    "Asked",
    "DocumentSource",
    "FacetCount",
    "LiveIndex",
    "Position",
    "Results",
    "SearchDocument",
    "Status",
    "Supply",
    "audience_mask",
    "by_group",
    "by_record",
    "forget_live_index",
    "live_index",
    "matching",
    "register_source",
    "search",
]
