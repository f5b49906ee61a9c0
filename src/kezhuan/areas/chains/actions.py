"""What is done with offers: written and changed, booked, answered, cancelled, and their use noted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from kezhuan.areas.chains.lifecycle import OFFER
from kezhuan.areas.chains.models import Booking, BookingState, CapacityUnit, Offer, OfferSort, Period, Reach, Use
from kezhuan.areas.chains.permissions import may_book, may_offer, own_projects, unit_of
from kezhuan.areas.chains.queries import taken_in
from kezhuan.areas.projects.models import Project
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.text import clean, today

MOST_CAPACITY = 1_000_000
LONGEST = timedelta(days=366)
"""A booking is no longer than a year."""
MOST_YEARS = timedelta(days=3660)
HELD = (BookingState.REQUESTED, BookingState.CONFIRMED)
"""States of bookings that can still be cancelled."""


@dataclass(frozen=True)
class OfferFacts:
    """What is entered of an offer; see `Offer`. `project` is the code of the project whose consortium it is for."""

    title: str
    project: str
    sort: str
    place: str
    unit: str
    capacity: int | None
    period: str
    starts_on: date | None
    ends_on: date | None
    reach: str = Reach.MEMBERS
    summary: str = ""
    conditions: str = ""


@dataclass(frozen=True)
class BookingFacts:
    """What is asked for: so many units in each period from a day to a day, for the organisation's project (by its code)
    or a team, and what for."""

    from_on: date | None
    to_on: date | None
    amount: int | None
    purpose: str
    project: str = ""
    team: str = ""


def check_offer(facts: OfferFacts) -> Iterator[Problem]:
    """What cannot even be kept as a draft."""
    if not 2 <= len(clean(facts.title)) <= 200:
        yield Problem("title-length", _("Give a title of 2 to 200 characters."), "title")
    for name, value, choices in (
        ("sort", facts.sort, OfferSort.values),
        ("unit", facts.unit, CapacityUnit.values),
        ("period", facts.period, Period.values),
        ("reach", facts.reach, Reach.values),
    ):
        if value not in choices:
            yield Problem("choice-unknown", _("Choose from the list."), name)
    if not clean(facts.place):
        yield Problem("offer-place", _("Say where it is."), "place")
    if facts.capacity is None or not 0 < facts.capacity <= MOST_CAPACITY:
        message = _("Give the capacity of a period, from 1 to %(most)s.") % {"most": f"{MOST_CAPACITY:,}"}
        yield Problem("offer-capacity", message, "capacity")
    if facts.starts_on is None or facts.ends_on is None:
        field = "starts_on" if facts.starts_on is None else "ends_on"
        yield Problem("offer-days", _("Say from when to when it can be used."), field)
    elif not timedelta(0) <= facts.ends_on - facts.starts_on <= MOST_YEARS:
        message = _("The last day is not before the first, and at most ten years after it.")
        yield Problem("offer-days", message, "ends_on")


def _project(actor: Actor, code: str) -> Project:
    row = own_projects(actor).filter(record__code=clean(code).upper()).first()
    if row is None:
        message = _("Your organisation is of no consortium of this project that stands by a signed task book.")
        raise Refused(Problem("offer-member", message, "project"))
    return row


def _columns(facts: OfferFacts) -> dict[str, Any]:
    plain = {name: getattr(facts, name) for name in ("sort", "unit", "capacity", "period", "starts_on", "ends_on")}
    return plain | {"place": clean(facts.place), "conditions": clean(facts.conditions), "reach": facts.reach}


def draft_offer(*, actor: Actor, facts: OfferFacts) -> Offer:
    """Write what the actor's organisation opens to a consortium it is of. Raises `NotAllowed` or `Refused`."""
    if not may_offer(actor) or actor.organisation is None:
        raise NotAllowed(_("Members of a consortium whose task book is signed open something to it."))
    if problems := list(check_offer(facts)):
        raise Refused(problems)
    project = _project(actor, facts.project)
    with journal.writing():
        row: Offer = open_record(
            OFFER,
            lambda record: Offer(record=record, project=project, region=project.region, **_columns(facts)),
            actor=actor,
            title=facts.title,
            summary=facts.summary,
            owner=actor.organisation,
            contact=actor.person,
        )
    return row


