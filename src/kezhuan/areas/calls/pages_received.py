"""The applications to a call, as a page of it shows them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kezhuan.areas.calls.checks import applications_of
from kezhuan.areas.calls.choices import DECIDABLE
from kezhuan.areas.calls.funnel import HALL, NOTHING, funnels_of
from kezhuan.areas.calls.models import Application, Call, Proposal
from kezhuan.kernel import followers, registry
from kezhuan.kernel.access import visible_among
from kezhuan.kernel.memory import UntilNextEntry
from kezhuan.web import faces
from kezhuan.web.components import Cell, Chart, ChartBar, Column, Fact, TableView
from kezhuan.web.lists import pager_at
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.templatetags.kezhuan import wan

APPLICATIONS = 25
"""Applications on a page of a call."""
_WITH = ("record__owner__record", "record__title_to", "item")
_TOLD = (
    "sealed", "asked_fen", "award_fen", "item__number", "record__code", "record__kind", "record__stage",
    "record__title", "record__title_en", "record__title_to__key", "record__owner__record__title",
    "record__owner__record__title_en",
)  # fmt: skip
"""What the table of them tells: all that a call and an application say takes twice as long to fetch."""


_counts: UntilNextEntry[list[tuple[str, tuple[int, int], int]]] = UntilNextEntry(128)
"""By reader and call how many applications there are, by stage and by number and id of item."""


TOLD_AT = frozenset({"closed", "decided"})
"""Stages of calls of whose applications numbers are told."""


SHOWN = ("handed", "units", "judged", "chosen")
"""Numbers of a call on its own page, the last one once it is decided."""
Funnels = Mapping[int, Mapping[str, int]]
_funnels: UntilNextEntry[Funnels] = UntilNextEntry(128)


def _kept_funnels(calls: Sequence[int], names: Sequence[str]) -> Funnels:
    """The funnels of these calls: the same for whoever reads them, and no number changes without an entry."""
    return _funnels.get(followers.head(), (*calls, *names), lambda: funnels_of(calls, names)) if calls else {}


def funnel_of(call: Call) -> dict[str, int]:
    """How many needs came in, stand on the list, were applied for by how many units, judged, and chosen (漏斗): the
    hall's numbers, once applications are closed, the last one once it is decided; for everybody who reads the list."""
    found = {"collected": call.collected.count(), "listed": call.items.count()}
    if call.record.stage in TOLD_AT:
        decided = call.record.stage == "decided"
        told = _kept_funnels([call.pk], SHOWN if decided else SHOWN[:-1]).get(call.pk, NOTHING)
        found |= {"all": told["handed"], "units": told["units"], "judged": told["judged"]}
        if decided:
            found["chosen"] = told["chosen"]
    return found


def with_funnel(calls: Sequence[Call]) -> list[Call]:
    """The calls with how many applications to each were `handed` in, were `judged`, here or elsewhere, and `chosen`,
    once it takes none any more."""
    found = _kept_funnels([one.pk for one in calls if one.record.stage in TOLD_AT], HALL)
    for call in calls:
        told = found.get(call.pk, NOTHING)
        for name in HALL:
            setattr(call, name, told[name])
    return list(calls)


def funnel_in_words(row: Any) -> list[str]:
    """What became of the applications to a call `with_funnel` that takes none any more; of one decided without any
    marks on record no number of judged is told."""
    if row.record.stage not in TOLD_AT:
        return []
    decided = row.record.stage == "decided"
    told = [ngettext("%(all)s application", "%(all)s applications", row.handed) % {"all": row.handed}]
    told += [_("%(judged)s reviewed") % {"judged": row.judged}] if row.judged or not decided else []
    return [*told, *([_("%(chosen)s chosen") % {"chosen": row.chosen}] if decided else [])]


def funnel_facts(found: Mapping[str, int]) -> list[Fact]:
    """The funnel of a call in one line; of one whose list the reader does not read, nothing."""
    if not found:
        return []
    told = [_("%(collected)s needs came in") % found] if found["collected"] else []
    told += [_("%(listed)s on the list") % found]
    if "all" in found:
        told += [_("%(all)s applications of %(units)s units") % found]
        told += [_("%(judged)s reviewed") % found] if found["judged"] or "chosen" not in found else []
        told += [_("%(chosen)s chosen") % found] if "chosen" in found else []
    return [Fact(_("From need to choice"), " → ".join(told))] if len(told) > 1 else []


