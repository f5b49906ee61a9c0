"""Who offers what a consortium opens, who books it, and who answers and keeps the log of its use."""

from typing import Any

from django.db.models import Q, QuerySet

from kezhuan.areas.chains.models import BookingState, Offer, Reach
from kezhuan.areas.projects.models import Member, MemberState, Project
from kezhuan.kernel.access import WRITERS, Actor, predicate, represents_owner
from kezhuan.kernel.predicates import Rows

KIND = "offer"
STANDS = frozenset({"signed", "running", "suspended", "accepting", "rectifying", "accepted", "evaluated"})
"""Stages of a project in which its consortium stands by a signed task book."""


def unit_of(actor: Actor) -> int | None:
    """The organisation that the actor writes for, no office."""
    writes = actor.organisation is not None and bool(actor.roles & WRITERS) and not actor.is_officer
    return actor.organisation.pk if writes and actor.acts_in(KIND) and actor.organisation is not None else None


def projects_of(unit: int | None) -> QuerySet[Project]:
    """The projects whose standing consortium an organisation is of."""
    taking_part = Member.objects.filter(organisation=unit, state=MemberState.ACCEPTED).values("project")
    return Project.objects.filter(pk__in=taking_part, record__stage__in=sorted(STANDS))


def own_projects(actor: Actor) -> QuerySet[Project]:
    """The projects in whose consortium the actor's organisation takes part, where they write for it."""
    return projects_of(unit_of(actor)).select_related("record").order_by("pk")


def may_offer(actor: Actor) -> bool:
    """Whether the actor opens something to a consortium: they write for a member of one."""
    return unit_of(actor) is not None and own_projects(actor).exists()


def may_book(actor: Actor, offer: Offer) -> bool:
    """Whether the actor books an offer that is open: for another organisation than the one that offers it, a member of
    the consortium where only these may."""
    unit = unit_of(actor)
    if unit is None or offer.record.stage != "open" or unit == offer.record.owner_id:
        return False
    return offer.reach == Reach.ANY or projects_of(unit).filter(pk=offer.project_id).exists()


@predicate
def is_asked_for(_actor: Actor, row: Any) -> bool:
    """A booking of the offer waits for an answer."""
    return bool(_asked_for().filter(pk=row.pk).exists())


def _asked_for() -> QuerySet[Offer, int]:
    rows = Offer.objects.filter(bookings__state=BookingState.REQUESTED, record__stage__in=("open", "closed"))
    return rows.values_list("pk", flat=True)


@is_asked_for.beside
def _being_asked_for(_actor: Actor, rows: Rows) -> Q:
    return rows.where(pk__in=_asked_for())


answers_bookings = represents_owner & is_asked_for
"""Answers what is asked for: whoever writes for the organisation that offers it."""
