"""Pages on which a grant is signed by its team, and followed while it stands."""

from django import forms
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.notices.forms import upload_of
from kezhuan.areas.rights.actions import note_contract, note_title, reach_milestone, sign_on_paper, sign_split
from kezhuan.areas.rights.checks import STANDING
from kezhuan.areas.rights.forms_grants import ContractForm, PaperForm, ReachedForm, TitleForm
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.areas.rights.pages_grants import ANY
from kezhuan.areas.rights.papers import frozen_terms, percent
from kezhuan.areas.rights.permissions import is_completer, keeps, writes
from kezhuan.areas.rights.queries import TOLD
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotNow
from kezhuan.kernel.predicates import Predicate
from kezhuan.kernel.text import today
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import entry_page


def _found(request: Request, code: str, may: Predicate, *stages: str) -> RightsGrant:
    row = get_visible(request.actor, RightsGrant, code, related=TOLD)
    must_allow(may, request.actor, row, stages=stages)
    return row


@require_http_methods(ANY)
def grant_sign(request: Request, code: str) -> HttpResponseBase:
    """A completer reads the text and signs it."""
    row = _found(request, code, is_completer, "signing")
    return entry_page(
        request,
        row,
        lambda posted, _files: forms.Form(posted),
        lambda _form: sign_split(actor=request.actor, grant=row, wording=request.POST.get("wording", "")),
        title=_("Sign the split and the terms"),
        submit_label=_("I agree and sign"),
        template="rights/sign.html",
        terms=frozen_terms(row),
        wording=row.wording,
        carried=[("wording", row.wording)],
    )


@require_http_methods(ANY)
def grant_paper(request: Request, code: str) -> HttpResponseBase:
    """Enter that completers without an account have signed the printed agreement."""
    row = _found(request, code, keeps, "signing")
    unsigned = row.members.filter(person=None).exclude(signed=row.wording)
    choices = [(str(one.number), f"{one.name} {percent(one.part_bp)}") for one in unsigned]
    return entry_page(
        request,
        row,
        lambda posted, files: PaperForm(posted, files, members=choices),
        lambda form: sign_on_paper(
            actor=request.actor,
            grant=row,
            numbers=[int(one) for one in form.cleaned_data["members"]],
            sheet=upload_of(form),
        ),
        title=_("Signed on paper"),
        intro=_(
            "Print the agreement on this record's page; the code on the scan is read back and must be of this text."
        ),
        submit_label=_("Enter the signatures"),
        multipart=True,
    )


@require_http_methods(ANY)
def grant_title(request: Request, code: str) -> HttpResponseBase:
    """Enter the registry's change of title."""
    row = _found(request, code, keeps, "active")
    return entry_page(
        request,
        row,
        lambda posted, _files: TitleForm(posted, initial={"on": today()}),
        lambda form: note_title(actor=request.actor, grant=row, **form.cleaned_data),
        title=_("Enter the title change"),
    )


@require_http_methods(ANY)
def grant_contract(request: Request, code: str) -> HttpResponseBase:
    """Enter the contract by which it is converted."""
    row = _found(request, code, keeps, "active", "titled")
    return entry_page(
        request,
        row,
        lambda posted, _files: ContractForm(posted),
        lambda form: note_contract(actor=request.actor, grant=row, code=form.cleaned_data["contract"]),
        title=_("Enter the contract"),
    )


@require_http_methods(ANY)
def grant_milestone(request: Request, code: str, number: int) -> HttpResponseBase:
    """Enter that a milestone was reached."""
    row = _found(request, code, writes, *STANDING)
    milestone = row.milestones.filter(number=number).first()
    if milestone is None:
        raise Missing(str(number))
    if request.method != "POST" and milestone.reached_on is not None:
        raise NotNow(_("This milestone was entered as reached before."), row.record)
    return entry_page(
        request,
        row,
        lambda posted, _files: ReachedForm(posted, initial={"on": today()}),
        lambda form: reach_milestone(actor=request.actor, grant=row, number=number, **form.cleaned_data),
        title=_("Milestone %(number)s: %(text)s") % {"number": number, "text": milestone.text},
    )
