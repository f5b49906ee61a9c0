"""Receipts of a unit's income at a stage, through the actions."""

from typing import Any

from kezhuan.areas.rights.distribution_actions import Cost, ReceiptFacts, Share, enter_receipt
from kezhuan.areas.rights.distribution_lifecycle import DISTRIBUTION
from kezhuan.areas.rights.models import Distribution
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from tests.factories import city

WAYS = {
    "draft": (),
    "proposed": ("propose",),
    "settled": ("propose", "settle"),
    "closed": ("propose", "settle", "close"),
    "discarded": ("discard",),
}


def facts(about: Any, **more: Any) -> ReceiptFacts:
    """The worked example of the field notes: a million received, a hundred thousand of costs."""
    given: dict[str, Any] = {
        "title": "许可费到账", "achievement": about.record, "reference": "收字1号", "received_on": today(),
        "received_fen": 100_000_000,
        "costs": (Cost("tax", 6_000_000, "税1"), Cost("maintenance", 1_200_000), Cost("appraisal", 2_800_000)),
        "members": (Share("韩主要", "main", 3), Share("柳其他", "other", 1)),
    }  # fmt: skip
    return ReceiptFacts(**(given | more))


def receipt(unit: Organisation, by: Actor, *, about: Any = None, stage: str = "draft", **more: Any) -> Distribution:
    """A receipt at a stage, entered and moved by this member; nobody waits to be paid in a closed one."""
    row = enter_receipt(actor=by, owner=unit, facts=facts(about or city.achievement(unit, stage="listed"), **more))
    for name in WAYS[stage]:
        if name == "close":
            row.members.update(paid_on=today(), voucher="付")
        if name == "settle":
            city.laid_open(row, name, by)
        row = advance(DISTRIBUTION, row, name, actor=by, note="测试")
    return row
