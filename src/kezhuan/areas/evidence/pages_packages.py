"""Signed packages of evidence, and the public keys by which anybody checks them."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kezhuan.areas.evidence.packing_actions import pack_evidence, site_keys
from kezhuan.areas.evidence.pages import opened
from kezhuan.web.exports import file_answer
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail


@require_POST
def evidence_package(request: Request, number: int) -> HttpResponse:
    """The evidence file with the files that it names, signed by this site."""
    name, content = pack_evidence(actor=request.actor, document=opened(request.actor, number))
    return file_answer(name, content, "application/zip")


@require_safe
def evidence_keys(request: Request) -> HttpResponse:
    """The public keys of this site, for everybody."""
    title = _("Signing keys")
    crumbs = trail((_("Home"), reverse("home")), title)
    return page(request, "evidence/keys.html", title=title, crumbs=crumbs, keys=site_keys())
