"""Who makes calls, and who applies."""

from typing import Any

from kezhuan.areas.calls.models import Application
from kezhuan.kernel.access import WRITERS, Actor, is_officer, predicate
from kezhuan.kernel.text import now

PROGRAMME = "call"


def makes_calls(actor: Actor) -> bool:
    """Whether the actor makes calls for the office they act for: officers in charge of calls in its district."""
    office = actor.organisation
    return office is not None and actor.is_officer and actor.is_in_charge(office.region, PROGRAMME)


def may_apply(actor: Actor) -> bool:
    """Whether the actor writes applications for the organisation they act for: not an officer, who decides on them."""
    return (
        actor.organisation is not None
        and not actor.is_officer
        and bool(actor.roles & WRITERS)
        and actor.acts_in("application")
    )


@predicate
def is_over(_actor: Actor, row: Any) -> bool:
    """The time for applications to the call is over by the server's clock: before it nobody is offered to close it."""
    return row.deadline is not None and now() > row.deadline


@predicate
def asks_questions(actor: Actor, row: Any) -> bool:
    """May apply, reads the list, and the call takes applications."""
    return row.record.stage == "published" and not is_over.test(actor, row) and may_apply(actor)


@predicate
def answers_questions(actor: Actor, row: Any) -> bool:
    """Is an officer in charge of a call that is published and not decided."""
    return row.record.stage in {"published", "closed"} and bool(is_officer.test(actor, row))


@predicate
def posts_again(actor: Actor, row: Any) -> bool:
    """Is an officer in charge, who makes calls, of a call that nobody applied to."""
    return row.record.stage == "unclaimed" and makes_calls(actor) and bool(is_officer.test(actor, row))


@predicate
def is_applicant(actor: Actor, row: Any) -> bool:
    """Acts, now or elsewhere, for a unit that has applied to the call: nobody chooses for themselves."""
    mine = [one.pk for one in actor.choices]
    return bool(mine) and Application.objects.filter(item__call=row.pk, alive=True, applicant__in=mine).exists()


@predicate
def proposes(actor: Actor, row: Any) -> bool:
    """An officer in charge, of no applicant: proposes who is to be chosen."""
    return bool(is_officer.test(actor, row)) and not is_applicant.test(actor, row)
