"""Income of the invented university: a receipt under a grant that is settled, one by instalments that is proposed, the
shares for a result that was put into a company, and a year's profit of one's own production."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.rights.distribution_actions import Cost, ReceiptFacts, Share, enter_receipt, pay_share
from kezhuan.areas.rights.distribution_lifecycle import DISTRIBUTION
from kezhuan.areas.rights.models import Distribution, RightsGrant, Way
from kezhuan.demo.grants import invented_rule
from kezhuan.demo.procedures import LAID_OPEN, laid_open_before, member_called
from kezhuan.engines.days import months_after
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, User
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.text import today

INSTALMENTS, RECEIPTS = 3, 5


def distribute_income(step: Callable[[str, int, int], None]) -> None:
    """Enter three receipts: one that owners under a grant share in, partly paid, and two instalments of another result;
    then shares of a company and a year's profit, in which the university's office shares too."""
    finance = actor_for(User.objects.select_related("person__record").get(email="finance@demo.kezhuan").person)
    unit = finance.organisation
    assert unit is not None
    invented_rule("notice.distribution.settle", LAID_OPEN, Unit.CALENDAR_DAYS)
    granted = RightsGrant.objects.filter(record__owner=unit, record__stage="active").order_by("pk")[0].achievement
    facts = ReceiptFacts(
        title="示例·首笔许可费",
        achievement=granted,
        reference="示例收字1号",
        received_on=today(),
        received_fen=100_000_000,
        costs=(Cost("tax", 6_000_000, "示例税单"), Cost("maintenance", 1_200_000), Cost("appraisal", 2_800_000)),
        members=(Share("示例·中试工程师", "main", 1),),
    )
    row = enter_receipt(actor=finance, owner=unit, facts=facts)
    row = settled(row, finance)
    pay_share(actor=finance, row=row, number=1, on=today(), voucher="示例付字1号")
    step("income", 1, RECEIPTS)
    rows = Achievement.objects.filter(record__owner=unit, record__stage="listed", record__rights_grants=None)
    other = rows.select_related("record").order_by("pk")[0]
    mine = member_called("inventor").person
    assert mine is not None
    first = replace(
        facts,
        members=(Share(mine.record.title, "main", 2, mine), *facts.members),
        title="示例·分期转让款",
        achievement=other.record,
        reference="示例收字2号",
        received_on=today() - timedelta(days=40),
        received_fen=30_000_000,
        costs=(Cost("broker", 40_000_000, "示例中介发票"),),
    )
    for number, one in enumerate(
        (first, replace(first, reference="示例收字3号", received_on=today(), received_fen=90_000_000, costs=())), 2
    ):
        row = enter_receipt(actor=finance, owner=unit, facts=one)
        if number == INSTALMENTS:
            advance(DISTRIBUTION, row, "propose", actor=finance)
        else:
            settled(row, finance)
        step("income", number, RECEIPTS)
    _other_ways(finance, unit, facts, step)


def _other_ways(finance: Actor, unit: Organisation, facts: ReceiptFacts, step: Callable[[str, int, int], None]) -> None:
    """The shares of a company for one result, and the first year's profit of another."""
    rows = Achievement.objects.filter(record__owner=unit, record__stage="listed", record__rights_grants=None)
    rows = rows.select_related("record")
    office, mine = member_called("university").person, member_called("inventor").person
    assert office is not None
    assert mine is not None
    shared = replace(
        facts,
        title="示例·作价投资所得股权",
        reference="示例登记1号",
        received_fen=300_000_000,
        costs=(),
        members=(Share(mine.record.title, "main", 3, mine), Share(office.record.title, "office", 1, office)),
        way=Way.EQUITY,
        company="示例·云山新材有限公司",
        post_money_fen=1_000_000_000,
        total_shares=10_000_000,
        minutes="示例〔2026〕会纪12号",
        decided_on=today(),
    )
    year = replace(
        shared,
        title="示例·自行实施第一年营业利润",
        reference="示例核算1号",
        received_fen=120_000_000,
        way=Way.PROFIT,
        company="",
        post_money_fen=None,
        total_shares=None,
        started_on=months_after(today(), -14),
        year_no=1,
    )
    for number, (about, one) in enumerate(zip(rows.order_by("-pk")[:2], (shared, year), strict=True), INSTALMENTS + 1):
        settled(enter_receipt(actor=finance, owner=unit, facts=replace(one, achievement=about.record)), finance)
        step("income", number, RECEIPTS)


def settled(row: Distribution, finance: Actor) -> Distribution:
    """A distribution proposed, laid open inside the university, and settled."""
    row = advance(DISTRIBUTION, row, "propose", actor=finance)
    laid_open_before(row, finance, "settle")
    found: Distribution = advance(DISTRIBUTION, row, "settle", actor=finance)
    return found
