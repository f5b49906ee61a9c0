"""What a flag is: its kinds, its words, and from where on something is flagged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from kezhuan.engines.contracts.codes import data
from kezhuan.engines.contracts.contract import Contract
from kezhuan.engines.findings import Words

KINDS: dict[str, Words] = {
    "same-text": Words("合同文本相同", "same text"),
    "second-agency": Words("在两个登记机构登记", "registered at two agencies"),
    "same-deal": Words("当事人、金额、名称相同", "same parties, amount and name"),
    "related-parties": Words("疑似关联方", "related parties"),
    "split": Words("疑似拆分", "split into parts"),
    "beyond-means": Words("金额远超卖方营业收入", "far beyond the seller's revenue"),
    "round-trip": Words("疑似资金回流", "round trip"),
    "passed-on": Words("同一标的转手", "same object passed on"),
    "second-transfer": Words("同一成果重复转让", "achievement transferred twice"),
    "dead": Words("长期没有到账", "no payment for long"),
    "equipment": Words("设备费未扣除", "equipment not deducted"),
    "not-technology": Words("疑似非技术合同", "perhaps no technology contract"),
    "year-end": Words("年末集中登记", "registered at the end of the year"),
    "benefit-first": Words("先享受优惠后签订", "benefit before signing"),
}
"""Every kind of flag."""
CHOSEN = Words("阈值由本程序设定，非政策规定", "the limits are chosen by this program and no rule")
"""Where the limits come from."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to look at: its kind, the sentence, and the rows that it is about."""

    kind: str
    words: Words
    rows: tuple[int, ...]

    def say(self, language: str = "zh") -> str:
        """The sentence."""
        return self.words.zh if language == "zh" else self.words.en


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is flagged; choices of this program."""

    same_deal_days: int
    split_least: int
    split_days: int
    split_fen: int
    revenue_times: int
    unpaid_months: int
    round_trip_days: int
    round_trip_points: int
    passed_on_days: int
    december_points: int
    december_least: int


@cache
def shipped_limits() -> Limits:
    """The limits that ship with the program."""
    return Limits(**data("risks"))


def rows_of(group: Iterable[Contract]) -> tuple[int, ...]:
    """The rows of contracts, each once, in order."""
    return tuple(sorted({one.row for one in group}))


SHOWN = 10
"""Contracts that a sentence names at most."""


def said_of(group: Iterable[Contract]) -> Words:
    """How a sentence begins that is about contracts: by what they are called, else by their rows."""
    ordered = sorted({one.row: one for one in group}.values(), key=lambda one: one.row)
    shown = ", ".join(one.called or str(one.row) for one in ordered[:SHOWN])
    listed, many = f"{shown} …" if len(ordered) > SHOWN else shown, "s" if len(ordered) > 1 else ""
    if ordered[0].called:
        return Words(f"合同 {listed} ", f"Contract{many} {listed}")
    return Words(f"第 {listed} 行", f"Row{many} {listed}")


def within(words: Words) -> str:
    """The English name of contracts within a sentence."""
    return words.en[0].lower() + words.en[1:]
