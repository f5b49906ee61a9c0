"""What was decided about a call, its applications and their panels, by whom, and who was barred from it: told from the
journal and from whose matter each was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.reviews.models import Panel, PanelItem
from kezhuan.kernel import registry
from kezhuan.kernel.history import label
from kezhuan.kernel.models import Entry, Organisation

OF_CALL = ("publish", "decide", "fail", "withdraw", "opened", "shortlisted")
OF_APPLICATION = ("accept", "return", "refuse")
OF_PANEL = ("committed", "drawn", "begin", "close", "conclude", "withdraw")
"""What is a decision about a call, an application and a panel, as the journal calls it after the name of the kind."""
ENDED_BY = ("application.withdraw", "application.refuse")
"""After these an application bars nobody any more, as the journal calls them."""
APPLICANT, POSTER, RECOMMENDER = "applicant", "poster", "recommender"


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
    # Those that were withdrawn too: that a panel was made and drawn anew is a decision.
    panels = {one.pk: one.record for one in Panel.objects.filter(about=call.pk).select_related("record")}
    rows = Application.objects.filter(item__call=call.pk, submitted_at__isnull=False)
    told = ("record", "applicant__record", "item__poster__record", "recommender__record")
    applications = {one.pk: one for one in rows.select_related(*told).order_by("item__number", "pk")}
    ended = dict(Entry.objects.filter(record__in=list(applications), kind__in=ENDED_BY).values_list("record", "at"))
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
            stood = [row for row in applications.values() if _stood(row, ended.get(row.pk), one.at)]
            about = [row for row in stood if of is None or row.pk in of]
        barred = _barred(about, posed if pk == call.pk else [], recommends=pk in panels)
        by = one.actor.record.title if one.actor is not None else ""
        words = label(registry.kind_of(record), one.kind)
        found.append(Decided(one.at, words, record.code, by, tuple(barred)))
    return found


def _entries(records: dict[int, Any], most: int) -> list[Entry]:
    kinds = [
        *(f"call.{name}" for name in OF_CALL), *(f"application.{name}" for name in OF_APPLICATION),
        *(f"panel.{name}" for name in OF_PANEL),
    ]  # fmt: skip
    rows = Entry.objects.filter(record__in=list(records), kind__in=kinds).select_related("actor__record")
    return list(rows.order_by("-seq")[:most])


def _stood(row: Application, ended: datetime | None, at: datetime) -> bool:
    """Whether an application was handed in at that moment, and had not ended: an ended one bars nobody any more."""
    return row.submitted_at is not None and row.submitted_at <= at and (ended is None or at <= ended)


def _posters(call: Call) -> list[Organisation]:
    return [one.poster for one in call.items.select_related("poster__record") if one.poster is not None]


def _barred(
    rows: Sequence[Application], posters: Sequence[Organisation], *, recommends: bool
) -> Iterator[tuple[Organisation, str]]:
    """Whose people were barred: of a panel the recommending units too, whose matter it judges."""
    told = set()
    pairs = [(one.item.poster, POSTER) for one in rows if one.item.poster is not None]
    pairs += [*((one, POSTER) for one in posters), *((one.applicant, APPLICANT) for one in rows)]
    if recommends:
        pairs += [(one.recommender, RECOMMENDER) for one in rows if one.recommender is not None]
    for unit, part in pairs:
        if (unit.pk, part) not in told:
            told.add((unit.pk, part))
            yield unit, part
