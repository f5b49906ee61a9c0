"""What was decided about a call, its applications and their panels, by whom, and who was barred from it: told from the
journal and from whose matter each was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.areas.reviews.queries import panels_about
from kezhuan.kernel import registry
from kezhuan.kernel.history import label
from kezhuan.kernel.models import Entry, Organisation

OF_CALL = ("publish", "decide", "fail", "withdraw", "opened", "shortlisted")
OF_APPLICATION = ("accept", "return", "refuse")
OF_PANEL = ("committed", "drawn", "begin", "close", "conclude", "withdraw")
"""What is a decision about a call, an application and a panel, as the journal calls it after the name of the kind."""
APPLICANT, POSTER = "applicant", "poster"


@dataclass(frozen=True)
class Decided:
    """A decision: when, what it was, about which record by its code, by whom; and the units whose people were barred
    from it, each with its part."""

    at: datetime
    what: str
    about: str
    by: str
    barred: tuple[tuple[Organisation, str], ...]


def decided_about(call: Call, most: int) -> list[Decided]:
    """The newest decisions about a call, at most so many, the newest first; a constant number of queries."""
    panels = {one.pk: one.record for one in panels_about(call.record)}
    rows = Application.objects.filter(item__call=call.pk, submitted_at__isnull=False)
    rows = rows.select_related("record", "applicant__record", "item__poster__record").order_by("item__number", "pk")
    applications = {one.pk: one for one in rows}
    judged: dict[int, set[int]] = {}
    for panel, item in PanelItem.objects.filter(panel__in=list(panels)).values_list("panel", "record"):
        judged.setdefault(panel, set()).add(item)
    records = {call.pk: call.record, **panels, **{pk: one.record for pk, one in applications.items()}}
    found = []
    posed = _posters(call)
    for one in _entries(records, most):
        pk = one.record_id
        assert pk is not None  # of entries of records alone was asked
        record, own = records[pk], applications.get(pk)
        if own is not None:
            about = [own]
        else:
            of = judged.get(pk) if pk in panels else None
            about = [row for row in applications.values() if _stood(row, one.at) and (of is None or row.pk in of)]
        posters = [] if own is not None else posed
        by = one.actor.record.title if one.actor is not None else ""
        words = label(registry.kind_of(record), one.kind)
        found.append(Decided(one.at, words, record.code, by, tuple(_barred(about, posters))))
    return found


def _entries(records: dict[int, Any], most: int) -> list[Entry]:
    kinds = [
        *(f"call.{name}" for name in OF_CALL), *(f"application.{name}" for name in OF_APPLICATION),
        *(f"panel.{name}" for name in OF_PANEL),
    ]  # fmt: skip
    rows = Entry.objects.filter(record__in=list(records), kind__in=kinds).select_related("actor__record")
    return list(rows.order_by("-seq")[:most])


def _stood(row: Application, at: datetime) -> bool:
    """Whether an application was handed in at that moment."""
    return row.submitted_at is not None and row.submitted_at <= at


def _posters(call: Call) -> list[Organisation]:
    return [one.poster for one in call.items.select_related("poster__record") if one.poster is not None]


def _barred(rows: Sequence[Application], posters: Sequence[Organisation]) -> Iterator[tuple[Organisation, str]]:
    told = set()
    pairs = [(one.item.poster, POSTER) for one in rows if one.item.poster is not None]
    pairs += [*((one, POSTER) for one in posters), *((one.applicant, APPLICANT) for one in rows)]
    for unit, part in pairs:
        if (unit.pk, part) not in told:
            told.add((unit.pk, part))
            yield unit, part
