"""Who examines a case of exemption, and who is heard in it."""

from typing import Any

from django.db.models import Q

from kezhuan.areas.exemptions.models import ExemptionPerson
from kezhuan.areas.rights.permissions import keeps_papers
from kezhuan.kernel.access import Actor, predicate
from kezhuan.kernel.predicates import Rows


@predicate
def took_part(actor: Actor, row: Any) -> bool:
    """Took part in one of the decisions, or stands in for somebody who did."""
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    return bool(people) and ExemptionPerson.objects.filter(case=row.pk, person__in=people).exists()


@took_part.beside
def _taking_part(actor: Actor, rows: Rows) -> Q:
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    return rows.where(pk__in=ExemptionPerson.objects.filter(person__in=people).values("case"))


def is_self(actor: Actor, person: ExemptionPerson) -> bool:
    """Whether the actor is who took part, in their own name."""
    return actor.person is not None and actor.represented is None and person.person_id == actor.person.pk


examines = keeps_papers & ~took_part
"""Collects, reviews and proposes: who keeps the unit's papers and did not decide."""
