"""What passes of imports when somebody leaves a post: those that are not over, which a colleague goes on with."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.exchange.models import FINAL, Import, State
from kezhuan.kernel.access import Actor
from kezhuan.kernel.handover import Share
from kezhuan.kernel.models import Organisation, Person


def _open(person: Person, organisation: Organisation) -> QuerySet[Import]:
    """Not over; one that was stopped half-way waits for somebody to go on."""
    over = set(FINAL) - {State.STOPPED}
    return Import.objects.filter(by=person, acting_for=organisation).exclude(state__in=over).order_by("pk")


def _lines(person: Person, organisation: Organisation) -> Sequence[str]:
    return [f"{one.pk} · {one.file_name} · {one.get_state_display()}" for one in _open(person, organisation)]


def _pass(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    _open(person, organisation).update(by=successor)


SHARES = (Share(_("Imports that are not over"), _lines, _pass),)
