"""How suggestions spread, counted by a periodic job and kept: a page must not read every suggestion there is."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Value

from kezhuan.areas.matches.models import NO_FIRM, Exposure, Spread, Suggestion
from kezhuan.areas.matches.supply import introduced_kinds, offered
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.access import VISITOR, seen_by
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.models.parties import FIRMS
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.registry import Kind, column_of
from kezhuan.kernel.text import now

COUNT = "matches.count-exposure"
"""The periodic job."""
EVERY = timedelta(hours=1)
_SUPPLY = (Spread.SUPPLIER, Spread.SUPPLIER_REGION, Spread.SUPPLIER_KIND, Spread.SUPPLIER_SIZE)
_FIRMS = (Spread.FIRM, Spread.FIRM_REGION, Spread.FIRM_KIND, Spread.FIRM_SIZE)


@dataclass
class _Group:
    organisation: int | None = None
    records: int = 0
    suggested: int = 0
    suggestions: int = 0
    passed_over: int = 0


_Figures = tuple[int | None, str, _Group]


@dataclass
class _Counting:
    groups: dict[tuple[str, str], _Group] = field(default_factory=lambda: defaultdict(_Group))

    def add(self, kinds: tuple[str, ...], keys: tuple[str, ...], owner: int | None, figures: _Group) -> None:
        """Add the figures of records of one owner and district."""
        for group, key in zip(kinds, keys, strict=True):
            one = self.groups[group, key]
            one.organisation = owner if group in {Spread.SUPPLIER, Spread.FIRM} else None
            one.records += figures.records
            one.suggested += figures.suggested
            one.suggestions += figures.suggestions
            one.passed_over += figures.passed_over


def is_owed() -> bool:
    """Whether there are suggestions and nothing was counted yet."""
    return not Exposure.objects.exists() and Suggestion.objects.exists()


def count_exposure(running: Running) -> None:
    """Count anew and put the result in the place of the former one."""
    rows = counted(now())
    with transaction.atomic():
        running.confirm()
        Exposure.objects.all().delete()
        Exposure.objects.bulk_create(rows, batch_size=500)
        running.finish()


def counted(moment: datetime) -> list[Exposure]:
    """All groups: of what is on offer to be introduced and of open needs, those without any suggestion too.

    Only what everybody may read is counted, so that no number tells of a record that its reader may not know.
    """
    kinds = introduced_kinds()
    asking = Need.objects.filter(seen_by(VISITOR, "record__public_to"), record__phase=Phase.PUBLIC)
    counting, homes = _Counting(), _homes()
    for groups, found in (
        *((_SUPPLY, _of_kind(kind)) for kind in kinds),
        (_FIRMS, _records(asking, "record__owner", "region")),
        (_FIRMS, _suggestions(_open_pairs([kind.slug for kind in kinds]), "need", "record__owner", "region")),
    ):
        for owner, region, figures in found:
            home, kind, size = homes.get(owner, ("", "", ""))
            keys = ("" if owner is None else str(owner), region or home, kind, size if kind in FIRMS else NO_FIRM)
            counting.add(groups, keys, owner, figures)
    return [
        Exposure(
            spread=spread,
            key=key,
            organisation_id=one.organisation,
            records=one.records,
            suggested=one.suggested,
            suggestions=one.suggestions,
            passed_over=one.passed_over,
            counted_at=moment,
        )
        for (spread, key), one in sorted(counting.groups.items())
    ]


def _open_pairs(kinds: Sequence[str]) -> QuerySet[Suggestion]:
    """Pairs of open needs and what is on offer of these kinds, both of which everybody may read."""
    # Joined to its audience, a database begins with all public records, and compares each need with each of them.
    return Suggestion.objects.filter(
        offered("supply__", kinds),
        seen_by(VISITOR, "need__record__public_to"),
        seen_by(VISITOR, "supply__public_to"),
        need__record__phase=Phase.PUBLIC,
    )


def _of_kind(kind: Kind) -> Iterator[_Figures]:
    """What is on offer of a kind, and its suggestions."""
    region = f"{column_of(kind)}__region" if hasattr(kind.model, "region") else ""
    records = Record.objects.filter(offered("", [kind.slug]), seen_by(VISITOR, "public_to"))
    yield from _records(records, "owner", region)
    yield from _suggestions(_open_pairs([kind.slug]), "supply", "owner", region)


def _homes() -> dict[int | None, tuple[str, str, str]]:
    """District, kind and size of every organisation."""
    rows = Organisation.objects.values_list("pk", "region", "kind", "size")
    return {pk: (region or "", kind or "", size or "") for pk, region, kind, size in rows}


# The database adds up: there are a thousand times more records than pairs of an owner and a district. Not by a cursor:
# PostgreSQL plans one for its first rows, and the last ones come after minutes.
def _records(rows: QuerySet[Any], owner: str, region: str) -> Iterator[_Figures]:
    found = rows.order_by().annotate(place=_place(region)).values_list(owner, "place").annotate(records=Count("pk"))
    for whose, place, records in found:
        yield whose, place or "", _Group(records=records)


def _suggestions(pairs: QuerySet[Suggestion], side: str, owner: str, region: str) -> Iterator[_Figures]:
    kept = Q(passed_over="")
    found = pairs.order_by().annotate(place=_place(region and f"{side}__{region}"))
    rows = found.values_list(f"{side}__{owner}", "place").annotate(
        suggested=Count(side, distinct=True, filter=kept),
        given=Count("pk", filter=kept),
        passed=Count("pk", filter=~kept),
    )
    for whose, place, suggested, given, passed in rows:
        yield whose, place or "", _Group(suggested=suggested, suggestions=given, passed_over=passed)


def _place(region: str) -> F | Value:
    """A record's own district, where its kind has one."""
    return F(region) if region else Value("")
