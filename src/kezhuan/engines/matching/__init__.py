"""Rank supply for a need by words and facts, and say why; Chinese and English in one index."""

from .config import FROZEN, Config
from .matcher import Matcher
from .nearmiss import is_like
from .owners import best_by_owner, nearest_owners
from .parts import SHIPPED, Factors
from .reasons import CODES, Reason, say_money
from .records import Facts, Found, Item, Match, NearMiss, Part
from .search import Behind, Near, near_words, words_in
from .store import DamagedIndex
from .units import fold

__all__ = [
    "CODES",
    "FROZEN",
    "SHIPPED",
    "Behind",
    "Config",
    "DamagedIndex",
    "Factors",
    "Facts",
    "Found",
    "Item",
    "Match",
    "Matcher",
    "Near",
    "NearMiss",
    "Part",
    "Reason",
    "best_by_owner",
    "fold",
    "is_like",
    "near_words",
    "nearest_owners",
    "say_money",
    "words_in",
]
