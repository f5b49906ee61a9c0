"""The floors of a place and day as the rulebook holds them, places that have any, and grants as readers see them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

from django.db.models import QuerySet

from kezhuan.areas.achievements.queries import unit_achievements
from kezhuan.areas.agreements.models import AgreementPayment
from kezhuan.areas.agreements.queries import agreements_visible_to
from kezhuan.areas.contracts.paid import Paid
from kezhuan.areas.rights.models import Distribution, DistributionMember, GrantMember, RightsGrant, Way
from kezhuan.areas.rights.permissions import keeps_grants
from kezhuan.engines.findings import Words
from kezhuan.engines.income import CODES, Floors, WayRules, floors_from, ways_from
from kezhuan.engines.rules import RuleVersion
from kezhuan.kernel import rulebook, search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record, RuleValue
from kezhuan.kernel.models.records import Phase


def floors_on(on: date, jurisdiction: str, named: Callable[[str], Words]) -> Floors:
    """The floors in force for a receipt; four queries. `named` gives the names of places."""
    return floors_from(jurisdiction, rules_on(on, jurisdiction), named)


def ways_on(on: date, jurisdiction: str, named: Callable[[str], Words]) -> WayRules:
    """The rules on rewards in other ways in force on a day; a query for each."""
    return ways_from(jurisdiction, rules_on(on, jurisdiction), named)


def rules_on(on: date, jurisdiction: str) -> Callable[[str], RuleVersion | None]:
    """What the engines ask for the rule values of a day and place: each a query."""

    def look_up(code: str) -> RuleVersion | None:
        held = rulebook.rule_or_none(code, on=on, jurisdiction=jurisdiction)
        return None if held is None else _version(held)

    return look_up


def _version(held: RuleValue) -> RuleVersion:
    return RuleVersion(
        held.code, held.jurisdiction, held.value, held.unit, held.effective_from, held.effective_to, held.source
    )


def places() -> tuple[str, ...]:
    """The city's places, then others of which a floor is known."""
    known = RuleValue.objects.filter(code__in=CODES, withdrawn_at=None).order_by("jurisdiction")
    return tuple(dict.fromkeys([*rulebook.known_places(), *known.values_list("jurisdiction", flat=True)]))


# -- what contracts are told -------------------------------------------------------------------------------------------


def received_under(contracts: Collection[int]) -> Iterator[tuple[int, Paid]]:
    """What the receipts of contracts tell of the money that came in under them; one query."""
    rows = Distribution.objects.filter(contract__in=contracts, way=Way.RECEIPT).select_related(
        "record__full_to", "payment"
    )
    for row in rows.exclude(record__phase__in=(Phase.DRAFT, Phase.VOID)):
        if row.contract_id is not None:
            yield row.contract_id, Paid(row.record, row.received_on, row.received_fen, row.payment_id)


# -- grants ------------------------------------------------------------------------------------------------------------

TOLD = ("record__owner__record", "achievement__title_to", "achievement__public_to", "contract__title_to")


def grants_visible_to(actor: Actor) -> QuerySet[RightsGrant]:
    """Grants that the actor may see, with what a list shows."""
    return visible_to(actor, RightsGrant.objects.select_related(*TOLD))


def grant_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Grants as search reads them, for the few who read them."""
    for row in RightsGrant.objects.filter(pk__in=ids).select_related("record", "achievement"):
        text = f"{row.record.summary}\n{row.achievement.code}\n{row.title_change_no}"
        yield from search.by_group(row.record, public_text=text, facets={"sort": row.kind})


def achievements_for(actor: Actor) -> QuerySet[Record]:
    """The achievements that the actor may begin a grant of: of their unit, for who keeps its papers of rights; of
    these the ones that they completed, for everybody else."""
    rows = unit_achievements(actor)
    return rows if keeps_grants(actor) else rows.filter(achievement__completers__person=actor.person).distinct()


# -- income ------------------------------------------------------------------------------------------------------------

TOLD_OF_INCOME = (
    "record__owner__record", "unit__record", *TOLD[1:], "grant__record__title_to", "after__record",
    "payment__version__agreement__record__title_to",
)  # fmt: skip


def distributions_visible_to(actor: Actor) -> QuerySet[Distribution]:
    """Receipts and their distribution that the actor may see, with what a list shows."""
    return visible_to(actor, Distribution.objects.select_related(*TOLD_OF_INCOME))


def distribution_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Distributions as search reads them, for the few who read them."""
    for row in Distribution.objects.filter(pk__in=ids).select_related("record", "achievement"):
        text = f"{row.record.summary}\n{row.achievement.code}\n{row.reference}\n{row.company}"
        yield from search.by_group(row.record, public_text=text)


def contracts_of(actor: Actor) -> QuerySet[Record]:
    """The technology contracts of the actor's unit, by name alone: finance need not read what legal keeps."""
    rows = Record.objects.filter(kind="contract", owner=actor.organisation).exclude(phase__in=("void", "draft"))
    return rows.order_by("-pk") if actor.organisation is not None else rows.none()


def payments_of(actor: Actor) -> QuerySet[AgreementPayment]:
    """What came in under agreements of the actor's unit that they may read, the newest first."""
    if actor.organisation is None:
        return AgreementPayment.objects.none()
    own = agreements_visible_to(actor).filter(record__owner=actor.organisation).order_by()
    rows = AgreementPayment.objects.filter(version__agreement__in=own.values("pk")).exclude(paid_on=None)
    return rows.select_related("version__agreement__record", "version__agreement__achievement").order_by(
        "-paid_on", "-pk"
    )


def payment_name(row: AgreementPayment) -> str:
    """How what came in is named: the agreement's code, the number of its version and of the payment in that."""
    return f"{row.version.agreement.record.code}/{row.version.number}/{row.number}"


def agreement_behind(row: Distribution) -> Record | None:
    """The agreement under which a receipt came in; none where it came in otherwise."""
    return row.payment.version.agreement.record if row.payment is not None else None


def payment_named(actor: Actor, name: str) -> AgreementPayment | None:
    """What came in under an agreement of the actor's unit, by its name."""
    code, *numbers = name.split("/")
    if len(numbers) != 2 or not all(one.isascii() and one.isdigit() and len(one) < 6 for one in numbers):
        return None
    version, number = map(int, numbers)
    rows = payments_of(actor).filter(version__agreement__record__code=code)
    return rows.filter(version__number=version, number=number).first()


def shares_for(actor: Actor) -> QuerySet[DistributionMember]:
    """What the actor gets in their own name, of distributions that they may read, newest first."""
    if actor.person is None or actor.represented is not None:
        return DistributionMember.objects.none()
    readable = distributions_visible_to(actor).values("pk")
    rows = DistributionMember.objects.filter(person=actor.person.pk, distribution__in=readable)
    rows = rows.exclude(fen=None, shares=None)
    joined = rows.select_related("distribution__record", "distribution__achievement__title_to")
    return joined.order_by("-distribution__received_on", "-pk")


def parts_for(actor: Actor) -> QuerySet[GrantMember]:
    """The actor's parts in grants that they may read, newest first."""
    if actor.person is None or actor.represented is not None:
        return GrantMember.objects.none()
    readable = grants_visible_to(actor).values("pk")
    rows = GrantMember.objects.filter(person=actor.person.pk, grant__in=readable)
    return rows.select_related("grant__record", "grant__achievement__title_to").order_by("-grant")
