"""What `./kezhuan income` answers: a distribution, or the relief of tax, as lines of a terminal and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from kezhuan.engines.contracts import Relief
from kezhuan.engines.findings import Language
from kezhuan.engines.income import DEDUCTIONS, Distribution
from kezhuan.engines.money import yuan
from kezhuan.engines.rules import RuleVersion

ROLE_WORDS = {
    "main": ("主要贡献人员", "main contributor"),
    "other": ("其他贡献人员", "other contributor"),
    "office": ("技术转移机构", "transfer office"),
    "owner": ("权利人", "owner"),
    "reward": ("奖励总额", "reward"),
    "unit": ("单位", "unit"),
}

WHOLE = {"receipt": "received", "equity": "held", "profit": "profit"}
"""What a distribution starts from, as it is called in JSON."""


def as_json(done: Sequence[Distribution], jurisdiction: str, language: Language) -> dict[str, Any]:
    """Distributions as plain values: amounts in 分, or of an investment in shares, each figure with how it came about,
    its rule and its source; years of profit one by one, with what they come to together."""
    if done[0].way != "profit":
        return _one_json(done[0], jurisdiction, language)
    years = [_one_json(one, jurisdiction, language) for one in done]
    return {"way": "profit", "jurisdiction": jurisdiction, "pool_fen": sum(one.pool for one in done), "years": years}


def _one_json(done: Distribution, jurisdiction: str, language: Language) -> dict[str, Any]:
    unit = "shares" if done.in_shares else "fen"
    money = {
        "deductions_fen": [{"kind": one.kind, "fen": one.fen} for one in done.receipt.deductions],
        "carried_fen": done.carried,
    }
    return {
        "way": done.way,
        "jurisdiction": jurisdiction,
        "on": done.receipt.on.isoformat(),
        f"{WHOLE[done.way]}_{unit}": done.receipt.fen,
        **(money if done.way == "receipt" else {}),
        f"net_{unit}": done.net,
        f"pool_{unit}": done.pool,
        f"unit_{unit}": done.unit,
        "due": done.due.isoformat() if done.due else None,
        "figures": [
            {
                "code": one.code,
                unit: one.fen,
                "label": one.label.say(language),
                "how": one.how.say(language),
                "rule": _rule_json(one.rule),
                "clause": one.clause or None,
            }
            for one in done.figures
        ],
        "lines": [{"name": one.name or None, "role": one.role, unit: one.fen} for one in done.lines],
        "notes": [{"code": one.code, "says": one.say(language)} for one in done.notes],
    }


def _rule_json(rule: RuleVersion | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    return {
        "code": rule.code,
        "jurisdiction": rule.jurisdiction,
        "value": rule.value,
        "unit": rule.unit,
        "from": rule.effective_from.isoformat(),
        "to": rule.effective_to.isoformat() if rule.effective_to else None,
        "source": rule.source,
    }


def in_lines(done: Sequence[Distribution], jurisdiction: str, language: Language) -> list[str]:
    """Distributions as lines: figures with their sources, everybody's share, what is to be known, said once."""
    zh = language == "zh"
    said = [line for one in done for line in (*_head(one, jurisdiction, language), *_body(one, language))]
    if len(done) > 1:
        total = yuan(sum(one.pool for one in done))
        said.append(f"{total:>20}  {'各年奖励合计' if zh else 'Rewards of all years'}")
    said += [f"* {note}" for note in dict.fromkeys(note.say(language) for one in done for note in one.notes)]
    return said


def _amount(done: Distribution, amount: int) -> str:
    return f"{amount:,}" if done.in_shares else yuan(amount)


def _head(done: Distribution, place: str, language: Language) -> Iterable[str]:
    zh, day, amount = language == "zh", done.receipt.on.isoformat(), _amount(done, done.receipt.fen)
    if done.way == "equity":
        yield f"地区 {place}，{day} 登记，单位：股" if zh else f"{place}, registered on {day}; in shares"
    elif done.way == "profit":
        yield f"地区 {place}，按 {day} 的规定" if zh else f"{place}, by the rules of {day}"
    else:
        yield f"地区 {place}，{day} 到账 {amount} 元" if zh else f"{place}, received on {day}: CNY {amount}"
    for one in done.receipt.deductions:
        yield f"  − {yuan(one.fen):>18}  {DEDUCTIONS[one.kind].say(language)}"


def _body(done: Distribution, language: Language) -> Iterable[str]:
    zh = language == "zh"
    stop = "：" if zh else ": "
    for one in done.figures:
        yield f"{_amount(done, one.fen):>20}  {one.label.say(language)}{stop}{one.how.say(language)}"
        if one.rule is not None:
            yield _source(one.rule)
        if one.clause:
            yield f"{'':>22}{one.clause}"
    if any(one.name for one in done.lines):
        yield "各人和单位所得：" if zh else "Everybody's share:"
        for line in done.lines:
            role = ROLE_WORDS[line.role][0 if zh else 1]
            yield f"{_amount(done, line.fen):>20}  {line.name + ' · ' if line.name else ''}{role}"
    if done.due:
        day = done.due.isoformat()
        yield f"最迟 {day} 发放（未另作约定时）" if zh else f"To be paid by {day} unless agreed otherwise"


def _source(rule: RuleVersion) -> str:
    return f"{'':>22}[{rule.code} {rule.jurisdiction} {rule.effective_from.isoformat()}] {rule.source}"


# -- tax ---------------------------------------------------------------------------------------------------------------


def relief_json(relief: Relief, income: int, jurisdiction: str, on: date) -> dict[str, Any]:
    """The relief of tax as plain values: amounts in 分, each with its rule."""
    exempt, taxed = map(_rule_json, relief.rules)
    return {
        "way": "transfer",
        "jurisdiction": jurisdiction,
        "on": on.isoformat(),
        "income_fen": income,
        "exempt_fen": relief.exempt,
        "taxable_fen": relief.taxable,
        "rules": {"exempt": exempt, "taxable": taxed},
    }


def relief_in_lines(relief: Relief, income: int, jurisdiction: str, on: date, language: Language) -> list[str]:
    """The relief of tax as lines, each amount with its source."""
    zh, day = language == "zh", on.isoformat()
    head = f"地区 {jurisdiction}，按 {day} 的规定，当年技术转让所得 {yuan(income)} 元"
    exempt, taxed = relief.rules
    return [
        head if zh else f"{jurisdiction}, by the rules of {day}: CNY {yuan(income)} from transfer in the year",
        f"{yuan(relief.exempt):>20}  {'免征企业所得税' if zh else 'Exempt from enterprise income tax'}",
        _source(exempt),
        f"{yuan(relief.taxable):>20}  {'计入应纳税所得额' if zh else 'Taxable at the ordinary rate'}",
        _source(taxed),
    ]
