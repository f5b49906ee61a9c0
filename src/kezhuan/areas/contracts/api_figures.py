"""The yearly tables of contracts in the API: what the public page shows, with amounts in fen."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kezhuan.api.identity import actor_of, reads
from kezhuan.api.schemas import Shown
from kezhuan.areas.contracts.figure_tables import HIDDEN, LEAST, lines_of, value_words
from kezhuan.areas.contracts.figures import Dimension, Sums
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.wording import entry
from kezhuan.kernel.text import today

router = Router(tags=["contracts"])


class FiguresQuery(BaseModel):
    """Of which year, told apart by what, measured how: contracts are counted, amounts are in fen."""

    model_config = ConfigDict(extra="forbid")
    year: int | None = Field(None, ge=1980, le=2100, description="the present year without one")
    by: Literal[Dimension, "month", "place"] = "field"
    measure: Literal["turnover", "technology", "contracts"] = "turnover"


class FigureShown(Shown):
    """One figure: none where nothing is counted, or where it is hidden as it would tell of one or two contracts."""

    contract_kind: str
    label: str
    figure: int | None
    hidden: bool


class FigureLineShown(Shown):
    """One value of what is told apart, by kind of contract and of all kinds."""

    value: str
    label: str
    kinds: list[FigureShown]
    figure: int | None
    hidden: bool


class FiguresShown(Shown):
    """A table of a year; turnover and technology amount are two measures, never added."""

    year: int
    by: str
    measure: str
    lines: list[FigureLineShown]


@router.get("", auth=reads(PROGRAMME), response=FiguresShown, operation_id="contract-figures", summary="Yearly tables")
def figures(request: HttpRequest, asked: Query[FiguresQuery]) -> dict[str, Any]:
    """Sums of the registered contracts of a year, by kind and whatever else is told apart; registrars see every one."""
    actor, year = actor_of(request), asked.year or today().year
    least = 1 if actor.regions_of(PROGRAMME) else LEAST
    found = lines_of(asked.by, asked.measure, year, least, _figure)
    lines = [
        {
            "value": str(value),
            "label": value_words(asked.by, value),
            "kinds": [
                {"contract_kind": kind, "label": entry("kinds", kind), **_shown(cell)}
                for kind, cell in zip(found.kinds, cells, strict=True)
            ],
            **_shown(whole),
        }
        for value, cells, whole in found.lines
    ]
    return {"year": year, "by": asked.by, "measure": asked.measure, "lines": lines}


def _figure(sums: Sums, measure: str) -> int:
    return sums.contracts if measure == "contracts" else int(getattr(sums, f"{measure}_fen"))


def _shown(cell: int | str) -> dict[str, Any]:
    return {"figure": cell if isinstance(cell, int) else None, "hidden": cell == HIDDEN}
