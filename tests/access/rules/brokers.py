"""Brokers and their queues."""

from typing import Any

from kezhuan.areas.brokers.permissions import keeps, lets_read, plans_queues
from kezhuan.kernel.access import Actor
from tests.access.rules.rule import SIGNED_IN, Rule, both, named, sees, signed_in


def keeps_broker(actor: Actor, row: Any) -> bool:
    """Who makes and ends brokers of the unit."""
    return bool(keeps.test(actor, row.organisation))


PAGES = {
    **dict.fromkeys(("brokers", "brokers-plan"), Rule(plans_queues.test)),
    **dict.fromkeys(("my-queue", "pairs"), SIGNED_IN),
    "pair": Rule(sees, "pair"),
    "need-brokers": Rule(both(lets_read.test), "need"),
    "broker-new": Rule(both(keeps.test), "organisations"),
    **dict.fromkeys(("broker-edit", "broker-end"), Rule(keeps_broker, "brokers")),
}

_FACTS = {"fields": ["materials"]}

OPERATIONS = {
    "brokers-list": Rule(signed_in),
    "brokers-create": Rule(
        named(keeps.test),
        "organisation",
        by="post",
        form=lambda row: {"organisation": row.record.code, "person": "P-2020-99999", **_FACTS},
    ),
    "brokers-change": Rule(keeps_broker, "brokers", by="put", form=_FACTS),
    "brokers-end": Rule(keeps_broker, "brokers", by="post"),
    "brokers-plan": Rule(plans_queues.test),
    "needs-brokers": Rule(both(lets_read.test), "need"),
    "needs-let-brokers": Rule(both(lets_read.test), "need", by="put", form={"brokers": []}),
    "brokers-give": Rule(
        plans_queues.test,
        by="post",
        form={"pairs": [{"need": "N-2020-99999", "supply": "A-2020-99999", "broker": 1}]},
    ),
}
