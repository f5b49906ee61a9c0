"""Prices as their readers see them, and what stands beside them."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from kezhuan.areas.achievements.models import Completer
from kezhuan.areas.prices.models import Price
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Identifier, Membership, Notice
from kezhuan.kernel.models.notices import ChannelKind
from kezhuan.kernel.notices import COMPLETED

TOLD = ("record__owner__record", "achievement__title_to", "contract__title_to")
EXEMPTING = frozenset({ChannelKind.UNIT, ChannelKind.MARKET})
"""Where an agreed price is laid open by a leader who relies on the exemption."""


def prices_visible_to(actor: Actor) -> QuerySet[Price]:
    """Prices that the actor may see, with what a list shows."""
    return visible_to(actor, Price.objects.select_related(*TOLD))


def price_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Prices as search reads them, for the few who read them."""
    for row in Price.objects.filter(pk__in=ids).select_related("record", "achievement"):
        text = f"{row.record.summary}\n{row.achievement.code}\n{row.buyer}\n{row.deal_no}"
        yield from search.by_group(row.record, public_text=text, facets={"sort": row.way})


def tied_completers(row: Price) -> list[str]:
    """The names of completers who act for the buyer, as far as its credit code is known here: a tie that is known."""
    if not row.buyer_code:
        return []
    buyers = Identifier.objects.filter(scheme="uscc", value=row.buyer_code, active=True).values("record")
    acting = Membership.objects.filter(organisation__in=buyers, until=None).values("person")
    return list(
        Completer.objects.filter(achievement=row.achievement_id, person__in=acting).values_list("name", flat=True)
    )


def channels_lacking(row: Price) -> list[str]:
    """Where an agreed price was not laid open in full, of the places that the exemption presupposes."""
    done = Notice.objects.filter(about=row.record, move="fix", record__stage=COMPLETED)
    held = set(done.values_list("channels__kind", flat=True))
    # The site's own page before the unit's members is inside the unit too.
    if done.filter(audience="unit", channels__kind=ChannelKind.SITE).exists():
        held.add(ChannelKind.UNIT)
    return [str(kind.label) for kind in ChannelKind if kind in EXEMPTING - held]
