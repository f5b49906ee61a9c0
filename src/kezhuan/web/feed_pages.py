"""A person's deadlines and meetings as a calendar that other programs subscribe to (RFC 5545)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kezhuan.kernel import feeds, outbox, registry
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.deputies import represented_by, standing_in
from kezhuan.kernel.errors import Ended, NotAllowed, Text
from kezhuan.kernel.history import in_place_of
from kezhuan.kernel.models import Clock, Person, Record
from kezhuan.web import faces
from kezhuan.web.inbox import waiting_clocks
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import confirm_page
from kezhuan.web.shell import trail

if TYPE_CHECKING:
    from icalendar import Calendar, Event

REFRESH = timedelta(hours=6)
"""How often subscribers are asked to look again."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that is planned: of which record, from when, for how many minutes, where; of days alone `at` is the
    first and `until` the last of them. `matter` says in words what it is, where it is no meeting."""

    record: Record
    at: datetime | date
    minutes: int = 0
    where: str = ""
    until: date | None = None
    matter: Text = ""


_meetings: list[Callable[[Actor], Sequence[Meeting]]] = []


def add_meetings(source: Callable[[Actor], Sequence[Meeting]]) -> None:
    """Add an area's meetings of an actor; called from its `apps.py`."""
    _meetings.append(source)


@require_safe
def feed(request: Request, token: str) -> HttpResponse:
    """The calendar behind an address that nobody can guess; 404 for any other."""
    person = feeds.read_address(token)
    if person is None:
        raise Ended(_("This calendar was closed, or its address was made anew."))
    with translation.override(outbox.language_of(person)):
        content = _calendar(person).to_ical()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified()
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, max-age=900"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _calendar(person: Person) -> "Calendar":
    # inline: the library takes an eighth of the time that every command and web process needs to start
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Kezhuan//deadlines and meetings//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Kezhuan: deadlines and meetings"))
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    seen: set[int] = set()
    for actor in _actors(person):
        clocks = [clock for clock in waiting_clocks(actor) if clock.pk not in seen]
        titles = faces.titles(actor, [clock.record for clock in clocks])
        for clock in clocks:
            if titles[clock.record_id]:
                calendar.add_component(_event(clock, _named(actor, titles[clock.record_id])))
        seen |= {clock.pk for clock in clocks}
    _add_meetings(calendar, person)
    return calendar


def _add_meetings(calendar: "Calendar", person: Person) -> None:
    seen: set[int] = set()
    for actor in _actors(person):
        found = [one for source in _meetings for one in source(actor) if one.record.pk not in seen]
        titles = faces.titles(actor, [one.record for one in found])
        for one in found:
            calendar.add_component(_meeting(one, _named(actor, titles[one.record.pk] or one.record.code)))
        seen |= {one.record.pk for one in found}


def _actors(person: Person) -> list[Actor]:
    """The person in the name of each of their organisations, then in the place of those whose deputy they are."""
    first = actor_for(person)
    own = [first, *(actor_for(person, one.pk) for one in first.choices if one != first.organisation)]
    return [*own, *(standing_in(first, one.pk) for one in represented_by(person))]


def _named(actor: Actor, title: str) -> str:
    """A title in a calendar: of what waits for whom the reader stands in for, with their name."""
    return in_place_of(title, name_of(actor.represented.record) if actor.represented is not None else "")


def _event_about(record: Record, number: str, sequence: int, changed_at: datetime) -> "Event":
    """An event that keeps its number, so that an update replaces it; its sequence rises whenever its day changes."""
    from icalendar import Event  # inline: see above

    event = Event()
    # By the record's own lasting number: the site may move to another address.
    event.add("uid", f"{number}-{record.uid}@kezhuan")
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", sequence)
    event.add("url", settings.SITE_URL + faces.url_of(record))
    return event


def _meeting(meeting: Meeting, title: str) -> "Event":
    record = meeting.record
    event = _event_about(record, "meeting", record.version, record.changed_at)
    if isinstance(meeting.at, datetime):
        start = meeting.at.astimezone(UTC)
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(minutes=meeting.minutes))
    else:
        event.add("dtstart", meeting.at)
        event.add("dtend", (meeting.until or meeting.at) + timedelta(days=1))
    label = capfirst(str(registry.kind_of(record).label))
    words = {"matter": meeting.matter, "kind": label, "code": record.code, "title": title}
    told = _("%(matter)s: %(kind)s %(code)s %(title)s") if meeting.matter else _("Meeting: %(kind)s %(code)s %(title)s")
    event.add("summary", told % words)
    if meeting.where:
        event.add("location", meeting.where)
    return event


def _event(clock: Clock, title: str) -> "Event":
    """A whole day: the due day in Shanghai; the number stays while the term runs."""
    record = clock.record
    kind = registry.kind_of(record)
    stage = registry.waits_as(kind, clock.name)
    event = _event_about(
        record,
        f"clock-{clock.pk}",
        record.version + clock.moves,  # both only rise
        max(record.changed_at, clock.moved_at or record.changed_at),
    )
    event.add("dtstart", clock.due_on)
    event.add("dtend", clock.due_on + timedelta(days=1))
    label = capfirst(str(kind.label))
    event.add("summary", _("Due: %(kind)s %(code)s %(title)s") % {"kind": label, "code": record.code, "title": title})
    event.add("description", _("Stage: %(stage)s. The due day ends at midnight, Shanghai time.") % {"stage": stage})
    event.add("transp", "TRANSPARENT")
    return event


@require_POST
def feed_open(request: Request) -> HttpResponse:
    """Give one's calendar its first address; one that has an address keeps it."""
    person = _person(request)
    if not feeds.address(person):
        feeds.open_feed(person)
    return redirect("watches")


@require_http_methods(["GET", "HEAD", "POST"])
def feed_renew(request: Request) -> HttpResponseBase:
    """Make the address anew, once it was asked whether it is meant."""
    return _asked(request, feeds.open_feed, _("Make a new address"))


@require_http_methods(["GET", "HEAD", "POST"])
def feed_close(request: Request) -> HttpResponseBase:
    """Close the calendar, once it was asked whether it is meant."""
    return _asked(request, feeds.close_feed, _("Close the calendar"))


def _asked(request: Request, change: Callable[[Person], object], title: Text) -> HttpResponseBase:
    person, here = _person(request), reverse("watches")

    def act() -> None:
        change(person)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("Programs that subscribe to the present address receive nothing from it any more."),
        submit_label=title,
        back=here,
        crumbs=trail((_("Home"), "/"), (_("Searches and records you follow"), here), title),
    )


def _person(request: Request) -> Person:
    if request.actor.person is None:
        raise NotAllowed
    return request.actor.person
