"""Technology brokers and their queues: who in a unit brings both sides together, and which pairs wait for them."""

from functools import cache
from typing import Any

from django.db import models

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.models import Organisation, Person, Record

CAPACITY = 10
"""Pairs that a broker has open at once where nobody says otherwise. The program's own default, no rule's."""
MOST_CAPACITY = 200
STANDS = ("registered", "amending")
"""Stages of contracts that stand in the register."""


class Broker(models.Model):
    """技术经纪人 (技术经理人): a member of a unit who brings both sides of matches together, beside the role that they
    have there, from a day until a day.

    `fields` are technical fields and `regions` districts (GB/T 2260) that they work in, without any the whole city;
    `capacity` is how many pairs they have open at once. They act as long as their membership lasts.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="brokerships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="brokers")
    fields = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    capacity = models.PositiveSmallIntegerField(default=CAPACITY)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"], condition=models.Q(until=None), name="broker_open_once"
            ),
            models.CheckConstraint(condition=models.Q(capacity__gte=1), name="broker_capacity"),
        ]


class Pairs(models.Manager["BrokeredPair"]):
    """Pairs, each with whether it is the `last` that its introduction came of, for one that lapsed may be taken up
    anew, and whether a contract that names the introduction stands in the register (`registered`), which counts for the
    last alone: asked each time, for the register changes without them."""

    def get_queryset(self) -> models.QuerySet["BrokeredPair"]:
        """See there; kept, for to put them together takes longer than to ask them."""
        return _pairs().all()


@cache
def _pairs() -> models.QuerySet["BrokeredPair"]:
    pairs: models.QuerySet[BrokeredPair] = models.QuerySet(BrokeredPair)
    anew = pairs.filter(introduction=models.OuterRef("introduction"), pk__gt=models.OuterRef("pk"))
    found = Contract.objects.filter(introduction=models.OuterRef("introduction"), record__stage__in=STANDS)
    told: dict[str, Any] = {"last": ~models.Exists(anew), "registered": models.Exists(found) & ~models.Exists(anew)}
    return pairs.annotate(**told)


class BrokeredPair(models.Model):
    """A suggested pair in a broker's queue: given by a plan, taken up as an introduction or handed back.

    `score` and `parts` are those of the suggestion when it was given, `fit` and `why` how the broker fits it.
    `is_open` while it waits for the broker or they follow it: an open pair is in one queue alone, and takes a place
    of its broker's capacity.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="brokered_pair")
    broker = models.ForeignKey(Broker, on_delete=models.PROTECT, related_name="pairs")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="brokered_pairs")
    supply = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="brokered_pairs")
    introduction = models.ForeignKey(Introduction, on_delete=models.PROTECT, null=True, related_name="brokered_pairs")
    score = models.FloatField()
    parts = models.JSONField(default=list)
    fit = models.FloatField()
    why = models.JSONField(default=list)
    is_open = models.BooleanField(default=True)

    last: bool
    registered: bool
    objects = Pairs()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need", "supply"], condition=models.Q(is_open=True), name="pair_in_one_queue"
            )
        ]
        indexes = [models.Index(fields=["broker", "is_open"], name="pair_of_broker")]
