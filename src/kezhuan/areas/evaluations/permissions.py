"""Who prepares an evaluation for its unit, and who evaluates."""

from typing import Any

from django.db.models import Q

from kezhuan.kernel.access import WRITERS, Actor, is_officer, predicate, represents_owner
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.predicates import Rows

KIND = "evaluation"


def may_prepare(actor: Actor, owner: Organisation | None) -> bool:
    """Whether the actor prepares an evaluation for this unit: its members with writing rights, and no officer."""
    own = owner is not None and owner == actor.organisation and not actor.is_officer
    return own and bool(actor.roles & WRITERS) and actor.acts_in(KIND)


@predicate
def is_completer(actor: Actor, row: Any) -> bool:
    """Has completed the achievement, or acts now or elsewhere for a unit that owns a part of it."""
    return bool(_touched(actor).filter(pk=row.achievement_id).exists())


@is_completer.beside
def _completed(actor: Actor, rows: Rows) -> Q:
    return rows.where(achievement__in=_touched(actor).values("pk"))


def _touched(actor: Actor) -> Any:
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    units = [one.pk for one in actor.choices]
    own = Q(achievement__completers__person__in=people) | Q(achievement__owners__organisation__in=units)
    return Record.objects.filter(own, kind="achievement")


@predicate
def is_numbered(_actor: Actor, row: Any) -> bool:
    """The registry's number is entered: what registers a result is that reading, so the step is offered nowhere
    else."""
    return bool(row.reg_no)


is_numbered.beside(lambda _actor, rows: rows.where(reg_no__gt=""))


@predicate
def is_commissioned(_actor: Actor, row: Any) -> bool:
    """The unit has chosen an agency (第三方评价机构) that evaluates it."""
    return row.agency_id is not None


is_commissioned.beside(lambda _actor, rows: rows.where(agency__isnull=False))


@predicate
def is_of_agency(actor: Actor, row: Any) -> bool:
    """Writes for the agency that the unit has chosen."""
    own = actor.organisation is not None and row.agency_id == actor.organisation.pk
    return bool(own and actor.roles & WRITERS and actor.acts_in(KIND))


@is_of_agency.beside
def _of_agency(actor: Actor, rows: Rows) -> Q:
    if actor.organisation is None or not actor.roles & WRITERS or not actor.acts_in(KIND):
        return rows.none
    return rows.where(agency=actor.organisation.pk)


evaluates = (is_of_agency | is_officer & ~is_commissioned) & ~represents_owner & ~is_completer
"""Evaluates: the agency that the unit has chosen, else an officer in charge; never of the unit, never a completer or a
co-owner of the achievement."""
reports = is_of_agency & evaluates
"""Adds the agency's own report to the case."""
