"""Pages of what units filed at instances of their own: take it up for registration, give back what was registered."""

from django import forms
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.contracts.forms import AnswersForm
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.taking_actions import pack_answers, take_up_filing, takes_up, units_answered
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Filing, Organisation
from kezhuan.kernel.text import today
from kezhuan.web import faces
from kezhuan.web.exports import MEDIA, file_answer
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import trail


@require_http_methods(["GET", "HEAD", "POST"])
def contract_filed(request: Request, code: str) -> HttpResponseBase:
    """Take up for registration what a unit filed at an instance of its own."""
    filing = get_visible(request.actor, Filing, code, related=("record__owner__record",))
    if not takes_up(request.actor, filing):
        raise NotAllowed(_("Only the registrars in charge take up what a unit filed at an instance of its own."))
    title, back = _("Take up for registration"), faces.url_of(filing.record)
    return action_page(
        request,
        lambda posted, _files: forms.Form(posted),
        lambda _form: faces.url_of(take_up_filing(actor=request.actor, filing=filing).record),
        title=title,
        intro=_(
            "The contract is entered as handed in, with the form and the files that %(unit)s filed, and points back to"
            " this filing. A newer filing of a contract for which a supplement was asked completes it, of a registered"
            " one it is a change of the registration."
        )
        % {"unit": name_of(filing.record.owner.record) if filing.record.owner is not None else ""},
        submit_label=title,
        back=back,
        crumbs=trail((_("Home"), "/"), (code, back), title),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def contract_answers(request: Request) -> HttpResponseBase:
    """Give a unit back what was registered of its filings, as a register that its own instance reads."""
    if not request.actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the registrars in charge give back what was registered."))
    title, units = _("Answer units' own instances"), list(units_answered(request.actor))

    def act(form: AnswersForm) -> HttpResponseBase:
        unit = Organisation.objects.get(pk=form.cleaned_data["unit"])
        content = pack_answers(actor=request.actor, unit=unit)
        return file_answer(f"登记结果-{today().isoformat()}.xlsx", content, MEDIA["xlsx"])

    return action_page(
        request,
        lambda posted, _files: AnswersForm(posted, units=[(str(one.pk), name_of(one.record)) for one in units]),
        act,
        title=title,
        intro=_(
            "Number, day and amounts of what was registered of a unit's filings, and why a supplement is asked for, or"
            " something is not registered or no longer, each by its code there. Send the file to the unit, whose"
            " instance reads it under “Read back a register”; a second reading changes nothing."
        )
        if units
        else _("Nothing was decided here of what a unit filed at an instance of its own."),
        submit_label=_("Make the file"),
        brings_file=True,
        back=reverse("contracts"),
        crumbs=trail((_("Home"), "/"), (capfirst(_("technology contracts")), reverse("contracts")), title),
    )
