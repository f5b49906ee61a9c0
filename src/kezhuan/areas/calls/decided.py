"""What was decided about a call, its applications and their panels, by whom, and who was barred from it: told from the
journal and from whose matter each was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.reviews import decided as of_panels
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.kernel import registry
from kezhuan.kernel.history import label, said_of
from kezhuan.kernel.models import Approval, Entry, Notice, Objection, Organisation, Person

OF_CALL = ("publish", "decide", "fail", "withdraw", "void", "opened", "shortlisted")
OF_APPLICATION = ("recommend", "send-back", "accept", "return", "refuse")
"""What is a decision about a call and an application, as the journal calls it after the name of the kind."""
EDITS = {"call.edit": ("proposal",), "application.edit": ("budget", "spot_checks")}
"""The edits that decide something, by the field that the journal names."""
BY_ROUTE = ("approval.returned", "approval.sign", "approval.sheet", "approval.decide", "approval.recuse")
"""What the posts of a route decided about a step, as the journal calls it of the approval, or of what it is about."""
LAID_OPEN = (
    "notice.start", "notice.complete", "notice.stop", "objection.uphold", "objection.dismiss", "objection.not-admit",
    "objection.withdraw",
)  # fmt: skip
"""What was decided about notices before a step and about objections to them."""
ENDED_BY = ("application.withdraw", "application.refuse")
"""After these an application bars nobody any more, as the journal calls them."""
APPLICANT, PARTNER, POSTER, RECOMMENDER, LEADER = "applicant", "partner", "poster", "recommender", "leader"


@dataclass(frozen=True)
class Decided:
    """A decision: when, what it was, about which record by its code, by whom; and the units whose people were barred
    from it, each with its part."""

    at: datetime
    what: str
    about: str
    by: Person | None
    barred: tuple[tuple[Organisation, str], ...]

    @property
    def name(self) -> str:
        """The name of whoever decided; empty where the program did."""
        return self.by.record.title if self.by is not None else ""


def decided_about(call: Call, most: int) -> list[Decided]:
    """The newest decisions about a call, at most so many, the newest first; a constant number of queries."""
    panels = {pk: one.record for pk, one in of_panels.panels_about(call.pk).items()}
    elsewhere = {**of_panels.releases_of(panels), **handled_beside(call.pk)}
    rows = Application.objects.filter(item__call=call.pk, submitted_at__isnull=False)
    told = (
        "record", "applicant__record", "item__poster__record", "recommender__record", "commissioned_by__record",
    )  # fmt: skip
    rows = rows.select_related(*told).prefetch_related("partners__record")
    applications = {one.pk: one for one in rows.order_by("item__number", "pk")}
    ended = dict(Entry.objects.filter(record__in=list(applications), kind__in=ENDED_BY).values_list("record", "at"))
    judged: dict[int, set[int]] = {}
    for panel, item in PanelItem.objects.filter(panel__in=list(panels)).values_list("panel", "record"):
        judged.setdefault(panel, set()).add(item)
    records = {call.pk: call.record, **panels, **{pk: one.record for pk, one in applications.items()}}
    commissions = [pk for pk, one in applications.items() if one.commissioned_by_id is not None]
    found = []
    posed = _posters(call)
    for one in _entries([*records, *elsewhere], commissions, most):
        pk = elsewhere.get(one.record_id or 0, one.record_id)
        assert pk is not None  # of entries of records alone was asked
        record, own = records[pk], applications.get(pk)
        if own is not None:
            about = [own]
        else:
            of = judged.get(pk) if pk in panels else None
            handed = (row for row in applications.values() if row.commissioned_by_id is None)
            stood = [row for row in handed if _stood(row, ended.get(row.pk), one.at)]
            about = [row for row in stood if of is None or row.pk in of]
        barred = _barred(about, posed if pk == call.pk else [], recommends=pk in panels)
        found.append(Decided(one.at, _in_words(record, one), record.code, one.actor, tuple(barred)))
    return found


def handled_beside(pk: int) -> dict[int, int]:
    """By the id of each approval of a step of a record, of each notice of one and each objection to it, the id of that
    record; three queries."""
    notices = dict(Notice.objects.filter(about=pk).values_list("pk", "about"))
    objections = Objection.objects.filter(notice__in=list(notices)).values_list("pk", flat=True)
    return {**dict(Approval.objects.filter(about=pk).values_list("pk", "about")), **notices,
            **dict.fromkeys(objections, pk)}  # fmt: skip


def _entries(records: Sequence[int], commissions: Sequence[int], most: int) -> list[Entry]:
    """The newest entries that decide something about these records; that a commission was opened is its award."""
    kinds = [*(f"call.{name}" for name in OF_CALL), *(f"application.{name}" for name in OF_APPLICATION)]
    kinds += [*BY_ROUTE, *LAID_OPEN]
    decides = of_panels.ABOUT_PANELS | Q(kind__in=kinds) | Q(kind="application.open", record__in=commissions)
    for kind, fields in EDITS.items():
        decides |= Q(kind=kind, data__fields__0__in=fields)
    rows = Entry.objects.filter(decides, record__in=records).select_related("actor__record")
    return list(rows.order_by("-seq")[:most])


def said_of_notice(entry: Entry) -> str:
    """What was decided about a notice or an objection, in words."""
    kind = registry.kind_of(entry.kind.partition(".")[0])
    return f"{kind.label} · {label(kind, entry.kind)}"


def _in_words(record: Any, entry: Entry) -> str:
    if entry.kind in LAID_OPEN:
        return said_of_notice(entry)
    if entry.kind == "application.open":
        return _("commission awarded")
    return of_panels.in_words(record, entry) if record.kind == "panel" else said_of(registry.kind_of(record), entry)


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
    pairs += [(unit, PARTNER) for one in rows for unit in one.partners.all()]
    pairs += [(one.commissioned_by, LEADER) for one in rows if one.commissioned_by is not None]
    if recommends:
        pairs += [(one.recommender, RECOMMENDER) for one in rows if one.recommender is not None]
    for unit, part in pairs:
        if (unit.pk, part) not in told:
            told.add((unit.pk, part))
            yield unit, part
