"""What is done to brokers and queues: brokers made of members, pairs given by a plan, closed with what came of them."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from kezhuan.areas.brokers.fitting import Fit, fits_of
from kezhuan.areas.brokers.letting_actions import end_letting
from kezhuan.areas.brokers.lifecycle import PAIR
from kezhuan.areas.brokers.models import CAPACITY, MOST_CAPACITY, Broker, BrokeredPair
from kezhuan.areas.brokers.permissions import keeps, plans_queues
from kezhuan.areas.brokers.queries import GIVEN, TAKEN, brokers_kept_by, is_decided, numbers_of, open_pairs
from kezhuan.areas.matches.actions import part_from_broker
from kezhuan.areas.matches.models import LAPSED, Suggestion
from kezhuan.areas.matches.queries import suggestions_visible_to, undecided
from kezhuan.areas.matches.room import room_left
from kezhuan.areas.matches.supply import introduced_kinds
from kezhuan.kernel import journal, outbox
from kezhuan.kernel.access import SYSTEM, Actor, memberships_of
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import OVER, advance, open_record
from kezhuan.kernel.models import Membership, Organisation, Person, Record
from kezhuan.kernel.models.records import new_uid
from kezhuan.kernel.text import today
from kezhuan.kernel.vocabulary import REGIONS, Field

TITLE, TITLE_EN = "撮合任务", "Pair in a broker's queue"
"""What the record of every pair is called: whom it brings together is read from the two sides, by whoever may."""
WAITING, TOPIC = "pair.waiting", "pairs"
"""The letter that pairs wait in somebody's queue, and its topic, which a broker may stop."""
MOST_PAIRS = 100
"""Pairs given by one request: some seconds of work."""


@dataclass(frozen=True)
class BrokerFacts:
    """What is said of a broker: fields and districts that they work in (none: the whole city), and their capacity."""

    fields: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    capacity: int = CAPACITY

    @property
    def columns(self) -> dict[str, object]:
        """The same as the columns of a broker."""
        fields, regions = (list(dict.fromkeys(one)) for one in (self.fields, self.regions))
        return {"fields": fields, "regions": regions, "capacity": self.capacity}


def not_kept() -> NotAllowed:
    """Why somebody may not make, change or end brokers of a unit."""
    return NotAllowed(_("Brokers are made by their unit's administrators and the officers in charge of its district."))


def _require(actor: Actor, organisation: Organisation, facts: BrokerFacts | None = None) -> None:
    if not keeps.test(actor, organisation):
        raise not_kept()
    problems = []
    if facts is not None and (not facts.fields or set(facts.fields) - set(Field.values)):
        problems.append(Problem("broker-fields", _("Choose the technical fields that they work in."), "fields"))
    if facts is not None and set(facts.regions) - set(REGIONS) | set(facts.regions) & {settings.CITY}:
        problems.append(Problem("region-unknown", _("Choose the district from the list."), "regions"))
    if facts is not None and not 1 <= facts.capacity <= MOST_CAPACITY:
        message = _("Give a number of pairs from 1 to %(most)s.") % {"most": MOST_CAPACITY}
        problems.append(Problem("broker-capacity", message, "capacity"))
    if problems:
        raise Refused(problems)


def kept_broker(actor: Actor, number: int) -> Broker:
    """A broker who has not ended and whose queue the actor fills. Raises `Missing` or `NotAllowed`."""
    rows = Broker.objects.filter(pk__in=numbers_of([number]), until=None)
    row = rows.select_related("person__record", "organisation__record").first()
    if row is None or not actor.is_signed_in:
        raise Missing
    if not keeps.test(actor, row.organisation):
        raise not_kept()
    return row


def enter_broker(*, actor: Actor, organisation: Organisation, person: Person | None, facts: BrokerFacts) -> Broker:
    """Make a member of an organisation its broker. Raises `NotAllowed`, or `Refused` for who is no member of it, is one
    already, or for facts that are none."""
    _require(actor, organisation, facts)
    if person is None or not memberships_of(person).filter(organisation=organisation).exists():
        raise Refused(Problem("broker-member", _("Choose a member of the organisation."), "person"))
    row = Broker(person=person, organisation=organisation, since=today(), **facts.columns)
    require_fits(row)
    with journal.writing():
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            message = _("They are a broker of the organisation already.")
            raise Refused(Problem("broker-twice", message, "person")) from None
        _note("organisation.broker", row, actor)
    return row


