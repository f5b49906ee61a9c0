"""What units are written about projects: that they are asked into a consortium."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.projects.actions import INVITED, TOPIC
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.permissions import is_asked_to_join, is_invited
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor
from kezhuan.web import faces
from kezhuan.web.names import name_of


def invited(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """A leader asks the receiver's unit into its consortium, while that waits for an answer."""
    row = Project.objects.select_related("record", "leader__record").filter(pk=content["project"]).first()
    if row is None or not (is_invited.test(actor, row) or is_asked_to_join.test(actor, row)):
        return None
    words = {"leader": name_of(row.leader.record), "title": name_of(row.record)}
    text = _("%(leader)s asks your unit to take part in “%(title)s”. Read its task book, then answer.") % words
    return outbox.Letter(_("Your unit is asked into a project"), text, faces.url_of(row.record))


def register() -> None:
    """Called once when Django has loaded the models."""
    outbox.register_letter(INVITED, invited, label=gettext_lazy("asked into a project"))
    outbox.register_topic(TOPIC, lambda _topic: gettext_lazy("projects into which your unit is asked"))
