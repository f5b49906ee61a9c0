"""Pages of webhooks: those of the organisation one acts for, setting one up, its key and its calls."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.kernel import registry
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Message, Webhook, WebhookForm
from kezhuan.kernel.outbox import hooks, webhooks
from kezhuan.kernel.text import listed
from kezhuan.web import exports
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import Crumb, Fact
from kezhuan.web.fields import offer
from kezhuan.web.lists import takes_a_list
from kezhuan.web.message_pages import SHOWN, line_of
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import moment


class WebhookFormFields(forms.Form):
    """Where to call, how, and for what."""

    form = forms.ChoiceField(label=gettext_lazy("What is called"), choices=WebhookForm, widget=forms.RadioSelect)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("The whole address, beginning with https://; a robot's address holds its key."),
    )
    robot_secret = forms.CharField(
        label=gettext_lazy("Signing key of the DingTalk robot"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Only for 钉钉, when the robot is protected by 加签: it begins with SEC."),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("When records of these kinds change"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None means all. Only what you may see is ever told."),
    )

    def __init__(self, posted: Any = None) -> None:
        super().__init__(posted, initial={"form": WebhookForm.SIGNED})
        choices = [(kind.slug, capfirst(str(kind.plural))) for kind in registry.kinds()]
        offer(self, "kinds", choices)


def _way(*more: Any) -> tuple[Crumb, ...]:
    return trail((_("Home"), "/"), (_("Your account"), reverse("account")), *more)


@takes_a_list
def webhook_list(request: Request) -> HttpResponse:
    """The webhooks of the organisation one acts for."""
    if request.actor.person is None:
        return sign_in_first(request)
    if not webhooks.may_have_webhooks.test(request.actor, None):
        raise NotAllowed(_("Administrators of an organisation, and officers, set up webhooks."))
    lines = [(row, WebhookForm(row.form).label, _kinds(row)) for row in webhooks.webhooks_of(request.actor)]
    title = _("Webhooks")
    if exports.asks_for_file(request):
        headers = (_("Number"), _("What is called"), _("When records of these kinds change"), _("Made"))
        # Not the address: that of a robot holds its key.
        rows = [(row.pk, str(form), kinds, exports.local(row.made_at)) for row, form, kinds in lines]
        return exports.table_file(request, headers, rows, name="webhooks", title=title)
    endings = tuple(exports.MEDIA) if lines else ()
    return page(request, "webhooks.html", title=title, crumbs=_way(title), lines=lines, endings=endings)


@require_http_methods(["GET", "POST"])
def webhook_new(request: Request) -> HttpResponseBase:
    """Set up a webhook."""
    if request.actor.person is None:
        return sign_in_first(request)
    if not webhooks.may_have_webhooks.test(request.actor, None):
        raise NotAllowed(_("Administrators of an organisation, and officers, set up webhooks."))

    def act(form: WebhookFormFields) -> str:
        made = webhooks.add_webhook(actor=request.actor, **form.cleaned_data)
        return reverse("webhook", args=[made.pk])

    title = _("New webhook")
    return action_page(
        request,
        lambda posted, _files: WebhookFormFields(posted),
        act,
        title=title,
        intro=_("When a record changes that you may see, the address is called at once, and again until it answers."),
        submit_label=_("Set up"),
        back=reverse("webhooks"),
        crumbs=_way((_("Webhooks"), reverse("webhooks")), title),
    )


@never_cache
@require_safe
def webhook_page(request: Request, number: int) -> HttpResponse:
    """One webhook: its key, and its last calls."""
    row = webhooks.get_webhook(request.actor, number)
    calls = Message.objects.filter(webhook=row).select_related("webhook").order_by("-pk")[:SHOWN]
    label = WebhookForm(row.form).label
    facts = (
        Fact(_("What is called"), label),
        Fact(_("Address"), row.url),
        Fact(_("When records of these kinds change"), _kinds(row)),
        Fact(_("Set up"), moment(row.made_at)),
    )
    return page(
        request,
        "webhook.html",
        title=_("Webhook %(number)s") % {"number": row.pk},
        crumbs=_way((_("Webhooks"), reverse("webhooks")), str(row.pk)),
        webhook=row,
        facts=facts,
        key=hooks.signing_key(row) if row.form == WebhookForm.SIGNED else "",
        lines=[line_of(one) for one in calls],
    )


def _kinds(row: Webhook) -> str:
    known = {kind.slug: capfirst(str(kind.plural)) for kind in registry.kinds()}
    return listed(known.get(slug, slug) for slug in row.kinds) or _("all")


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_end(request: Request, number: int) -> HttpResponseBase:
    """Call it no more, after asking once."""
    row = webhooks.get_webhook(request.actor, number)

    def act() -> HttpResponse:
        webhooks.end_webhook(actor=request.actor, number=number)
        return redirect("webhooks")

    return _ask(
        request,
        row,
        act,
        title=_("End this webhook"),
        sentence=_("%(address)s is called no more; what still waits for it is dropped.") % {"address": row.url},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_key(request: Request, number: int) -> HttpResponseBase:
    """Sign with another key from now on, after asking once."""
    row = webhooks.get_webhook(request.actor, number)

    def act() -> None:
        webhooks.renew_key(actor=request.actor, number=number)

    sentence = _("Calls are signed with the new key from this moment on: the program that takes them must know it.")
    return _ask(request, row, act, title=_("Make a new key"), sentence=sentence)


def _ask(
    request: Request, row: Webhook, act: Callable[[], HttpResponse | None], *, title: str, sentence: str
) -> HttpResponseBase:
    back = reverse("webhook", args=[row.pk])
    return confirm_page(
        request,
        act,
        title=title,
        sentence=sentence,
        submit_label=title,
        back=back,
        crumbs=_way((_("Webhooks"), reverse("webhooks")), (str(row.pk), back), title),
    )
