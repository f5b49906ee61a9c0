"""Agreements and standard licences of the invented university: offered, on trial, in force, and one taken by a firm."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.agreements.actions import AgreementFacts, Aim, Due, draft_agreement
from kezhuan.areas.agreements.licence_actions import LicenceFacts, draft_licence, take_licence
from kezhuan.areas.agreements.licence_lifecycle import LICENCE
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import Licence
from kezhuan.demo.procedures import member_called
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today

LICENCES, AGREEMENTS = 2, 3
PAY = {True: "先用后付，试用满意再付款", False: "签订后付款"}


def take_licences(step: Callable[[str, int, int], None]) -> None:
    """Offer two standard licences, of which the firm takes one on trial; sign one agreement, and leave one intent and
    one offer with the firm."""
    keeper, firm = member_called("university"), member_called("firm")
    unit, taker = keeper.organisation, firm.organisation
    assert unit is not None
    assert taker is not None
    free = Achievement.objects.filter(record__owner=unit, record__stage="registered", record__public_to__key="public")
    free = free.filter(record__prices=None, record__rights_grants=None).select_related("record")
    results = list(free.order_by("-pk")[: LICENCES + AGREEMENTS])
    total = len(results)
    for number, about in enumerate(results[:LICENCES], 1):
        facts = LicenceFacts(
            title=f"示例·{about.record.title[:40]}标准许可",
            achievement=about.record,
            months=36,
            fee_fen=5_000_000,
            territory="中国",
            trial_months=6 if number == 1 else 0,
            trigger="use" if number == 1 else "signed",
            summary=f"示例：普通许可，价格与期限对所有企业相同；{PAY[number == 1]}。",
        )
        row = draft_licence(actor=keeper, owner=unit, facts=facts)
        row = advance(LICENCE, row, "offer", actor=keeper)
        if number == 1:
            fresh = Licence.objects.select_related("record").get(pk=row.pk)
            take_licence(actor=firm, licence=fresh, expected_version=fresh.record.version)
        step("licences", number, total)
    code = taker.record.identifiers.get(scheme="uscc", active=True).value
    terms = AgreementFacts(
        title="示例·许可协议",
        sort="licence",
        binding="contract",
        party_code=code,
        starts_on=today(),
        ends_on=today() + timedelta(days=3 * 365),
        words="示例：普通许可，许可费分两期支付。",
        amount_fen=20_000_000,
        payments=(Due("入门费", 8_000_000), Due("验收款", 12_000_000)),
        milestones=(Aim("交付样机", today() + timedelta(days=120)),),
    )
    ways = (("offer", "sign"), ("offer",), ("offer", "sign"))
    for number, (about, moves) in enumerate(zip(results[LICENCES:], ways, strict=True), LICENCES + 1):
        own = replace(terms, title=f"示例·{about.record.title[:40]}许可协议", achievement=about.record)
        if number == total:
            own = replace(own, binding="intent", amount_fen=None, payments=(), milestones=())
        agreement = draft_agreement(actor=keeper, owner=unit, facts=own)
        for name in moves:
            agreement = advance(AGREEMENT, agreement, name, actor=firm if name == "sign" else keeper)
        step("licences", number, total)
