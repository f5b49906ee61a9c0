"""Pages on which people sign in by an identity provider: sent there, taken back, tied to an account, or let in new."""

import secrets
import time
from dataclasses import asdict
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.accounts import cas, codes, openid
from kezhuan.areas.accounts.actions import note_failed
from kezhuan.areas.accounts.claims import Asserted, asserted
from kezhuan.areas.accounts.factor_actions import end_session_of, own_account
from kezhuan.areas.accounts.forms import CodeForm, MailForm
from kezhuan.areas.accounts.identity_actions import (
    account_for,
    closed_to_new,
    join_unit,
    open_account_for,
    tie,
    untie,
)
from kezhuan.areas.accounts.pages_account import account_trail
from kezhuan.areas.accounts.pages_entering import enter, let_in, must_prove, wanted
from kezhuan.areas.accounts.pages_sign_in import code_page, provider_label, sign_in_trail
from kezhuan.areas.accounts.providers import Provider
from kezhuan.areas.accounts.queries import account_of, second_factors_of
from kezhuan.areas.accounts.sealing import digest
from kezhuan.areas.accounts.session_actions import TICKET
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Missing, Refused
from kezhuan.kernel.models import User
from kezhuan.web.addresses import client_address, sign_in_first, with_next
from kezhuan.web.middleware import ACTING_FOR, Request
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import page

AWAY = "away_at_provider"
"""Session key of somebody who was sent to a provider: which one, what was asked, where they want to go, since when."""
VOUCHED = "vouched_for"
"""Session key of whom a provider has vouched for and who has no account yet, or not this one."""
PATIENCE = 600
"""Seconds in which somebody comes back from a provider, and in which a new person says who they are."""


def _provider(slug: str) -> Provider:
    found: Provider | None = settings.IDENTITY_PROVIDERS.get(slug)
    if found is None:
        raise Http404(slug)
    return found


def _back(slug: str, state: str = "") -> str:
    """The address on this site to which the provider sends people back; a CAS ticket is good for one address alone."""
    address = settings.SITE_URL + reverse("provider-back", args=[slug])
    return f"{address}?state={state}" if state else address


@never_cache
@require_safe
def provider_out(request: Request, slug: str) -> HttpResponseBase:
    """Send somebody to the identity provider."""
    provider = _provider(slug)
    question = openid.new_question()
    if provider.kind == "openid":
        address = openid.address_to_ask(provider, question, _back(slug))
    else:
        address = cas.address_to_ask(provider, _back(slug, question.state))
    request.session[AWAY] = {"provider": slug, "next": wanted(request), "at": time.time(), **asdict(question)}
    return redirect(address)


@never_cache
@csrf_exempt  # a CAS server tells by it who has signed out there; a ticket that nobody else knows is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def provider_back(request: Request, slug: str) -> HttpResponseBase:
    """Take somebody back from the identity provider, let them in, or ask a new person who they are; end the session of
    whoever signed out at a CAS server."""
    provider = _provider(slug)
    if request.method == "POST":
        return _signed_out_there(request, provider)
    held = request.session.pop(AWAY, None)
    try:
        person = _asserted(request, provider, held)
    except Refused:
        note_failed(user=None, method=f"provider:{slug}", address=client_address(request))
        raise
    user, tied = account_for(provider, person)
    if user is None and person.email and person.name and provider.opens_accounts:
        user, tied = open_account_for(provider=provider, person=person, name=person.name, email=person.email), True
    if user is not None and not tied and not second_factors_of(user):
        tie(user=user, provider=provider, person=person, actor=Actor(person=user.person))
        tied = True
    if user is not None and tied:
        return redirect(_welcome(request, provider, person, user, held["next"]))
    request.session[VOUCHED] = {"provider": slug, "next": held["next"], "at": time.time(), **asdict(person)}
    if user is not None:  # its second proof comes before the tie
        return redirect(enter(request, user, f"provider:{slug}", reverse("provider-tie")))
    return redirect("provider-first")


def _signed_out_there(request: Request, provider: Provider) -> HttpResponseBase:
    if provider.kind != "cas":
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if ticket := cas.ticket_ended(request.POST.get("logoutRequest", "")):
        end_session_of(_ticket_hash(provider, ticket))
    return HttpResponse(status=204)


def _ticket_hash(provider: Provider, ticket: str) -> str:
    return digest("ticket", f"{provider.slug}:{ticket}")


def _asserted(request: Request, provider: Provider, held: dict[str, Any]) -> Asserted:
    """Whom the provider sends back; raises `Refused` for whoever was not sent there, and for what proves nothing."""
    fits = held is not None and held["provider"] == provider.slug and time.time() - held["at"] < PATIENCE
    if not fits or not secrets.compare_digest(held["state"].encode(), request.GET.get("state", "").encode()):
        raise openid.provider_refused(provider)
    person = asserted(_claims(request, provider, held), provider.claims)
    if person is None:
        raise openid.provider_refused(provider)
    return person


