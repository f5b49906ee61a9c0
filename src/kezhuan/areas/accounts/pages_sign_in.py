"""Pages on which people sign in and out."""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from kezhuan.areas.accounts import codes, passkeys
from kezhuan.areas.accounts.actions import check_password, note_failed, note_sign_out, use_code, use_passkey
from kezhuan.areas.accounts.forms import CodeForm, NameForm, SecondForm, SignInForm
from kezhuan.areas.accounts.models import FactorKind
from kezhuan.areas.accounts.pages_entering import enter, entering, let_in, wanted
from kezhuan.areas.accounts.providers import Provider
from kezhuan.areas.accounts.queries import account_of, factors_of, open_accounts, second_factors_of
from kezhuan.kernel.errors import Missing, Problem, Refused
from kezhuan.web.addresses import client_address, origin, own_address, with_next
from kezhuan.web.components import Crumb
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import trail

SITE = "科转 Kezhuan"
PASSKEY_STATE = "passkey_state"
"""Session key of what a browser was asked to prove."""


def place_of(request: Request) -> passkeys.Place:
    """The site as passkeys are bound to it."""
    return passkeys.Place(origin(request), SITE)


def sign_in_trail(*more: str) -> Any:
    """Crumbs of the pages around signing in."""
    return trail((_("Home"), "/"), (_("Sign in"), reverse("sign-in")), *more)


def provider_label(provider: Provider) -> str:
    """What a provider is called in the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    return provider.name if chinese or not provider.name_en else provider.name_en


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponseBase:
    """Sign in with mail address or mobile number and password, then go where the reader wanted to go; whoever is signed
    in already goes there at once."""
    target = wanted(request)
    if request.actor.is_signed_in and request.method != "POST":
        return redirect(own_address(request, target))

    def act(form: SignInForm) -> str:
        typed = form.cleaned_data
        # When the page comes again, the name stands there and the password is what has to be typed anew.
        form.fields["password"].widget.attrs["autofocus"] = True
        user = check_password(name=typed["email"], password=typed["password"], address=client_address(request))
        return enter(request, user, "password", target)

    return action_page(
        request,
        SignInForm,
        act,
        title=_("Sign in"),
        submit_label=_("Sign in"),
        back=reverse("home"),
        crumbs=(),
        template="accounts/sign_in.html",
        next=target,
        code_url=with_next("sign-in-code", target),
        sign_up_open=settings.SIGN_UP_OPEN,
        providers=[
            Crumb(provider_label(one), with_next("provider-out", target, one.slug))
            for one in settings.IDENTITY_PROVIDERS.values()
        ],
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_second(request: Request) -> HttpResponseBase:
    """Ask whoever came with the right password for the second factor of the account."""
    found = entering(request)
    if found is None:
        return redirect("sign-in")
    user, held = found

    def act(form: SecondForm) -> str:
        kind = use_code(user=user, typed=form.cleaned_data["code"], address=client_address(request))
        return let_in(request, user, [held["method"], kind], held["next"])

    kinds = second_factors_of(user)
    return action_page(
        request,
        SecondForm,
        act,
        title=_("One more proof"),
        submit_label=_("Sign in"),
        back=reverse("sign-in"),
        crumbs=sign_in_trail(_("One more proof")),
        template="accounts/second.html",
        has_passkey=FactorKind.PASSKEY in kinds,
        has_app=FactorKind.TOTP in kinds,
    )


@never_cache
@require_POST
def sign_in_passkey(request: Request) -> HttpResponseBase:
    """Ask the browser for a passkey, or take its answer: in place of a password, or as the second proof after one."""
    found = entering(request)
    if request.POST.get("ask"):
        held = list(factors_of(found[0], FactorKind.PASSKEY)) if found is not None else None
        options, request.session[PASSKEY_STATE] = passkeys.ask(place_of(request), held)
        return JsonResponse(options)
    state, answer = request.session.pop(PASSKEY_STATE, None), answer_of(request)
    if state is None:
        return redirect("sign-in")
    user = use_passkey(
        place=place_of(request),
        state=state,
        answer=answer,
        address=client_address(request),
        user=found[0] if found else None,
    )
    if found is None:
        return redirect(enter(request, user, FactorKind.PASSKEY, wanted(request)))
    return redirect(let_in(request, user, [found[1]["method"], FactorKind.PASSKEY], found[1]["next"]))


def answer_of(request: Request) -> dict[str, Any]:
    """What the browser answered about a passkey; raises `Refused` for anything that is no such answer."""
    try:
        answer = json.loads(request.POST.get("answer", "")[:20_000])
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Refused(Problem("passkey-refused", _("The browser's answer about the passkey was not complete.")))
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: Request) -> HttpResponseBase:
    """Ask for a one-time code by mail or short message instead of a password."""
    target = wanted(request)

    def act(form: NameForm) -> str:
        name = form.cleaned_data["email"]
        user = account_of(name)
        codes.send(
            request.session,
            purpose="sign-in",
            to=name,
            address=client_address(request),
            known=user is not None,
            user=user.pk if user is not None else None,
            next=target,
        )
        return reverse("sign-in-code-typed")

    return action_page(
        request,
        NameForm,
        act,
        title=_("Sign in with a code"),
        intro=_("If there is an account with this address or number, a code is sent to it."),
        submit_label=_("Send the code"),
        back=reverse("sign-in"),
        crumbs=sign_in_trail(_("Sign in with a code")),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code_typed(request: Request) -> HttpResponseBase:
    """Take the one-time code that was sent."""
    held = codes.waiting(request.session, "sign-in")
    if held is None:
        return redirect("sign-in-code")

    def act(form: CodeForm) -> str:
        try:
            carried = codes.take(request.session, "sign-in", form.cleaned_data["code"])
        except Refused:
            known = open_accounts().filter(pk=held["carried"]["user"]).first()
            note_failed(user=known, method="code", address=client_address(request))
            raise
        user = open_accounts().filter(pk=carried["user"]).first()
        if user is None:
            raise Missing
        return enter(request, user, "code", carried["next"])

    return code_page(request, act, held, back=reverse("sign-in-code"), title=_("Sign in with a code"))


def code_page(request: Request, act: Any, held: dict[str, Any], *, back: str, title: str) -> HttpResponseBase:
    """The page that takes a code which was sent to somebody."""
    intro = _("A code of six digits was sent to %(to)s. It is good for ten minutes.") % {"to": held["to"]}
    return action_page(
        request,
        CodeForm,
        act,
        title=title,
        intro=intro,
        submit_label=_("Go on"),
        back=back,
        crumbs=trail((_("Home"), "/"), title),
    )


@require_POST
def sign_out(request: Request) -> HttpResponseBase:
    """Sign out and go home."""
    if request.user.is_authenticated:
        note_sign_out(user=request.user)
    logout(request)
    return redirect("home")
