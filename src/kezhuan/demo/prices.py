"""Prices of the invented university: one agreed on and decided by its meeting, one whose quotes are still sealed, and
one that waits for the meeting."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.route_actions import StepFacts, set_route
from kezhuan.areas.approvals.step_actions import record_decision
from kezhuan.areas.people.actions import SYSTEM
from kezhuan.areas.prices.actions import Due, PriceFacts, draft_price, take_quote
from kezhuan.areas.prices.models import Price
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.demo.grants import MEMBERS_OF_MEETING, blank_scan, invented_rule
from kezhuan.demo.procedures import LAID_OPEN
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.models import Post, User
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.text import today

PRICES = 3
QUOTES = (("示例·评估公司", "quote-appraiser.txt"), ("示例·同行企业", "quote-peer.txt"))
"""Who quotes, and the file of this program's content in which the quote stands: whoever tries the city opens it by that."""


def find_prices(step: Callable[[str, int, int], None]) -> None:
    """Find three prices."""
    finance = actor_for(User.objects.select_related("person__record").get(email="finance@demo.kezhuan").person)
    unit = finance.organisation
    assert unit is not None
    invented_rule("notice.price.fix", LAID_OPEN, Unit.CALENDAR_DAYS)
    rows = Achievement.objects.filter(record__owner=unit, record__stage="listed", record__rights_grants=None)
    about = list(rows.select_related("record").order_by("-pk")[:2])
    facts = PriceFacts(
        title="示例·协议转让定价",
        achievement=about[0].record,
        way="agreement",
        mode="transfer",
        basis="comparable",
        basis_text="示例：近两年三笔同类转让的平均价格。",
        asked_fen=120_000_000,
        buyer="示例·受让企业",
        payments=(Due(today() + timedelta(days=30), 120_000_000, "合同签订"),),
    )
    row = draft_price(actor=finance, owner=unit, facts=facts)
    post = Post.objects.get(organisation=unit, name="校长办公会")
    set_route(actor=SYSTEM, kind="price", move="decide", unit=unit, steps=[StepFacts(1, post, "collective")])
    decided(row, finance)
    step("prices", 1, PRICES)
    enquiry = replace(
        facts, title="示例·许可询价", achievement=about[1].record, mode="licence", basis="enquiry", buyer=""
    )
    row = draft_price(actor=finance, owner=unit, facts=enquiry)
    for source, name in QUOTES:
        seal = hashlib.sha256(quote_of(name)).hexdigest()
        row = take_quote(actor=finance, row=row, source=source, seal=seal)
    step("prices", 2, PRICES)
    granted = RightsGrant.objects.filter(record__owner=unit, record__stage="active").order_by("-pk")[0]
    waiting = replace(facts, title="示例·独占许可定价", achievement=granted.achievement, mode="licence")
    ask_approval(actor=finance, row=draft_price(actor=finance, owner=unit, facts=waiting), move="decide")
    step("prices", 3, PRICES)


def quote_of(name: str) -> bytes:
    """The bytes of a quote, as whoever gave it keeps them."""
    return (files("kezhuan.demo.content") / name).read_bytes()


def decided(row: Price, finance: Actor) -> Price:
    """The university's meeting decides on a price, by its route."""
    post = Post.objects.get(organisation=row.record.owner, name="校长办公会")
    record_decision(
        actor=actor_for(post.holders.get().person),
        step=ask_approval(actor=finance, row=row, move="decide").steps.get(),
        meeting="示例·校长办公会",
        held_on=today(),
        attended=["示例·赵校长", "示例·钱副校长", "示例·孙书记", "示例·李处长", "示例·周处长"],
        entitled=MEMBERS_OF_MEETING,
        recused=[],
        minutes_no=f"示例〔2026〕{row.pk}号",
        minutes=Upload("定价纪要.png", blank_scan(), True),
    )
    return Price.objects.select_related("record__owner__record", "achievement").get(pk=row.pk)
