"""The pages of a call whose applications are sealed: its opening code, told once, and the opening."""

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.forms import OpeningForm
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.opening_actions import make_opening_code, open_applications
from kezhuan.areas.calls.permissions import opens_applications, prepares_code
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.web import faces
from kezhuan.web.components import Crumb
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page, expected_version
from kezhuan.web.shell import page, trail

ANY = ["GET", "HEAD", "POST"]


def _crumbs(row: Call, title: str) -> tuple[Crumb, ...]:
    calls = (capfirst(_("calls")), reverse("calls"))
    return tuple(trail((_("Home"), "/"), calls, (row.record.code, faces.url_of(row.record)), title))


@never_cache
@require_http_methods(ANY)
def call_opening_code(request: Request, code: str) -> HttpResponseBase:
    """Make the opening code of a call; the answer shows it, and nothing does again."""
    row = get_visible(request.actor, Call, code)
    must_allow(
        prepares_code,
        request.actor,
        row,
        _("The officers in charge make the opening code, before the call is published."),
    )
    title, back = _("Make the opening code"), faces.url_of(row.record)

    def act() -> HttpResponseBase:
        halves = make_opening_code(
            actor=request.actor, call=row, expected_version=expected_version(request, row.record.version)
        )
        return page(
            request, "calls/opening_code.html", title=_("Opening code"), halves=halves, call=row, back=back,
            crumbs=_crumbs(row, _("Opening code")),
        )  # fmt: skip

    sentence = _(
        "With it all applications are opened after the deadline. It is shown once and kept nowhere here: write its two"
        " halves down and give them to two people."
    )
    if row.opening_half:
        before = _("The code that was made before then opens nothing any more.")
        sentence = f"{sentence} {before}"
    return confirm_page(
        request,
        act,
        title=title,
        sentence=sentence,
        submit_label=title,
        back=back,
        crumbs=_crumbs(row, title),
        carried=(("version", row.record.version),),
        grave=bool(row.opening_half),
    )


@never_cache
@require_http_methods(ANY)
def call_open(request: Request, code: str) -> HttpResponseBase:
    """Open the sealed applications with both halves of the code."""
    row = get_visible(request.actor, Call, code)
    title, back = _("Open the sealed applications"), faces.url_of(row.record)
    if request.method != "POST":
        said = _("The officers in charge, of no side, open the applications once the call is closed.")
        must_allow(opens_applications, request.actor, row, said)

    noted = _("Each attempt is noted in the history of the call.")

    def act(form: OpeningForm) -> str:
        typed = form.cleaned_data
        open_applications(actor=request.actor, call=row, code=(typed["first"], typed["second"]))
        return back

    return action_page(
        request,
        lambda posted, _files: OpeningForm(posted),
        act,
        title=title,
        intro=f"{name_of(row.record)} · {noted}",
        submit_label=title,
        back=back,
        done=_("The applications are open."),
        crumbs=_crumbs(row, title),
    )
