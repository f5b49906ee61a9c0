"""Pairs in brokers' queues in the API: read by whom they concern, taken up and handed back by their moves."""

from typing import Any

from kezhuan.api.records import AUDIENCES, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.areas.brokers.models import BrokeredPair
from kezhuan.areas.brokers.schemas import BrokeredPairShown
from kezhuan.areas.brokers.wording import fit_line
from kezhuan.kernel.access import Actor

_SIDES = tuple(f"{side}__{name}" for side in ("need__record", "supply") for name in ("owner__record", *AUDIENCES))


def pair_fields(actor: Actor, row: BrokeredPair, groups: frozenset[str]) -> dict[str, Any]:
    """What a pair shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    introduced = row.introduction.record if row.introduction is not None else None
    return {
        "broker": row.broker.person.record.title,
        "need": reference(actor, row.need.record),
        "supply": reference(actor, row.supply),
        "introduction": reference(actor, introduced) if introduced is not None else None,
        "score": row.score,
        "fit": row.fit,
        "because": fit_line(row.why),
        "registered": row.registered,
    }


add_resource(
    Resource(
        slug="pair",
        plural="pairs",
        shown=BrokeredPairShown,
        fields=pair_fields,
        related=(
            "broker__person__record",
            "broker__organisation__record",
            *_SIDES,
            *(f"introduction__record__{name}" for name in AUDIENCES),
        ),
    )
)
