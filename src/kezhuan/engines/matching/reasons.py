"""Why a part of a score is what it is, in Chinese and English sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

Params = Mapping[str, Any]
Label = Callable[[str], str]

_SAY: dict[str, dict[str, str]] = {
    "title-words": {"zh": "名称中有：{words}", "en": "in its title: {words}"},
    "shared-words": {"zh": "共有词语：{words}", "en": "shared words: {words}"},
    "title-words-none": {"zh": "名称中只有零散的字词相同", "en": "only scattered characters in its title"},
    "shared-words-none": {"zh": "只有零散的字词相同", "en": "only scattered characters in common"},
    "near-words": {"zh": "跨语言意思相近：{words}", "en": "near in meaning across languages: {words}"},
    "near-words-none": {"zh": "跨语言整体意思相近", "en": "near in meaning as a whole, across languages"},
    "akin-words": {"zh": "意思相近：{words}", "en": "near in meaning: {words}"},
    "akin-words-none": {"zh": "整体意思相近", "en": "near in meaning as a whole"},
    "field-match": {"zh": "技术领域相同：{supply}", "en": "same field: {supply}"},
    "field-miss": {
        "zh": "所问领域为 {need}，供给领域为 {supply}",
        "en": "the field asked is {need}, the field offered is {supply}",
    },
    "trl-match": {"zh": "成熟度 {supply} ≥ {need}", "en": "TRL {supply} ≥ {need}"},
    "trl-miss": {"zh": "成熟度 {supply} < {need}", "en": "TRL {supply} < {need}"},
    "trl-scale": {
        "zh": "成熟度分级不同（需求 {need}，供给 {supply}），不作比较",
        "en": "maturity scales differ (need {need}, supply {supply}), not compared",
    },
    "price-match": {"zh": "报价 {supply} ≤ 预算 {need}", "en": "price {supply} ≤ budget {need}"},
    "price-miss": {"zh": "报价 {supply} > 预算 {need}", "en": "price {supply} > budget {need}"},
    "region-match": {"zh": "地区相同：{supply}", "en": "same region: {supply}"},
    "region-miss": {"zh": "地区不同：需求 {need}，供给 {supply}", "en": "region differs: need {need}, supply {supply}"},
    "mode-match": {"zh": "合作方式相合：{shared}", "en": "mode of cooperation agrees: {shared}"},
    "mode-miss": {"zh": "合作方式不合：需求 {need}，供给 {supply}", "en": "mode differs: need {need}, supply {supply}"},
    "deadline-match": {"zh": "可在期限内交付：{supply} ≤ {need}", "en": "deliverable in time: {supply} ≤ {need}"},
    "deadline-miss": {"zh": "交付晚于期限：{supply} > {need}", "en": "deliverable too late: {supply} > {need}"},
    "rights-match": {"zh": "权属可用：{supply}", "en": "rights ready: {supply}"},
    "rights-miss": {"zh": "权属尚待解决：{supply}", "en": "rights not ready: {supply}"},
    "trl-unknown": {"zh": "未写明成熟度（需要 ≥ {need}）", "en": "TRL not stated (needed ≥ {need})"},
    "price-unknown": {"zh": "未写明报价（预算 {need}）", "en": "price not stated (budget {need})"},
    "field-unknown": {"zh": "未写明技术领域（需要 {need}）", "en": "field not stated (needed {need})"},
    "region-unknown": {"zh": "未写明地区（需要 {need}）", "en": "region not stated (needed {need})"},
    "mode-unknown": {"zh": "未写明合作方式（需要 {need}）", "en": "mode of cooperation not stated (needed {need})"},
    "deadline-unknown": {"zh": "未写明交付日期（需在 {need} 前）", "en": "delivery date not stated (needed by {need})"},
    "rights-unknown": {"zh": "未写明权属状况（需要 {need}）", "en": "standing of rights not stated (needed: {need})"},
    "words-missing": {"zh": "缺少需求中的词语：{words}", "en": "words of the need that are missing: {words}"},
    "gap-region": {
        "zh": "其他都满足仍差在地区：需求 {need}，供给 {supply}",
        "en": "with all else met the gap lies in the region: need {need}, supply {supply}",
    },
    "gap-level": {
        "zh": "条件全都满足也只与入选的最后一项持平",
        "en": "with every condition met it would only be level with the last above the line",
    },
    "gap-words": {
        "zh": "条件全都满足也只到 {reach}，不及 {line}：差在词语，它讲的与所问的相合不多",
        "en": "with every condition met it reaches {reach}, not {line}: the gap lies in its words, "
        "too few of which are those asked for",
    },
    "gap-more-words": {
        "zh": "条件全都满足、再补上“{words}”也只到 {reach}，不及 {line}：差在词语，所缺不止这些",
        "en": "with every condition met and “{words}” added it reaches {reach}, not {line}: the gap lies in its words, "
        "and more than these are missing",
    },
    "gap-meaning": {
        "zh": "条件全都满足也只到 {reach}，不及 {line}：差在跨语言的意思，它讲的与所问的相近不多",
        "en": "with every condition met it reaches {reach}, not {line}: the gap lies in its meaning across languages, "
        "which is not near enough",
    },
}

CODES = tuple(_SAY)
"""Every reason code."""


class Reason:
    """A code with its parameters; `params` may be made when first asked for, because most reasons are never read."""

    __slots__ = ("_params", "code")

    def __init__(self, code: str, params: Params | Callable[[], Params]) -> None:
        self.code = code
        self._params = params

    @property
    def params(self) -> Params:
        """The values named in the sentence: plain numbers (money in 分), dates, strings, tuples of strings."""
        if callable(self._params):
            self._params = self._params()
        return self._params

    def say(self, lang: str = "zh", label: Label = str) -> str:
        """The sentence in "zh" or "en"; `label` turns codes of fields, regions and modes into words.

        Raises KeyError for another language.
        """
        params, money = self.params, self.code.startswith("price")
        words = {name: _show(value, lang, money, label) for name, value in params.items()}
        code = self.code if params.get("words") != () else f"{self.code}-none"
        return _SAY[code][lang].format(**words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reason) and (self.code, dict(self.params)) == (other.code, dict(other.params))

    def __hash__(self) -> int:
        return hash(self.code)

    def __repr__(self) -> str:
        return f"Reason({self.code!r}, {dict(self.params)!r})"


def as_plain(reason: Reason) -> tuple[str, dict[str, Any]]:
    """A reason as it can be kept in JSON and worded later, in the reader's language: its code and its parameters."""
    return reason.code, {name: _plain_value(value) for name, value in reason.params.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain_value(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def say_money(fen: int, lang: str) -> str:
    """An amount in 分 as a reader expects it: 300 万元, 15,000 万元; CNY 3 million, CNY 500,000."""
    yuan = fen / 100
    if lang == "zh":
        return f"{_plain(yuan / 10_000)} 万元" if abs(yuan) >= 10_000 else f"{_plain(yuan)} 元"
    return f"CNY {_plain(yuan / 1_000_000)} million" if abs(yuan) >= 1_000_000 else f"CNY {_plain(yuan)}"


def _plain(number: float) -> str:
    return f"{number:,.6f}".rstrip("0").rstrip(".")


def _show(value: Any, lang: str, money: bool, label: Label) -> str:
    if isinstance(value, tuple):
        return ("、" if lang == "zh" else ", ").join(map(label, value))
    if isinstance(value, int):
        return say_money(value, lang) if money else str(value)
    return label(value) if isinstance(value, str) else str(value)