def edit_broker(*, actor: Actor, broker: Broker, facts: BrokerFacts) -> Broker:
    """Change what is said of a broker. Who has more pairs than a lowered capacity keeps them. Raises `NotAllowed`,
    `Refused`, or `Conflict` for one who has ended."""
    _require(actor, broker.organisation, facts)
    with journal.writing():
        row = _held(broker)
        if Broker.objects.filter(pk=row.pk).update(**facts.columns):
            _note("organisation.broker-edit", row, actor)
    row.refresh_from_db()
    return row


def end_broker(*, actor: Actor, broker: Broker) -> None:
    """End somebody's work as a broker: what waits for them can be planned again, what they took up goes on without
    them, and counts as theirs.
    Raises `NotAllowed`, or `Conflict` for one who has ended."""
    _require(actor, broker.organisation)
    _end(actor, broker)


def _end(actor: Actor, broker: Broker) -> None:
    with journal.writing():
        row = _held(broker)
        waiting = row.pairs.filter(record__stage=GIVEN).select_related("record").order_by("pk")
        for pair in waiting:
            advance(PAIR, pair, "return", actor=actor, reason="ended")
        Broker.objects.filter(pk=row.pk).update(until=today())
        _note("organisation.broker-ended", row, actor)
        _close_to(row)


def _close_to(broker: Broker) -> None:
    """Who is no longer a broker reads nothing more of their pairs, nor of what they took up."""
    pairs = list(BrokeredPair.objects.filter(broker=broker.pk).select_related("record", "introduction").order_by("pk"))
    met = [one.introduction for one in pairs if one.introduction is not None]
    end_letting(broker)
    part_from_broker([one for one in met if one.broker_id == broker.person_id])
    uids = [str(one.record.uid) for one in pairs if PAIR.refresh_audience(one)]
    if uids:
        journal.note("pair.readers", actor=SYSTEM, data={"uids": uids})


def _held(broker: Broker) -> Broker:
    """The broker as they stand, locked until the transaction ends. Raises `Conflict` for one who has ended."""
    rows = Broker.objects.select_for_update(no_key=True).filter(pk=broker.pk, until=None)
    row = rows.first()
    if row is None:
        raise Conflict(_("They are no longer a broker. Nothing was changed by you."))
    return row


def _note(kind: str, row: Broker, actor: Actor) -> None:
    data = {"member": str(row.person.record.uid), "broker": row.pk}
    whom = {"whom": row.person.record.title}
    journal.note(kind, record=row.organisation.record, actor=actor, data=data, texts=whom)


# -- queues ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """A pair for a broker: the codes of need and record, and the broker's number."""

    need: str
    supply: str
    broker: int


@dataclass
class Outcome:
    """What was given, and how many pairs were `left`: decided on, in a queue or no longer open meanwhile, or for a
    broker who may not have them or has no room."""

    given: list[BrokeredPair] = field(default_factory=list)
    left: int = 0


