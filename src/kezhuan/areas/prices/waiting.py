"""What of prices waits without a term: what was decided or stands, for who settles it."""

from kezhuan.areas.prices.lifecycle import KIND
from kezhuan.areas.prices.permissions import settles_price
from kezhuan.web import inbox

STAGES = ("decided", "fixed")


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(inbox.kept_at(KIND, STAGES, settles_price), standing={KIND: STAGES}))
