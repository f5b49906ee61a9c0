"""What is written to people about approvals: a step waits for them, or what they asked for has come to an end."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.approvals.permissions import steps_waiting_for
from kezhuan.areas.approvals.waiting_actions import ENDED, TOPIC, WAITS
from kezhuan.kernel import outbox, registry
from kezhuan.kernel.access import Actor
from kezhuan.web import faces
from kezhuan.web.letters import record_of


def register() -> None:
    """Register the area's letters; called once from `apps.py`."""
    outbox.register_letter(WAITS, waits, label=gettext_lazy("a step waits for a signature"), asks=True)
    outbox.register_letter(ENDED, ended, label=gettext_lazy("an approval has ended"))
    outbox.register_topic(TOPIC, lambda _topic: gettext_lazy("approvals that wait for you or that you asked for"))


def waits(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """A step waits for the receiver; nothing when it was closed meanwhile."""
    found = record_of(actor, content["approval"])
    if found is None or not steps_waiting_for(actor).filter(pk=content["step"]).exists():
        return None
    record, title = found
    subject = _("Waits for your signature: %(title)s") % {"title": title}
    text = _("%(code)s “%(title)s” waits for your signature.") % {"code": record.code, "title": title}
    return outbox.Letter(subject, text, faces.url_of(record))


def ended(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """What the receiver asked for was approved, returned, or overtaken; opinions are read on the site."""
    found = record_of(actor, content["approval"])
    if found is None:
        return None
    record, title = found
    stage = registry.kind_of(record).lifecycle.stages[record.stage].label
    subject = _("%(title)s: %(stage)s") % {"title": title, "stage": stage}
    text = _("%(code)s “%(title)s”, which you asked for, is now: %(stage)s.") % {
        "code": record.code,
        "title": title,
        "stage": stage,
    }
    return outbox.Letter(subject, text, faces.url_of(record))
