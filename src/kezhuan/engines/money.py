"""Money typed and shown in yuan (元); inside the program it is integer 分."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

MOST_FEN = 10**15
"""Ten trillion yuan: far above any contract and far below what a column holds."""
_OTHER = re.compile(r"[A-Za-z_]")
"""What a number may hold for a program, as in 1e9 and 1_000, and nobody means who types an amount."""


class TooMuch(ValueError):
    """An amount beyond `MOST_FEN`."""


def fen_from_yuan(typed: str) -> int:
    """Yuan as typed to integer 分; raises `ValueError` for no number, more than two decimals, or beyond `MOST_FEN`."""
    plain = unicodedata.normalize("NFKC", typed).replace(",", "").strip().removesuffix("元")
    if _OTHER.search(plain):
        raise ValueError("not a number")
    try:
        fen = Decimal(plain) * 100
    except ArithmeticError:  # no number, or one like 1e999999
        raise ValueError("not a number") from None
    if not fen.is_finite():
        raise ValueError("not an amount")
    if abs(fen) > MOST_FEN:
        raise TooMuch("beyond any amount")
    if fen != fen.to_integral_value():
        raise ValueError("more than two decimals")
    return int(fen)


def yuan(fen: int) -> str:
    """Integer 分 in yuan with two decimals and commas: 1,000,000.00."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def percent(points: int) -> str:
    """Basis points in percent, as short as they are: 70 %, 33.33 %."""
    whole, part = divmod(points, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + " %"
