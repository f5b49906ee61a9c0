"""The yearly tables of registered contracts: what a contract counts as, and sums from maintained totals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from django.db.models import Sum

from kezhuan.areas.contracts.models import REGISTERED, Contract, Tally, registered_of
from kezhuan.areas.contracts.queries import CHINA, district_of
from kezhuan.kernel.vocabulary import REGIONS

COUNTED = REGISTERED
"""Stages in which a contract counts: not one whose registration was cancelled or revoked."""
ALL = "all"
UNFOUND = "contract.figures.unfound"
"""Rule value: 1 from a year on whose figures were looked for and not found, 0 from the next; its source says where."""
ABROAD = "abroad"
FLOWS = ("inside", "out", "in", "outside")
"""Seller and buyer in the city; seller alone (输出); buyer alone (吸纳); neither."""
Dimension = Literal["field", "rights", "goal", "plan", "seller_kind", "buyer_kind", "buyer_place", "flow"]
DIMENSIONS: tuple[str, ...] = get_args(Dimension)
"""What the tables tell apart beside kind, month and district. Of several rights the first counts."""
_CITY = frozenset(code[:4] for code in REGIONS)


@dataclass(frozen=True)
class Sums:
    """How many contracts, and their two amounts in 分, which are two measures."""

    contracts: int = 0
    turnover_fen: int = 0
    technology_fen: int = 0


@dataclass(frozen=True)
class Entry:
    """What one contract counts as."""

    year: int
    month: int
    place: str
    kind: str
    values: Mapping[str, str]
    turnover_fen: int
    technology_fen: int


def entry_of(row: Contract) -> Entry | None:
    """What a contract counts as, in the month of its registration, with the amounts of the registry: one whose total is
    open counts as a contract of none. None when it does not count."""
    row, day = registered_of(row), row.registered_on
    if row.record.stage not in COUNTED or day is None:
        return None
    return Entry(
        year=day.year,
        month=day.month,
        place=district_of(row),
        kind=row.kind,
        values={
            ALL: "",
            "field": row.field,
            "rights": row.rights[0] if row.rights else "",
            "goal": row.goal,
            "plan": row.plan,
            "seller_kind": row.seller_kind,
            "buyer_kind": row.buyer_kind,
            "buyer_place": _buyer_place(row),
            "flow": _flow(row),
        },
        turnover_fen=row.registered_turnover_fen or 0,
        technology_fen=row.registered_technology_fen or 0,
    )


def _buyer_place(row: Contract) -> str:
    """The buyer's province, or the city where it is of it; `ABROAD` for one of another country."""
    region = row.buyer_region
    if region:
        return f"{region[:4]}00" if region[:4] in _CITY else f"{region[:2]}0000"
    return ABROAD if row.buyer_country not in ("", CHINA) else ""


def _flow(row: Contract) -> str:
    seller, buyer = (region[:4] in _CITY for region in (row.seller_region, row.buyer_region))
    return FLOWS[(not seller) * 2 + (not buyer)]


# -- sums --------------------------------------------------------------------------------------------------------------


def sums_by(
    dimension: str, columns: Iterable[str], *, year: int | None = None, place: str | None = None
) -> dict[tuple[object, ...], Sums]:
    """Sums of the totals of a dimension grouped by these columns of the totals (`value`, `kind`, `year`, `month`,
    `place`), of one year or all, of the sellers of one district or all. One query."""
    rows = Tally.objects.filter(dimension=dimension, contracts__gt=0)
    if year is not None:
        rows = rows.filter(year=year)
    if place is not None:
        rows = rows.filter(place=place)
    names = tuple(columns)
    return {
        tuple(one[name] for name in names): Sums(one["contracts_"], one["turnover"], one["technology"])
        for one in rows.values(*names)
        .annotate(contracts_=Sum("contracts"), turnover=Sum("turnover_fen"), technology=Sum("technology_fen"))
        .order_by(*names)
    }


def recount() -> dict[tuple[object, ...], Sums]:
    """The same totals counted from every contract anew, by (dimension, year, month, place, kind, value): what the
    maintained ones must equal."""
    found: dict[tuple[object, ...], Sums] = {}
    rows = Contract.objects.filter(record__stage__in=COUNTED).select_related("record")
    for row in rows.iterator(chunk_size=1000):
        entry = entry_of(row)
        if entry is None:
            continue
        for key in keys_of(entry):
            held = found.get(key, Sums())
            found[key] = Sums(
                held.contracts + 1,
                held.turnover_fen + entry.turnover_fen,
                held.technology_fen + entry.technology_fen,
            )
    return found


def keys_of(entry: Entry) -> list[tuple[str, int, int, str, str, str]]:
    """The totals that a contract is part of."""
    return [
        (dimension, entry.year, entry.month, entry.place, entry.kind, value)
        for dimension, value in entry.values.items()
    ]
