"""Pages of certificates: everybody checks one by its number and code, its contract's readers take it as a PDF, and
registrars issue it."""

from django import forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.contracts.certificates import check_certificate, drawn_certificate, is_agency, shown_of
from kezhuan.areas.contracts.certifying_actions import certify_contract
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.pages import amounts_of
from kezhuan.areas.contracts.pages_way import NUMBERED_FROM
from kezhuan.areas.contracts.permissions import registers
from kezhuan.areas.contracts.queries import TOLD
from kezhuan.kernel.access import can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.web import faces
from kezhuan.web.components import Fact
from kezhuan.web.middleware import Request
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail


def check_url() -> str:
    """Where everybody checks a certificate of this city."""
    return f"{settings.SITE_URL}{reverse('certificates')}"


class CertificateForm(forms.Form):
    """What stands on a certificate: its number, and the code at the foot of its page."""

    number = forms.CharField(
        label=gettext_lazy("Number of the certificate (证明编号)"), max_length=24, help_text="4401202600000001-1"
    )
    code = forms.CharField(
        label=gettext_lazy("Code at the foot of its page (版本码)"), max_length=40, help_text="ABCD-EFGH-JKMN-PQRS"
    )


@require_safe
def certificates(request: Request) -> HttpResponse:
    """Check a certificate: what it says and whether it is valid, for whoever has it in hand."""
    asked = "number" in request.GET or "code" in request.GET
    form = CertificateForm(request.GET if asked else None)
    checked = check_certificate(**form.cleaned_data) if asked and form.is_valid() else None
    title = _("Check a certificate of registration (登记证明)")
    return page(
        request,
        "contracts/certificates.html",
        status=200 if checked or not asked else 404 if form.is_valid() else 422,
        title=title,
        crumbs=trail((_("Home"), "/"), (capfirst(_("technology contracts")), reverse("contracts")), title),
        form=form,
        quiet=not asked,
        unknown=asked and form.is_valid() and checked is None,
        standing=checked.standing if checked else None,
        facts=[Fact(label, text) for label, text in shown_of(checked.certificate)] if checked else [],
    )


@require_safe
def certificate_file(request: Request, code: str) -> HttpResponse:
    """A contract's last certificate as a PDF, or that of a version, for whoever reads the contract."""
    row = get_visible(request.actor, Contract, code, related=TOLD)
    if not can_view(request.actor, row.record, "full"):
        raise NotAllowed
    version = request.GET.get("version", "")
    issued = row.certificates.select_related("contract").order_by("-version")
    certificate = issued.filter(version=whole_number(version, 0)).first() if version else issued.first()
    if certificate is None:
        raise Missing(code)
    note_views(request.actor, [row.record.pk], "document")
    answer = HttpResponse(drawn_certificate(certificate, check_url()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{certificate.number}.pdf"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def contract_certify(request: Request, code: str) -> HttpResponseBase:
    """Give a contract the next number of this agency and issue its certificate."""
    row = get_visible(request.actor, Contract, code, related=TOLD)
    must_allow(lambda actor, one: is_agency() and registers.test(actor, one), request.actor, row, stages=NUMBERED_FROM)
    back, title = faces.url_of(row.record), _("Register and certify")

    def act(_form: forms.Form) -> str:
        certify_contract(actor=request.actor, contract=row)
        return back

    return action_page(
        request,
        lambda posted, _files: forms.Form(posted),
        act,
        title=title,
        intro=_("It gets this agency's next number, and a certificate with the amounts of its form: %(amounts)s.")
        % {"amounts": "; ".join(amounts_of(row))},
        submit_label=title,
        back=back,
        done=_("The contract is registered, and its certificate is issued."),
        crumbs=trail((_("Home"), "/"), (code, back), title),
    )
