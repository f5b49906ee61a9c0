"""Reminders of terms: when one has begun, before, at and after the due day, then word to those who answer for whoever
is late.

Once a day the steps that have come since the last time are gathered, and everybody is told of all of theirs at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel import approvals, jobs, journal, outbox, registry
from kezhuan.kernel.access import ACTING, PUBLIC, officer_tokens, programme_of, region_of
from kezhuan.kernel.charges import Charge, charges_by
from kezhuan.kernel.models import Clock, CodeCounter, Entry, Membership, Organisation, Person
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.rulebook import DAYS, Rule, day_kind_of, declare, rule_or_none
from kezhuan.kernel.text import batches, today
from kezhuan.kernel.workdays import shifted_days

LETTER = "clock.reminders"
TOPIC = "reminders"
REMIND = "clocks.remind"
FARTHEST = 30
"""Days around the due day within which a step may lie; a rule value beyond it counts as this."""
THEMSELVES = 0
"""In the place of an organisation: somebody who acts for none."""
MOST_RECEIVERS = 20
"""Of an organisation that has named no contact and no administrator, so many members are written to."""
_IN_TURN = (Role.ADMINISTRATOR, Role.MEMBER, Role.OFFICER, Role.FINANCE, Role.LEGAL)
"""The roles in which somebody acts for an organisation, whoever is written to first before the others."""
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
BEGUN = "begun"
"""The step on the morning after a term began."""
LABELS = {
    "clock.remind.before": _("Reminder before the due day"),
    "clock.remind.after": _("Reminder after the due day"),
    "clock.escalate.administrators": _("Overdue: word to the organisation's administrators"),
    "clock.escalate.officers": _("Overdue: word to the officers in charge"),
}
for _code, _label in LABELS.items():
    declare(Rule(_code, _label, DAYS))

Letters = dict[tuple[int, int], dict[int, str]]
"""For each person and the organisation they act for (`THEMSELVES`: for none): the clocks to tell of, and which step
each has reached."""


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
                acting_for=parties.get(party),
                content={"clocks": {str(clock): step for clock, step in told.items()}},
            )
        CodeCounter.objects.filter(key=_THROUGH).update(last=max(last, day.toordinal()))
        running.finish()


def letters_of(after: date, upto: date) -> Letters:
    """Who is to be told of which running clocks that came to a step on a day `after < day <= upto`."""
    # So many working days lie within twice as many days, whatever the holidays.
    near = Q(due_on__gt=after - timedelta(days=FARTHEST * 2), due_on__lte=upto + timedelta(days=FARTHEST * 2))
    running = Clock.objects.filter(near, ended_on=None).select_related("record", "audience").order_by("pk")
    reached: dict[str, list[Term]] = defaultdict(list)
    for term, step in _steps_reached(_terms(list(running)), after, upto):
        reached[step].append(term)
    letters: Letters = defaultdict(dict)
    for term, receivers in _responsible(_begun(after, upto)):
        for receiver in receivers:
            letters[receiver][term.clock.pk] = BEGUN
    for name, whose in (
        ("before", _responsible),
        ("due", _responsible),
        ("after", _responsible),
        ("administrators", _administrators),
        ("officers", _officers_for_late_parties),
    ):
        for term, receivers in whose(reached[name]):
            for receiver in receivers:
                letters[receiver][term.clock.pk] = name
    return letters


def _begun(after: date, upto: date) -> list["Term"]:
    """What somebody else has let wait for an organisation on a day `after <= day < upto`: it is told on the next
    morning. Whoever began a draft, or took the step that makes them wait for themselves, knows."""
    rows = Clock.objects.filter(ended_on=None, started_on__gte=after, started_on__lt=upto, post=None, person=None)
    fresh = list(rows.exclude(party=None).select_related("record", "audience").order_by("pk"))
    kinds = {kind.slug: kind.lifecycle for kind in registry.kinds()}
    steps = [f"{slug}.{name}" for slug, life in kinds.items() for name in ("open", *life.moves)]
    last: dict[int | None, int | None] = {}
    for some in batches([clock.record_id for clock in fresh], 500):
        entries = Entry.objects.filter(record__in=some, kind__in=steps).order_by("seq")
        last.update(entries.values_list("record", "acting_for"))
    return _terms([clock for clock in fresh if last.get(clock.record_id) != clock.party_id])


@dataclass(frozen=True)
class Term:
    """A running clock, the district whose values count for it, and the tokens of the officers who have it in their
    inbox."""

    clock: Clock
    place: str
    asked: frozenset[str]


def _terms(clocks: Sequence[Clock]) -> list[Term]:
    rows = registry.rows_of(clock.record for clock in clocks)
    found = []
    for clock in clocks:
        row, asked = rows[clock.record_id], frozenset(clock.audience.key.split("|"))
        # What everybody sees and an organisation is late with is told to the officers in charge.
        asked = officer_tokens(region_of(row), programme_of(row)) if PUBLIC in asked else asked
        found.append(Term(clock, region_of(row), asked))
    return found


def _steps_reached(terms: Sequence[Term], after: date, upto: date) -> Iterable[tuple[Term, str]]:
    """Each term with every step whose day lies in the span; of several for one receiver the last is told."""
    days = _step_days(terms, upto)
    for term in terms:
        for name, day in days[term.clock.pk]:
            if after < day <= upto and day > term.clock.started_on:
                yield term, name


def _step_days(terms: Sequence[Term], on: date) -> Mapping[int, list[tuple[str, date]]]:
    """The days of all steps of the terms, in order; a step whose rule has no value in force is none."""
    plans: dict[str, list[tuple[str, int, str | None]]] = {}
    found: dict[int, list[tuple[str, tuple[date, int, str]]]] = {}
    for term in terms:
        clock, place = term.clock, term.place
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

Receivers = Iterable[tuple[Term, set[tuple[int, int]]]]


def _acting() -> QuerySet[Membership]:
    """Who acts for somebody today; whoever was closed acts for nobody."""
    day = today()
    rows = Membership.objects.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))
    return rows.exclude(person__record__phase=Phase.DONE).order_by("pk")


def _members(parties: set[int], roles: Collection[str]) -> Mapping[int, dict[str, list[int]]]:
    """The people of organisations today by role."""
    rows = _acting().filter(organisation__in=parties, role__in=roles)
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for party, role, person in rows.values_list("organisation_id", "role", "person_id"):
        found[party][role].append(person)
    return found


def _responsible(terms: Sequence[Term]) -> Receivers:
    """Whoever must act: those who hold the post that is waited for; the record's contact when they belong to the
    organisation that is waited for, else its administrators, else its members; for the bureau's terms the officers in
    charge."""
    holders = approvals.signers_waited_for(term.clock for term in terms)
    members = _members(_parties(terms), ACTING)
    officers = _officers([term for term in terms if _is_the_bureaus(term)])
    for term in terms:
        clock = term.clock
        if clock.person_id is not None:
            yield term, {(clock.person_id, THEMSELVES)}
            continue
        if clock.party_id is None:
            yield term, _in_charge(officers, term)
            continue
        if clock.post_id is not None:
            yield term, {(person, clock.party_id) for person in holders[clock.pk]}
            continue
        own = members[clock.party_id]
        everybody = [person for role in _IN_TURN for person in own[role]]
        if clock.record.contact_id in everybody:
            chosen = [clock.record.contact_id]
        else:
            chosen = own[Role.ADMINISTRATOR] or everybody[:MOST_RECEIVERS]
        yield term, {(person, clock.party_id) for person in chosen}


def _administrators(terms: Sequence[Term]) -> Receivers:
    """The administrators of the organisation that is late; for the bureau's terms the officers of the whole city."""
    members = _members(_parties(terms), {Role.ADMINISTRATOR})
    officers = _officers([term for term in terms if _is_the_bureaus(term)])
    for term in terms:
        party = term.clock.party_id
        if term.clock.person_id is not None:
            continue
        if party is None:
            yield term, {one for charge, one in officers if charge.token in term.asked and not charge.region}
        else:
            yield term, {(person, party) for person in members[party][Role.ADMINISTRATOR]}


