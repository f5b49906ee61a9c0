"""Reminders of terms, before, at and after the due day, then word to those who answer for whoever is late.

Once a day the steps that have come since the last time are gathered, and everybody is told of all of theirs at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel import approvals, jobs, journal, outbox
from kezhuan.kernel.charges import Charge, charges_by
from kezhuan.kernel.models import Clock, CodeCounter, Membership, Organisation, Person
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.rulebook import DAYS, Rule, day_kind_of, declare, rule_or_none
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import shifted_days

LETTER = "clock.reminders"
TOPIC = "reminders"
REMIND = "clocks.remind"
FARTHEST = 30
"""Days around the due day within which a step may lie; a rule value beyond it counts as this."""
MOST_RECEIVERS = 20
"""Of an organisation that has named no contact and no administrator, so many members are written to."""
_THROUGH = "reminded-through"


@dataclass(frozen=True)
class Step:
    """A day on which somebody is told of a term: `sign` days from the due day, as many as the rule says."""

    name: str
    rule: str
    sign: int


STEPS = (
    Step("before", "clock.remind.before", -1),
    Step("due", "", 0),
    Step("after", "clock.remind.after", 1),
    Step("administrators", "clock.escalate.administrators", 1),
    Step("officers", "clock.escalate.officers", 1),
)
LABELS = {
    "clock.remind.before": _("Reminder before the due day"),
    "clock.remind.after": _("Reminder after the due day"),
    "clock.escalate.administrators": _("Overdue: word to the organisation's administrators"),
    "clock.escalate.officers": _("Overdue: word to the officers in charge"),
}
for _code, _label in LABELS.items():
    declare(Rule(_code, _label, DAYS))

Letters = dict[tuple[int, int], dict[int, str]]
"""For each person and the organisation they act for: the clocks to tell of, and which step each has reached."""


def register() -> None:
    """Register the daily job; called once when Django has loaded the models."""
    jobs.register(REMIND, remind, label=_("remind of terms"))
    jobs.every(REMIND, time(7, 30))


def remind(running: jobs.Running) -> None:
    """Keep a letter for everybody whose terms have come to a step since the last time, and say that it was done.

    A step is told once, also when no worker ran for days: then the last one that came is told.
    """
    day = today()
    CodeCounter.objects.get_or_create(key=_THROUGH, defaults={"last": (day - timedelta(days=1)).toordinal()})
    last = CodeCounter.objects.get(key=_THROUGH).last
    letters = letters_of(date.fromordinal(last), day)
    people = Person.objects.select_related("record").in_bulk({person for person, _party in letters})
    parties = Organisation.objects.in_bulk({party for _person, party in letters})
    with journal.writing():
        if CodeCounter.objects.select_for_update(no_key=True).get(key=_THROUGH).last != last:
            return  # another worker has told them meanwhile
        for (person, party), told in sorted(letters.items()):
            outbox.tell(
                people[person],
                LETTER,
                key=f"reminders:{day.isoformat()}:{person}:{party}",
                topic=TOPIC,
                acting_for=parties[party],
                content={"clocks": {str(clock): step for clock, step in told.items()}},
            )
        CodeCounter.objects.filter(key=_THROUGH).update(last=max(last, day.toordinal()))
        running.finish()


def letters_of(after: date, upto: date) -> Letters:
    """Who is to be told of which running clocks that came to a step on a day `after < day <= upto`."""
    # So many working days lie within twice as many days, whatever the holidays.
    near = Q(due_on__gt=after - timedelta(days=FARTHEST * 2), due_on__lte=upto + timedelta(days=FARTHEST * 2))
    clocks = Clock.objects.filter(near, ended_on=None).select_related("record__owner", "record__contact").order_by("pk")
    reached: dict[str, list[Clock]] = defaultdict(list)
    for clock, step in _steps_reached(list(clocks), after, upto):
        reached[step].append(clock)
    letters: Letters = defaultdict(dict)
    for name, whose in (
        ("before", _responsible),
        ("due", _responsible),
        ("after", _responsible),
        ("administrators", _administrators),
        ("officers", _officers_for_late_parties),
    ):
        for clock, receivers in whose(reached[name]):
            for receiver in receivers:
                letters[receiver][clock.pk] = name
    return letters


def _steps_reached(clocks: Sequence[Clock], after: date, upto: date) -> Iterable[tuple[Clock, str]]:
    """Each clock with every step whose day lies in the span; of several for one receiver the last is told."""
    days = _step_days(clocks, upto)
    for clock in clocks:
        for name, day in days[clock.pk]:
            if after < day <= upto and day > clock.started_on:
                yield clock, name


def _step_days(clocks: Sequence[Clock], on: date) -> Mapping[int, list[tuple[str, date]]]:
    """The days of all steps of the clocks, in order; a step whose rule has no value in force is none."""
    plans: dict[str, list[tuple[str, int, str | None]]] = {}
    found: dict[int, list[tuple[str, tuple[date, int, str]]]] = {}
    for clock in clocks:
        place = clock.record.owner.region if clock.record.owner else ""
        if place not in plans:
            plans[place] = _plan(place, on)
        found[clock.pk] = [(name, (clock.due_on, days, kind or clock.day_kind)) for name, days, kind in plans[place]]
    wanted = shifted_days({key for keys in found.values() for _name, key in keys})
    return {pk: [(name, wanted[key]) for name, key in keys] for pk, keys in found.items()}


def _plan(place: str, on: date) -> list[tuple[str, int, str | None]]:
    """The steps in force for a place: name, signed days from the due day, and their kind (None: the clock's own)."""
    plan: list[tuple[str, int, str | None]] = []
    for step in STEPS:
        if not step.rule:
            plan.append((step.name, 0, None))
            continue
        value = rule_or_none(step.rule, on=on, jurisdiction=place)
        if value is not None:
            days = min(int(value.value), FARTHEST)
            plan.append((step.name, step.sign * days, day_kind_of(value)))
    return plan


# -- who is told -------------------------------------------------------------------------------------------------------

Receivers = Iterable[tuple[Clock, set[tuple[int, int]]]]


def _members(parties: set[int], roles: set[str]) -> Mapping[int, dict[str, list[int]]]:
    """The people of organisations today by role."""
    day = today()
    rows = (
        Membership.objects.filter(organisation__in=parties, role__in=roles, since__lte=day)
        .filter(Q(until=None) | Q(until__gte=day))
        .order_by("pk")
        .values_list("organisation_id", "role", "person_id")
    )
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for party, role, person in rows:
        found[party][role].append(person)
    return found


def _responsible(clocks: Sequence[Clock]) -> Receivers:
    """Whoever must act: those who hold the post that is waited for; the record's contact when they belong to the
    organisation that is waited for, else its administrators, else its members; for the bureau's terms the officers in
    charge."""
    holders = approvals.signers_waited_for(clocks)
    parties = {clock.party_id for clock in clocks if clock.party_id is not None}
    members = _members(parties, {Role.ADMINISTRATOR, Role.MEMBER, Role.OFFICER})
    officers = _officers() if any(clock.party_id is None for clock in clocks) else []
    for clock in clocks:
        if clock.party_id is None:
            yield clock, _in_charge(officers, clock)
            continue
        if clock.post_id is not None:
            yield clock, {(person, clock.party_id) for person in holders[clock.pk]}
            continue
        own = members[clock.party_id]
        everybody = [*own[Role.ADMINISTRATOR], *own[Role.MEMBER], *own[Role.OFFICER]]
        if clock.record.contact_id in everybody:
            chosen = [clock.record.contact_id]
        else:
            chosen = own[Role.ADMINISTRATOR] or everybody[:MOST_RECEIVERS]
        yield clock, {(person, clock.party_id) for person in chosen}


def _administrators(clocks: Sequence[Clock]) -> Receivers:
    """The administrators of the organisation that is late; for the bureau's terms the officers of the whole city."""
    parties = {clock.party_id for clock in clocks if clock.party_id is not None}
    members = _members(parties, {Role.ADMINISTRATOR})
    officers = _officers() if any(clock.party_id is None for clock in clocks) else []
    for clock in clocks:
        if clock.party_id is None:
            yield clock, _of_region(officers, "", clock)
        else:
            yield clock, {(person, clock.party_id) for person in members[clock.party_id][Role.ADMINISTRATOR]}


def _officers_for_late_parties(clocks: Sequence[Clock]) -> Receivers:
    """The officers in charge of the record, when an organisation is late; the bureau's own terms end with the city."""
    late = [clock for clock in clocks if clock.party_id is not None]
    officers = _officers() if late else []
    for clock in late:
        yield clock, _in_charge(officers, clock)


Officers = Sequence[tuple[Charge, tuple[int, int]]]


def _officers() -> Officers:
    """What today's officers are in charge of, each with their person and department."""
    day = today()
    rows = Membership.objects.filter(role=Role.OFFICER, since__lte=day).filter(Q(until=None) | Q(until__gte=day))
    return [(charge, (one.person_id, one.organisation_id)) for one, charge in charges_by(rows.order_by("pk"))]


def _of_region(officers: Officers, region: str, clock: Clock) -> set[tuple[int, int]]:
    """Those whose charge is this district (none: the whole city) and reaches the clock's record."""
    return {one for charge, one in officers if charge.region == region and charge.covers(region, clock.record.kind)}


def _in_charge(officers: Officers, clock: Clock) -> set[tuple[int, int]]:
    """The district's own officers, else the city's."""
    region = clock.record.owner.region if clock.record.owner else ""
    return _of_region(officers, region, clock) or _of_region(officers, "", clock)
