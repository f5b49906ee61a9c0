"""What is written to people about notices: whoever objected learns of the decision."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.notices.lifecycle import DECIDED
from kezhuan.kernel import outbox, registry
from kezhuan.kernel.access import Actor
from kezhuan.web import faces
from kezhuan.web.letters import record_of


def register() -> None:
    """Register the area's letters; called once from `apps.py`."""
    outbox.register_letter(DECIDED, decided, label=gettext_lazy("an objection has been decided"))


def decided(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """What became of the receiver's objection; the officers' words are for the officers."""
    found = record_of(actor, content["objection"])
    if found is None:
        return None
    record, title = found
    words = {"title": title, "stage": registry.kind_of(record).lifecycle.stages[record.stage].label}
    subject = _("%(title)s: %(stage)s") % words
    text = _("Your objection %(code)s has been decided: %(stage)s.") % {"code": record.code, "stage": words["stage"]}
    return outbox.Letter(subject, text, faces.url_of(record))
