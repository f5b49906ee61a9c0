"""The separate ledger (单列管理): one entry per achievement, whose status follows from contracts, grants and equity."""

from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.models import Agreement
from kezhuan.areas.agreements.queries import signed_contracts
from kezhuan.areas.contracts.models import REGISTERED, Contract
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.kernel.models import Organisation, Person, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import today

CONVERTING = ("transfer", "licence")
"""Kinds of technology contract by which an achievement is converted; the others are work about it."""
UNDER_WAY = ("draft", "submitted", "supplementing", "accepted", "reviewing", "experts", "passed", "province")
"""Stages in which a contract is on its way to that."""
BEFORE_SIGNING = ("draft", "offered", "intent")
"""Stages in which an agreement is not the contract yet."""
ENDED = (Phase.VOID, Phase.FAILED, Phase.WITHDRAWN)
"""Phases of a contract that was taken back."""
AGREED_ON = "versions__agreed_on"
GRANTED = ("active", "titled", "converted", "warned")
"""Stages in which a grant of rights stands."""


class AchievementOrigin(models.TextChoices):
    """成果来源: with whose money it was made, which says what may be done with it."""

    FISCAL = "fiscal", _("project paid by public funds")
    COMMISSIONED = "commissioned", _("commissioned work")
    OWN = "own", _("the unit's own funds")
    OTHER = "other", _("another source")


class WorkStage(models.TextChoices):
    """研究阶段、开发阶段: on which the recognition of a value depends."""

    RESEARCH = "research", _("research stage")
    DEVELOPMENT = "development", _("development stage")


class ConversionStatus(models.TextChoices):
    """转化状态. It is never typed: see `LedgerEntries`."""

    IDLE = "idle", _("idle")
    NEGOTIATING = "negotiating", _("contract under way")
    GRANTED = "granted", _("granted to its completers")
    LICENSED = "licensed", _("licensed")
    TRANSFERRED = "transferred", _("transferred")
    INVESTED = "invested", _("invested for equity")
    ABANDONED = "abandoned", _("abandoned")


def _contracts(**more: Any) -> Any:
    """The unit's contracts of conversion about the achievement of the entry at hand."""
    own = {"achievement": OuterRef("achievement"), "record__owner": OuterRef("record__owner")}
    return Contract.objects.filter(**own, kind__in=CONVERTING, **more)


def _agreements(**more: Any) -> Any:
    """The unit's agreements of conversion about the achievement, whether they are for registration or not."""
    own = {"achievement": OuterRef("achievement"), "record__owner": OuterRef("record__owner")}
    return Agreement.objects.filter(**own, sort__in=CONVERTING, **more)


def _in_force(sort: str, day: date | None = None) -> Any:
    """Those of a sort that both sides have signed as a contract, and whose version in force has not run out."""
    return signed_contracts(_agreements(sort=sort), day)


def _grants(**more: Any) -> Any:
    own = {"achievement": OuterRef("achievement"), "record__owner": OuterRef("record__owner")}
    return RightsGrant.objects.filter(**own, **more)


def _equity() -> Any:
    """Equity that was got for the achievement, by a contract that was not taken back or by none that is here."""
    return Equity.objects.filter(entry=OuterRef("pk")).exclude(contract__phase__in=ENDED)


class LedgerEntries(models.Manager["LedgerEntry"]):
    """Entries with `status`, and `since`, the day from which it counts: both of contracts, agreements, grants and
    equity as they stand at the moment of reading. What comes first of several: abandoned, equity, transfer, licence,
    grant, a contract under way; and where there is none of them it is idle, from the achievement's first day or the end
    of what was."""

    def get_queryset(self) -> models.QuerySet["LedgerEntry"]:
        """All of them, each with its status; one query."""
        return _entries(today()).all()


@lru_cache(maxsize=2)
def _entries(day: date) -> models.QuerySet["LedgerEntry"]:
    """The entries with what `_derived` tells on a day; kept as well, for to put it into a query takes as long again."""
    entries: models.QuerySet[LedgerEntry] = models.QuerySet(LedgerEntry)
    return entries.annotate(**_derived(day))


@lru_cache(maxsize=2)
def _derived(day: date) -> dict[str, Any]:
    """Status and since as they stand on a day; kept, for to put them together takes longer than to ask them."""
    runs = Q(valid_to=None) | Q(valid_to__gte=day)
    licences = _contracts(record__stage__in=sorted(REGISTERED), kind="licence")
    transfers = _contracts(record__stage__in=sorted(REGISTERED), kind="transfer")
    offers = _agreements(record__stage__in=BEFORE_SIGNING)
    first: dict[str, tuple[tuple[Any, str], ...]] = {
        ConversionStatus.INVESTED: ((_equity(), "held_on"),),
        ConversionStatus.TRANSFERRED: ((transfers, "signed_on"), (_in_force("transfer"), AGREED_ON)),
        ConversionStatus.LICENSED: ((licences.filter(runs), "signed_on"), (_in_force("licence", day), AGREED_ON)),
        ConversionStatus.GRANTED: ((_grants(record__stage__in=GRANTED), "agreed_on"),),
        ConversionStatus.NEGOTIATING: (
            (_contracts(record__stage__in=UNDER_WAY), "record__opened_on"),
            (offers, "record__opened_on"),
        ),
    }
    given_up = Q(record__stage="abandoned")
    statuses, days = (
        [When(given_up, then=Value(str(ConversionStatus.ABANDONED)))],
        [When(given_up, then="record__closed_on")],
    )
    for status, sources in first.items():
        condition = reduce(or_, (Q(Exists(rows)) for rows, _day in sources))
        since = [Subquery(rows.exclude(**{on: None}).order_by(on).values(on)[:1]) for rows, on in sources]
        statuses.append(When(condition, then=Value(str(status))))
        days.append(When(condition, then=Coalesce(*since, "record__opened_on")))
    return {
        "status": Case(*statuses, default=Value(str(ConversionStatus.IDLE)), output_field=models.CharField()),
        "since": Case(*days, default=_idle_since(licences), output_field=models.DateField()),
    }


