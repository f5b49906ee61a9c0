"""Turnover and technology amount, which are never added to each other, and what the amounts lead to in tax."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from kezhuan.engines.contracts.rulesets import RuleSet
from kezhuan.engines.days import months_after
from kezhuan.engines.findings import Finding, Unfit, Words
from kezhuan.engines.rules import RuleVersion

DEDUCTIONS: dict[str, Words] = {
    "equipment": Words("设备费", "equipment"),
    "instruments": Words("仪器费", "instruments"),
    "parts": Words("零部件费", "parts"),
    "materials": Words("原材料费", "raw materials"),
    "other": Words("其他非技术性费用", "other costs that are no technology"),
}
"""Costs that are taken off turnover (国科发政字〔2001〕253号)."""
SAMPLES = "samples"
"""The direct cost of a reasonable number of samples, which is not taken off."""


def technology_amount(turnover: int, deductions: Mapping[str, int], rules: RuleSet) -> int:
    """Technology amount (技术交易额) in 分: turnover (合同成交总额) less the costs that are no technology.

    Raises `Unfit` for a cost of another kind, a negative one, or costs above the turnover.
    """
    found = []
    if SAMPLES in deductions:
        found.append(
            Finding(
                "samples-not-deducted",
                Words(
                    "合理数量标的物的直接成本不作扣除，请删去。",
                    "The direct cost of a reasonable number of samples is not deducted; take it out.",
                ),
                "deductions",
                rules.amount,
            )
        )
    found += [
        Finding(
            "deduction-unknown",
            Words(f"没有“{kind}”这类扣除项。", f"There is no deduction “{kind}”; use one of {', '.join(DEDUCTIONS)}."),
            "deductions",
        )
        for kind in sorted(deductions.keys() - DEDUCTIONS.keys() - {SAMPLES})
    ]
    left = turnover - sum(deductions.values())
    if turnover < 0 or left < 0 or any(one < 0 for one in deductions.values()):
        found.append(
            Finding(
                "deductions-above-turnover",
                Words(
                    "扣除合计超过合同成交总额，或有负数；请核对金额。",
                    "Deductions exceed the turnover, or one is negative; check the amounts.",
                ),
                "deductions",
                rules.amount,
            )
        )
    if found:
        raise Unfit(found)
    return left


EXEMPT = "contract.tax.exempt"
TAXED = "contract.tax.taxed"
LEAST_LICENCE = "contract.tax.licence"
TAX_CODES: dict[str, tuple[Words, str]] = {
    EXEMPT: (Words("技术转让所得免征企业所得税的年度上限", "income from transfer exempt from tax in a year"), "fen"),
    TAXED: (
        Words("超过上限的技术转让所得计税比例", "share of the income above it that is taxed"),
        "basis points",
    ),
    LEAST_LICENCE: (
        Words("非独占许可计入技术转让所得的最短期限", "least term of a licence that is not exclusive"),
        "months",
    ),
}
"""What each rule value of the relief decides, and its unit."""
RELIEVED = frozenset({"patent", "software", "layout", "variety", "medicine"})
"""Of what a transfer or a licence counts for the relief; whether other things count is not known here."""


@dataclass(frozen=True, slots=True)
class Relief:
    """Income from transfer of technology in one year, in 分: what is exempt, and what of the rest is taxed, by which
    versions of the two rule values; their sources say what is unverified."""

    exempt: int
    taxable: int
    rules: tuple[RuleVersion, RuleVersion]


def income_tax_relief(income: int, look_up: Callable[[str], RuleVersion | None]) -> Relief | None:
    """Enterprise income tax: exempt up to a limit, of the rest a part is taxed, rounded down to 分. `look_up` gives the
    version of a rule value that is in force on the day asked about; None where one of the two is not known then."""
    limit, share = look_up(EXEMPT), look_up(TAXED)
    if limit is None or share is None:
        return None
    exempt = min(max(income, 0), limit.value)
    rest = max(income, 0) - exempt
    return Relief(exempt, rest * share.value // 10_000, (limit, share))


RELIEF_UNKNOWN = Finding(
    "relief-unknown",
    Words(
        "没有这一天有效的技术转让所得减免规则值，不作计算。",
        "No rule value of the relief for income from transfer of technology is known on this day; nothing is reckoned.",
    ),
    "on",
)
"""What is said in place of a reckoning."""


def counts_for_relief(kind: str, subkind: str) -> bool | None:
    """Whether the income of a contract is income from transfer of technology: no for other kinds than transfers and
    licences; None where its kind in detail is not said, or is none of which that is known."""
    if kind not in ("transfer", "licence"):
        return False
    return True if subkind.removeprefix(f"{kind}-") in RELIEVED else None


def long_enough(first: date | None, last: date | None, least: RuleVersion | None) -> bool | None:
    """Whether a licence that is not exclusive runs as long as it has to; None where a day or the term is not known."""
    if first is None or last is None or least is None:
        return None
    return last >= months_after(first, least.value) - timedelta(days=1)
