"""What was decided about panels, by whom: told from the journal, for the pages that say who was barred from it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from kezhuan.areas.reviews.models import Panel, Review
from kezhuan.kernel import registry
from kezhuan.kernel.errors import Text
from kezhuan.kernel.history import said_of
from kezhuan.kernel.models import Entry

MOVES = ("assigned", "committed", "drawn", "replaced", "begin", "close", "conclude", "withdraw")
"""What is a decision about a panel, as the journal calls it after the name of the kind."""
EDITS = ("experts", "look-ups", "dismissals", "dismissals-withdrawn", "meeting")
"""The edits of a panel that decide something, by the field that the journal names."""


def panels_about(pk: int) -> dict[int, Panel]:
    """All panels about a record by their ids, those that were withdrawn too: that one was made anew is a decision."""
    return {one.pk: one for one in Panel.objects.filter(about=pk).select_related("record")}


def releases_of(panels: Iterable[int]) -> dict[int, int]:
    """By the id of each review of these panels its panel: an expert is released from the review."""
    return dict(Review.objects.filter(panel__in=list(panels)).values_list("pk", "panel"))


OTHERS: dict[str, Text] = {
    "panel.open": gettext_lazy("review panel made"),
    "review.release": gettext_lazy("expert released"),
}
ABOUT_PANELS = Q(kind__in=[*(f"panel.{name}" for name in MOVES), *OTHERS]) | Q(
    kind="panel.edit", data__fields__0__in=EDITS
)
"""The entries that decide something about panels and their reviews."""


def in_words(record: Any, entry: Entry) -> str:
    """What an entry about a panel decided, in words."""
    if entry.kind in OTHERS:
        return str(OTHERS[entry.kind])
    return said_of(registry.kind_of(record), entry)
