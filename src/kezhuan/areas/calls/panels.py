"""What calls add to the page of a need: the lists on which it stands, and for officers the way onto one."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.areas.calls.permissions import makes_calls, proposes, reads_decided, reads_tables
from kezhuan.areas.calls.queries import calls_visible_to
from kezhuan.areas.reviews.models import Scheme
from kezhuan.areas.reviews.permissions import may_judge
from kezhuan.areas.reviews.queries import advice_on, heard_on, panels_about
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.present import is_named, is_there
from kezhuan.kernel.vocabulary import Confidentiality
from kezhuan.web import faces
from kezhuan.web.components import LinkLine
from kezhuan.web.names import name_of

SHOWN = 10
_DRAFTS = "SELECT 1 FROM kernel_record WHERE kind = 'call' AND stage = 'draft' LIMIT 1"


def calls_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The calls on whose list the need stands, and for officers the drafts onto which it can be put."""
    if not can_view(actor, row.record, "public"):
        return None
    listed = is_named(CallItem, "need", row.record.pk)
    rows = calls_visible_to(actor).filter(items__need=row.record).order_by("-pk")[:SHOWN] if listed else ()
    lines = tuple(_line(one) for one in rows if can_view(actor, one.record, "public"))
    ways = tuple(_ways(actor, row)) if makes_calls(actor) else ()
    return registry.Panel("calls/panel.html", {"lines": lines, "ways": ways}) if lines or ways else None


def reviews_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The panels that judge for a call, and for officers the way to make one."""
    rows = list(visible_to(actor, panels_about(row.record))) if actor.is_signed_in else []
    may = row.record.stage == "closed" and proposes.test(actor, row) and may_judge(actor, "call")
    url = reverse("panel-new", args=[row.record.code]) if may else ""
    stages = registry.kind_of("panel").lifecycle.stages
    lines = tuple(
        LinkLine(
            role=stages[one.record.stage].label,
            code=one.record.code,
            title=name_of(one.record),
            url=faces.url_of(one.record),
            kind_label=registry.kind_of("panel").label,
        )
        for one in rows
    )
    told = row.record.stage != "draft" and reads_decided(actor, row)
    decisions = reverse("call-decisions", args=[row.record.code]) if told else ""
    checked = reverse("call-criteria", args=[row.record.code]) if told and reads_tables.test(actor, row) else ""
    shown = {"lines": lines, "url": url, "decisions": decisions, "checked": checked}
    return registry.Panel("calls/reviews.html", shown) if any(shown.values()) else None


def scores_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """What experts said of an application, for its unit and the officers once it is decided: names only where the panel
    did not hide them from applicants."""
    if row.record.stage not in {"awarded", "rejected"} or not can_view(actor, row.record, "inner"):
        return None
    item = advice_on([row.pk]).get(row.pk)
    if item is None:
        return None
    panel, said = item.panel, []
    for number, sheet in enumerate(heard_on(item), 1):
        who = _("Expert %(number)s") % {"number": number}
        if panel.scheme != Scheme.DOUBLE:
            who = name_of(sheet.review.expert.person.record)
        marks = zip(panel.criteria, sheet.marks, sheet.words, strict=False)
        said.append((who, [(one["name"], mark, words) for one, mark, words in marks]))
    return registry.Panel("calls/scores.html", {"item": item, "said": said})


def _ways(actor: Actor, row: Any) -> list[tuple[str, str]]:
    if row.record.stage != "published" or row.confidentiality != Confidentiality.PUBLIC:
        return []
    if not is_there(_DRAFTS):
        return []
    drafts = (
        calls_visible_to(actor)
        .filter(record__kind="call", record__stage="draft")
        .exclude(items__need=row.record)
        .order_by("-pk")
    )
    return [
        (name_of(one.record), f"{reverse('call-item-new', args=[one.record.code])}?need={row.record.code}")
        for one in drafts[:SHOWN]
        if actor.is_in_charge(one.region, "call")
    ]


def _line(row: Call) -> LinkLine:
    return faces.link_line(row.record, row.get_call_kind_display())