def edit_offer(*, actor: Actor, offer: Offer, facts: OfferFacts, expected_version: int) -> Offer:
    """Change an offer until it is closed; once it is open the consortium and what is counted stay, and what was
    confirmed has still room. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if not represents_owner.test(actor, offer):
        raise NotAllowed(_("Only the organisation changes what it offers."))
    if problems := list(check_offer(facts)):
        raise Refused(problems)
    with journal.writing():
        row: Offer = held(offer)
        if row.record.stage not in {"draft", "open"}:
            raise Conflict(_("What is closed to bookings is opened again before it is changed."))
        project = row.project
        if clean(facts.project).upper() != project.record.code:
            project = _project(actor, facts.project)
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        columns = {**_columns(facts), "project": project, "region": project.region}
        if row.record.stage == "open" and (problems := list(_narrowed(row, columns))):
            raise Refused(problems)
        changed = [*set_columns(row.record, texts), *set_columns(row, columns)]
        require_fits(row.record, row)
        row.record.save(update_fields=list(texts))
        row.save()
        touch(OFFER, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def _narrowed(row: Offer, columns: dict[str, Any]) -> Iterator[Problem]:
    """What is taken from those to whom an open offer was confirmed."""
    for name in ("project", "unit", "period"):
        if getattr(row, name) != columns[name]:
            message = _("This stays once it is open to bookings: close it, and open another offer.")
            yield Problem("offer-fixed", message, name)
    confirmed = list(row.bookings.filter(state=BookingState.CONFIRMED, to_on__gte=today()))
    if not confirmed:
        return
    first, last = min(one.from_on for one in confirmed), max(one.to_on for one in confirmed)
    most = max(taken_in(row, first, last).values())
    if columns["capacity"] < most:
        message = _("%(taken)s of a period are confirmed: the capacity is no less.") % {"taken": most}
        yield Problem("offer-taken", message, "capacity")
    if columns["starts_on"] > first or columns["ends_on"] < last:
        message = _("Bookings from %(first)s to %(last)s are confirmed: they stay within the days of the offer.")
        yield Problem("offer-taken", message % {"first": first, "last": last}, "ends_on")


# -- bookings ----------------------------------------------------------------------------------------------------------


def check_booking(offer: Offer, facts: BookingFacts) -> Iterator[Problem]:
    """What is wrong with a booking by itself; how much room there is comes after."""
    if not clean(facts.purpose):
        yield Problem("booking-purpose", _("Say what it is for."), "purpose")
    if not clean(facts.project) and not clean(facts.team):
        yield Problem("booking-who", _("Name the project or the team that uses it."), "team")
    if facts.amount is None or not 0 < facts.amount <= offer.capacity:
        message = _("Give how much of each period is asked for, from 1 to %(most)s.") % {"most": offer.capacity}
        yield Problem("booking-amount", message, "amount")
    if facts.from_on is None or facts.to_on is None:
        field = "from_on" if facts.from_on is None else "to_on"
        yield Problem("booking-days", _("Say from when to when."), field)
    elif facts.to_on < facts.from_on or facts.to_on - facts.from_on > LONGEST:
        message = _("The last day is not before the first, and at most a year after it.")
        yield Problem("booking-days", message, "to_on")
    elif facts.from_on < max(today(), offer.starts_on) or facts.to_on > offer.ends_on:
        message = _("It can be used from %(first)s to %(last)s, and no day that is over.")
        words = {"first": offer.starts_on, "last": offer.ends_on}
        yield Problem("booking-days", message % words, "from_on")


def room_problems(offer: Offer, first: date, last: date, amount: int) -> Iterator[Problem]:
    """Days beyond the offer, as after it was changed; else the first period of these days in which less is left
    than is asked for."""
    if first < offer.starts_on or last > offer.ends_on:
        message = _("The offer can be used from %(first)s to %(last)s only.")
        yield Problem("booking-days", message % {"first": offer.starts_on, "last": offer.ends_on}, "from_on")
    for day, taken in taken_in(offer, first, last).items():
        left = offer.capacity - taken
        if left < amount:
            message = _("In the period that begins on %(day)s %(left)s of %(capacity)s are left, %(amount)s are asked"
                        " for.")  # fmt: skip
            words = {"day": day, "left": max(left, 0), "capacity": offer.capacity, "amount": amount}
            yield Problem("booking-full", message % words, "amount")
            return


def book(*, actor: Actor, offer: Offer, facts: BookingFacts) -> Booking:
    """Ask for a part of what is offered, for the organisation that the actor acts for. Raises `NotAllowed` or
    `Refused`: also where there is no room already."""
    must_allow(may_book, actor, offer, _("An open offer is booked by another organisation to which it is open."))
    assert actor.organisation is not None  # they write for one
    with journal.writing():
        row: Offer = held(offer)
        if not may_book(actor, row):
            raise Conflict(_("The offer was closed meanwhile."))
        if problems := list(check_booking(row, facts)):
            raise Refused(problems)
        project = _project(actor, facts.project) if clean(facts.project) else None
        # All given, as was checked.
        first, last, amount = facts.from_on or today(), facts.to_on or today(), facts.amount or 0
        if problems := list(room_problems(row, first, last, amount)):
            raise Refused(problems)
        before = row.bookings.aggregate(last=Max("number"))["last"] or 0
        made = Booking(
            offer=row, number=before + 1, organisation=actor.organisation, project=project, team=clean(facts.team),
            purpose=clean(facts.purpose), from_on=first, to_on=last, amount=amount,
            asked_on=today(),
        )  # fmt: skip
        require_fits(made)
        refuse_marked(made)
        made.save(force_insert=True)
        touch(OFFER, row, actor=actor, fields=["bookings"])
    return made


def _booking(row: Offer, number: int) -> Booking:
    found: Booking | None = row.bookings.filter(number=number).select_related("organisation").first()
    if found is None:
        raise Missing(str(number))
    return found


def answer_booking(*, actor: Actor, offer: Offer, number: int, confirms: bool, reason: str = "") -> Booking:
    """Confirm a booking that is asked for, or refuse it and say why; never more is confirmed than the capacity, nor for
    other days than the offer's. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if not represents_owner.test(actor, offer):
        raise NotAllowed(_("Only the organisation that offers it answers."))
    if not confirms and not clean(reason):
        raise Refused(Problem("note-missing", _("Say in a few words why."), "reason"))
    with journal.writing():
        row: Offer = held(offer)  # one answer after the other: the room is counted under the offer's lock
        one = _booking(row, number)
        if one.state != BookingState.REQUESTED:
            raise Conflict(_("This booking is answered already, or was cancelled."))
        if confirms and (problems := list(room_problems(row, one.from_on, one.to_on, one.amount))):
            raise Refused(problems)
        one.state = BookingState.CONFIRMED if confirms else BookingState.REFUSED
        _closed(one, reason)
        touch(OFFER, row, actor=actor, fields=["bookings"])
    return one


