"""The words of what the outbox sends: composed for one receiver, from what they may see at that moment."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kezhuan.kernel import clocks, outbox, registry, reminders, watches
from kezhuan.kernel.access import Actor, actor_for, allowed_audiences, can_view
from kezhuan.kernel.deputies import NAMED
from kezhuan.kernel.models import Clock, Deputy, Record, User, Watch, WebhookForm
from kezhuan.kernel.workdays import WORKING
from kezhuan.web import faces, watch_pages
from kezhuan.web.inbox import waiting_clocks
from kezhuan.web.names import name_of
from kezhuan.web.templatetags.kezhuan import day


def register() -> None:
    """Register the shell's letters; called once from `apps.py`."""
    outbox.register_letter("webhook", webhook_call, label=gettext_lazy("call of a webhook"))
    outbox.register_letter(reminders.LETTER, reminder, label=gettext_lazy("reminder of terms"), asks=True)
    outbox.register_topic(reminders.TOPIC, lambda _topic: gettext_lazy("reminders of terms"))
    outbox.register_letter(watches.LETTER, digest, label=gettext_lazy("news of searches and records"))
    outbox.register_topic(watches.TOPIC, lambda _topic: gettext_lazy("all news of searches and records you follow"))
    outbox.register_topic("watch", watch_pages.label_of_topic)
    outbox.register_letter(NAMED, named_as_deputy, label=gettext_lazy("named as deputy"))


