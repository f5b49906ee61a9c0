"""What must hold before a notice begins and before it is complete."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel import registry
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Notice, NoticeChannel, Record
from kezhuan.kernel.models.notices import ChannelKind
from kezhuan.kernel.notices import RECEIVED, UPHELD, content_of, count_days, last_day, tells_the_same
from kezhuan.kernel.text import listed, today


def is_current(notice: Notice) -> bool:
    """Whether the record still is what the notice tells of it."""
    row = registry.row_of(notice.about)
    move = registry.kind_of(notice.about).lifecycle.moves[notice.move]
    return tells_the_same(notice.content, content_of(move.notice, row))


def check_current(notice: Any) -> Iterable[Problem]:
    """Changed content restarts the clock: what began with other words is not completed."""
    if not is_current(notice):
        message = _("The record has changed since this notice was prepared: stop it and hold it again.")
        yield Problem("notice-changed", message, "notice")


def check_still_due(notice: Any) -> Iterable[Problem]:
    """The record still stands where the move that the notice is held for begins."""
    about = Record.objects.get(pk=notice.about_id)
    if about.stage not in registry.kind_of(about).lifecycle.moves[notice.move].source:
        message = _("The record has moved on: this notice decides nothing any more. Stop it.")
        yield Problem("notice-pointless", message, "notice")


def check_begun_somewhere(notice: Any) -> Iterable[Problem]:
    """It begins on this site with the start, or has begun elsewhere."""
    if not any(one.started_on or one.kind == ChannelKind.SITE for one in notice.channels.all()):
        message = _("Record first where and when the notice began, with a screenshot or photograph.")
        yield Problem("notice-not-begun", message, "channels")


def check_channels(notice: Any) -> Iterable[Problem]:
    """Every channel has stood for its days and is proven at both ends."""
    for channel in notice.channels.all():
        yield from _channel_problems(notice, channel)


def _channel_problems(notice: Notice, channel: NoticeChannel) -> Iterable[Problem]:
    name = ChannelKind(channel.kind).label
    until = last_day(notice, channel)
    if until is None:
        message = _("%(channel)s: it has not begun there.") % {"channel": name}
        yield Problem("notice-not-begun", message, "channels")
    elif channel.kind == ChannelKind.SITE:
        if today() <= until:
            message = _("%(channel)s: it stands there until %(day)s.") % {"channel": name, "day": until.isoformat()}
            yield Problem("notice-short", message, "channels")
    elif channel.ended_on is None:
        message = _("%(channel)s: record its last day, with proof.") % {"channel": name}
        yield Problem("notice-not-ended", message, "channels")
    elif channel.ended_on < until:
        words = {"channel": name, "ended": channel.ended_on.isoformat(), "day": until.isoformat()}
        message = _("%(channel)s: it ended on %(ended)s but had to stand until %(day)s.") % words
        yield Problem("notice-short", message, "channels")


def check_objections(notice: Any) -> Iterable[Problem]:
    """The time for objections is over, every one is decided, and none was found right."""
    count_days(notice, list(notice.channels.all()))  # by the calendar as it is loaded now
    if notice.objections_until is not None and today() <= notice.objections_until:
        day = notice.objections_until.isoformat()
        yield Problem("notice-objections", _("Objections are taken until %(day)s.") % {"day": day}, "objections")
    stages = dict(notice.objections.values_list("record__code", "record__stage"))
    if waiting := sorted(code for code, stage in stages.items() if stage == RECEIVED):
        message = _("An objection is open (%(codes)s): decide on it first.") % {"codes": listed(waiting[:5])}
        yield Problem("objection-open", message, "objections")
    if right := sorted(code for code, stage in stages.items() if stage == UPHELD):
        message = _("An objection was upheld (%(codes)s): stop the notice, correct the record and hold it again.")
        yield Problem("objection-upheld", message % {"codes": listed(right[:5])}, "objections")
