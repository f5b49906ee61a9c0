"""The floors of a place and day as the rulebook holds them, and the places that have any."""

from collections.abc import Callable
from datetime import date

from kezhuan.engines.findings import Words
from kezhuan.engines.income import CODES, Floors, floors_from
from kezhuan.engines.rules import RuleVersion
from kezhuan.kernel import rulebook
from kezhuan.kernel.models import RuleValue


def floors_on(on: date, jurisdiction: str, named: Callable[[str], Words]) -> Floors:
    """The floors in force for a receipt; four queries. `named` gives the names of places."""
    return floors_from(jurisdiction, rules_on(on, jurisdiction), named)


def rules_on(on: date, jurisdiction: str) -> Callable[[str], RuleVersion | None]:
    """What the engines ask for the rule values of a day and place: each a query."""

    def look_up(code: str) -> RuleVersion | None:
        held = rulebook.rule_or_none(code, on=on, jurisdiction=jurisdiction)
        return None if held is None else _version(held)

    return look_up


def _version(held: RuleValue) -> RuleVersion:
    return RuleVersion(
        held.code, held.jurisdiction, held.value, held.unit, held.effective_from, held.effective_to, held.source
    )


def places() -> tuple[str, ...]:
    """The city's places, then others of which a floor is known."""
    known = RuleValue.objects.filter(code__in=CODES, withdrawn_at=None).order_by("jurisdiction")
    return tuple(dict.fromkeys([*rulebook.known_places(), *known.values_list("jurisdiction", flat=True)]))
