"""What is asked of organisations and people."""

from django.db.models import QuerySet

from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Organisation, Person


def organisations_visible_to(actor: Actor, group: str = "title") -> QuerySet[Organisation]:
    """Organisations whose field group the actor may see."""
    return visible_to(actor, Organisation.objects.select_related("record"), group)


def people_visible_to(actor: Actor, group: str = "title") -> QuerySet[Person]:
    """People whose field group the actor may see."""
    return visible_to(actor, Person.objects.select_related("record"), group)
