"""The list of what should be looked at twice in the register, for its registrars."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kezhuan.areas.contracts.flags import Flagged, flags_seen, told, years_flagged
from kezhuan.areas.contracts.forms import FlagsForm
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.wording import say
from kezhuan.engines import contracts as engine
from kezhuan.kernel.errors import NotAllowed
from kezhuan.web import exports, faces
from kezhuan.web.components import Fact
from kezhuan.web.lists import SIZE, pager_at, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day


@takes_a_list
def contract_flags(request: Request) -> HttpResponse:
    """Everything that the register should be looked at twice for, of a kind, a year or a district."""
    actor = request.actor
    if not actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the registrars in charge see what should be looked at twice."))
    form = FlagsForm(request.GET, years=years_flagged())
    rows, title = flags_seen(actor, **form.asked), _("To be looked at twice")
    if exports.asks_for_file(request):
        lines = [_line(one) for one in told(actor, list(rows[: exports.MOST_LINES + 1]))]
        filters = {name: [str(value)] for name, value in form.asked.items() if value}
        return exports.table_file(request, _heads(), lines, name="contract-flags", title=title, filters=filters)
    total = rows.count()
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // SIZE)))
    return page(
        request,
        "contracts/flags.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (capfirst(_("technology contracts")), reverse("contracts")), title),
        form=form,
        flags=shown_flags(told(actor, list(rows[(at - 1) * SIZE : at * SIZE]))),
        flags_from=say(engine.CHOSEN),
        pager=pager_at(request.GET, at, SIZE, total),
        total=total,
        endings=tuple(exports.MEDIA) if total else (),
    )


def shown_flags(flags: Sequence[Flagged]) -> list[dict[str, Any]]:
    """Flags as pages show them."""
    return [
        {
            "said": say(engine.KINDS[one.kind]),
            "why": one.why,
            "on": day(one.found_at),
            "others": [Fact(other.code, name_of(other), faces.url_of(other)) for other in one.contracts],
            "more": _more(one.more),
            "unseen": one.unseen,
        }
        for one in flags
    ]


def _more(count: int) -> str:
    return ngettext("and %(count)s more", "and %(count)s more", count) % {"count": count} if count else ""


def _heads() -> list[str]:
    return [_("Kind"), _("Why"), _("Contracts"), _("Not yours to read"), _("Found on")]


def _line(one: Flagged) -> list[Any]:
    codes = ", ".join(other.code for other in one.contracts)
    listed = " ".join(filter(None, (codes, _more(one.more))))
    return [say(engine.KINDS[one.kind]), one.why, listed, one.unseen, exports.local(one.found_at)]