def funnel_chart(found: Mapping[str, int]) -> Chart | None:
    """The funnel of a call that is decided, step by step."""
    if "chosen" not in found:
        return None
    steps = (
        (_("Needs that came in"), "collected"),
        (_("On the list"), "listed"),
        (_("Applications"), "all"),
        (_("Units that applied"), "units"),
        (_("Chosen"), "chosen"),
    )
    bars = [
        ChartBar(label, found[name], str(found[name])) for label, name in steps if name != "collected" or found[name]
    ]
    return Chart(_("From need to choice"), _("Step"), _("How many"), tuple(bars))


def received(request: Request, call: Call, rows: QuerySet[Application]) -> dict[str, Any]:
    """A page of the applications to a call that the reader may see, of one stage if they like; in public those that
    were chosen."""
    decided = call.record.stage == "decided"
    counted: Counter[str] = Counter()
    items: Counter[tuple[int, int]] = Counter()
    asked = request.GET.get("stage", "")
    numbers = rows.order_by().values_list("record__stage", "item__number", "item").annotate(count=Count("pk"))
    found = _counts.get(
        followers.head(),
        (request.actor.tokens, call.pk),
        lambda: [(name, (number, item), count) for name, number, item, count in numbers],
    )
    for name, _item, count in found:
        counted[name] += count
    stage = asked if asked in counted else ""
    for name, item, count in found:
        items[item] += count if stage in ("", name) else 0
    stages, total = registry.kind_of("application").lifecycle.stages, sum(items.values())
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // APPLICATIONS)))
    # Asked of the rows of these items: a database would else begin with all records of that stage.
    of_stage = rows.alias(at=Coalesce("record__stage", Value(""))).filter(at=stage) if stage else rows
    ids = _keys(of_stage, items, (at - 1) * APPLICATIONS)
    told = Application.objects.select_related(*_WITH).only(*_TOLD).filter(pk__in=ids)
    shown = visible_among(request.actor, told.order_by("item__number", "pk"))
    ways = [("", _("all"), sum(counted.values()))]
    ways += [(name, str(one.label), counted[name]) for name, one in stages.items() if name in counted]
    chips = [
        (label, count, "?" + urlencode({"stage": name}) if name else "?", name == stage) for name, label, count in ways
    ]
    return {
        "applications": _table(shown, decided=decided) if total else None,
        "application_stages": chips if len(counted) > 1 else (),
        "pager": pager_at(request.GET, at, APPLICATIONS, total),
    }


def proposed_in_words(call: Call) -> str:
    """What is proposed for a closed call so far, in one sentence; empty while nothing is."""
    chosen = Q(awarded=True)
    found = Proposal.objects.filter(
        application__item__call=call.pk, application__record__stage__in=DECIDABLE
    ).aggregate(said=Count("pk"), chosen=Count("pk", filter=chosen), fen=Sum("award_fen", filter=chosen))  # fmt: skip
    if not found["said"]:
        return ""
    told = _("%(chosen)s to be chosen with %(fen)s of fiscal money, %(passed)s not") % {
        "chosen": found["chosen"], "fen": wan(found["fen"] or 0), "passed": found["said"] - found["chosen"],
    }  # fmt: skip
    left = applications_of(call).filter(record__stage__in=DECIDABLE).count() - found["said"]
    return _("%(told)s; nothing is said of %(left)s yet") % {"told": told, "left": left} if left else told


def _keys(rows: QuerySet[Application], items: Mapping[tuple[int, int], int], start: int) -> list[int]:
    """The keys on a page that begins at `start`, of so many by number and id of their item. The keys first, and of the
    items that the page touches alone: the database would else sort all of them, with every column."""
    skipped, touched = 0, Counter[int]()
    for (_number, item), count in sorted(items.items()):
        if not touched and skipped + count <= start:
            skipped += count
        elif skipped + touched.total() < start + APPLICATIONS:
            touched[item] = count
    found = rows.filter(item__in=list(touched)).values_list("pk", flat=True)
    return list(found[start - skipped : start - skipped + APPLICATIONS])


def _table(rows: Iterable[Application], *, decided: bool) -> TableView:
    stages = registry.kind_of("application").lifecycle.stages
    return TableView(
        columns=(
            Column(_("Item")),
            Column(_("Application")),
            Column(_("Applicant")),
            Column(_("Stage")),
            Column(_("Fiscal money awarded") if decided else _("Fiscal money asked for"), numeric=True),
        ),
        rows=tuple(
            (
                str(one.item.number),
                Cell(f"{one.record.code} {name_of(one.record)}", faces.url_of(one.record)),
                name_of(one.record.owner.record) if one.record.owner else "",
                str(stages[one.record.stage].label),
                _("sealed, not opened yet") if one.sealed else wan(one.award_fen if decided else one.asked_fen) or "–",
            )
            for one in rows
        ),
    )