def give_pairs(*, actor: Actor, wanted: Sequence[Wanted]) -> Outcome:
    """Put pairs of a plan into the queues of brokers, each in a transaction of its own, and write each broker one
    letter. Asked anew of each is all that the plan asked. Raises `NotAllowed`, or `Refused` for none and too many."""
    if not plans_queues.test(actor, None):
        raise NotAllowed(_("Only officers and the administrators of a unit plan the queues of brokers."))
    if not wanted:
        raise Refused(Problem("pairs-missing", _("Choose at least one pair."), "pair"))
    if len(wanted) > MOST_PAIRS:
        message = _("Give at most %(most)s pairs at a time.")
        raise Refused(Problem("pairs-many", message % {"most": MOST_PAIRS}, "pair"))
    rows = undecided(suggestions_visible_to(actor)).filter(
        need__record__code__in=[one.need for one in wanted],
        supply__code__in=[one.supply for one in wanted],
        supply__kind__in=[kind.slug for kind in introduced_kinds()],
    )
    suggested = {(row.need.record.code, row.supply.code): row for row in rows}
    asked = [row for one in wanted if (row := suggested.get((one.need, one.supply))) is not None]
    brokers = {one.pk: one for one in brokers_kept_by(actor).filter(pk__in=numbers_of(one.broker for one in wanted))}
    fits = fits_of(actor, list(dict.fromkeys(asked)), list(brokers.values()))
    done, turn = Outcome(), new_uid()
    for one in wanted:
        row, broker = suggested.get((one.need, one.supply)), brokers.get(one.broker)
        fit = fits[row.pk, broker.pk] if row is not None and broker is not None else None
        made = _give(actor, row, broker, fit, turn) if row and broker and fit and not fit.bars else None
        if made is None:
            done.left += 1
        else:
            done.given.append(made)
    return done


def _give(actor: Actor, row: Suggestion, broker: Broker, fit: Fit, turn: UUID) -> BrokeredPair | None:
    """One pair into one queue, unless it is in another's meanwhile, or this one is full, or what answers the need takes
    no more: who gives holds both, so that of two plans at once the second counts what the first gave. The broker is
    written of the first pair of a `turn`."""
    with suppress(Conflict), journal.writing():
        held = _held(broker)
        if open_pairs([held.pk]).get(held.pk, 0) >= held.capacity:
            return None
        supply = Record.objects.select_for_update(of=("self",), no_key=True).get(pk=row.supply_id)
        if room_left([supply]).get(supply.pk) == 0:
            return None
        try:
            with transaction.atomic():
                made: BrokeredPair = open_record(
                    PAIR,
                    lambda record: BrokeredPair(
                        record=record,
                        broker=broker,
                        need=row.need,
                        supply=row.supply,
                        score=row.score,
                        parts=row.parts,
                        fit=fit.value,
                        why=list(fit.why),
                    ),
                    actor=actor,
                    title=TITLE,
                    title_en=TITLE_EN,
                    owner=broker.organisation,
                )
        except IntegrityError:  # another plan gave it away in this moment
            return None
        key = f"{WAITING}:{turn}:{broker.pk}"
        outbox.tell(broker.person, WAITING, key=key, topic=TOPIC, acting_for=broker.organisation)
        return made
    return None


def follow_members(changed: Collection[int], anew: bool) -> None:
    """Who left a unit is no longer its broker; somebody who changes roles there stays."""
    stays = Membership.objects.filter(person=OuterRef("person"), organisation=OuterRef("organisation"))
    rows = Broker.objects.filter(~Exists(stays.filter(Q(until=None) | Q(until__gt=today()))), until=None)
    for row in (rows if anew else rows.filter(organisation__in=changed)).order_by("pk"):
        with suppress(Conflict):
            _end(SYSTEM, row)


def follow_pairs(changed: Collection[int], anew: bool) -> None:
    """What became of needs, supply and introductions goes on in queues: a pair that waits lapses when a side is closed
    or somebody else decided on it; one that was taken up is closed with its introduction, of which its broker has no
    part any more where that lapsed."""
    rows = BrokeredPair.objects.filter(is_open=True)
    if not anew:
        rows = rows.filter(need__in=changed) | rows.filter(supply__in=changed) | rows.filter(introduction__in=changed)
    for row in rows.select_related("record", "need__record", "supply", "introduction__record").order_by("pk"):
        # Whoever is faster makes an entry that is followed in its turn.
        with suppress(Conflict), journal.writing():
            if row.record.stage == GIVEN and is_decided(row):
                advance(PAIR, row, "lapse", actor=SYSTEM)
            elif row.record.stage == TAKEN and row.introduction and row.introduction.record.phase in OVER:
                advance(PAIR, row, "conclude", actor=SYSTEM)
                if row.introduction.record.stage == LAPSED:  # begun anew, it is whose queue it is in then
                    part_from_broker([row.introduction])
