"""Entries of the separate ledger at a stage, through the actions."""

from typing import Any

from kezhuan.areas.ledger.actions import LedgerFacts, add_upkeep, enter_achievement
from kezhuan.areas.ledger.equity_actions import EquityFacts, add_equity
from kezhuan.areas.ledger.lifecycle import LEDGER
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from tests.factories import city


def entry(unit: Organisation, by: Actor, *, about: Any = None, stage: str = "kept", used: bool = False) -> LedgerEntry:
    """An achievement in the ledger, entered and moved by this member; a used one has equity and a fee due today."""
    about = about or city.achievement(unit, stage="listed")
    row = enter_achievement(actor=by, owner=unit, facts=LedgerFacts(about.record, "fiscal", "development", 100))
    if used:
        add_equity(actor=by, row=row, facts=EquityFacts("转化公司", "91440101MA59HUKE23", 2000, 100, today()))
        row = add_upkeep(actor=by, row=row, what="ZL202110000001.3 第5年", fen=120_000, due_on=today())
    if stage == "discarded":
        row = advance(LEDGER, row, "discard", actor=by)
    return row
