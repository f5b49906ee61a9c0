"""What calls add to the page of a need: the lists on which it stands, and for officers the way onto one."""

from typing import Any

from django.urls import reverse

from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.permissions import makes_calls
from kezhuan.areas.calls.queries import calls_visible_to
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.vocabulary import Confidentiality
from kezhuan.web import faces
from kezhuan.web.components import LinkLine
from kezhuan.web.names import name_of

SHOWN = 10


def calls_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The calls on whose list the need stands, and for officers the drafts onto which it can be put."""
    if not can_view(actor, row.record, "public"):
        return None
    rows = calls_visible_to(actor).filter(items__need=row.record).order_by("-pk")[:SHOWN]
    lines = tuple(_line(one) for one in rows if can_view(actor, one.record, "public"))
    ways = tuple(_ways(actor, row)) if makes_calls(actor) else ()
    return registry.Panel("calls/panel.html", {"lines": lines, "ways": ways}) if lines or ways else None


def _ways(actor: Actor, row: Any) -> list[tuple[str, str]]:
    if row.record.stage != "published" or row.confidentiality != Confidentiality.PUBLIC:
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
    return LinkLine(
        role=row.get_call_kind_display(),
        code=row.record.code,
        title=name_of(row.record),
        url=faces.url_of(row.record),
        kind_label=registry.kind_of("call").lifecycle.stages[row.record.stage].label,
    )
