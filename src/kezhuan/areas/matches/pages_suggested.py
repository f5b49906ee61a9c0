"""All that is suggested to a need of a kind, or all needs that what is on offer may meet: page by page, each with its
reasons and with what can be done about it. The record's own page shows the first of them."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.matches.apart import set_apart_from
from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.panels import SHOWN, note_seen, suggestion_lines
from kezhuan.areas.matches.queries import every_suggestion, suggestions_for_supply
from kezhuan.areas.matches.supply import RESULTS, is_offered, profiles
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import registry
from kezhuan.kernel.access import can_view, get_visible
from kezhuan.kernel.errors import Missing, Text
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.web.lists import pager_at
from kezhuan.web.middleware import Request
from kezhuan.web.query import whole_number
from kezhuan.web.records import record_trail
from kezhuan.web.shell import page


@require_safe
def suggested_page(request: Request, code: str) -> HttpResponse:
    """A page of what is suggested; `?kind=` says of which kind to a need."""
    actor, record = request.actor, get_visible(request.actor, Record, code)
    if not can_view(actor, record, "public"):
        raise Missing(code)
    found: list[Suggestion] | QuerySet[Suggestion]
    title: Text
    of_need = record.kind == NEED.kind
    if of_need and record.phase == Phase.PUBLIC:
        asked, need = request.GET.get("kind", RESULTS), registry.own_row(record)
        kind = asked if asked in profiles() else RESULTS
        kept = every_suggestion(actor, need, set_apart_from(need))
        found, title = [one for one in kept if one.supply.kind == kind], profiles()[kind].heading
    elif is_offered(record):
        found, title = suggestions_for_supply(actor, record), _("Needs this may meet")
    else:
        raise Missing(code)
    total = len(found) if isinstance(found, list) else found.count()
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // SHOWN)))
    shown = list(found[(at - 1) * SHOWN : at * SHOWN])
    note_seen(actor, [record, *(one.supply if of_need else one.need.record for one in shown)])
    return page(
        request,
        "matches/suggested.html",
        title=title,
        crumbs=record_trail(record, title),
        lines=suggestion_lines(actor, shown, (at - 1) * SHOWN, of_need=of_need),
        pager=pager_at(request.GET, at, SHOWN, total),
    )