def cancel_booking(*, actor: Actor, offer: Offer, number: int, reason: str) -> Booking:
    """Take a booking back that is asked for or confirmed, on either side, and say why. Raises `NotAllowed`, `Refused`
    or `Conflict`: also once it was used."""
    with journal.writing():
        row: Offer = held(offer)
        one = _booking(row, number)
        if not cancels(actor, row, one):
            raise NotAllowed(_("A booking is taken back by the organisation that booked, or the one that offers."))
        if not clean(reason):
            raise Refused(Problem("note-missing", _("Say in a few words why."), "reason"))
        if one.state not in HELD or one.uses.exists():
            raise Conflict(_("This booking was used, refused or cancelled already."))
        one.state = BookingState.CANCELLED
        _closed(one, reason)
        touch(OFFER, row, actor=actor, fields=["bookings"])
    return one


def cancels(actor: Actor, offer: Offer, booking: Booking) -> bool:
    """Whether the actor takes the booking back: they write for its organisation, or for the one that offers."""
    unit = unit_of(actor)
    return unit is not None and unit in {booking.organisation_id, offer.record.owner_id}


def _closed(one: Booking, reason: str) -> None:
    one.answered_on, one.reason = today(), clean(reason)
    require_fits(one)
    refuse_marked(one)
    one.save(update_fields=["state", "answered_on", "reason"])


def log_use(*, actor: Actor, offer: Offer, number: int, on: date | None, quantity: Decimal | None, result: str) -> Use:
    """Note one use of a confirmed booking within its days: how many hours or runs, and what came of it. Raises
    `NotAllowed`, `Refused` or `Conflict`."""
    if not represents_owner.test(actor, offer):
        raise NotAllowed(_("Only the organisation that offers it keeps the log of its use."))
    with journal.writing():
        row: Offer = held(offer)
        one = _booking(row, number)
        if one.state != BookingState.CONFIRMED:
            raise Conflict(_("Only what was confirmed is used."))
        if problems := list(_use_problems(one, on, quantity, result)):
            raise Refused(problems)
        made = Use(booking=one, on=on or today(), quantity=quantity or Decimal(0), result=clean(result))
        refuse_marked(made)
        made.save(force_insert=True)
        touch(OFFER, row, actor=actor, fields=["uses"])
    return made


def _use_problems(one: Booking, on: date | None, quantity: Decimal | None, result: str) -> Iterator[Problem]:
    if on is None or not one.from_on <= on <= min(one.to_on, today()):
        message = _("The day is within the booking, from %(first)s to %(last)s, and not in the future.")
        yield Problem("use-day", message % {"first": one.from_on, "last": one.to_on}, "on")
    if quantity is None or not 0 < quantity <= MOST_CAPACITY or quantity != round(quantity, 1):
        yield Problem("use-quantity", _("Give how much was used, above zero, with at most one decimal."), "quantity")
    if not clean(result):
        yield Problem("use-result", _("Say what came of it."), "result")
