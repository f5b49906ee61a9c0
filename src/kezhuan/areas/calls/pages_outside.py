"""What a panel of another system found, on the pages of a call and an application: marked as held elsewhere."""

import math
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.outside import JUDGED_AFTER, scores_in_words, told_outside
from kezhuan.areas.calls.queries import APPLICATION_TOLD
from kezhuan.kernel import followers, registry
from kezhuan.kernel.access import Actor, can_view, is_officer, visible_among
from kezhuan.kernel.memory import UntilNextEntry
from kezhuan.kernel.text import listed
from kezhuan.web import faces
from kezhuan.web.components import Cell, Column, TableView
from kezhuan.web.names import name_of

SHOWN = 100
"""Applications in the table of a call; an export has them all."""
_judged: UntilNextEntry[list[int]] = UntilNextEntry(128)
"""By call the ids of those that a panel elsewhere judged: of most calls none, and no index tells it."""


def outside_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """What an outside panel found of an application."""
    return _panel([row]) if told_outside(actor, row) else None


def outside_results(actor: Actor, row: Any) -> registry.Panel | None:
    """What outside panels found of the applications to a call, best first, for the officers in charge."""
    if row.record.stage not in JUDGED_AFTER or not is_officer.test(actor, row) or not can_view(actor, row.record):
        return None
    judged = Application.objects.filter(item__call=row.pk).exclude(judged_elsewhere={}).values_list("pk", flat=True)
    keys = _judged.get(followers.head(), row.pk, lambda: list(judged))
    rows = Application.objects.filter(pk__in=keys).select_related(*APPLICATION_TOLD)
    found = [one for one in visible_among(actor, rows) if told_outside(actor, one)]
    return _panel(sorted(found, key=_order)[:SHOWN]) if found else None


def _order(row: Application) -> tuple[str, int, float, int]:
    said = row.judged_elsewhere
    return said["panel"], row.item.number, said["rank"] or math.inf, row.pk


def _panel(rows: list[Any]) -> registry.Panel:
    sources = listed(dict.fromkeys(one.judged_elsewhere["source"] for one in rows))
    return registry.Panel("calls/outside.html", {"table": _table(rows), "sources": sources})


def _table(rows: list[Any]) -> TableView:
    return TableView(
        columns=(
            Column(_("Panel")),
            Column(_("Item")),
            Column(_("Rank"), numeric=True),
            Column(_("Application")),
            Column(_("Mean"), numeric=True),
            Column(_("Scores by number of expert")),
        ),
        rows=tuple(_line(one) for one in rows),
        caption=_("Judged by a panel in another system"),
    )


def _line(row: Any) -> tuple[Cell | str, ...]:
    said = row.judged_elsewhere
    return (
        " · ".join(filter(None, (said["panel"], said["on"]))),
        str(row.item.number),
        str(said["rank"] or "–"),
        Cell(f"{row.record.code} {name_of(row.record)}", faces.url_of(row.record)),
        said["mean"] or "–",
        scores_in_words(said) or "–",
    )
