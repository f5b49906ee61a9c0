"""What was paid under a contract, as its agreement and the distributions of its income tell it: typed only where
neither does."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kezhuan.areas.agreements.models import AgreementPayment
from kezhuan.areas.contracts.models import Contract
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.models import Record


@dataclass(frozen=True)
class Paid:
    """Money in 分 that came in on a day, and the record that tells it; `payment` is the row of the agreement that it
    is, where it is one."""

    record: Record
    on: date
    fen: int
    payment: int | None = None


@dataclass(frozen=True)
class Told:
    """What is told of a contract's payments, the oldest first."""

    rows: tuple[Paid, ...]

    @property
    def fen(self) -> int:
        """Their sum."""
        return sum(one.fen for one in self.rows)

    def seen_by(self, actor: Actor) -> tuple[Paid, ...]:
        """The rows whose record the actor reads in full."""
        return tuple(one for one in self.rows if can_view(actor, one.record, "full"))


Source = Callable[[Collection[int]], Iterable[tuple[int, Paid]]]
_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Name who else tells what came in under contracts (their numbers), once Django has loaded the models."""
    _sources.append(source)


def told_of(contracts: Collection[Contract]) -> Mapping[int, Told]:
    """What is told of the payments of contracts, by number; one of which nothing is told is left out.

    An agreement that plans payments tells also that none came in, where nothing was typed. What another record tells
    of a payment of the agreement, or, where it names none, of one on the same day with the same amount that no other
    record is, is that payment and counts once.
    """
    of_agreement: dict[int, list[Contract]] = {}
    for row in contracts:
        if row.agreement_id is not None:
            of_agreement.setdefault(row.agreement_id, []).append(row)
    rows: dict[int, list[Paid]] = {}
    planned: set[int] = set()
    found = AgreementPayment.objects.filter(version__agreement__in=of_agreement, freed_on=None)
    found = found.exclude(version__agreed_on=None).select_related("version__agreement__record__full_to")
    for one in found:
        for row in of_agreement[one.version.agreement_id]:
            planned.add(row.pk)
            if one.paid_on is not None and one.paid_fen is not None:
                record = one.version.agreement.record
                rows.setdefault(row.pk, []).append(Paid(record, one.paid_on, one.paid_fen, one.pk))
    others: dict[int, list[Paid]] = {}
    for source in _sources:
        for number, paid in source({row.pk for row in contracts}):
            others.setdefault(number, []).append(paid)
    for number, received in others.items():
        _add(rows.setdefault(number, []), received)
    told = {number: Told(tuple(sorted(of, key=lambda one: one.on))) for number, of in rows.items()}
    return told | {row.pk: Told(()) for row in contracts if row.pk in planned - set(told) and row.paid_fen is None}


def _add(rows: list[Paid], received: list[Paid]) -> None:
    """Add what other records tell, unless it is a payment that stands there already, first of those that name one: two
    receipts are never one payment."""
    free = list(rows)
    for paid in sorted(received, key=lambda one: one.payment is None):
        alike = (paid.on, paid.fen) if paid.payment is None else paid.payment
        known = [one for one in free if alike in (one.payment, (one.on, one.fen))]
        if known:
            free.remove(known[0])
        else:
            rows.append(paid)
