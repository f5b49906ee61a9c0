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

evaluates = is_officer & ~represents_owner & ~is_completer
"""Evaluates: an officer in charge, never of the unit, never a completer or a co-owner of the achievement."""
