"""Pages on which one sees and changes what one signs in with, and where one is signed in."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.accounts import codes, passkeys, totp
from kezhuan.areas.accounts.actions import check_password
from kezhuan.areas.accounts.agents import told_agent
from kezhuan.areas.accounts.checks import masked_mobile
from kezhuan.areas.accounts.factor_actions import (
    add_app,
    add_passkey,
    end_other_sessions,
    end_session,
    own_account,
    remove_factor,
    renew_recovery,
)
from kezhuan.areas.accounts.forms import CodeForm, PasskeyForm, ProveForm
from kezhuan.areas.accounts.models import Factor, FactorKind
from kezhuan.areas.accounts.pages_account import account_trail
from kezhuan.areas.accounts.pages_entering import must_prove, proven, wanted
from kezhuan.areas.accounts.pages_sign_in import PASSKEY_STATE, SITE, answer_of, code_page, place_of, provider_label
from kezhuan.areas.accounts.pictures import qr_picture
from kezhuan.areas.accounts.queries import factors_of, recovery_left, second_factors_of, session_mark, sessions_of
from kezhuan.kernel.errors import Missing, Problem, Refused
from kezhuan.web.addresses import client_address, own_address, sign_in_first, with_next
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import page, trail

APP_SECRET = "app_secret"  # noqa: S105  a key of the session
"""Session key of the secret that an app is being given."""


@never_cache
@require_safe
def security(request: Request) -> HttpResponseBase:
    """What one signs in with, and where one is signed in."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    user = own_account(request.actor)
    return page(
        request,
        "accounts/security.html",
        title=_("Signing in"),
        crumbs=trail((_("Home"), "/"), (_("Your account"), reverse("account")), _("Signing in")),
        user=user,
        mobile=masked_mobile(user.mobile) if user.mobile else "",
        app=factors_of(user, FactorKind.TOTP).first(),
        passkeys=list(factors_of(user, FactorKind.PASSKEY)),
        protected=bool(second_factors_of(user)),
        recovery_left=recovery_left(user),
        identities=[
            {"pk": one.pk, "label": _label(one.provider), "since": one.made_at, "used_at": one.used_at}
            for one in user.identities.order_by("pk")
        ],
        sessions=[
            {
                "mark": session_mark(one),
                "agent": told_agent(one.agent),
                "address": one.address,
                "since": one.since,
                "seen_at": one.seen_at,
                "here": one.session_key == request.session.session_key,
            }
            for one in sessions_of(user)
        ],
    )


def _label(slug: str) -> str:
    provider = settings.IDENTITY_PROVIDERS.get(slug)
    return provider_label(provider) if provider is not None else slug


