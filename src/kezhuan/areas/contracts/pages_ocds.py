"""The page on which whoever reads contracts takes them along as Open Contracting data."""

from datetime import date
from urllib.parse import quote

from django.http import FileResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.contracts.forms import OcdsForm
from kezhuan.areas.contracts.ocds import package, releasable
from kezhuan.exchange.exported import fresh_file
from kezhuan.kernel import journal
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.text import today
from kezhuan.web.exports import note_export
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import trail

MOST = 30_000
"""Contracts of one file, which is written while its reader waits."""


@require_http_methods(["GET", "HEAD", "POST"])
def contracts_ocds(request: Request) -> HttpResponseBase:
    """The registered contracts of some days that the reader reads, as a release package of the standard."""
    if not request.actor.is_signed_in:
        raise NotAllowed
    title, back = _("Open Contracting data (OCDS)"), reverse("contracts")

    def act(form: OcdsForm) -> HttpResponseBase:
        asked = form.cleaned_data
        return _file(request, asked["since"], asked["until"], asked["part"])

    return action_page(
        request,
        lambda posted, _files: OcdsForm(posted, initial={"since": today().replace(month=1, day=1), "until": today()}),
        act,
        title=title,
        intro=_(
            "The registered contracts that you read, as a release package of the Open Contracting Data Standard 1.1:"
            " parties, days, and both amounts of the registry, each by its name."
        ),
        submit_label=_("Take along"),
        brings_file=True,
        back=back,
        crumbs=trail((_("Home"), "/"), (capfirst(_("technology contracts")), back), title),
    )


def _file(request: Request, since: date, until: date, part: int | None) -> HttpResponseBase:
    actor = request.actor
    rows = releasable(actor).filter(registered_on__gte=since, registered_on__lte=until)
    rows = rows.order_by("registered_on", "pk")
    count = rows.count()
    parts = -(-count // MOST) or 1
    if (part or 1) > parts or (part is None and parts > 1):
        message = _("These days hold %(count)s contracts in files of %(most)s: choose a part from 1 to %(parts)s.")
        said = {"count": f"{count:,}", "most": f"{MOST:,}", "parts": parts}
        raise Refused(Problem("ocds-long", message % said, "part"))
    rows = rows[((part or 1) - 1) * MOST : (part or 1) * MOST]
    count = len(keys := list(rows.values_list("pk", flat=True)))
    note_views(actor, keys if actor.admitted else [], "export")
    path = fresh_file("json")
    with path.open("w", encoding="utf-8") as file:
        file.writelines(package(rows.iterator(chunk_size=2000), request.build_absolute_uri()))
    with journal.writing():
        note_export(actor, name="contracts", ending="ocds", count=count, filters={})
    stream = path.open("rb")
    path.unlink()  # it is read from the open handle and gone with it
    called = f"-{part}" if parts > 1 else ""
    answer = FileResponse(stream, content_type="application/json")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'ocds-{since}-{until}{called}.json')}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
