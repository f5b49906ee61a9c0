"""Code tables of the registration form (技术合同登记表): what each field may hold, and the words people write."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from kezhuan.engines.findings import Words
from kezhuan.engines.tables.columns import fold


@dataclass(frozen=True)
class CodeTable:
    """One table: its name, where it comes from, and the words of each code."""

    name: str
    words: Words
    source: str
    codes: dict[str, Words]
    known: dict[str, str] = field(repr=False)

    def code_of(self, word: str) -> str | None:
        """The code for a word as people write it, in Chinese or English, or the code itself; None when unknown."""
        return self.known.get(word) or self.known.get(fold(word))

    def say(self, code: str) -> Words:
        """The words for a code; what is no code speaks for itself."""
        return self.codes.get(code, Words(code, code))


def data(name: str) -> dict[str, Any]:
    """One data file of this engine."""
    return tomllib.loads((files("kezhuan.engines.contracts") / "rules" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def tables() -> dict[str, CodeTable]:
    """Every code table by name."""
    found = {}
    for one in data("codes")["table"]:
        codes = {row["code"]: Words(row["zh"], row["en"]) for row in one["rows"]}
        known = {
            fold(word): row["code"]
            for row in reversed(one["rows"])
            for word in (*row.get("others", ()), row["en"], row["zh"], row["code"])
        }
        found[one["name"]] = CodeTable(one["name"], Words(one["zh"], one["en"]), one["source"], codes, known)
    return found
