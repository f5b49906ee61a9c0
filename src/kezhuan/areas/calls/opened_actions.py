"""Several people write one application: whoever opens its form is told who has it open. These rows are written here."""

from datetime import timedelta

from django.db.models import QuerySet

from kezhuan.areas.calls.models import Application, Opened
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person
from kezhuan.kernel.text import now

OPEN = timedelta(minutes=30)
"""A form that was opened longer ago, and not saved, is taken as left."""


def note_opened(actor: Actor, application: Application) -> list[Opened]:
    """Note that the actor has opened the form of their unit's application; who else has, the last one first."""
    assert actor.person is not None
    moment = now()
    Opened.objects.update_or_create(application=application, person=actor.person, defaults={"at": moment})
    others = Opened.objects.filter(application=application, at__gt=moment - OPEN).exclude(person=actor.person)
    return list(others.select_related("person__record").order_by("-at"))


def note_saved(actor: Actor, application: Application) -> None:
    """The actor has saved the form: nobody is warned of them any more."""
    Opened.objects.filter(application=application, person=actor.person).delete()


def forget_opened(rows: QuerySet[Opened], _person: Person, _actor: Actor) -> None:
    """Nobody is told of them any more."""
    rows.delete()
