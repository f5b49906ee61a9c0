"""The ledger as its readers see it: entries with their status, what is due, what nobody has looked at this year."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.achievements.bonds import Bond
from kezhuan.areas.achievements.queries import unit_achievements
from kezhuan.areas.ledger.models import ENDED, AssetCompany, ConversionStatus, Equity, LedgerEntry, Upkeep
from kezhuan.areas.rights.permissions import keeps_income
from kezhuan.engines.days import months_after
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record, RuleValue
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import today

TOLD = ("record__owner__record", "achievement__title_to")
ALERT = "ledger.annuity.alert"
"""Rule value: so many days before it is due an annuity is told of."""
IDLE = "ledger.idle"
"""Rule value: after so many months without conversion an achievement counts as idle for long."""


def entries_visible_to(actor: Actor) -> QuerySet[LedgerEntry]:
    """Entries that the actor may see, with what a list shows."""
    return visible_to(actor, LedgerEntry.objects.select_related(*TOLD))


def own_entries(actor: Actor) -> QuerySet[LedgerEntry]:
    """What stands in the ledger of the actor's unit; nothing for whoever does not keep it."""
    rows = entries_visible_to(actor)
    return rows.filter(record__owner=actor.organisation, live=True) if keeps_income(actor) else rows.none()


def ledger_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Entries as search reads them, for the few who read them."""
    for row in LedgerEntry._base_manager.filter(pk__in=ids).select_related("record", "achievement"):
        text = f"{row.record.summary}\n{row.achievement.code}"
        yield from search.by_group(row.record, public_text=text, facets={"sort": row.origin})


def missing_achievements(actor: Actor) -> QuerySet[Record]:
    """The unit's achievements that stand in no ledger yet, oldest first."""
    kept = LedgerEntry._base_manager.filter(live=True).values("achievement")
    return unit_achievements(actor).exclude(pk__in=kept).order_by("pk")


def contracts_for(row: LedgerEntry) -> QuerySet[Record]:
    """The unit's technology contracts about the achievement of an entry, by name alone, newest first."""
    rows = Record.objects.select_related("title_to").filter(
        kind="contract", owner=row.record.owner_id, contract__achievement=row.achievement_id
    )
    return rows.exclude(phase="void").order_by("-pk")


def agreements_for(row: LedgerEntry) -> QuerySet[Record]:
    """The unit's agreements about the achievement of an entry, by name alone, newest first."""
    own = {"owner": row.record.owner_id, "agreement__achievement": row.achievement_id}
    rows = Record.objects.select_related("title_to").filter(kind="agreement", **own)
    return rows.exclude(phase="void").order_by("-pk")


def bonds_by_equity(achievement: Record) -> Iterator[Bond]:
    """The companies that an achievement was put into for equity."""
    rows = Equity.objects.filter(
        entry__achievement=achievement.pk, entry__live=True, entry__record__owner=achievement.owner_id
    )
    for row in rows.exclude(contract__phase__in=ENDED).select_related("entry__record", "contract").order_by("pk"):
        code = row.entry.record.code
        codes = (code, *([row.contract.code] if row.contract is not None else ()))
        text = _("put into %(company)s for equity on %(day)s, by %(code)s of the ledger")
        yield Bond(codes, True, text % {"company": row.company, "day": row.held_on.isoformat(), "code": code})


def companies_of(unit: int | None) -> QuerySet[AssetCompany]:
    """The companies that hold equity for a unit."""
    return AssetCompany.objects.filter(unit=unit).order_by("pk")


def counted(rows: QuerySet[LedgerEntry]) -> dict[str, int]:
    """How many entries stand at each status, every status named; one query."""
    found = dict(rows.order_by().values(at=F("status")).annotate(n=Count("pk")).values_list("at", "n"))
    return {status.value: found.get(status.value, 0) for status in ConversionStatus}


def at_status(rows: QuerySet[LedgerEntry], statuses: Collection[str]) -> QuerySet[LedgerEntry]:
    """Those of the entries that stand at one of these statuses, at any where none is named."""
    # By expressions, here and above: of the columns that a manager adds the types know nothing.
    return rows.filter(Q(status__in=list(statuses))) if statuses else rows


def idle_since(place: str) -> date | None:
    """The last day from which an achievement that is idle since then is idle for long today; None without a value."""
    rule = rule_or_none(IDLE, on=today(), jurisdiction=place)
    if rule is None:
        return None
    day = months_after(today(), -rule.value)
    # Months are of several lengths: the last day of a short one is that of a longer one too.
    return day if months_after(day, rule.value) < today() else day - timedelta(days=1)


def idle_for_long(rows: QuerySet[LedgerEntry], place: str) -> QuerySet[LedgerEntry]:
    """The entries that are idle beyond the rule value of the place; none without one."""
    last = idle_since(place)
    return rows.none() if last is None else at_status(rows, (ConversionStatus.IDLE,)).filter(Q(since__lte=last))


def with_fee_due(rows: QuerySet[LedgerEntry], days: int) -> QuerySet[LedgerEntry]:
    """The entries of which a fee is to be paid within so many days, or is late."""
    return rows.filter(pk__in=upkeep_due(rows, days).order_by().values("entry"))


def alert_rule(place: str) -> RuleValue | None:
    """How long before it is due an annuity is told of at a place today."""
    return rule_or_none(ALERT, on=today(), jurisdiction=place)


def upkeep_due(rows: QuerySet[LedgerEntry], days: int) -> QuerySet[Upkeep]:
    """What is to be paid within so many days, and what is late, most pressing first."""
    within = Upkeep.objects.filter(
        entry__in=rows.values("pk"), paid_on=None, due_on__lte=today() + timedelta(days=days)
    )
    return within.select_related("entry__record", "entry__achievement").order_by("due_on", "pk")


def not_taken(rows: QuerySet[LedgerEntry], year: int) -> QuerySet[LedgerEntry]:
    """The entries whose stock nobody has taken in a year; of what was given up or is over none is taken."""
    return rows.filter(record__stage="kept").exclude(stock_takes__year=year)
