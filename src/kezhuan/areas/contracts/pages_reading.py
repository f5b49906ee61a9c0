"""The page on which registrars read back a register that was numbered outside."""

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.contracts.forms import ReadBackForm
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.reading_actions import REGISTER, read_back
from kezhuan.exchange.models import Reading
from kezhuan.exchange.uploads import open_upload
from kezhuan.web.middleware import Request
from kezhuan.web.reading_pages import sending_page


@require_http_methods(["GET", "HEAD", "POST"])
def contracts_read_back(request: Request) -> HttpResponseBase:
    """Send a register that was numbered outside; every row is answered."""

    def send(typed: dict[str, Any]) -> Reading:
        file = typed["file"]
        return read_back(
            actor=request.actor,
            source=open_upload(REGISTER.rows, file.name, file.read()),
            name=file.name,
            only_check=typed["only_check"],
            take_amounts=typed["take_amounts"],
        )

    return sending_page(
        request,
        REGISTER,
        ReadBackForm,
        send,
        way=(capfirst(_("technology contracts")), reverse("contracts")),
        intro=_(
            "Send the file that the bureau made of what it registered of your filings. What agrees is registered here"
            " too, what does not is named; a supplement that is asked for, a refusal and the end of a registration are"
            " noted with their reasons. A second reading changes nothing."
        )
        if not request.actor.regions_of(PROGRAMME)
        else _(
            "Export the list of contracts that are to be registered outside, have them numbered, and send the file with"
            " number, day and both amounts of the registry. A second reading changes nothing."
        ),
    )
