"""Small text rules that every layer shares: normal form, money and days as typed by people."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.utils.functional import lazy
from django.utils.translation import get_language

from kezhuan.engines.findings import Language

SHANGHAI = ZoneInfo("Asia/Shanghai")
FEN_PER_WAN = 1_000_000
T = TypeVar("T")


def now() -> datetime:
    """This moment, with its zone (UTC)."""
    return datetime.now(UTC)


def language() -> Language:
    """The reader's language as the engines call it."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def in_either(zh: str, en: str) -> Any:
    """A city's own words, said in the language of whoever reads them then."""
    return lazy(lambda: zh if language() == "zh" else en, str)()


def today() -> date:
    """The calendar day in Asia/Shanghai."""
    return datetime.now(SHANGHAI).date()


class _Kept(dict[int, int | None]):
    """What `str.translate` keeps of each character, learnt as characters are met: imports clean millions of them."""

    def __missing__(self, number: int) -> int | None:
        character = chr(number)
        kept = character in "\n\t" or unicodedata.category(character)[0] != "C"
        self[number] = number if kept else None
        return self[number]


_KEPT = _Kept()


def clean(value: str) -> str:
    """Typed text without control characters and outer blanks; line ends become a plain newline."""
    return value.replace("\r\n", "\n").replace("\r", "\n").translate(_KEPT).strip()


def cleaned(value: Any) -> Any:
    """A value as it is kept: every text in it clean, tuples as lists; anything else as it is."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): cleaned(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(one) for one in value]
    return value


_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def day_from_text(typed: str) -> date | None:
    """A day typed as 2027-06-30, 2027/6/30 or 2027年6月30日; None when it is none."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def listed(words: Iterable[object]) -> str:
    """Words one after the other in the reader's language: 甲、乙 in Chinese, a, b in English."""
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(map(str, words))


def bracketed(words: object, more: object) -> str:
    """Words with more in the brackets of the reader's language: 甲（乙） in Chinese, a (b) in English."""
    return f"{words}（{more}）" if (get_language() or "").startswith("zh") else f"{words} ({more})"


def fold(value: str) -> str:
    """The form in which two typings of one thing compare equal: width, case and blanks folded."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())


def fen_from_wan(value: str | int | float | Decimal) -> int:
    """万元 as typed to integer 分; raises `ValueError` for no number, a negative one, or more than six decimals."""
    plain = unicodedata.normalize("NFKC", str(value)).replace(",", "").strip()
    if isinstance(value, str) and re.search(r"[A-Za-z_]", plain):  # such as 1e9, which nobody means who types it
        raise ValueError("not a number")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError("not an amount")
    fen = amount * FEN_PER_WAN
    if fen != fen.to_integral_value():
        raise ValueError("more than six decimals")
    return int(fen)


def wan_from_fen(fen: int) -> str:
    """Integer 分 as 万元 without trailing zeros."""
    amount = (Decimal(fen) / FEN_PER_WAN).normalize()
    return f"{amount:f}"


def texts_in(value: Any) -> Iterator[str]:
    """Every text inside a dataclass, mapping or sequence, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts_in((*value.keys(), *value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from texts_in(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for column in fields(value):
            yield from texts_in(getattr(value, column.name))


def batches(things: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The things in tuples of `size`, the last one shorter."""
    rest = iter(things)
    while batch := tuple(islice(rest, size)):
        yield batch
