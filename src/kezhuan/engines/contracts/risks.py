"""What should be looked at twice in a register: each flag says why and which rows, and decides nothing."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from kezhuan.engines.contracts.contract import Contract
from kezhuan.engines.contracts.flagging import Flag, Limits, rows_of, said_of, shipped_limits, within
from kezhuan.engines.contracts.transfers import second_transfers
from kezhuan.engines.days import months_after
from kezhuan.engines.findings import Words
from kezhuan.engines.money import percent, yuan

SHORTEST_TEXT = 40
"""Characters below which two texts may be the same by chance."""
COMMON_NAME = 10
"""So many contracts of one name say nothing of what it names."""
NOT_TECHNOLOGY = (
    "采购合同", "购销", "供货", "施工", "装修", "装饰工程", "安装工程", "转售", "代理销售", "经销", "租赁", "物业",
    "purchase of", "supply of", "construction of", "resale", "lease of",
)  # fmt: skip


def flags(
    contracts: Sequence[Contract], *, as_of: date, limits: Limits | None = None, common: Container[str] | None = None
) -> list[Flag]:
    """Everything in a register that should be looked at twice, by kind; `as_of` is the day on which it is looked at.
    Of a part of a register `common` tells which names (see `name_key`) many of its contracts have."""
    used = limits or shipped_limits()
    found: list[Flag] = []
    for look in (
        same_texts, _same_deals, _related, _splits, _beyond_means, _round_trips, partial(_passed_on, common=common),
        second_transfers, _dead, _equipment, _not_technology, _year_end, _benefit_first,
    ):  # fmt: skip
        found += look(contracts, as_of, used)
    return found


# -- the same twice ----------------------------------------------------------------------------------------------------

_NOISE = re.compile(r"[\W\d_]+")
Look = Callable[[Sequence[Contract], date, Limits], Iterable[Flag]]


def text_key(contract: Contract) -> str:
    """By what two texts are the same: without parties, numbers, blanks and signs; empty for a very short one."""
    text = contract.text
    if not text:
        return contract.text_key
    for name in (contract.seller.name, contract.buyer.name):
        if name:
            text = text.replace(name, "")
    bare = _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())
    return hashlib.sha256(bare.encode()).hexdigest() if len(bare) >= SHORTEST_TEXT else ""


def same_texts(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    """Contracts of the same text, parties and numbers aside."""
    groups: dict[str, list[Contract]] = defaultdict(list)
    for one in contracts:
        if key := text_key(one):
            groups[key].append(one)
    for group in groups.values():
        if len(group) < 2:
            continue
        rows, agencies = rows_of(group), sorted({one.agency for one in group if one.agency})
        which = said_of(group)
        if len(agencies) > 1:
            named = "、".join(agencies[:3]), ", ".join(agencies[:3])
            words = Words(
                f"{which.zh}合同文本相同（不计当事人和数字），却在不同登记机构登记（{named[0]}）：一份合同只登记一次。",
                f"{which.en} have the same text (parties and numbers aside) at different agencies"
                f" ({named[1]}): a"
                " contract is registered once.",
            )
            yield Flag("second-agency", words, rows)
        else:
            words = Words(
                f"{which.zh}合同文本相同（不计当事人和数字）：请核对是否同一合同。",
                f"{which.en} have the same text (parties and numbers aside): see whether they are one contract.",
            )
            yield Flag("same-text", words, rows)


def name_key(contract: Contract) -> str:
    """By what two names are the same: without numbers, blanks and signs."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", contract.name).casefold())


