"""Every decision about a call, for its officers and whoever inspects it."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.calls.decided import APPLICANT, LEADER, PARTNER, POSTER, RECOMMENDER, Decided, decided_about
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.pages_list import call_crumbs
from kezhuan.areas.calls.permissions import reads_decided
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.text import bracketed, listed
from kezhuan.web import exports
from kezhuan.web.components import Column, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.shell import page
from kezhuan.web.templatetags.kezhuan import moment

SHOWN, UNITS = 200, 12
"""Decisions on the page, and units that are named in a line of it; the file has all."""
PARTS = {
    APPLICANT: gettext_lazy("applicant"),
    PARTNER: gettext_lazy("takes part"),
    POSTER: gettext_lazy("the poster"),
    RECOMMENDER: gettext_lazy("recommending unit"),
    LEADER: gettext_lazy("leader of the chain"),
}


@takes_a_list
def call_decisions(request: Request, code: str) -> HttpResponse:
    """Everything that was decided about a call, its applications and their panels, by whom, and who was barred."""
    row = get_visible(request.actor, Call, code)
    if not reads_decided(request.actor, row):
        raise NotAllowed
    title, whole = _("Who decided, and who was barred"), exports.asks_for_file(request)
    note_views(request.actor, [row.pk], "export" if whole else "page")
    rows = decided_about(row, exports.MOST_LINES + 1 if whole else SHOWN)
    table = _table(rows, None if whole else UNITS)
    if whole:
        return exports.shown_file(request, table, name="decisions", title=title)
    return page(
        request,
        "calls/decisions.html",
        title=title,
        crumbs=call_crumbs(row, title),
        table=table,
        most=SHOWN if len(rows) == SHOWN else 0,
        endings=tuple(exports.MEDIA),
    )


def _table(rows: list[Decided], most: int | None) -> TableView:
    return TableView(
        columns=(
            Column(_("Time")), Column(_("Matter")), Column(_("Call, application or panel")),
            Column(_("Who decided")), Column(_("Who was barred")),
        ),
        rows=tuple(
            (
                moment(one.at), one.what, one.about, name_of(one.by.record) if one.by is not None else "",
                _units(one, most),
            )
            for one in rows
        ),
    )  # fmt: skip


def _units(one: Decided, most: int | None) -> str:
    named = listed(bracketed(name_of(unit.record), PARTS[part]) for unit, part in one.barred[:most])
    left = len(one.barred) - (most or len(one.barred))
    return named + " " + _("and %(number)s more") % {"number": left} if left > 0 else named
