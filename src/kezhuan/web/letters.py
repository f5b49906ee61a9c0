"""The words of what the outbox sends: composed for one receiver, from what they may see at that moment."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kezhuan.kernel import clocks, outbox, registry, reminders
from kezhuan.kernel.access import Actor, allowed_audiences, can_view
from kezhuan.kernel.models import Clock, Record, WebhookForm
from kezhuan.kernel.workdays import WORKING
from kezhuan.web import faces
from kezhuan.web.names import name_of
from kezhuan.web.templatetags.kezhuan import day


def register() -> None:
    """Register the shell's letters; called once from `apps.py`."""
    outbox.register_letter("webhook", webhook_call, label=gettext_lazy("call of a webhook"))
    outbox.register_letter(reminders.LETTER, reminder, label=gettext_lazy("reminder of terms"))
    outbox.register_topic(reminders.TOPIC, lambda _topic: gettext_lazy("reminders of terms"))


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


MOST_TERMS = 30
"""Terms told in one letter; of more it says how many there are and leads to the list."""


def reminder(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """The terms that still run and that the reader may see: their own first, then those of others who are late."""
    steps: Mapping[str, str] = content["clocks"]
    rows = (
        Clock.objects.filter(pk__in=list(steps), ended_on=None, audience__in=allowed_audiences(actor))
        .select_related("record__title_to", "record__public_to", "record__owner__record", "party__record")
        .order_by("due_on", "pk")
    )
    titles = faces.titles(actor, [clock.record for clock in rows])
    told = [(clock, steps[str(clock.pk)]) for clock in rows if titles[clock.record_id]]
    if not told:
        return None
    left = dict(
        zip((clock.pk for clock, _step in told), clocks.remaining_on([clock for clock, _ in told]), strict=True)
    )

    hidden = registry.hidden_parties(actor, [clock.record for clock, _step in told])

    def line(clock: Clock) -> str:
        kind = registry.kind_of(clock.record)
        stage = kind.lifecycle.stages[clock.record.stage]
        parts = [f"{capfirst(str(kind.label))} {clock.record.code} {titles[clock.record_id]}", str(stage.label)]
        if clock.party is not None and (actor.organisation is None or clock.party.pk != actor.organisation.pk):
            is_hidden = clock.party.pk in hidden[clock.record_id]
            waits_for = _("the other side") if is_hidden else name_of(clock.party.record)
            parts.append(_("waits for %(organisation)s") % {"organisation": waits_for})
        parts.append(_("due %(day)s (Shanghai time)") % {"day": day(clock.due_on)} + f", {_left(left[clock.pk])}")
        return "· " + " · ".join(parts)

    own = [clock for clock, step in told if step in {"before", "due", "after"}]
    late = [clock for clock, step in told if step not in {"before", "due", "after"}]
    blocks = []
    for heading, terms in (
        (_("These wait for you:"), own),
        (_("These are overdue and somebody you answer for has not acted:"), late),
    ):
        if terms:
            blocks.append("\n".join([heading, *(line(clock) for clock in terms[:MOST_TERMS])]))
    if len(own) > MOST_TERMS or len(late) > MOST_TERMS:
        blocks.append(_("There are more; the list has all of them."))
    subject = ngettext("%(count)s term needs somebody", "%(count)s terms need somebody", len(told))
    return outbox.Letter(subject % {"count": len(told)}, "\n\n".join(blocks), reverse("inbox"))


def _left(left: clocks.Remaining) -> str:
    number = abs(left.days)
    if left.days == 0:
        return _("today")
    working = left.day_kind == WORKING
    if left.days > 0:
        if working:
            return ngettext("%(number)s working day left", "%(number)s working days left", number) % {"number": number}
        return ngettext("%(number)s day left", "%(number)s days left", number) % {"number": number}
    if working:
        text = ngettext("%(number)s working day overdue", "%(number)s working days overdue", number)
        return text % {"number": number}
    return ngettext("%(number)s day overdue", "%(number)s days overdue", number) % {"number": number}
