"""Chinese numbers in figures: 三百二十 is 320, 贰拾万 is 200000元."""

from __future__ import annotations

import re

from kezhuan.engines.tables.columns import fold

_CONFUSED = str.maketrans({"o": "0", "〇": "0", "l": "1", "i": "1", "|": "1"})
_BESIDE_DIGITS = re.compile(r"(?<=\d)[oli|〇]+(?![a-z])|(?<![a-z])[oli|〇]+(?=\d)")
_DIGITS = {character: place for place, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億", "一二三四五六七八九十百千万亿")
_CHINESE_NUMBER = re.compile("(?<!\\d)[〇零一二两三四五六七八九十百千万亿]+")
_TWO_READINGS = re.compile("[一二两三四五六七八九]{2}")
_LONGEST = len("九千九百九十九亿九千九百九十九万九千九百九十九")
_WAN = re.compile(r"(?<=\d)w(?![a-z])")


def in_figures(text: str) -> str:
    """The text with Chinese numbers in figures (三百二十 → 320, 二〇二七 → 2027) and letters taken for digits put
    right."""
    return _CHINESE_NUMBER.sub(_as_figures, _put_right(text))


def money_in_figures(text: str) -> str:
    """The same of an amount without spaces, where 三十万 is 300000元 whatever the unit of bare numbers."""

    def with_unit(found: re.Match[str]) -> str:
        figures = _as_figures(found)
        counts_yuan = figures != found[0] and ("万" in found[0] or "亿" in found[0])
        return figures + ("元" if counts_yuan and found.string[found.end() : found.end() + 1] != "元" else "")

    return _CHINESE_NUMBER.sub(with_unit, _WAN.sub("万", "".join(_put_right(text).split())))


def _put_right(text: str) -> str:
    folded = fold(text).translate(_FORMAL)
    return _BESIDE_DIGITS.sub(lambda found: found[0].translate(_CONFUSED), folded)


def _as_figures(found: re.Match[str]) -> str:
    words = found[0]
    if words in {"万", "亿", "千"} or len(words) > _LONGEST:
        return words  # the unit of a number in figures, or no number
    if _TWO_READINGS.search(words) and not _PLACES.keys().isdisjoint(words):
        return words  # 两三百 is no number
    if not any(character in _PLACES for character in words):
        return "".join(str(_DIGITS[character]) for character in words)
    total = part = digit = 0
    for character in words:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif (place := _PLACES[character]) >= 10_000:
            total, part, digit = (total + part + digit) * place, 0, 0
        else:
            part, digit = part + (digit or 1) * place, 0
    return str(total + part + digit)