def _officers_for_late_parties(terms: Sequence[Term]) -> Receivers:
    """The officers in charge of the record, when an organisation or a person is late; the bureau's own terms end with
    the city."""
    late = [term for term in terms if not _is_the_bureaus(term)]
    officers = _officers(late)
    for term in late:
        yield term, _in_charge(officers, term)


def _is_the_bureaus(term: Term) -> bool:
    """Whether nobody but the bureau is waited for."""
    return term.clock.party_id is None and term.clock.person_id is None


def _parties(terms: Sequence[Term]) -> set[int]:
    """The organisations that are waited for."""
    return {term.clock.party_id for term in terms if term.clock.party_id is not None}


Officers = Sequence[tuple[Charge, tuple[int, int]]]


def _officers(terms: Sequence[Term]) -> Officers:
    """What today's officers are in charge of, each with their person and department; nobody when there is no term."""
    rows = _acting().filter(role=Role.OFFICER) if terms else ()
    return [(charge, (one.person_id, one.organisation_id)) for one, charge in charges_by(rows)]


def _in_charge(officers: Officers, term: Term) -> set[tuple[int, int]]:
    """Who has it in the inbox: those whose charge is a programme or a district; only where there are none, those in
    charge of everything in the whole city, who else learn of it when it is late."""
    asked = [(charge, one) for charge, one in officers if charge.token in term.asked]
    return {one for charge, one in asked if charge != Charge()} or {one for _charge, one in asked}
