"""Of whom nothing is suggested: a need's own unit, and whoever does not want to work with it or it with them; and which
pairs are decided on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from kezhuan.areas.matches.meanings import BETWEEN, ENDED
from kezhuan.areas.matches.models import LAPSED, Introduction, Refusal
from kezhuan.areas.matches.supply import profiles
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.present import is_there

_SAID = """
SELECT 1 WHERE EXISTS (
    SELECT 1 FROM matches_refusal said JOIN kernel_record need ON need.id = said.need_id
    WHERE need.owner_id = %s AND need.kind = %s
) OR EXISTS (
    SELECT 1 FROM matches_introduction said JOIN kernel_record need ON need.id = said.need_id
    WHERE need.owner_id = %s AND need.kind = %s
)
"""
"""Whether anything was ever said of a firm's needs: of most firms nothing was."""


@dataclass
class Apart:
    """The suppliers of whom nothing is suggested for a need."""

    owners: frozenset[int]

    @cached_property
    def records(self) -> frozenset[int]:
        """All of theirs that could answer needs; one query, once."""
        if not self.owners:
            return frozenset()
        return frozenset(Record.objects.filter(owner__in=self.owners, kind__in=profiles()).values_list("pk", flat=True))


def apart_of(firm: int, said: Iterable[int] = ()) -> Apart:
    """Those apart from a firm: whoever is `said` to be, and always itself, for nobody is introduced to themselves."""
    return Apart(frozenset({firm, *said}))


def is_own(need: Record, supply: Record) -> bool:
    """Whether what is offered is of the unit that poses the need."""
    return need.owner_id is not None and need.owner_id == supply.owner_id


def set_apart(firms: Collection[int]) -> dict[int, frozenset[int]]:
    """By firm the suppliers of whom nothing is suggested for its needs; two queries."""
    said: dict[int, set[int]] = {firm: set() for firm in firms}
    # By the kind, too, a database finds a firm's needs at once, whatever else it has.
    asked = {"need__record__owner__in": firms, "need__record__kind": NEED.kind}
    rows = (found.filter(**asked).values_list("need__record__owner", "supply__owner") for found in _said_between())
    for firm, supplier in chain.from_iterable(rows):
        if supplier is not None:
            said[firm].add(supplier)
    return {firm: apart_of(firm, suppliers).owners for firm, suppliers in said.items()}


def set_apart_from(need: Need) -> Apart:
    """The same for one need; three queries, mostly one. Asked once for a need, not of each of its pairs: an answer may
    have to pass over all records of an organisation."""
    owner = need.record.owner_id
    if owner is None:
        return Apart(frozenset())
    if not is_there(_SAID, *2 * (owner, NEED.kind)):
        return apart_of(owner)
    return Apart(set_apart([owner])[owner])


def not_apart() -> list[Any]:
    """The same as conditions of rows that have a need and a supply."""
    owners = {"need__record__owner": OuterRef("need__record__owner"), "supply__owner": OuterRef("supply__owner")}
    said = [~Exists(found.filter(**owners)) for found in _said_between()]
    return [~Q(need__record__owner=F("supply__owner")), *said]


def _said_between() -> tuple[QuerySet[Refusal], QuerySet[Introduction]]:
    """Where one of two organisations said that it does not want to work with the other: pairs it refused, introductions
    it ended. An officer or a broker who says so speaks of the pair alone."""
    by_side = Q(acting_for=OuterRef("need__record__owner")) | Q(acting_for=OuterRef("supply__owner"))
    said = Entry.objects.filter(by_side, record=OuterRef("record"), kind__in=ENDED, data__reason__in=BETWEEN)
    return (
        Refusal.objects.filter(reason__in=BETWEEN, lifted_at=None).exclude(side="bureau"),
        Introduction.objects.filter(Exists(said), record__phase=Phase.FAILED),
    )


def decided_pairs() -> tuple[QuerySet[Refusal], QuerySet[Introduction]]:
    """Pairs that are suggested no more: refused or introduced, unless that was lifted or lapsed."""
    introduced = Introduction.objects.filter(void_of=0).exclude(record__stage=LAPSED)
    return Refusal.objects.filter(lifted_at=None), introduced
