"""Letters about calls to everybody who writes for a unit."""

from collections.abc import Iterable, Mapping
from typing import Any

from kezhuan.areas.calls.models import Call
from kezhuan.kernel import outbox
from kezhuan.kernel.access import WRITERS
from kezhuan.kernel.models import Membership, Organisation

INVITED = "call.invited"
"""Letter: the receiver's organisation is invited to apply to a call of which nobody else is told."""


def tell_writers(told: Mapping[Organisation, Mapping[str, Any]], letter: str, *, key: str, topic: str = "") -> None:
    """Write to whoever writes for each of these units, with what the letter is about; call inside `writing()`."""
    units = {one.pk: one for one in told}
    writers = Membership.objects.filter(organisation__in=units, until=None, role__in=sorted(WRITERS))
    for one in writers.select_related("person").order_by("pk"):
        unit = units[one.organisation_id]
        outbox.tell(
            one.person,
            letter,
            key=f"{key}:{unit.pk}:{one.person_id}",
            topic=topic,
            acting_for=unit,
            content=dict(told[unit]),
        )


def tell_invited(call: Call, units: Iterable[Organisation]) -> None:
    """Tell units that an open call invites them: once for each time that they come onto its list."""
    told = {one: {"call": call.pk} for one in units}
    tell_writers(told, INVITED, key=f"{INVITED}:{call.pk}:{call.record.version}")
