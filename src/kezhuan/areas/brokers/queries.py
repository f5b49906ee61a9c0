"""What is asked of brokers and their queues."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from kezhuan.areas.brokers.models import Broker, BrokeredPair
from kezhuan.areas.brokers.permissions import keeps
from kezhuan.areas.matches.apart import set_apart_from
from kezhuan.areas.matches.decisions import Said
from kezhuan.areas.matches.models import LAPSED
from kezhuan.areas.matches.queries import is_open
from kezhuan.areas.matches.supply import introduced_kinds, own_rows
from kezhuan.areas.needs.lifecycle import INTRODUCED
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.models import Entry, Grant, Membership, Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import today

_SIDES = tuple(
    f"{side}__{what}" for side in ("need__record", "supply") for what in ("owner__record", "title_to", "public_to")
)
PAIR_TOLD = (
    "broker__person__record", "broker__organisation__record", "introduction__record__title_to", *_SIDES,
)  # fmt: skip
GIVEN, TAKEN, DONE = "given", "taken", "done"
PAIR_KIND, UNFIT = "pair", "unfit"


def numbers_of(given: Iterable[int]) -> list[int]:
    """Those of some numbers that a row can have: a database refuses to look for a greater one."""
    return [one for one in given if 0 < one < 2**63]


def brokers_in_force() -> QuerySet[Broker]:
    """The brokers who act today: not ended, and still members of their unit."""
    acts = Membership.objects.filter(person=OuterRef("person"), organisation=OuterRef("organisation"))
    acts = acts.filter(Q(until=None) | Q(until__gte=today()), since__lte=today())
    rows = Broker.objects.filter(Exists(acts), until=None).exclude(person__record__phase=Phase.DONE)
    return rows.select_related("person__record", "organisation__record").order_by("pk")


def brokers_kept_by(actor: Actor) -> QuerySet[Broker]:
    """The brokers who act today and whose queues the actor fills."""
    units = keeps.among(actor, Organisation.objects.all())
    return brokers_in_force().filter(organisation__in=units.values("pk"))


def own_brokerships(actor: Actor) -> QuerySet[Broker]:
    """As whose broker the actor acts now; empty for most people, and for whoever acts in another's place."""
    if actor.person is None or actor.represented is not None or actor.organisation is None:
        return Broker.objects.none()
    return brokers_in_force().filter(person=actor.person, organisation=actor.organisation)


def may_read(need: Need) -> set[int]:
    """The people whom a need's firm lets read it as brokers, by number."""
    rows = Grant.objects.filter(Q(until=None) | Q(until__gte=today()), record=need.pk, role=INTRODUCED)
    return set(rows.filter(party__kind="person").values_list("party", flat=True))


def open_pairs(brokers: Collection[int]) -> Mapping[int, int]:
    """By broker how many pairs they have open."""
    rows = BrokeredPair.objects.filter(broker__in=brokers, is_open=True).order_by()
    return dict(rows.values_list("broker").annotate(number=Count("pk")))


def waiting_for(supplies: Collection[int], but: int | None) -> Mapping[int, int]:
    """By record how many pairs of it wait in queues, but for those of one need: each takes of its room."""
    rows = BrokeredPair.objects.filter(supply__in=supplies, is_open=True, introduction=None).exclude(need=but)
    return dict(rows.order_by().values_list("supply").annotate(number=Count("pk")))


def handed_back_unfit() -> Iterator[Said]:
    """Pairs that were handed back because the two do not fit: of the pair that says what a refusal as not relevant
    does."""
    entries = Entry.objects.filter(kind="pair.return", record__kind=PAIR_KIND).order_by("seq")
    told = {
        record: at for record, at, data in entries.values_list("record", "at", "data") if data.get("reason") == UNFIT
    }
    kinds = [kind.slug for kind in introduced_kinds()]
    pairs = BrokeredPair.objects.filter(record__stage="returned", supply__kind__in=kinds)
    for pk, need, supply, kind in pairs.values_list("pk", "need", "supply", "supply__kind"):
        if pk in told:
            yield Said(need, supply, kind, told[pk].timestamp(), 0, UNFIT, {})


def pairs_visible_to(actor: Actor) -> QuerySet[BrokeredPair]:
    """The pairs in queues that the actor may know of, the best first."""
    rows = BrokeredPair.objects.select_related("record", *PAIR_TOLD, *own_rows("supply__"))
    return visible_to(actor, rows).order_by("-score", "pk")


def own_pairs(actor: Actor) -> QuerySet[BrokeredPair]:
    """The pairs in the actor's own queue."""
    return pairs_visible_to(actor).filter(broker__in=own_brokerships(actor).values("pk"))


def reads_both(actor: Actor, row: BrokeredPair) -> bool:
    """Whether the actor reads the public parts of both sides of a pair."""
    return can_view(actor, row.need.record, "public") and can_view(actor, row.supply, "public")


def is_decided(row: BrokeredPair) -> bool:
    """Whether a side of a pair is closed, somebody refused or introduced the two, or their organisations do not want to
    work with each other."""
    if not is_open(row.need, row.supply) or row.supply.owner_id in set_apart_from(row.need).owners:
        return True
    refused = row.need.refusals.filter(supply=row.supply_id, lifted_at=None).exists()
    met = row.need.introductions.filter(supply=row.supply_id, void_of=0).exclude(record__stage=LAPSED)
    return refused or met.exists()


def pair_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Pairs as search reads them: by their own code alone, for those who may see them."""
    for row in BrokeredPair.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(row.record, public_text="")
