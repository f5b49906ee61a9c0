"""A distribution in words: on its notice, on paper, and as it is filed; in Chinese."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.rights.models import Distribution
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
    lines = [f"{one.name}（{one.get_role_display()}）：{yuan(one.fen or 0)}元" for one in row.members.all()]
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
            ("到账日期", in_words(row.received_on)),
            ("到账金额", f"{yuan(row.received_fen)}元"),
            ("扣除项", costs),
            ("结转的负数余额", f"{yuan(row.carried_fen)}元" if row.carried_fen else ""),
            *((one["label"][0], f"{yuan(one['fen'])}元（{one['how'][0]}）") for one in row.result.get("figures", ())),
            *_members(row),
        ]
        return [(label, text) for label, text in told if text]


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
    figures = [Figure("received", row.received_fen, row.received_on)]
    if row.pool_fen is not None:
        figures.append(Figure("reward", row.pool_fen, row.received_on))
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
            {"name": one.name, "role": one.role, "weight": one.weight, "fen": one.fen} for one in row.members.all()
        ],
    }


FIGURES = {"received": _("income received"), "reward": _("rewards")}
PAPER = OnPaper("收益分配表", "achievement", lambda row: str(row.unit.record.title), printed, only=Q(pk__in=()))
"""It lies in no achievement's archive folder: see `papers`."""
