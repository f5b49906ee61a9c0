"""A distribution in words: on its notice, on paper, and as it is filed; in Chinese."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.rights.measures import gets, in_chinese, in_shares
from kezhuan.areas.rights.models import Distribution, Way
from kezhuan.areas.rights.queries import payment_name
from kezhuan.engines.income import DEDUCTIONS
from kezhuan.engines.money import yuan
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import Content, OnPaper
from kezhuan.kernel.filings import Content as Filed
from kezhuan.kernel.filings import Figure
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.notices import Content as Noticed

Facts = list[tuple[str, str]]


def _members(row: Distribution) -> Facts:
    lines = [f"{one.name}（{one.get_role_display()}）：{in_chinese(one.fen, one.shares)}" for one in row.members.all()]
    return [("分配人员及金额", "\n".join(lines))]


def _contract(row: Distribution) -> str:
    found = Contract.objects.filter(pk=row.contract_id).select_related("record").first()
    if found is None:
        return ""
    number = f"，登记编号{found.reg_no}" if found.reg_no else "，尚未登记"
    return f"{found.record.title}（{found.record.code}{number}）"


def facts_of(row: Distribution) -> Facts:
    """The distribution as labels and texts."""
    with translation.override(LANGUAGE):
        costs = "；".join(
            f"{DEDUCTIONS[kind].zh}{yuan(fen)}元" for kind, fen, _voucher in row.costs if kind in DEDUCTIONS
        )
        told = [
            ("成果", f"{row.achievement.title}（{row.achievement.code}）"),
            ("技术合同", _contract(row)),
            *_of_way(row),
            ("扣除项", costs),
            ("结转的负数余额", f"{yuan(row.carried_fen)}元" if row.carried_fen else ""),
            *(
                (one["label"][0], f"{in_chinese(one.get('fen'), one.get('shares'))}（{one['how'][0]}）")
                for one in row.result.get("figures", ())
            ),
            ("集体决策", f"{row.minutes}，{in_words(row.decided_on)}" if row.decided_on is not None else ""),
            *_members(row),
        ]
        return [(label, text) for label, text in told if text]


def _of_way(row: Distribution) -> Facts:
    """What is distributed, and since when it is there."""
    if row.way == Way.EQUITY:
        return [
            ("奖励方式", "作价投资所得股权"),
            ("公司", row.company),
            ("股权登记日期", in_words(row.received_on)),
            ("作价金额", f"{yuan(row.received_fen)}元"),
            ("公司投后估值", f"{yuan(row.post_money_fen or 0)}元"),
            ("总股数", f"{row.total_shares or 0:,}股"),
        ]
    if row.way == Way.PROFIT:
        began = in_words(row.started_on) if row.started_on is not None else ""
        return [
            ("奖励方式", "自行或合作实施的营业利润"),
            ("投产日期", began),
            ("年度", f"第{row.year_no}年"),
            ("核定日期", in_words(row.received_on)),
            ("当年营业利润", f"{yuan(row.received_fen)}元"),
        ]
    return [("到账日期", in_words(row.received_on)), ("到账金额", f"{yuan(row.received_fen)}元")]


def noticed(row: Distribution) -> Noticed:
    """What a notice tells: what came in, what it comes to, and who gets what."""
    facts: Sequence[Any] = facts_of(row)
    return Noticed(subject=row.record.title, facts=facts, text=row.record.summary)


def printed(row: Distribution) -> Content:
    """The list of the distribution for signing."""
    facts = [("凭证号", row.reference), *facts_of(row), *(("说明", one[0]) for one in row.result.get("notes", ()))]
    return Content("科技成果转化收益分配表", row.record.code, tuple(facts))


def filed(row: Distribution) -> Filed:
    """What a filing tells: the figures, and nobody's name."""
    told = [one for one in facts_of(row) if one[0] != "分配人员及金额"]
    figures = [Figure(FILED_AS[Way(row.way)], row.received_fen, row.received_on)]
    if row.pool_fen is not None:
        figures.append(Figure("reward", row.pool_fen, row.received_on))
    if row.held_shares:
        rewarded = row.received_fen * (row.pool_shares or 0) // row.held_shares
        figures.append(Figure("equity-reward", rewarded, row.received_on))
    return Filed(subject=row.record.title, facts=told, text=row.record.summary, figures=figures)


def told_as_evidence(row: Distribution) -> dict[str, Any]:
    """What was settled, as its evidence file tells it: the receipt, its costs and result, and everybody's share."""
    return {
        "reference": row.reference,
        "received_on": row.received_on.isoformat(),
        "received_fen": row.received_fen,
        "payment": payment_name(row.payment) if row.payment is not None else "",
        "costs": row.costs,
        "agreed_bp": row.agreed_bp,
        "carried_fen": row.carried_fen,
        "left_fen": row.left_fen,
        "due_on": row.due_on.isoformat() if row.due_on is not None else "",
        "result": row.result,
        "members": [
            {"name": one.name, "role": one.role, "weight": one.weight, "shares" if in_shares(row) else "fen": gets(one)}
            | ({"head": True} if one.head else {})
            for one in row.members.all()
        ],
    } | {name: value for name, value in _told_besides(row).items() if value}


def _told_besides(row: Distribution) -> dict[str, Any]:
    """What only some distributions have; what is empty is left out."""
    days = {"started_on": row.started_on, "decided_on": row.decided_on}
    names = ("company", "post_money_fen", "total_shares", "held_shares", "year_no", "years", "minutes")
    told = {name: getattr(row, name) for name in names} | {
        name: day.isoformat() for name, day in days.items() if day is not None
    }
    return told | {"way": row.way if row.way != Way.RECEIPT else ""}


FIGURES = {
    "received": _("income received"),
    "reward": _("rewards"),
    "equity": _("value put into companies"),
    "equity-reward": _("rewards in equity, at the value of the investment"),
    "profit": _("operating profit of production"),
}
FILED_AS = {Way.RECEIPT: "received", Way.EQUITY: "equity", Way.PROFIT: "profit"}
PAPER = OnPaper("收益分配表", "achievement", lambda row: str(row.unit.record.title), printed, only=Q(pk__in=()))
"""It lies in no achievement's archive folder: see `papers`."""
