"""Guests (访客专家): reviewers without an account. Whoever runs a panel asks one in, who is sent one address for this
panel's items, which ends on a day and can be taken back."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.areas.people.checks import email_problems
from kezhuan.areas.reviews.actions import unit_named
from kezhuan.areas.reviews.choosing_actions import begin_choosing
from kezhuan.areas.reviews.guests import guest_of
from kezhuan.areas.reviews.lifecycle import EXPERT, REVIEW
from kezhuan.areas.reviews.models import Choice, Expert, ExpertSort, Guest, Panel, Review
from kezhuan.areas.reviews.permissions import GONE, runs
from kezhuan.kernel import journal, outbox
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, held, open_record, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Organisation, User
from kezhuan.kernel.text import clean, listed, today

GUEST_ASKED = "review.guest"
"""Name of the letter that brings a guest the address."""


@dataclass(frozen=True)
class GuestFacts:
    """Who is asked in as a guest, and as what; the employer by the code of its record, items by their numbers (none:
    all), and the last day on which the address opens them."""

    name: str
    email: str
    sort: str
    until: date
    employer: str = ""
    items: tuple[int, ...] = ()


def invite_guest(*, actor: Actor, panel: Panel, facts: GuestFacts) -> Review:
    """Ask somebody without an account to judge items of a panel whose experts are not drawn by lot, and send them the
    address. They declare their ties, and judge what they are clear of. Raises `NotAllowed`, `Conflict` or `Refused`."""
    refuse_marked_texts([facts.name], "name")
    with journal.writing():
        row = begin_choosing(actor, panel, Choice.ASSIGNMENT)
        employer, problems = unit_named(facts.employer), _problems(row, facts)
        if clean(facts.employer) and employer is None:
            message = _("No organisation has the code “%(code)s”.")
            problems.append(Problem("organisation-unknown", message % {"code": clean(facts.employer)[:30]}, "employer"))
        if problems:
            raise Refused(problems)
        expert = _guest_expert(actor, row, facts, employer)
        last = row.reviews.order_by("-number").values_list("number", flat=True).first() or 0
        made: Review = open_record(
            REVIEW,
            lambda record: Review(record=record, panel=row, expert=expert, number=last + 1),
            actor=actor,
            title=row.record.title,
            title_en=row.record.title_en,
        )
        guest = Guest.objects.create(review=made, items=sorted(set(facts.items)), until=facts.until)
        _send(made, guest)
        touch(REVIEW, made, actor=actor, fields=["guest"])
    return made


def _problems(row: Panel, facts: GuestFacts) -> list[Problem]:
    found = _until_problems(facts.until)
    if not clean(facts.name):
        found.append(Problem("name-missing", _("Enter the person's name."), "name"))
    if facts.sort not in ExpertSort.values:
        found.append(Problem("expert-sort", _("Say what the expert is asked as."), "sort"))
    known = set(row.items.filter(number__in=facts.items).values_list("number", flat=True))
    if strangers := sorted(set(facts.items) - known):
        message = _("The panel has no items %(numbers)s.") % {"numbers": listed(strangers[:10])}
        found.append(Problem("panel-items-unknown", message, "items"))
    return found + _address_problems(row, _email(facts))


def _email(facts: GuestFacts) -> str:
    return facts.email.strip().lower()


def _address_problems(row: Panel, email: str) -> list[Problem]:
    """Whoever has an account signs in, and nobody is asked twice at once."""
    if wrong := email_problems(email):
        return wrong
    if User.objects.filter(email=email).exists():
        message = _("Somebody has an account with this address: ask them into the pool of experts, and choose them.")
        return [Problem("guest-account", message, "email")]
    asked = row.reviews.filter(guest__isnull=False, expert__person__email__iexact=email)
    if asked.exclude(record__stage__in=GONE).exists():
        return [Problem("guest-twice", _("They are asked onto this panel already."), "email")]
    return []


def _until_problems(until: date) -> list[Problem]:
    if until < today():
        return [Problem("guest-until", _("This day is over: choose the last day on which the address opens."), "until")]
    return []


def _guest_expert(actor: Actor, row: Panel, facts: GuestFacts, employer: Organisation | None) -> Expert:
    """The guest as an expert outside the pool: found in no draw and no assignment."""
    person = register_person(actor=SYSTEM, name=facts.name, email=_email(facts))
    made: Expert = open_record(
        EXPERT,
        lambda record: Expert(
            record=record, person=person, employer=employer, sort=facts.sort, capacity=1, region=row.region
        ),
        actor=actor,
        title=person.record.title,
    )
    guest: Expert = advance(EXPERT, made, "as-guest", actor=SYSTEM)
    return guest


def _send(review: Review, guest: Guest) -> None:
    key = f"review:{review.pk}:guest:{guest.turn}"
    outbox.tell(review.expert.person, GUEST_ASKED, key=key, content={"review": review.pk, "turn": guest.turn})


def _held_guest(actor: Actor, review: Review) -> tuple[Review, Guest]:
    if not runs.test(actor, review):
        raise NotAllowed(_("A panel is run by the officers in charge or its agency, who neither judge nor are judged."))
    row: Review = held(review)
    guest = guest_of(row)
    if guest is None:
        raise Conflict(_("This expert has an account, and no address of a guest."))
    return row, guest


def renew_address(*, actor: Actor, review: Review, until: date) -> Guest:
    """Send a guest a new address that ends on another day; the one before opens nothing any more. Raises `NotAllowed`,
    `Refused` or `Conflict`."""
    if problems := _until_problems(until):
        raise Refused(problems)
    with journal.writing():
        row, guest = _held_guest(actor, review)
        if row.record.stage in GONE:
            raise Conflict(_("They do not judge any more: ask them in again."))
        guest.turn, guest.until, guest.withdrawn_on = guest.turn + 1, until, None
        require_fits(guest)
        guest.save()
        _send(row, guest)
        touch(REVIEW, row, actor=actor, fields=["guest"])
    return guest


def withdraw_address(*, actor: Actor, review: Review) -> Guest:
    """Take an address back: from this moment on it opens nothing; taking it back twice is taking it back once. What was
    scored stays. Raises `NotAllowed` or `Conflict`."""
    with journal.writing():
        row, guest = _held_guest(actor, review)
        if guest.withdrawn_on is None:
            guest.withdrawn_on = today()
            guest.save(update_fields=["withdrawn_on"])
            touch(REVIEW, row, actor=actor, fields=["guest"])
    return guest