def _same_deals(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    groups: dict[tuple[str, str, int, str], list[Contract]] = defaultdict(list)
    for one in contracts:
        if one.turnover and one.signed_on and one.seller.key and one.buyer.key:
            groups[one.seller.key, one.buyer.key, one.turnover, name_key(one)].append(one)
    for group in groups.values():
        for near in _runs(group, limits.same_deal_days, 2):
            rows, amount, which = rows_of(near), yuan(near[0].turnover or 0), said_of(near)
            twice = len({one.agency for one in near if one.agency}) > 1
            zh = "，登记机构不同" if twice else ""
            en = " at different agencies" if twice else ""
            words = Words(
                f"{which.zh}当事人、金额（{amount} 元）和名称相同，签订日期相差不超过 {limits.same_deal_days} 天{zh}。",
                f"{which.en} have the same parties, amount (CNY {amount}) and name, signed within"
                f" {limits.same_deal_days} days{en}.",
            )
            yield Flag("second-agency" if twice else "same-deal", words, rows)


def _day(contract: Contract) -> date:
    assert contract.signed_on is not None  # only contracts that tell it are grouped
    return contract.signed_on


def _runs(group: list[Contract], days: int, least: int) -> Iterator[list[Contract]]:
    """Stretches of contracts in which each was signed within so many days of the first; at least so many of them."""
    if len(group) < least:
        return
    ordered = sorted(group, key=_day)
    start = 0
    while start < len(ordered):
        last = _day(ordered[start]) + timedelta(days=days)
        run = ordered[start : bisect_right(ordered, last, start, key=_day)]
        if len(run) >= least:
            yield run
            start += len(run)
        else:
            start += 1


# -- who deals with whom -----------------------------------------------------------------------------------------------


def _related(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    for one in contracts:
        if one.related:  # said by the form itself
            continue
        same = [
            Words(f"{words.zh}（{value}）", f"{words.en} ({value})")
            for field, words in _TIES
            if (value := getattr(one.seller, field).strip()) and _folded(value) == _folded(getattr(one.buyer, field))
        ]
        if same:
            zh, en = "、".join(words.zh for words in same), ", ".join(words.en for words in same)
            which = said_of([one])
            words = Words(
                f"{which.zh}卖方与买方的{zh}相同，登记表未注明关联关系。",
                f"{which.en}: seller and buyer have the same {en}, and the form does not say that they are related.",
            )
            yield Flag("related-parties", words, (one.row,))


_TIES = (
    ("legal", Words("法定代表人", "legal representative")),
    ("address", Words("地址", "address")),
    ("phone", Words("电话", "telephone")),
)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _splits(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    groups: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for one in contracts:
        if one.turnover and one.turnover < limits.split_fen and one.signed_on and one.seller.key and one.buyer.key:
            groups[one.seller.key, one.buyer.key].append(one)
    for group in groups.values():
        for run in _runs(group, limits.split_days, limits.split_least):
            total = sum(one.turnover or 0 for one in run)
            if total >= limits.split_fen:
                rows, which = rows_of(run), said_of(run)
                words = Words(
                    f"{which.zh}同一对当事人在 {limits.split_days} 天内签订 {len(run)} 份合同，每份不足、"
                    "合计达到"
                    f" {yuan(limits.split_fen)} 元（{yuan(total)} 元）。",
                    f"{which.en}: the same pair signed {len(run)} contracts within {limits.split_days}"
                    " days, each"
                    f" below CNY {yuan(limits.split_fen)}, together CNY {yuan(total)}.",
                )
                yield Flag("split", words, rows)


def _beyond_means(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    for one in contracts:
        if one.revenue and one.turnover and one.revenue > 0 and one.turnover > limits.revenue_times * one.revenue:
            which = said_of([one])
            words = Words(
                f"{which.zh}金额 {yuan(one.turnover)} 元，超过卖方上年营业收入 {yuan(one.revenue)} 元的"
                f" {limits.revenue_times} 倍。",
                f"{which.en}: CNY {yuan(one.turnover)} is more than {limits.revenue_times} times the seller's yearly"
                f" revenue of CNY {yuan(one.revenue)}.",
            )
            yield Flag("beyond-means", words, (one.row,))


class _Sales:
    """Who sold to whom: for a seller, contracts in the order of amounts."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self._by_seller: dict[str, list[tuple[int, int, Contract]]] = defaultdict(list)
        for place, one in enumerate(contracts):
            if one.turnover and one.signed_on and one.seller.key and one.buyer.key and one.seller.key != one.buyer.key:
                self._by_seller[one.seller.key].append((one.turnover, place, one))
        for sold in self._by_seller.values():
            sold.sort(key=lambda sale: sale[:2])

    def all(self) -> Iterator[Contract]:
        """Every sale."""
        for sold in self._by_seller.values():
            for _, _, one in sold:
                yield one

    def like(self, first: Contract, seller: str, limits: Limits) -> Iterator[Contract]:
        """What a party sold for about the amount of the first contract, not before it and soon after."""
        amount, sold = first.turnover or 0, self._by_seller.get(seller, [])
        margin = amount * limits.round_trip_points // 10_000
        begin = bisect_left(sold, amount - margin, key=lambda sale: sale[0])
        end = bisect_right(sold, amount + margin, key=lambda sale: sale[0])
        last = _day(first) + timedelta(days=limits.round_trip_days)
        for _, _, one in sold[begin:end]:
            if one is not first and _day(first) <= _day(one) <= last:
                yield one


def _round_trips(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    """Two or three parties that sell to each other in a circle for about the same amount within a few months."""
    sales, told = _Sales(contracts), set()
    for first in sales.all():
        for second in sales.like(first, first.buyer.key, limits):
            circles = (
                [(first, second)]
                if second.buyer.key == first.seller.key
                else [
                    (first, second, third)
                    for third in sales.like(first, second.buyer.key, limits)
                    if third.buyer.key == first.seller.key
                ]
            )
            for circle in circles:
                rows = rows_of(circle)
                if rows not in told:
                    told.add(rows)
                    which = said_of(circle)
                    amounts = ", ".join(yuan(one.turnover or 0) for one in circle)
                    words = Words(
                        f"{which.zh}在 {limits.round_trip_days} 天内首尾相接、金额相近（{amounts} 元），"
                        "资金可能回到付款方。",
                        f"{which.en} close a circle within {limits.round_trip_days} days for like amounts"
                        " (CNY"
                        f" {amounts}): the money may return to who paid it.",
                    )
                    yield Flag("round-trip", words, rows)


def common_names(names: Mapping[str, int]) -> frozenset[str]:
    """Of names and how many contracts have them those that say nothing of what they name."""
    return frozenset(name for name, count in names.items() if count >= COMMON_NAME)


def _passed_on(
    contracts: Sequence[Contract], as_of: date, limits: Limits, common: Container[str] | None
) -> Iterator[Flag]:
    """What was bought under a name is sold under the same name soon after."""
    if common is None:
        common = common_names(Counter(name_key(one) for one in contracts))
    bought: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    dated = [(one, key) for one in contracts if one.signed_on and (key := name_key(one)) and key not in common]
    for one, key in dated:
        if one.buyer.key:
            bought[one.buyer.key, key].append(one)
    for one, key in dated:
        for before in bought.get((one.seller.key, key), ()):
            days = (_day(one) - _day(before)).days
            if before is not one and 0 <= days <= limits.passed_on_days and before.seller.key != one.seller.key:
                which, earlier = said_of([one]), said_of([before])
                words = Words(
                    f"{which.zh}的卖方 {days} 天前以同一名称买入（{earlier.zh.strip()}）：请核对是否转手或层层分包。",
                    f"{which.en}: its seller bought under the same name {days} days before ({within(earlier)}):"
                    " see whether"
                    " it was passed on.",
                )
                yield Flag("passed-on", words, rows_of((before, one)))


# -- what a contract says of itself ------------------------------------------------------------------------------------


def _dead(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    for one in contracts:
        if one.paid == 0 and one.signed_on and months_after(one.signed_on, limits.unpaid_months) <= as_of:
            which = said_of([one])
            words = Words(
                f"{which.zh}签订于 {one.signed_on.isoformat()}，已满 {limits.unpaid_months} 个月仍无到账。",
                f"{which.en} was signed on {one.signed_on.isoformat()}; nothing was paid in"
                f" {limits.unpaid_months} months.",
            )
            yield Flag("dead", words, (one.row,))


def _equipment(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    for one in contracts:
        if one.kind == "development" and one.equipment and not sum(one.deductions.values()):
            which = said_of([one])
            words = Words(
                f"{which.zh}开发合同预算中有设备费 {yuan(one.equipment)} 元，却没有扣除非技术性费用。",
                f"{which.en}: the budget of this development holds equipment for CNY {yuan(one.equipment)}, yet"
                " nothing is"
                " deducted.",
            )
            yield Flag("equipment", words, (one.row,))


def _not_technology(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    for one in contracts:
        name = one.name.casefold()
        if found := [word for word in NOT_TECHNOLOGY if word in name]:
            which = said_of([one])
            words = Words(
                f"{which.zh}名称含“{found[0]}”：请核对是否买卖、施工或转售。",
                f"{which.en}: its name says “{found[0]}”: see whether it is a sale, construction or resale.",
            )
            yield Flag("not-technology", words, (one.row,))


def _year_end(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    """Sellers who registered an uncommon share of a year's contracts in its December."""
    years: dict[tuple[str, int], list[Contract]] = defaultdict(list)
    for one in contracts:
        day = one.registered_on or one.applied_on or one.signed_on
        if day is not None and one.seller.key:
            years[one.seller.key, day.year].append(one)
    for (_, year), group in years.items():
        late = [one for one in group if (one.registered_on or one.applied_on or _day(one)).month == 12]
        if len(group) >= limits.december_least and len(late) * 10_000 > limits.december_points * len(group):
            rows, share = rows_of(late), percent(len(late) * 10_000 // len(group))
            which = said_of(late)
            words = Words(
                f"{group[0].seller.name} {year} 年 {len(group)} 份合同中 {len(late)} 份（{share}）在 12 月登记："
                f"{which.zh.strip()}。",
                f"{group[0].seller.name}: {len(late)} of {len(group)} contracts of {year} ({share}) were registered in"
                f" December: {within(which)}.",
            )
            yield Flag("year-end", words, rows)


def _benefit_first(contracts: Sequence[Contract], as_of: date, limits: Limits) -> Iterator[Flag]:
    for one in contracts:
        if one.benefit_on and one.signed_on and one.benefit_on < one.signed_on:
            which = said_of([one])
            words = Words(
                f"{which.zh.strip()} {one.benefit_on.isoformat()} 已享受优惠，"
                f"早于签订日期 {one.signed_on.isoformat()}。",
                f"{which.en}: the benefit was taken on {one.benefit_on.isoformat()}, before the contract was"
                " signed on"
                f" {one.signed_on.isoformat()}.",
            )
            yield Flag("benefit-first", words, (one.row,))
