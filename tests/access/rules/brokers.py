"""Brokers and their queues."""

from typing import Any

from kezhuan.areas.brokers.permissions import keeps, plans_queues
from kezhuan.kernel.access import Actor
from tests.access.rules.rule import SIGNED_IN, Rule, both, sees


def keeps_broker(actor: Actor, row: Any) -> bool:
    """Who makes and ends brokers of the unit."""
    return bool(keeps.test(actor, row.organisation))


PAGES = {
    **dict.fromkeys(("brokers", "brokers-plan"), Rule(plans_queues.test)),
    **dict.fromkeys(("my-queue", "pairs"), SIGNED_IN),
    "pair": Rule(sees, "pair"),
    "broker-new": Rule(both(keeps.test), "organisations"),
    **dict.fromkeys(("broker-edit", "broker-end"), Rule(keeps_broker, "brokers")),
}
