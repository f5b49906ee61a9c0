"""Text as units: Chinese character bigrams, English stems, Latin tokens and numbers, folded so that variants meet."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Container, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from operator import add
from typing import NamedTuple

import opencc
import snowballstemmer

_CJK = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U000323af"
LAST_OTHER = "\u3004"
"""The last character before those of Chinese, Japanese and Korean writing."""
_PAIR = re.compile(rf"[{_CJK}]{{2}}")
_PIECES = re.compile(rf"[{_CJK}]+|\d+(?:\.\d+)+|[^\W_{_CJK}]+")

_FUNCTION_WORDS = """
a an and are as at be been by can could do for from had has have how if in into is it its may must no not of on
or our shall should so such than that the their them then there these they this those to under upon using use
used via was we were what when where which while who will with within without would you your also all any both
between but each other more most very only over per
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""English words that carry no matter; left out of shown words and of what a search requires."""

FUNCTION_CHARACTERS = frozenset("的了和与及或在是为对将以等其并而从于被把由之则但且该这那有也都")
"""Chinese characters that mostly bind words; shown words neither begin nor end with a pair holding one."""

BINDING_CHARACTERS = frozenset("的了和与及且则但之这那或")
"""Those that stand in hardly any technical word: what lies between two of them is a stretch of its own."""

LOCALIZERS = frozenset("中上下内外后前里")
"""Characters that a sentence hangs on a word (淡水中, 键合后) and that are part of some words as well (紫外)."""

COUNTING_CHARACTERS = frozenset("一二三四五六七八九十百千万亿两几半第个种只次年月日时级项位号组类")
"""Characters that by themselves count something and name nothing."""

_PAIRS_OF_WORDS = """
在线 在位 在役 在轨 在体 有机 有限 有效 有源 有害 有毒 有色 有氧 有序 无有 对位 对称 对流 对比 对接 对抗 对苯 对映 等离
等温 等静 等效 等级 等压 均等 以太 并网 并联 并行 并发 从化 从动 主从 将军 为主 行为 由来 自由 于今 被子 被褥 把手 建立
都市 首都 其他 而今 该院 和平 缓和 饱和 中和 调和 总和 和声 共和 与会 参与 给与 普及 涉及 及时 以及 目的 了解 是否 存在
"""
FUNCTION_PAIRS = frozenset(_PAIRS_OF_WORDS.split())
"""Pairs that hold such a character and are words, or begin or end one, all the same (等离子体, 在线监测, 不饱和)."""


_GENERIC_CHINESE = """
研究 技术 方法 应用 系统 制备 工艺 设计 开发 研发 研制 分析 关键 高效 性能 装置 装备 设备 产品 项目
问题 需求 课题 基于 影响 实现 提高 提升 优化 改进 解决 方案 平台 体系 机制 试验 实验 测试 评价 评估
建设 管理 服务 产业 产业化 生产 加工 利用 综合 新型 国产 国产化 规模 规模化 示范 推广 效果 结果 过程 条件
质量 水平 能力 成本 理论 模式 企业 行业 领域 公司 能够 进行 具有 需要 目前 以及 主要 核心 重点
"""
_GENERIC_ENGLISH = """
research study studies method methods system systems technology technologies technique techniques application
applications develop development design designs preparation analysis performance process processes product products
project projects problem problems improve improvement new novel high low based using result results effect effects
evaluation test testing production approach approaches solution solutions need needs key
"""
_GENERIC = re.compile(rf"(?:{'|'.join(_GENERIC_CHINESE.split())})+|(?:{'|'.join(_GENERIC_ENGLISH.split())})")


def is_generic(word: str) -> bool:
    """Whether a word could stand in the text of any project (制备, 关键技术, method): it says nothing of the matter."""
    return _GENERIC.fullmatch(word.lower()) is not None


def binds(unit: str) -> bool:
    """Whether a pair of Chinese characters only binds words."""
    return not FUNCTION_CHARACTERS.isdisjoint(unit) and unit not in FUNCTION_PAIRS


def names_alone(unit: str) -> bool:
    """Whether a unit is a single Chinese character that names something (锗, 茶)."""
    if len(unit) > 1 or not is_cjk(unit):
        return False
    return not any(unit in some for some in (FUNCTION_CHARACTERS, LOCALIZERS, COUNTING_CHARACTERS))


def is_mark(unit: str) -> bool:
    """Whether a unit is a number, or a letter or character that names nothing: by such alone nothing is asked."""
    return unit.isdecimal() or (len(unit) == 1 and not names_alone(unit))


class Spot(NamedTuple):
    """A unit and the place in the original text it was read from (start inclusive, end exclusive)."""

    unit: str
    start: int
    end: int


@cache
def _variants() -> tuple[Callable[[Callable[[re.Match[str]], str], str], str], Callable[[re.Match[str]], str]]:
    """How to bring traditional characters of the CJK blocks of the basic plane to simplified ones: a pattern's
    substitution, and what it puts in. Most texts hold none, and a pattern sees that faster than a table does."""
    characters = [chr(c) for first, last in ((0x3400, 0x4DC0), (0x4E00, 0xA000)) for c in range(first, last)]
    simple = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {a: b for a, b in zip(characters, simple, strict=True) if a != b and len(b) == 1}
    table["矽"] = "硅"  # silicon, as written in Hong Kong and Taiwan
    return re.compile(f"[{''.join(table)}]").sub, lambda found: table[found[0]]


_WIDE_MARKS = tuple(zip("，：；（）！？％", ",:;()!?%", strict=True))


def fold(text: str) -> str:
    """Bring full and half width, upper and lower case, traditional and simplified characters together."""
    if text.isascii():
        return text.lower()
    for wide, narrow in _WIDE_MARKS:
        text = text.replace(wide, narrow)  # what is left of most texts is in normal form, which is seen at once
    substitute, simple = _variants()
    return substitute(simple, unicodedata.normalize("NFKC", text).lower())


_stemmer = snowballstemmer.stemmer("english")
_stemming = threading.Lock()  # the stemmer keeps its state in itself


@cache
def _stem(word: str) -> str:
    if len(word) < 3 or not word.isascii() or not word.isalpha():
        return word
    with _stemming:
        return str(_stemmer.stemWord(word))


FUNCTION_UNITS = tuple(sorted({_stem(word) for word in FUNCTION_WORDS}))
"""The units of `FUNCTION_WORDS`; every vocabulary begins with them, in this order."""


def is_cjk(unit: str) -> bool:
    """Whether a unit was cut from Chinese, Japanese or Korean writing."""
    return unit[0] > LAST_OTHER


def units_of(text: str) -> list[str]:
    """All units of a text in order, with repetition. A Chinese run of one character is a unit by itself."""
    out: list[str] = []
    for piece in _PIECES.findall(fold(text)):
        if piece[0] <= "\u3004":
            out.append(_stem(piece))
        elif len(piece) > 1:
            out.extend(map(add, piece, piece[1:]))
        else:
            out.append(piece)
    return out


fold_character = cache(fold)


@lru_cache(4)
def _folded(text: str) -> tuple[str, Sequence[int]]:
    """A text folded, and of each of its characters the place in the text that it was read from. Kept for a moment: of
    one record several words are looked for, one after the other."""
    folded = "".join(map(fold_character, text))
    if len(folded) == len(text):
        return folded, range(len(text))
    return folded, [position for position, part in enumerate(map(fold_character, text)) for _ in part]


def places_of(text: str, wanted: AbstractSet[str]) -> list[tuple[int, int]]:
    """Where some units stand in a text (start inclusive, end exclusive), in no order. Pairs of characters are looked
    for as they are written: two that stand side by side are one, wherever that is."""
    pairs = {unit for unit in wanted if _PAIR.fullmatch(unit)}
    found = [(start, end) for _unit, start, end in spots_of(text, wanted - pairs)] if wanted - pairs else []
    folded, origin = _folded(text) if pairs else ("", ())
    return found + [(origin[at], origin[at + 1] + 1) for pair in pairs for at in _all_places(folded, pair)]


def places_of_characters(text: str, wanted: AbstractSet[str]) -> list[int]:
    """Where some characters stand in a text, in whatever they are written."""
    folded, _origin = _folded(text)
    if len(folded) == len(text):
        return [at for one in wanted for at in _all_places(folded, one)]
    return [at for at, character in enumerate(text) if fold_character(character) in wanted]


def _all_places(text: str, piece: str) -> Iterator[int]:
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + 1)


def spots_of(text: str, wanted: Container[str] | None = None) -> list[Spot]:
    """The units of a text, or those wanted, with their places in it; slower than `units_of`, for showing."""
    folded, origin = _folded(text)
    out: list[Spot] = []
    for found in _PIECES.finditer(folded):
        piece, first = found.group(), found.start()
        if is_cjk(piece) and len(piece) > 1:
            for i in range(first, found.end() - 1):
                unit = folded[i : i + 2]
                if wanted is None or unit in wanted:
                    out.append(Spot(unit, origin[i], origin[i + 1] + 1))
        else:
            unit = piece if is_cjk(piece) else _stem(piece)
            if wanted is None or unit in wanted:
                out.append(Spot(unit, origin[first], origin[found.end() - 1] + 1))
    return out
