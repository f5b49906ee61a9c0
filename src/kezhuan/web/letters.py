"""The words of what the outbox sends: composed for one receiver, from what they may see at that moment."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.kernel import outbox, registry
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.models import Record, WebhookForm
from kezhuan.web import faces


def register() -> None:
    """Register the shell's letters; called once from `apps.py`."""
    outbox.register_letter("webhook", webhook_call, label=gettext_lazy("call of a webhook"))


def record_of(actor: Actor, number: int) -> tuple[Record, str] | None:
    """A record and what it is called before an actor; None when they may not see it."""
    record = Record.objects.select_related("title_to", "public_to", "owner__record").filter(pk=number).first()
    if record is None or not can_view(actor, record):
        return None
    title = faces.titles(actor, [record])[record.pk]
    return (record, title) if title else None


def webhook_call(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """What a webhook is told of a changed record: as JSON, or in a line for a robot."""
    found = record_of(actor, content["record"])
    if found is None:
        return None
    record, title = found
    kind = registry.kind_of(record)
    path = faces.url_of(record)
    if content["form"] != WebhookForm.SIGNED:
        line = _("%(kind)s %(code)s “%(title)s” is now: %(stage)s.") % {
            "kind": capfirst(str(kind.label)),
            "code": record.code,
            "title": title,
            "stage": kind.lifecycle.stages[record.stage].label,
        }
        return outbox.Letter("", line, path)
    body = {
        "type": "record.changed",
        "timestamp": record.changed_at.isoformat(),
        "data": {
            "kind": record.kind,
            "code": record.code,
            "uid": str(record.uid),
            "title": title,
            "stage": record.stage,
            "phase": record.phase,
            "version": record.version,
            "url": settings.SITE_URL + path,
        },
    }
    return outbox.Letter("", json.dumps(body, ensure_ascii=False), path)
