"""Who makes brokers of a unit and fills their queues, whose queue is whose, and who takes a pair out of it."""

from typing import Any

from django.db.models import Q

from kezhuan.areas.brokers.models import Broker, BrokeredPair
from kezhuan.areas.matches.permissions import oversees
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.permissions import directs, is_kept, may_admit
from kezhuan.kernel.access import Actor, about_actor, is_system, predicate, represents_owner
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.vocabulary import Confidentiality

keeps = (may_admit | directs) & is_kept
"""Makes brokers of an organisation and fills their queues: its administrators, the officers in charge of its district,
and of a government office whoever divides its power."""


@about_actor
def plans_queues(actor: Actor, _row: Any) -> bool:
    """Plans queues of brokers: officers, and the administrators of a unit those of its own."""
    return actor.is_officer or (actor.organisation is not None and Role.ADMINISTRATOR in actor.roles)


@predicate
def works(actor: Actor, row: BrokeredPair) -> bool:
    """Is the broker in whose queue the pair is, in person, acting for the unit whose broker they are."""
    if actor.person is None or actor.represented is not None or actor.organisation is None:
        return False
    broker = row.broker
    own = (broker.person_id, broker.organisation_id) == (actor.person.pk, actor.organisation.pk)
    return own and broker.until is None


@works.beside
def _worked_by(actor: Actor, rows: Rows) -> Q:
    if actor.person is None or actor.represented is not None or actor.organisation is None:
        return rows.none
    return rows.where(
        broker__person=actor.person.pk, broker__organisation=actor.organisation.pk, broker__until__isnull=True
    )


@predicate
def keeps_queue(actor: Actor, row: BrokeredPair) -> bool:
    """Fills the queue in which the pair is."""
    return bool(keeps.test(actor, row.broker.organisation))


@keeps_queue.beside
def _of_kept_queues(actor: Actor, rows: Rows) -> Q:
    return keeps.where(actor, rows.at("broker", Broker).at("organisation", Organisation))


@predicate
def is_held_back(_actor: Actor, row: Need) -> bool:
    """Not everybody reads the public part of the need."""
    return row.confidentiality != Confidentiality.PUBLIC


is_held_back.beside(lambda _actor, rows: ~rows.where(confidentiality=Confidentiality.PUBLIC))
lets_read = represents_owner & is_held_back
"""Says which brokers read a need that not everybody reads: whoever acts for its firm."""
hands_back = works | keeps_queue | oversees | is_system
"""Takes a pair out of a queue, so that it can be planned anew: its broker, who fills the queue, the officers in charge
of one of the two sides, and the program when the broker has left."""
