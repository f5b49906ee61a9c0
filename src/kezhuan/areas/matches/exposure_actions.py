"""How suggestions spread, counted by a periodic job and kept: a page must not read every suggestion there is."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.matches.models import NO_FIRM, Exposure, Spread, Suggestion
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.access import PUBLIC, VISITOR, seen_by
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import FIRMS
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now

COUNT = "matches.count-exposure"
"""The periodic job."""
EVERY = timedelta(hours=1)
_SUPPLY = (Spread.SUPPLIER, Spread.SUPPLIER_REGION, Spread.SUPPLIER_KIND, Spread.SUPPLIER_SIZE)
_FIRMS = (Spread.FIRM, Spread.FIRM_REGION, Spread.FIRM_KIND, Spread.FIRM_SIZE)
_Row = tuple[int | None, str, str, str]


@dataclass
class _Group:
    organisation: int | None = None
    records: int = 0
    suggested: int = 0
    suggestions: int = 0
    passed_over: int = 0


@dataclass
class _Counting:
    groups: dict[tuple[str, str], _Group] = field(default_factory=lambda: defaultdict(_Group))

    def add(self, kinds: tuple[str, ...], row: _Row, given: int, passed: int) -> None:
        """One record with its owner, district, kind and size of owner."""
        owner, region, kind, size = row
        size = size if kind in FIRMS else NO_FIRM
        for group, key in zip(kinds, ("" if owner is None else str(owner), region, kind, size), strict=True):
            one = self.groups[group, key]
            one.organisation = owner if group in {Spread.SUPPLIER, Spread.FIRM} else None
            one.records += 1
            one.suggested += given > 0
            one.suggestions += given
            one.passed_over += passed


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
    """All groups: of results on offer and of open needs, those without any suggestion too.

    Only what everybody may read is counted, so that no number tells of a record that its reader may not know.
    """
    # Joined to its audience, a database begins with all public records, and compares each need with each of them.
    open_pairs = Suggestion.objects.filter(
        seen_by(VISITOR, "need__record__public_to"),
        seen_by(VISITOR, "supply__public_to"),
        need__record__phase=Phase.PUBLIC,
        supply__kind="achievement",
        supply__stage__in=SUPPLY_STAGES,
    )
    counting = _Counting()
    for side, kinds, records in (("supply", _SUPPLY, _offered()), ("need", _FIRMS, _asking())):
        figures = open_pairs.values(side).order_by(side)
        kept = Q(passed_over="")
        figures = figures.annotate(given=Count("pk", filter=kept), passed=Count("pk", filter=~kept))
        # Not by a cursor: PostgreSQL plans one for its first rows, and the last ones come after minutes.
        found = {pk: (given, passed) for pk, given, passed in figures.values_list(side, "given", "passed")}
        for pk, row in records:
            counting.add(kinds, row, *found.get(pk, (0, 0)))
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


def _offered() -> Iterator[tuple[int, _Row]]:
    rows = Record.objects.filter(kind="achievement", stage__in=SUPPLY_STAGES, public_to__key=PUBLIC).order_by("pk")
    columns = ("pk", "owner", "achievement__region", "owner__region", "owner__kind", "owner__size")
    for pk, owner, region, home, kind, size in rows.values_list(*columns).iterator(chunk_size=2000):
        yield pk, (owner, region or home or "", kind or "", size or "")


def _asking() -> Iterator[tuple[int, _Row]]:
    rows = Need.objects.filter(record__phase=Phase.PUBLIC, record__public_to__key=PUBLIC).order_by("pk")
    columns = ("pk", "record__owner", "region", *(f"record__owner__{one}" for one in ("region", "kind", "size")))
    for pk, owner, region, home, kind, size in rows.values_list(*columns).iterator(chunk_size=2000):
        yield pk, (owner, region or home or "", kind or "", size or "")
