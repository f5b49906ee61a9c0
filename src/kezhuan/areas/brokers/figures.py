"""What became of the pairs in brokers' queues: counted from introductions, and from contracts that were registered."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from kezhuan.areas.brokers.models import Broker, BrokeredPair
from kezhuan.areas.brokers.queries import GIVEN, TAKEN

MET, INTENT, CONTRACT = ("met", "intent", "contract"), ("intent", "contract"), ("contract",)
"""Stages of introductions that came at least so far and did not end otherwise."""


@dataclass(frozen=True)
class Figures:
    """Pairs of a broker: waiting, taken up and still followed, taken up in all; of these those that met, came to an
    intent, to a contract as the sides say, and to a contract that was registered."""

    waiting: int = 0
    followed: int = 0
    taken: int = 0
    met: int = 0
    intent: int = 0
    contract: int = 0
    registered: int = 0
    returned: int = 0

    @property
    def conversion_bp(self) -> int | None:
        """Of pairs taken up how many came to a registered contract, in basis points; None where none was taken up."""
        return round(10_000 * self.registered / self.taken) if self.taken else None


def figures_of(brokers: Iterable[Broker]) -> dict[int, Figures]:
    """The figures of brokers by number; one query."""
    rows = BrokeredPair.objects.filter(broker__in=[one.pk for one in brokers])
    taken = Q(introduction__isnull=False)

    def at(stages: Iterable[str]) -> Count:
        return Count("pk", filter=Q(introduction__record__stage__in=list(stages), last=True))

    counted = (
        rows.order_by()
        .values("broker")
        .annotate(
            waiting=Count("pk", filter=Q(record__stage=GIVEN)),
            followed=Count("pk", filter=Q(record__stage=TAKEN)),
            taken=Count("pk", filter=taken),
            met=at(MET),
            intent=at(INTENT),
            contract=at(CONTRACT),
            stand=Count("pk", filter=Q(registered=True)),
            returned=Count("pk", filter=Q(record__stage="returned")),
        )
    )
    return {
        one["broker"]: Figures(
            one["waiting"], one["followed"], one["taken"], one["met"], one["intent"], one["contract"], one["stand"],
            one["returned"],
        )
        for one in counted
    }  # fmt: skip
