"""The tables about a call, each a page and a file of the same rows."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.pages_list import call_crumbs
from kezhuan.areas.calls.tables_of_call import TABLES, table_of, tables_for
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.web import exports
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page

SHOWN = 200
"""Rows on the page; the file has all."""


@takes_a_list
def call_table(request: Request, code: str, name: str) -> HttpResponse:
    """One table: the list by item for whoever reads the list, the others for the office and whoever inspects it."""
    row = get_visible(request.actor, Call, code, related=("office__record",))
    if name not in TABLES:
        raise Missing(name)
    if not TABLES[name].may_read(request.actor, row):
        raise NotAllowed(_("The officers in charge, of no side of the call, read this."))
    whole, title = exports.asks_for_file(request), str(TABLES[name].title)
    note_views(request.actor, [row.pk], "export" if whole else "page")
    table = table_of(request.actor, row, name, exports.MOST_LINES + 1 if whole else SHOWN)
    if whole:
        return exports.shown_file(request, table, name=f"{code}-{name}", title=title)
    views = [(one.title, reverse("call-table", args=[code, other]), other == name) for other, one in
             tables_for(request.actor, row)]  # fmt: skip
    return page(
        request,
        "calls/table.html",
        title=title,
        crumbs=call_crumbs(row, title),
        views=views if len(views) > 1 else (),
        table=table,
        most=SHOWN if len(table.rows) == SHOWN else 0,
        empty=TABLES[name].empty,
        endings=tuple(exports.MEDIA) if table.rows else (),
    )
