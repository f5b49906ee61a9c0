"""Persons' shares where no money was received: of a company's shares for a result, and of a year's operating profit.

The same division as of a receipt: owners under a grant, the reward with its floors, main contributors, the unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from kezhuan.engines.findings import Finding, Unfit, Words
from kezhuan.engines.income.distribution import Distribution, Figure, refused_at, share_out
from kezhuan.engines.income.floors import MAIN, Floors
from kezhuan.engines.income.terms import OWNER_CLAUSE, Agreement, Receipt
from kezhuan.engines.income.ways import (
    EQUITY,
    PROFIT,
    WayRules,
    equity_notes,
    profit_notes,
    refused_equity,
    refused_head,
    refused_term,
    shares_for,
    term_of,
    year_ends,
)
from kezhuan.engines.money import MOST_FEN, yuan

SHARES, EARNED = Words("作价形成的股份", "the shares for the result"), Words("营业利润", "operating profit")


@dataclass(frozen=True, slots=True)
class Investment:
    """A result put into a company (作价投资) at a value in 分, that of the company after it, and its shares in all;
    `heads` says that a head of the unit (正职) is among the rewarded."""

    contribution: int
    post_money: int
    shares: int
    on: date
    heads: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ProfitYear:
    """What one's own or a joint production earned (营业利润) in a year of its operation, in 分, the first year is 1;
    through how many years it is shared, None for the least."""

    fen: int
    number: int
    started_on: date
    on: date
    years: int | None = None
    reference: str = ""


def distribute_equity(put: Investment, agreement: Agreement, rules: WayRules) -> Distribution:
    """Distribute the shares for a result; every amount is in shares. Raises `Unfit` with every reason."""
    floors = _floors(EQUITY, rules)
    refused = [*refused_equity(put.contribution, put.post_money, put.shares), *refused_head(put.heads, rules)]
    if refused := refused or refused_at(Receipt(0, put.on), agreement, floors):
        raise Unfit(refused)
    held = shares_for(put.contribution, put.post_money, put.shares)
    how = Words(
        f"总股数 {put.shares:,} 按作价 {yuan(put.contribution)} 元占投后估值 {yuan(put.post_money)} 元的份额",
        f"of {put.shares:,} in all, as CNY {yuan(put.contribution)} are of the company's CNY {yuan(put.post_money)}",
    )
    first = Figure("held", held, Words("作价形成的股份", "Shares for the result"), how)
    done = share_out(Receipt(held, put.on, reference=put.reference), held, agreement, floors, SHARES, (first,))
    return replace(done, notes=(*done.notes, *equity_notes(put.heads, rules)), way="equity")


def distribute_profit(year: ProfitYear, agreement: Agreement, rules: WayRules) -> Distribution:
    """Distribute what is rewarded of a year's operating profit, nothing of a loss. Raises `Unfit` with every reason.

    Owners under a grant take no share of what the unit earns by making use of the result itself, and are not rewarded
    either unless the agreement says so: what it says of profit is theirs to settle.
    """
    floors, receipt = _floors(PROFIT, rules), Receipt(max(0, year.fen), year.on, reference=year.reference)
    term = term_of(year.years, rules)
    refused = [*_refused_year(year, term, rules), *refused_at(receipt, agreement, floors)]
    if refused:
        raise Unfit(refused)
    until = year_ends(year.started_on, year.number).isoformat()
    label = Words(f"第 {year.number} 年营业利润", f"Operating profit of year {year.number}")
    loss = Words("，亏损年度不提取", ", nothing is taken of a loss") if year.fen < 0 else Words("", "")
    how = Words(f"至 {until} 的一年，共 {term} 年{loss.zh}", f"the year to {until}, one of {term} in all{loss.en}")
    first = Figure("net", receipt.fen, label, how, rules.held.get("income.profit.least"))
    rewarded = replace(agreement, owners=None)
    done = share_out(receipt, receipt.fen, rewarded, floors, EARNED, (first,))
    return replace(done, notes=(*done.notes, *_owners_of_profit(agreement), *profit_notes(term, rules)), way="profit")


def _floors(code: str, rules: WayRules) -> Floors:
    held = rules.held
    return Floors(rules.jurisdiction, pool=held.get(code), main=held.get(MAIN), named=rules.named)


def _refused_year(year: ProfitYear, term: int, rules: WayRules) -> Iterable[Finding]:
    unfit = list(refused_term(term, rules))
    yield from unfit
    if not unfit and not 1 <= year.number <= term:
        words = Words(
            f"按营业利润奖励共 {term} 年：请给出 1 至 {term} 中的一年。",
            f"Profit is shared through {term} years: give one from 1 to {term}.",
        )
        yield Finding("profit-count", words, "profits")
    if abs(year.fen) > MOST_FEN:
        yield Finding("profit-range", Words("金额过大。", "The amount is too large."), "profits")


def _owners_of_profit(agreement: Agreement) -> Iterable[Finding]:
    if agreement.owners is not None:
        words = Words(
            "赋权的完成人不按份额分享单位自行实施的营业利润，是否另行分享以赋权协议为准（本程序的设计，文件未见规定）。",
            "Owners under the grant take no share of the profit of the unit's own production; whether they get"
            " something of it is for their agreement to say (a choice of this program, no document was found).",
        )
        yield Finding("owners-of-profit", words, clause=OWNER_CLAUSE)
