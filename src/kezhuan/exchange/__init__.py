"""Files into the database, row by row: what is good enters, what is bad comes back with its reason."""

from kezhuan.exchange.importing import Import
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.exchange.rejects import Reject, Rejects
from kezhuan.exchange.settings import Counts, MatchKey, OnMatch, Settings

__all__ = [
    "Content",
    "Counts",
    "Import",
    "Importable",
    "MatchKey",
    "OnMatch",
    "Reject",
    "Rejects",
    "Settings",
    "Words",
]
