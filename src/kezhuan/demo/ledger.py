"""The separate ledger of the invented university: every result, with fees, an investment, and a stock-take begun."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kezhuan.areas.ledger.actions import LedgerFacts, add_upkeep, edit_entry, enter_missing, take_stock
from kezhuan.areas.ledger.equity_actions import EquityFacts, add_equity, name_company
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.areas.ledger.queries import own_entries
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.models import User
from kezhuan.kernel.text import today

DESCRIBED = 6
ASSETS, SPUN_OFF = "91440101MA5AKQXX4X", "91440101MA59HUKE23"


def keep_ledger(step: Callable[[str, int, int], None]) -> None:
    """Enter the university's results; describe the first of them, each another way."""
    finance = actor_for(User.objects.select_related("person__record").get(email="finance@demo.kezhuan").person)
    while enter_missing(actor=finance):
        continue
    name_company(actor=finance, name="云山理工资产经营有限公司(示范)", code=ASSETS)
    rows = list(own_entries(finance).select_related("achievement").order_by("pk")[:DESCRIBED])
    facts = LedgerFacts(None, "fiscal", "development", 100, "示例：按名义金额 1 元列账。")
    for number, row in enumerate(rows, 1):
        told = replace(facts, achievement=row.achievement, origin=("fiscal", "commissioned", "own")[number % 3])
        edit_entry(actor=finance, row=row, facts=told, expected_version=row.record.version)
        add_upkeep(
            actor=finance,
            row=row,
            what=f"示例·发明专利第{number + 3}年年费",
            fen=120_000,
            due_on=today() + timedelta(days=20 * number - 10),
        )
        step("ledger", number, DESCRIBED)
    share = EquityFacts(
        company="云山示范转化有限公司",
        company_code=SPUN_OFF,
        share_bp=2000,
        cost_fen=200_000_000,
        held_on=today() - timedelta(days=300),
        holder=ASSETS,
    )
    add_equity(actor=finance, row=LedgerEntry.objects.get(pk=rows[0].pk), facts=share)
    take_stock(actor=finance, codes=[one.record.code for one in rows[:3]], outcome="agrees", note="")