def named_as_deputy(_actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """A colleague has named the receiver as deputy; nothing when it was ended meanwhile."""
    row = Deputy.objects.select_related("represented__record").filter(pk=content["named"], ended_at=None).first()
    if row is None:
        return None
    words = {"name": name_of(row.represented.record), "since": day(row.since), "until": day(row.until)}
    words["programme"] = registry.programmes().get(row.programme, _("all programmes"))
    text = _(
        "%(name)s has named you as deputy (AB角) from %(since)s until %(until)s, in: %(programme)s. In these days you"
        " are written to of what waits for them, too. Choose their name under “Act for” to act in their place."
    )
    return outbox.Letter(_("You are deputy of %(name)s") % words, text % words, reverse("inbox"))


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


OWN = frozenset({reminders.BEGUN, "before", "due", "after"})
"""Steps of terms that wait for the reader; the others are told to who answers for whoever is late."""
MOST_TERMS = 30
"""Terms told in one letter; of more it says how many there are and leads to the list."""


def reminder(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """The terms that still run and that the reader may see: their own first, then those of others who are late. A
    deputy is told of what waits in that place."""
    steps: Mapping[str, str] = content["clocks"]
    told_of = {int(number) for number in steps}
    if actor.represented is not None:
        told_of &= {clock.pk for clock in waiting_clocks(actor)}
    rows = (
        Clock.objects.filter(pk__in=told_of, ended_on=None, audience__in=allowed_audiences(actor))
        .select_related(
            "record__title_to", "record__public_to", "record__owner__record", "party__record", "person__record"
        )
        .order_by("due_on", "pk")
    )
    titles = faces.titles(actor, [clock.record for clock in rows])
    told = [(clock, steps[str(clock.pk)]) for clock in rows if titles[clock.record_id]]
    if not told:
        return None
    terms = [clock for clock, _step in told]
    left = dict(zip((clock.pk for clock in terms), clocks.remaining_on(terms), strict=True))
    hidden = registry.hidden_parties(actor, [clock.record for clock in terms])

    def line(clock: Clock) -> str:
        kind = registry.kind_of(clock.record)
        waits = str(registry.waits_as(kind, clock.name))
        parts = [f"{capfirst(str(kind.label))} {clock.record.code} {titles[clock.record_id]}", waits]
        if clock.person is not None and (actor.person is None or clock.person.pk != actor.person.pk):
            parts.append(_("waits for %(organisation)s") % {"organisation": name_of(clock.person.record)})
        if clock.party is not None and (actor.organisation is None or clock.party.pk != actor.organisation.pk):
            unnamed = clock.party.pk in hidden[clock.record_id]
            who = _("the other side") if unnamed else name_of(clock.party.record)
            parts.append(_("waits for %(organisation)s") % {"organisation": who})
        parts += [_("due %(day)s (Shanghai time)") % {"day": day(clock.due_on)}, _left(left[clock.pk])]
        return "· " + " · ".join(parts)

    own = [clock for clock, step in told if step in OWN]
    late = [clock for clock, step in told if step not in OWN]
    blocks = []
    for heading, group in (
        (_("These wait for you:"), own),
        (_("These are overdue and somebody you answer for has not acted:"), late),
    ):
        if group:
            blocks.append("\n".join([heading, *(line(clock) for clock in group[:MOST_TERMS])]))
    if len(own) > MOST_TERMS or len(late) > MOST_TERMS:
        blocks.append(_("There are more; the list has all of them."))
    subject = ngettext("%(count)s term needs somebody", "%(count)s terms need somebody", len(told))
    path = reverse("inbox")
    if not User.objects.filter(person=actor.person).exists():  # whoever has no account has no list
        path, whom = _door(terms)
        blocks += [whom] if whom else []
    return outbox.Letter(subject % {"count": len(told)}, "\n\n".join(blocks), path)


def _door(terms: Sequence[Clock]) -> tuple[str, str]:
    """How somebody without an account reaches the first of these, or whom they ask."""
    doors = ((registry.kind_of(one.record).door, one.record) for one in terms)
    return next((door(record) for door, record in doors if door is not None), ("", ""))


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


def digest(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """The news of everything the reader watches, each in the name in which it is watched, as far as they may see it
    now; each with the address that stops just this."""
    assert actor.person is not None
    rows = {
        row.pk: row
        for row in Watch.objects.filter(
            person=actor.person, pk__in=[item["watch"] for item in content["items"]]
        ).select_related("person__record", "record__title_to", "record__public_to")
    }
    blocks, count = [], 0
    for item in content["items"]:
        row = rows.get(item["watch"])
        if row is None or outbox.has_stopped(row.person, watches.topic_of(row)):
            continue
        reader = actor_for(row.person, row.acting_for_id)
        lines = _changed_lines(reader, row, item) if row.record else _found_lines(reader, row, item)
        if lines:
            count += 1
            stop = _("Stop this: %(address)s") % {"address": outbox.stop_address(row.person, watches.topic_of(row))}
            blocks.append("\n".join([*lines, stop]))
    if not blocks:
        return None
    subject = ngettext("News of %(count)s thing you follow", "News of %(count)s things you follow", count)
    return outbox.Letter(subject % {"count": count}, "\n\n".join(blocks), reverse("watches"))


def _found_lines(reader: Actor, row: Watch, item: Mapping[str, Any]) -> list[str]:
    found = [one for number in item["records"] if (one := record_of(reader, number)) is not None]
    if not found:
        return []
    lines = [_("New: %(search)s") % {"search": watch_pages.title_of_search(row.query)}]
    lines += [f"· {record.code} {title}\n  {settings.SITE_URL}{faces.url_of(record)}" for record, title in found]
    if item["more"]:
        text = ngettext("and %(count)s more", "and %(count)s more", item["more"]) % {"count": item["more"]}
        lines.append(f"· {text}\n  {settings.SITE_URL}{row.path}")
    return lines


def _changed_lines(reader: Actor, row: Watch, item: Mapping[str, Any]) -> list[str]:
    named = record_of(reader, item["record"])
    if named is None:
        return []
    record, title = named
    stages = registry.kind_of(record).lifecycle.stages
    lines = [f"{record.code} {title}\n  {settings.SITE_URL}{faces.url_of(record)}"]
    if item["from"]:
        before = stages[item["from"]].label if item["from"] in stages else item["from"]
        lines.append(_change_line(_("Stage"), str(before), str(stages[record.stage].label)))
    if can_view(reader, record, "public"):
        lines += [_change_line(*change) for change in item["changes"]]
    return lines if len(lines) > 1 else []


def _change_line(label: str, before: str, after: str) -> str:
    if not before and not after:
        return "· " + _("%(label)s was rewritten") % {"label": label}
    none = _("(nothing)")
    shown = {"label": label, "before": before or none, "after": after or none}
    return "· " + _("%(label)s: %(before)s → %(after)s") % shown
