"""协议计入征集: which agreements the sides of each let the officers of a call count, and read who agreed on how much,
like whoever inspects the call.

An agreement is read by its two sides alone. Of one that was signed each side that has an account here says of itself
that it came from a call, and agrees; until all of them have, no figure and no name of it is told there, and none is
once one of them takes that back. The other side of one is named where it has an account and agreed, else not.
"""

from collections.abc import Callable, Collection, Mapping

from django.db.models import Q, QuerySet

from kezhuan.areas.agreements.models import Agreement, CountedIn
from kezhuan.areas.agreements.permissions import answers, either_side, keeps
from kezhuan.areas.calls.models import Call
from kezhuan.kernel.access import Actor, visible_to

NAMED_AT = ("published", "closed", "decided")
"""Stages of calls from which an agreement may come."""
registered: list[Callable[[Collection[int]], Mapping[int, str]]] = []
"""Filled by the area of contracts: by the id of an agreement the numbers of the contracts registered by it."""


def says_call(actor: Actor, row: Agreement) -> bool:
    """Whether the actor says of an agreement in which call it is counted: for a side of it, once it was signed."""
    return bool(either_side.test(actor, row)) and row.in_force is not None


def side_of(actor: Actor, row: Agreement) -> str:
    """In which column the actor's side agrees; empty for nobody's."""
    if keeps.test(actor, row):
        return "owner_on"
    return "party_on" if answers.test(actor, row) else ""


def said_of(row: Agreement) -> CountedIn | None:
    """What was said so far of the call that an agreement came from."""
    said: CountedIn | None = getattr(row, "counted_in", None)
    return said


def is_asked(actor: Actor, row: Agreement) -> bool:
    """Whether the actor's side is asked to agree that it is counted: the other side has, and it has not answered."""
    said, side = said_of(row), side_of(actor, row)
    return said is not None and bool(side) and waiting_for(side).filter(pk=said.pk).exists()


def waiting_for(side: str) -> QuerySet[CountedIn]:
    """Where the other side has agreed, and the side of this column, which is here, has not answered."""
    other = "party_on" if side == "owner_on" else "owner_on"
    return CountedIn.objects.filter(
        agreement__party__isnull=False, refused_on=None, **{side: None, f"{other}__isnull": False}
    )


def callable_of(actor: Actor, code: str) -> Call | None:
    """The call of this code that the actor sees, from which an agreement may come."""
    rows = Call.objects.filter(record__code=code, record__stage__in=NAMED_AT).select_related("record")
    return visible_to(actor, rows, "title").first()


def counted_in(call: Call) -> QuerySet[CountedIn]:
    """What is counted in a call: of each signed agreement that named it every side here has agreed."""
    agreed = Q(owner_on__isnull=False) & (Q(agreement__party=None) | Q(party_on__isnull=False))
    signed = Agreement.objects.exclude(record__stage="discarded").filter(versions__agreed_on__isnull=False)
    rows = CountedIn.objects.filter(agreed, call=call.pk, agreement__in=signed.values("pk"))
    told = rows.select_related("agreement__record__owner__record", "agreement__party__record")
    return told.prefetch_related("agreement__versions").order_by("pk")


def registered_by(ids: Collection[int]) -> dict[int, str]:
    """By agreement the numbers of the contracts that were registered by it later."""
    return {pk: numbers for told in registered for pk, numbers in told(ids).items()}
