"""Dated rule values: every number that a policy or a service promise sets is looked up by code, place and day."""

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

from django.db.models import Q

from kezhuan.kernel.models import RuleValue

EVERYWHERE = "000000"


class NoRuleValue(Exception):
    """No version of the rule value is in force; the message names code, place and day."""


def rule_value(code: str, *, on: date, jurisdiction: str = EVERYWHERE) -> RuleValue:
    """The version in force on a day: the district's, else its city's, its province's, or the one for everywhere."""
    places = [jurisdiction, jurisdiction[:4] + "00", jurisdiction[:2] + "0000", EVERYWHERE]
    rows = RuleValue.objects.filter(code=code, jurisdiction__in=places, effective_from__lte=on).filter(
        Q(effective_to=None) | Q(effective_to__gte=on)
    )
    best = min(rows, key=lambda row: (places.index(row.jurisdiction), -row.effective_from.toordinal()), default=None)
    if best is None:
        raise NoRuleValue(f"{code}: no value for {jurisdiction} on {on.isoformat()}")
    return best


def load_shipped() -> int:
    """Load the shipped rule values as first versions; present ones stay as they are. Returns how many are new."""
    fresh = 0
    for file in sorted(files("kezhuan.kernel.rules").iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        for row in content["value"]:
            _, made = RuleValue.objects.get_or_create(
                code=row["code"],
                jurisdiction=content["jurisdiction"],
                effective_from=row["from"],
                defaults={
                    "value": row["value"],
                    "unit": row["unit"],
                    "effective_to": row.get("to"),
                    "source": row["source"],
                },
            )
            fresh += made
    return fresh
