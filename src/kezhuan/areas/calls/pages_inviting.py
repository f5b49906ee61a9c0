"""The page on which officers say whom an open call by invitation invites."""

from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.forms import InvitedForm
from kezhuan.areas.calls.inviting import invites
from kezhuan.areas.calls.inviting_actions import invite
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.pages_list import ANY
from kezhuan.areas.calls.units import codes_of
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import entry_page


@require_http_methods(ANY)
def call_invited(request: Request, code: str) -> HttpResponseBase:
    """All that are invited, to add to or to leave out; who comes to them is told."""
    row = get_visible(request.actor, Call, code)
    must_allow(
        invites,
        request.actor,
        row,
        _("The officers in charge say whom a call by invitation invites, while it is open."),
    )
    stands = codes_of(row.invited.all())

    def maker(posted: Any, _files: Any) -> InvitedForm:
        return InvitedForm(posted, initial={"invited": stands})

    return entry_page(
        request,
        row,
        maker,
        lambda form: invite(actor=request.actor, call=row, codes=form.cleaned_data["invited"]),
        title=_("Invited organisations"),
        intro=_("Whoever comes to them is written to. Whoever has begun an application stays."),
    )
