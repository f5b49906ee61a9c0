"""What was missed in the results of one's unit, on one page: the improvement lists of all of them together."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.matches.missing import Missed, missed_by_unit
from kezhuan.areas.matches.wording import joined, language
from kezhuan.kernel.errors import NotAllowed
from kezhuan.web import faces
from kezhuan.web.components import NearMissLine
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.shell import page, trail


@require_safe
def missed_page(request: Request) -> HttpResponse:
    """Each result with what was missed in it, those with the most to mend first."""
    actor = request.actor
    if actor.organisation is None:
        raise NotAllowed(_("What was missed in results is told to whoever acts for the unit whose they are."))
    title = _("Improvement lists")
    lines = tuple(
        NearMissLine(
            name_of(row.record),
            f"{faces.url_of(row.record)}#missed",
            joined(map(_in_short, missed), language()),
        )
        for row, missed in missed_by_unit(actor)
    )
    crumbs = trail((_("Home"), "/"), (_("Match a need"), reverse("match")), title)
    return page(request, "matches/missed.html", title=title, crumbs=crumbs, lines=lines)


def _in_short(one: Missed) -> str:
    """What was missed, and where the record stands beside what was asked, within a line."""
    asked = one.asked.rstrip("。.")
    return _("%(missed)s (%(asked)s)") % {"missed": one.sentence, "asked": asked} if asked else one.sentence