def _claims(request: Request, provider: Provider, held: dict[str, Any]) -> dict[str, Any]:
    if provider.kind == "cas":
        ticket = request.GET.get("ticket", "")
        claims = cas.claims_of(provider, ticket, _back(provider.slug, held["state"]))
        request.session[TICKET] = _ticket_hash(provider, ticket)
        return claims
    if "error" in request.GET or not request.GET.get("code"):
        raise openid.provider_refused(provider)
    question = openid.Question(held["state"], held["nonce"], held["verifier"])
    return openid.claims_of(provider, question, request.GET["code"], _back(provider.slug))


def _welcome(request: Request, provider: Provider, person: Asserted, user: User, target: str) -> str:
    """Bring somebody to their unit and let them in; a second proof of the account is still asked for."""
    unit = join_unit(user=user, provider=provider, person=person)
    address = enter(request, user, f"provider:{provider.slug}", target)
    request.session.pop(VOUCHED, None)
    if unit is not None:
        request.session[ACTING_FOR] = unit.pk
    return address


def _vouched(request: Request) -> tuple[Provider, Asserted, str] | None:
    """Whom a provider has vouched for in this browser a short while ago, and where they want to go."""
    held = request.session.get(VOUCHED)
    if held is None or time.time() - held["at"] > PATIENCE:
        return None
    given = {name: value for name, value in held.items() if name not in {"provider", "next", "at"}}
    return _provider(held["provider"]), Asserted(**given), held["next"]


class FirstForm(MailForm):
    """A new person: what they are called, and an address at which they can be reached."""

    field_order = ("name", "email")

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def provider_first(request: Request) -> HttpResponseBase:
    """Ask somebody who comes for the first time for a mail address, which a code proves, or to sign in and tie."""
    found = _vouched(request)
    if found is None:
        return redirect("sign-in")
    provider, person, _target = found
    name = provider_label(provider)

    def act(form: FirstForm) -> str:
        email = form.cleaned_data["email"]
        user = account_of(email)
        if user is None and not provider.opens_accounts:
            raise Refused(closed_to_new(provider))
        codes.send(
            request.session,
            purpose="first",
            to=email,
            address=client_address(request),
            name=form.cleaned_data["name"],
        )
        return reverse("provider-first-code")

    return action_page(
        request,
        lambda posted, _files: FirstForm(posted, initial={"name": person.name, "email": person.offered_email}),
        act,
        title=_("Welcome"),
        intro=_("%(provider)s knows you; here you are for the first time. We send a code to your mail address.")
        % {"provider": name},
        submit_label=_("Send the code"),
        back=reverse("sign-in"),
        crumbs=sign_in_trail(_("Welcome")),
        template="accounts/first.html",
        tie_url=with_next("sign-in", reverse("provider-tie")),
        provider=name,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def provider_first_code(request: Request) -> HttpResponseBase:
    """Take the code: the address belongs to an account, which is tied, or a new account is opened for it."""
    held, found = codes.waiting(request.session, "first"), _vouched(request)
    if held is None or found is None:
        return redirect("provider-first")
    provider, person, target = found

    def act(form: CodeForm) -> str:
        typed = codes.take(request.session, "first", form.cleaned_data["code"])
        user = account_of(typed["to"])
        if user is not None:
            # The address is proven, a second proof may be missing: it is tied when that was given.
            return enter(request, user, "code", reverse("provider-tie"))
        user = open_account_for(provider=provider, person=person, name=typed["name"], email=typed["to"])
        return _welcome(request, provider, person, user, target)

    return code_page(request, act, held, back=reverse("provider-first"), title=_("Welcome"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def provider_tie(request: Request) -> HttpResponseBase:
    """Let somebody who is signed in say that the provider's person is they."""
    found = _vouched(request)
    if found is None:
        return redirect("security" if request.actor.is_signed_in else "sign-in")
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    if (ask := must_prove(request)) is not None:
        return ask
    provider, person, target = found
    user = own_account(request.actor)
    if request.method == "POST":
        tie(user=user, provider=provider, person=person, actor=request.actor)
        join_unit(user=user, provider=provider, person=person)
        del request.session[VOUCHED]
        return redirect(let_in(request, user, [f"provider:{provider.slug}"], target))
    title = _("Is this you?")
    return page(
        request,
        "accounts/tie.html",
        title=title,
        crumbs=sign_in_trail(title),
        provider=provider_label(provider),
        person=person,
        account=user,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def provider_untie(request: Request, number: int) -> HttpResponseBase:
    """Let a provider's sign-in lead to one's account no more, after asking once."""
    if (ask := must_prove(request)) is not None:
        return ask
    if not own_account(request.actor).identities.filter(pk=number).exists():
        raise Missing(str(number))
    title = _("Remove the identity provider")
    return confirm_page(
        request,
        lambda: untie(actor=request.actor, number=number),
        title=title,
        sentence=_("Its sign-in leads to your account no more."),
        submit_label=title,
        back=reverse("security"),
        crumbs=account_trail(title),
    )
