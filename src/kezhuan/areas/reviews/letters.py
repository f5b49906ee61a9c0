"""What experts are written: asked into the pool, asked onto a panel, their items are open. No applicant is named."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.reviews.actions import JOIN
from kezhuan.areas.reviews.choosing_actions import ASKED
from kezhuan.areas.reviews.guest_actions import GUEST_ASKED
from kezhuan.areas.reviews.guests import guest_of, is_open, path_of
from kezhuan.areas.reviews.lifecycle import OPENED
from kezhuan.areas.reviews.models import Expert, Review
from kezhuan.areas.reviews.permissions import is_themselves
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record
from kezhuan.web import faces
from kezhuan.web.names import name_of
from kezhuan.web.templatetags.kezhuan import day


def join(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """An office asks somebody to join its pool of experts."""
    row = Expert.objects.select_related("record").filter(pk=content["expert"], record__stage="asked").first()
    if row is None or not is_themselves.test(actor, row):
        return None
    text = _(
        "You are asked to join the pool of review experts. Declare your ties to organisations, then join or decline."
    )
    return outbox.Letter(_("Will you judge as an expert?"), text, faces.url_of(row.record))


def asked(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """An expert is asked onto a panel."""
    row = _review(content, "invited")
    if row is None or not is_themselves.test(actor, row):
        return None
    words = {"title": row.record.title, "day": day(row.panel.answer_by), "number": row.sheets.count()}
    text = _("You are asked to judge %(number)s items: “%(title)s”. Accept or decline until %(day)s.") % words
    return outbox.Letter(_("You are asked to judge"), text, faces.url_of(row.record))


def guest(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """Somebody without an account is asked to judge for one panel; the address in it is theirs alone."""
    row = _review(content, "invited") or _review(content, "accepted")
    if row is None or not is_themselves.test(actor, row):
        return None
    sent = guest_of(row)
    if sent is None or sent.turn != content["turn"] or not is_open(sent):
        return None
    words = {"title": row.record.title, "day": day(row.panel.answer_by), "until": day(sent.until)}
    text = _(
        "You are asked to judge as a guest: “%(title)s”. You need no account. Open the address below, declare your"
        " ties, then accept or decline until %(day)s. It is yours alone: do not hand it on. It opens until %(until)s."
    )
    return outbox.Letter(_("You are asked to judge"), text % words, path_of(sent))


def _path(row: Review) -> str | None:
    """Where an expert judges: a guest behind their address, and nowhere once it opens nothing."""
    sent = guest_of(row)
    if sent is None:
        return faces.url_of(row.record)
    return path_of(sent) if is_open(sent) else None


def door(record: Record) -> tuple[str, str]:
    """How a guest reaches the review that waits for them."""
    row = Review.objects.select_related("panel__office__record").get(pk=record.pk)
    path = _path(row)
    if path is not None:
        return path, ""
    message = _("The address you were sent has ended, or was taken back: ask %(office)s for another.")
    return "", message % {"office": name_of(row.panel.office.record)}


def opened(actor: Actor, content: Mapping[str, Any]) -> outbox.Letter | None:
    """The items of a panel can be read and scored."""
    row = _review(content, "accepted")
    path = _path(row) if row is not None and is_themselves.test(actor, row) else None
    if row is None or path is None:
        return None
    words = {"title": row.record.title, "day": day(row.panel.due_on)}
    text = _("The items of “%(title)s” are open to you: score them until %(day)s.") % words
    return outbox.Letter(_("You can score now"), text, path)


def _review(content: Mapping[str, Any], stage: str) -> Review | None:
    rows = Review.objects.select_related("record", "panel", "expert")
    return rows.filter(pk=content["review"], record__stage=stage).first()


def register() -> None:
    """Called once when Django has loaded the models."""
    outbox.register_letter(JOIN, join, label=gettext_lazy("asked into the pool of experts"))
    outbox.register_letter(ASKED, asked, label=gettext_lazy("asked onto a review panel"))
    outbox.register_letter(GUEST_ASKED, guest, label=gettext_lazy("asked onto a review panel as a guest"))
    outbox.register_letter(OPENED, opened, label=gettext_lazy("items of a review panel are open"))
