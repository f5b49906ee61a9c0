"""The rulebook and the working calendar in the API: values by day and place, their versions, the days of a year."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from kezhuan.api.identity import OPEN
from kezhuan.api.schemas import Day, Listed, Region, Shown
from kezhuan.engines.rules import places_of
from kezhuan.kernel import rulebook
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import CalendarYear, RuleValue
from kezhuan.kernel.text import today

router = Router(tags=["rules"])


class RuleValueShown(Shown):
    """A version: `value` counted in `unit` (money in fen, shares in basis points); `source` is what set it."""

    code: str
    label: str
    jurisdiction: str
    value: Any
    unit: str
    effective_from: date
    effective_to: date | None
    source: str
    entered_at: datetime | None
    withdrawn_at: datetime | None


class RulesQuery(BaseModel):
    """Which values: those in force on a day (today), for a place as the nearest one sets them, or of all places."""

    model_config = ConfigDict(extra="forbid")
    on: Day | None = None
    jurisdiction: Region = ""


class CalendarDayShown(Shown):
    """A day that differs from Monday-to-Friday."""

    on: date
    is_workday: bool
    name: str


class CalendarYearShown(Shown):
    """A loaded year: its holidays and make-up workdays, and the notice that announced them."""

    year: int
    source: str
    loaded_at: datetime
    days: list[CalendarDayShown]


def _shown(version: RuleValue) -> dict[str, Any]:
    known = rulebook.known_rules().get(version.code)
    return {
        "code": version.code,
        "label": str(known.label) if known is not None else "",
        "jurisdiction": version.jurisdiction,
        "value": version.value,
        "unit": version.unit,
        "effective_from": version.effective_from,
        "effective_to": version.effective_to,
        "source": version.source,
        "entered_at": version.entered_at,
        "withdrawn_at": version.withdrawn_at,
    }


@router.get(
    "/rules", auth=OPEN, response=Listed[RuleValueShown], operation_id="rules-list", summary="Rule values in force"
)
def rules(request: HttpRequest, asked: Query[RulesQuery]) -> dict[str, Any]:
    """The rule values in force on a day; with a jurisdiction, one value a rule: the one that counts there."""
    rows = rulebook.versions_in_force(asked.on or today()).order_by("code", "jurisdiction", "-effective_from")
    if not asked.jurisdiction:
        return {"items": [_shown(one) for one in rows]}
    places = places_of(asked.jurisdiction)
    nearest: dict[str, RuleValue] = {}
    for one in rows.filter(jurisdiction__in=places):
        held = nearest.get(one.code)
        if held is None or places.index(one.jurisdiction) < places.index(held.jurisdiction):
            nearest[one.code] = one
    return {"items": [_shown(one) for one in nearest.values()]}


@router.get(
    "/rules/{code}",
    auth=OPEN,
    response=Listed[RuleValueShown],
    operation_id="rules-get",
    summary="Versions of a rule value",
)
def rule(request: HttpRequest, code: str) -> dict[str, Any]:
    """Every version that a rule value ever had, by place, newest first; withdrawn ones say so."""
    rows = RuleValue.objects.filter(code=code).order_by("jurisdiction", "-effective_from", "-pk")
    found = [_shown(one) for one in rows]
    if not found and code not in rulebook.known_rules():
        raise Missing(code)
    return {"items": found}


@router.get(
    "/calendar/{year}",
    auth=OPEN,
    response=CalendarYearShown,
    operation_id="calendar-get",
    summary="Working calendar of a year",
)
def calendar(request: HttpRequest, year: int) -> dict[str, Any]:
    """The holidays and make-up workdays of a year; 404 for a year that nobody has loaded."""
    found = CalendarYear.objects.filter(year=year).first() if 0 < year < 10_000 else None
    if found is None:
        raise Missing(str(year))
    days = found.days.order_by("on").values("on", "is_workday", "name")
    return {"year": found.year, "source": found.source, "loaded_at": found.loaded_at, "days": list(days)}