# -- proving once more -------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: Request) -> HttpResponseBase:
    """Ask for the password once more before what one signs in with is changed."""
    if not request.actor.is_signed_in:
        return redirect(with_next("sign-in", wanted(request)))
    user, target = own_account(request.actor), wanted(request)
    if not user.has_usable_password():
        return redirect(with_next("prove-code", target))

    def act(form: ProveForm) -> str:
        check_password(name=user.email, password=form.cleaned_data["password"], address=client_address(request))
        return proven(request, target)

    return action_page(
        request,
        ProveForm,
        act,
        title=_("Is it you?"),
        intro=_("What you sign in with is changed only after a fresh proof."),
        submit_label=_("Go on"),
        back=reverse("security"),
        crumbs=account_trail(_("Is it you?")),
        carried=[("next", target)],
        template="accounts/prove.html",
        code_url=with_next("prove-code", target),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def prove_code(request: Request) -> HttpResponseBase:
    """Prove by a code that is sent to the account's mail address."""
    if not request.actor.is_signed_in:
        return redirect(with_next("sign-in", wanted(request)))
    user = own_account(request.actor)
    held = codes.waiting(request.session, "prove")
    if held is None:
        codes.send(
            request.session,
            purpose="prove",
            to=user.email,
            address=client_address(request),
            next=own_address(request, wanted(request)),
        )
        held = codes.waiting(request.session, "prove")

    def act(form: CodeForm) -> str:
        target = codes.take(request.session, "prove", form.cleaned_data["code"])["next"]
        return proven(request, target)

    return code_page(request, act, held or {}, back=reverse("security"), title=_("Is it you?"))


# -- authenticator app, passkeys, recovery codes -----------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def app_new(request: Request) -> HttpResponseBase:
    """Add an authenticator app: it reads the picture, and shows a code that is typed here."""
    if (ask := must_prove(request)) is not None:
        return ask
    secret = request.session.setdefault(APP_SECRET, totp.new_secret())
    user = own_account(request.actor)

    def act(form: CodeForm) -> HttpResponseBase | str:
        recovery = add_app(actor=request.actor, secret=secret, typed=form.cleaned_data["code"])
        del request.session[APP_SECRET]
        return _shown(request, recovery) if recovery else reverse("security")

    title = _("Add an authenticator app")
    address = totp.address(secret, user.email, settings.CITY_NAME or SITE)
    return action_page(
        request,
        CodeForm,
        act,
        title=title,
        intro=_("Any app for one-time codes will do (TOTP)."),
        submit_label=_("Add"),
        back=reverse("security"),
        crumbs=account_trail(title),
        template="accounts/app.html",
        picture=qr_picture(address),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_new(request: Request) -> HttpResponseBase:
    """Add a passkey: the browser makes it."""
    if (ask := must_prove(request)) is not None:
        return ask
    user = own_account(request.actor)
    if request.POST.get("ask"):
        held = list(factors_of(user, FactorKind.PASSKEY))
        options, request.session[PASSKEY_STATE] = passkeys.ask_for_new(place_of(request), user, held)
        return JsonResponse(options)

    def act(form: PasskeyForm) -> HttpResponseBase | str:
        state = request.session.pop(PASSKEY_STATE, None)
        if state is None:
            raise Refused(Problem("passkey-refused", _("This took too long. Press the button once more.")))
        recovery = add_passkey(
            actor=request.actor,
            place=place_of(request),
            state=state,
            answer=answer_of(request),
            name=form.cleaned_data["name"],
        )
        return _shown(request, recovery) if recovery else reverse("security")

    title = _("Add a passkey")
    return action_page(
        request,
        PasskeyForm,
        act,
        title=title,
        submit_label=_("Add"),
        back=reverse("security"),
        crumbs=account_trail(title),
        template="accounts/passkey_new.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def factor_remove(request: Request, number: int) -> HttpResponseBase:
    """Remove an authenticator app or a passkey, after asking once."""
    if (ask := must_prove(request)) is not None:
        return ask
    factors = Factor.objects.filter(user=own_account(request.actor)).exclude(kind=FactorKind.RECOVERY)
    held = factors.filter(pk=number).first()
    if held is None:
        raise Missing(str(number))
    sentence = _("You no longer sign in with it.")
    if factors.count() == 1:
        sentence = _("It is your last second proof: your password alone then lets people in, and recovery codes end.")
    name = _("Authenticator app") if held.kind == FactorKind.TOTP else f"{_('Passkey')} {held.name}"
    return _ask(
        request,
        lambda: remove_factor(actor=request.actor, number=number),
        title=_("Remove: %(name)s") % {"name": name},
        sentence=sentence,
        submit_label=_("Remove"),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_new(request: Request) -> HttpResponseBase:
    """Make new recovery codes, after asking once, and show them once."""
    if (ask := must_prove(request)) is not None:
        return ask
    return _ask(
        request,
        lambda: _shown(request, renew_recovery(actor=request.actor)),
        title=_("Make new recovery codes"),
        sentence=_("The recovery codes that you have are good for nothing from then on."),
    )


def _ask(
    request: Request,
    act: Callable[[], HttpResponseBase | None],
    *,
    title: str,
    sentence: str,
    submit_label: str = "",
) -> HttpResponseBase:
    return confirm_page(
        request,
        act,
        title=title,
        sentence=sentence,
        submit_label=submit_label or title,
        back=reverse("security"),
        crumbs=account_trail(title),
    )


def _shown(request: Request, recovery: list[str]) -> HttpResponseBase:
    title = _("Your recovery codes")
    return page(request, "accounts/recovery.html", title=title, crumbs=account_trail(title), recovery=recovery)


# -- sessions ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def session_end(request: Request, mark: str) -> HttpResponseBase:
    """End one of one's sessions, after asking once; one that is over already is left alone."""
    if not request.actor.is_signed_in:
        return redirect(with_next("sign-in", reverse("security")))
    held = next((one for one in sessions_of(own_account(request.actor)) if session_mark(one) == mark), None)
    if held is None:
        return redirect("security")
    return _ask(
        request,
        lambda: end_session(actor=request.actor, mark=mark),
        title=_("End the session"),
        sentence=_("%(agent)s at %(address)s is signed out at once; what was typed there and not saved is lost.")
        % {"agent": told_agent(held.agent), "address": held.address},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sessions_end(request: Request) -> HttpResponseBase:
    """End all of one's sessions but this one, after asking once."""
    if not request.actor.is_signed_in:
        return redirect(with_next("sign-in", reverse("security")))
    user = own_account(request.actor)

    def act() -> None:
        end_other_sessions(user=user, keep=request.session.session_key, actor=request.actor)

    sentence = _("Every browser but this one is signed out at once; what was typed there and not saved is lost.")
    return _ask(request, act, title=_("End all others"), sentence=sentence)
