"""Brokers of an agency, and pairs in their queues."""

from kezhuan.areas.brokers.actions import BrokerFacts, Wanted, enter_broker, give_pairs
from kezhuan.areas.brokers.models import Broker
from kezhuan.kernel.models.parties import Role
from tests.factories import city


def broker(unit=None, *, by=None, person=None, fields=("materials",), regions=(), capacity=10):
    """A broker of a unit, an agency of its own unless said otherwise: the actor, and the row."""
    unit = unit or city.organisation(kind="agency")
    actor = person or city.member(unit)
    facts = BrokerFacts(tuple(fields), tuple(regions), capacity)
    keeper = by or city.member(unit, Role.ADMINISTRATOR)
    return actor, enter_broker(actor=keeper, organisation=unit, person=actor.person, facts=facts)


def given(need, supply, row: Broker, *, by):
    """A suggested pair put into a broker's queue."""
    (made,) = give_pairs(actor=by, wanted=[Wanted(need.record.code, supply.code, row.pk)]).given
    return made
