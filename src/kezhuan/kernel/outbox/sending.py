"""Send what the outbox holds: one message a job, and for each webhook its calls in order.

Right before what cannot be taken back a message is marked as being sent, in a transaction of its own. One that is found
like that was cut off: it is sent again only by a way that tells repeats apart, else it is *unclear* and people decide.
"""

import random
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from kezhuan.kernel import jobs
from kezhuan.kernel.models import Channel, Job, JobState, Message, MessageState
from kezhuan.kernel.outbox import files, gateways, hooks, mail
from kezhuan.kernel.outbox.messages import CALL, ERASED, OPEN
from kezhuan.kernel.outbox.ways import Away, CutOff, Rejected, Unreachable, Way
from kezhuan.kernel.outbox.words import language_of, outgoing
from kezhuan.kernel.text import now

GIVEN_UP = timedelta(days=3)
"""A message that could not be sent for so long is given up."""
BRIEF_GIVEN_UP = timedelta(hours=1)
"""A code or a link is worth nothing later."""
FIRST_REST, MOST_REST = 5.0, 300.0
"""Seconds for which a way is left alone when the other side is away: then twice as long, to the other."""
ONE_TURN = 30.0
"""Seconds for which one webhook is called before others have their turn."""
MOST_CALLS = 8
"""Attempts before one call is given up: a receiver that cannot take one change must get the next."""
_resting: dict[str, tuple[float, float]] = {}
"""Until when this process leaves a way alone, and for how long it did: a queue must not wait for each of a thousand
mails in turn to find out that the server is away."""


def way_of(row: Message) -> Way:
    """By what a message leaves: its webhook, what the city configured for its channel, else the file outbox."""
    if row.webhook is not None:
        return hooks.Hook(row.webhook)
    if row.channel == Channel.MAIL:
        return mail.Smtp(settings.MAIL_SERVER) if settings.MAIL_SERVER else mail.MailFiles()
    return gateways.configured(row.channel) or files.FileOutbox()


def deliver(running: jobs.Running, *, message: int) -> None:
    """Send one message to a person or an address."""
    row = Message.objects.select_related("person__record", "webhook").get(pk=message)
    if row.state not in OPEN:
        return
    way = way_of(row)
    rest = _resting.get(way.name, (0.0, 0.0))[0] - time.monotonic()
    if rest > 0 and not _is_late(row):
        raise jobs.Again(row.error or _("The other side is away."), after=rest + random.uniform(0, 5))
    try:
        _attempt(row, way, running)
    except Unreachable as problem:
        if isinstance(problem, Away):
            for_long = min(_resting.get(way.name, (0.0, FIRST_REST / 2))[1] * 2, MOST_REST)
            _resting[way.name] = (time.monotonic() + for_long, for_long)
        if not _is_late(row):
            raise jobs.Again(str(problem)) from problem
        _end(row, MessageState.FAILED, str(problem))
    else:
        _resting.pop(way.name, None)


def call(running: jobs.Running, *, webhook: int) -> None:
    """Make the calls that wait for a webhook, oldest first, for a while; while it is away they all wait."""
    others = Job.objects.filter(name=CALL, key=running.job.key, state=JobState.RUNNING)
    if others.filter(pk__lt=running.job.pk).exists():
        raise jobs.Again(_("It is being called already."), after=FIRST_REST)
    until = time.monotonic() + ONE_TURN
    waiting = Message.objects.filter(webhook=webhook, state__in=OPEN).select_related("person__record", "webhook")
    done = 0
    while row := waiting.order_by("state", "pk").first():  # cut off ones first, as the index has them
        if time.monotonic() > until:
            jobs.enqueue(CALL, key=str(webhook), webhook=webhook)
            return
        try:
            _attempt(row, way_of(row), running)
        except Unreachable as problem:
            if row.attempts + 1 < MOST_CALLS and not _is_late(row):
                raise jobs.Again(str(problem)) from problem
            _end(row, MessageState.FAILED, str(problem))
        done += 1
        running.progress(done)


def _attempt(row: Message, way: Way, running: jobs.Running) -> None:
    """Try once, and write down how it ended; raises `Unreachable` when it may be tried again."""
    if row.state == MessageState.SENDING and not way.repeatable:
        _end(row, MessageState.UNCLEAR)
        return
    Message.objects.filter(pk=row.pk).update(attempts=row.attempts + 1)
    with translation.override(language_of(row.person)):
        out = outgoing(row)
        if out is None:
            _end(row, MessageState.DROPPED)
            return
        try:
            way.send(out, lambda: _begin(row, running))
        except CutOff:
            _end(row, MessageState.UNCLEAR)
        except Rejected as problem:
            _end(row, MessageState.FAILED, str(problem))
        except Unreachable as problem:
            Message.objects.filter(pk=row.pk).update(state=MessageState.WAITING, error=str(problem)[:300])
            raise
        else:
            _end(row, MessageState.SENT)


def _begin(row: Message, running: jobs.Running) -> None:
    with transaction.atomic():
        running.confirm()
        Message.objects.filter(pk=row.pk).update(state=MessageState.SENDING)


def _is_late(row: Message) -> bool:
    return now() - row.made_at > (BRIEF_GIVEN_UP if row.brief else GIVEN_UP)


def _end(row: Message, state: MessageState, error: str = "") -> None:
    """Write down how it ended. What was sent was sent, whoever holds the job by now."""
    words = ERASED if row.brief and state != MessageState.FAILED else {}
    ended = {"state": state, "error": error[:300], "ended_at": now()}
    Message.objects.filter(pk=row.pk).exclude(state=MessageState.SENT).update(**ended, **words)
