"""For whom a command acts when nobody signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kezhuan.kernel.access import Actor


def first_officer() -> Actor:
    """The city's first officer, or the program itself when there is none."""
    from django.conf import settings
    from django.db.models import Q

    from kezhuan.areas.people.actions import SYSTEM
    from kezhuan.kernel.access import actor_for
    from kezhuan.kernel.models import Membership
    from kezhuan.kernel.models.parties import Role
    from kezhuan.kernel.text import today

    day = today()
    first = (
        Membership.objects.filter(
            role=Role.OFFICER, jurisdiction__in=("", settings.CITY), programme="", department="", since__lte=day
        )
        .filter(Q(until=None) | Q(until__gte=day))
        .select_related("person__record")
        .order_by("pk")
        .first()
    )
    return SYSTEM if first is None else actor_for(first.person, first.organisation_id)
