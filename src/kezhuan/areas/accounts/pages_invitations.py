"""The page behind the link of an invitation: accepted with the account one has, or with one that is opened by it."""

from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kezhuan.areas.accounts.checks import masked_email
from kezhuan.areas.accounts.factor_actions import own_account
from kezhuan.areas.accounts.forms import new_password_field
from kezhuan.areas.accounts.pages_entering import let_in
from kezhuan.areas.accounts.queries import account_of
from kezhuan.areas.people.actions import open_account, require_account
from kezhuan.areas.people.member_actions import accept_invitation, end_invitation, invitation_of
from kezhuan.areas.people.models import Invitation
from kezhuan.kernel.access import Actor
from kezhuan.web import faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.middleware import ACTING_FOR, Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail


class NewAccountForm(forms.Form):
    """An account for whoever was invited: the address is proven by the link."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = new_password_field(gettext_lazy("Password"))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_page(request: Request, token: str) -> HttpResponseBase:
    """Accept or decline an invitation."""
    invitation = invitation_of(token)
    if request.actor.is_signed_in:
        return _answered(request, invitation)
    if account_of(invitation.email) is not None:
        return sign_in_first(request)

    def act(form: NewAccountForm) -> str:
        typed = form.cleaned_data
        require_account(name=typed["name"], email=invitation.email, password=typed["password"])
        user = open_account(name=typed["name"], email=invitation.email, password_hash=make_password(typed["password"]))
        accept_invitation(actor=Actor(person=user.person), invitation=invitation)
        let_in(request, user, ["invitation"], "")
        return _inside(request, invitation)

    return action_page(
        request,
        lambda posted, _files: NewAccountForm(posted),
        act,
        submit_label=_("Open the account and accept"),
        back=reverse("home"),
        **_told(invitation),
    )


def _told(invitation: Invitation) -> dict[str, Any]:
    words = {
        "who": name_of(invitation.by.record),
        "organisation": name_of(invitation.organisation.record),
        "role": invitation.get_role_display(),
    }
    title = _("Invitation to act for %(organisation)s") % words
    return {
        "title": title,
        "intro": _("%(who)s invites you to act for %(organisation)s as %(role)s.") % words,
        "crumbs": trail((_("Home"), "/"), title),
    }


def _answered(request: Request, invitation: Invitation) -> HttpResponseBase:
    """The same for somebody who is signed in."""
    own = own_account(request.actor).email == invitation.email
    if request.method == "POST" and "decline" in request.POST:
        end_invitation(actor=request.actor, invitation=invitation)
        return redirect("home")
    if request.method == "POST":
        accept_invitation(actor=request.actor, invitation=invitation)
        return redirect(_inside(request, invitation))
    return page(
        request,
        "accounts/invitation.html",
        own=own,
        email=masked_email(invitation.email),
        **_told(invitation),
    )


def _inside(request: Request, invitation: Invitation) -> str:
    """The organisation's page, acting for it."""
    request.session[ACTING_FOR] = invitation.organisation_id
    return faces.url_of(invitation.organisation.record)