def _idle_since(licences: Any) -> Greatest:
    """The day from which nothing stood any more: the last end of a licence, a contract or a grant, or else the day of
    the achievement."""
    first = "achievement__opened_on"

    def last(rows: Any, day: str) -> Coalesce:
        return Coalesce(Subquery(rows.exclude(**{day: None}).order_by(f"-{day}").values(day)[:1]), first)

    ends = (
        last(licences, "valid_to"),
        last(_contracts(), "record__closed_on"),
        last(_agreements(), "record__closed_on"),
        last(_in_force("licence"), "versions__ends_on"),
        last(_grants(), "record__closed_on"),
    )
    return Greatest(*ends)


class LedgerEntry(models.Model):
    """单列台账: an achievement in the ledger of its unit, once. `recognised_fen` is the value in the books, in 分,
    empty while none is recognised. `offered_on` and `offered` tell when it was offered to its completers before it is
    given up, and what they answered. `live` is false once an entry made by mistake was discarded."""

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="ledger_entry")
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="ledger_entries")
    live = models.BooleanField(default=True)
    origin = models.CharField(max_length=20, choices=AchievementOrigin, blank=True)
    work_stage = models.CharField(max_length=20, choices=WorkStage, blank=True)
    recognised_fen = models.BigIntegerField(null=True)
    offered_on = models.DateField(null=True)
    offered = models.TextField(blank=True)

    objects = LedgerEntries()
    takes_files = True
    # What the manager adds, for whoever reads a row.
    status: str
    since: date

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["achievement"], condition=Q(live=True), name="ledger_achievement_once"),
            models.CheckConstraint(
                condition=Q(recognised_fen=None) | Q(recognised_fen__gte=0), name="ledger_value_not_below_zero"
            ),
        ]


class AssetCompany(models.Model):
    """资产经营公司: the company that holds equity for a unit."""

    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="asset_companies")
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=18, help_text="统一社会信用代码")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "code"], name="asset_company_once")]


class Equity(models.Model):
    """作价投资形成的股权: held by the unit itself (`holder` is empty) or by its asset company, and by nobody else.

    Shares in basis points, money in 分. A loss at the exit names the decision on it.
    """

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="equity")
    number = models.PositiveSmallIntegerField()
    company = models.CharField(max_length=200)
    company_code = models.CharField(max_length=18)
    contract = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    holder = models.ForeignKey(AssetCompany, on_delete=models.PROTECT, null=True, related_name="held")
    share_bp = models.PositiveIntegerField()
    cost_fen = models.BigIntegerField()
    held_on = models.DateField()
    exited_on = models.DateField(null=True)
    proceeds_fen = models.BigIntegerField(null=True)
    decision = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="ledger_equity_number"),
            models.CheckConstraint(
                condition=Q(share_bp__gt=0, share_bp__lte=10_000, cost_fen__gte=0), name="ledger_equity_amounts"
            ),
            models.CheckConstraint(
                condition=Q(exited_on=None, proceeds_fen=None)
                | Q(exited_on__gte=models.F("held_on"), proceeds_fen__gte=0),
                name="ledger_equity_exit",
            ),
        ]


class Upkeep(models.Model):
    """维持费用: what keeping a right costs by a day, such as a patent's annual fee (年费)."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="upkeep")
    number = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=120)
    fen = models.BigIntegerField()
    due_on = models.DateField()
    paid_on = models.DateField(null=True)
    voucher = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["due_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="ledger_upkeep_number"),
            models.UniqueConstraint(fields=["entry", "what", "due_on"], name="ledger_upkeep_once"),
            models.CheckConstraint(condition=Q(fen__gte=0), name="ledger_upkeep_not_below_zero"),
        ]


class StocktakeOutcome(models.TextChoices):
    """What a stock-take found."""

    AGREES = "agrees", _("agrees with the books")
    DIFFERS = "differs", _("differs from the books")
    WRITE_OFF = "write-off", _("to be given up or written off")


class StockTake(models.Model):
    """年度盘点: once a year, by whom, and what it found."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="stock_takes")
    year = models.PositiveSmallIntegerField()
    on = models.DateField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=20, choices=StocktakeOutcome)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["entry", "year"], name="ledger_stock_take_once")]
