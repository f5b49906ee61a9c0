"""Dated rule values as files ship them: read from TOML, and looked up by code, place and day."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

EVERYWHERE = "000000"


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A number that a document sets for a place (GB/T 2260 code) from a day on; `source` names the document and clause.

    Shares are in basis points, money in 分, terms in days or months, as `unit` says.
    """

    code: str
    jurisdiction: str
    value: int
    unit: str
    effective_from: date
    effective_to: date | None
    source: str

    def holds_on(self, day: date) -> bool:
        """Whether the version is in force on a day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def read_rules(text: str) -> list[RuleVersion]:
    """The versions of one file: a place, and `[[value]]` with code, value, unit, from, perhaps to, and source."""
    content: dict[str, Any] = tomllib.loads(text)
    return [
        RuleVersion(
            code=row["code"],
            jurisdiction=content["jurisdiction"],
            value=row["value"],
            unit=row["unit"],
            effective_from=row["from"],
            effective_to=row.get("to"),
            source=row["source"],
        )
        for row in content["value"]
    ]


def places_of(jurisdiction: str) -> list[str]:
    """Where a value for a place may come from, nearest first: district, city, province, everywhere."""
    return list(dict.fromkeys([jurisdiction, jurisdiction[:4] + "00", jurisdiction[:2] + "0000", EVERYWHERE]))


def nearest(versions: Iterable[RuleVersion], code: str, *, on: date, jurisdiction: str) -> RuleVersion | None:
    """The version in force on a day for a place, the nearest place's first; None where there is none."""
    places = places_of(jurisdiction)
    held = [one for one in versions if one.code == code and one.jurisdiction in places and one.holds_on(on)]
    return min(held, key=lambda one: (places.index(one.jurisdiction), -one.effective_from.toordinal()), default=None)
