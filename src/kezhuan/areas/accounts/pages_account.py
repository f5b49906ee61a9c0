"""Pages of one's own account: opening one, how one is reached, password, mail address, mobile number."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from kezhuan.areas.accounts import codes, letters
from kezhuan.areas.accounts.account_actions import change_password, copy_of_person, edit_person, give_password
from kezhuan.areas.accounts.actions import require_rate
from kezhuan.areas.accounts.factor_actions import end_other_sessions, own_account, set_email, set_mobile
from kezhuan.areas.accounts.forms import MailForm, MobileForm, NewPasswordForm, PasswordForm, SignUpForm
from kezhuan.areas.accounts.pages_entering import let_in, must_prove
from kezhuan.areas.accounts.pages_sign_in import code_page, sign_in_trail
from kezhuan.areas.accounts.queries import account_of, open_accounts
from kezhuan.areas.accounts.sealing import digest
from kezhuan.areas.people.actions import open_account, require_account
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.limits import network_of
from kezhuan.kernel.models import Person, User
from kezhuan.kernel.models.records import new_uid
from kezhuan.web.addresses import client_address, sign_in_first, with_next
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import RecordForm, Rows, action_page, confirm_page, expected_version, form_page
from kezhuan.web.shell import page, trail

# -- opening an account ------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_page(request: Request) -> HttpResponseBase:
    """Ask for an account: its address is proven by a code before there is one."""
    if not settings.SIGN_UP_OPEN:
        raise NotAllowed(_("Accounts are opened by invitation here: ask the administrator of your organisation."))

    def act(form: SignUpForm) -> str:
        typed = form.cleaned_data
        require_account(name=typed["name"], email=typed["email"], password=typed["password"])
        taken = User.objects.filter(email=typed["email"]).exists()
        codes.send(
            request.session,
            purpose="sign-up",
            to=typed["email"],
            address=client_address(request),
            known=not taken,
            name=typed["name"],
            phone=typed["phone"],
            password=make_password(typed["password"]),
        )
        if taken:  # the page does not tell: only the owner of the address learns it
            reset = settings.SITE_URL + reverse("password-forgotten")
            letters.send_taken(to=typed["email"], address=reset, key=f"taken:{new_uid()}")
        return reverse("sign-up-code")

    return action_page(
        request,
        SignUpForm,
        act,
        title=_("Open an account"),
        intro=_("With an account you post needs, register results and answer introductions for your organisation."),
        submit_label=_("Go on"),
        back=reverse("sign-in"),
        crumbs=trail((_("Home"), "/"), _("Open an account")),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_code(request: Request) -> HttpResponseBase:
    """Open the account when its address is proven; the next step is to register one's organisation."""
    held = codes.waiting(request.session, "sign-up")
    if held is None:
        return redirect("sign-up")

    def act(form: forms.Form) -> str:
        typed = codes.take(request.session, "sign-up", form.cleaned_data["code"])
        user = open_account(
            name=typed["name"], email=typed["to"], password_hash=typed["password"], phone=typed["phone"]
        )
        return let_in(request, user, ["code"], reverse("claim-by-code"))

    return code_page(request, act, held, back=reverse("sign-up"), title=_("Open an account"))


# -- how one is reached ------------------------------------------------------------------------------------------------


class AccountForm(forms.Form):
    """What one is called and how one is reached."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    name_en = forms.CharField(label=gettext_lazy("Your name in English"), max_length=120, required=False)
    post = forms.CharField(label=gettext_lazy("Post"), max_length=80, required=False)
    email = forms.EmailField(
        label=gettext_lazy("Mail address for contact"),
        required=False,
        help_text=gettext_lazy("The address you sign in with stays as it is."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
        help_text=gettext_lazy("Shown only to a partner whom you agreed to talk to."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: Request) -> HttpResponse:
    """Correct one's name and change how one is reached."""
    actor = request.actor
    if actor.person is None:
        return sign_in_first(request)
    row = get_visible(actor, Person, actor.person.record.code)
    version = row.record.version
    start = {
        "name": row.record.title,
        "name_en": row.record.title_en,
        "post": row.post,
        "email": row.email,
        "phone": row.phone,
    }

    def save(form: AccountForm, _rows: Rows) -> Person:
        return edit_person(
            actor=actor, person=row, **form.cleaned_data, expected_version=expected_version(request, version)
        )

    return form_page(
        request,
        RecordForm(
            title=_("Your account"),
            maker=lambda posted: AccountForm(posted, initial=start),
            groups=((row.record.title, tuple(start)),),
            rows={},
            initial_rows={},
            save=save,
            crumbs=trail((_("Home"), "/"), _("Your account")),
            back=reverse("home"),
            version=version,
            template="accounts/account.html",
        ),
    )


@require_POST
def account_copy(request: Request) -> HttpResponseBase:
    """All that is held of whoever asks, as a file."""
    if request.actor.person is None:
        return redirect(with_next("sign-in", reverse("account")))
    answer = JsonResponse(
        copy_of_person(actor=request.actor, person=request.actor.person),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    answer["Content-Disposition"] = f'attachment; filename="{request.actor.person.record.code}.json"'
    return answer


def account_trail(title: str) -> Any:
    """Crumbs of the pages of one's account."""
    return trail(
        (_("Home"), "/"), (_("Your account"), reverse("account")), (_("Signing in"), reverse("security")), title
    )


# -- password ----------------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("old", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: Request) -> HttpResponseBase:
    """Change one's password; this session goes on, all others end."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    first = not own_account(request.actor).has_usable_password()
    if first and (ask := must_prove(request)) is not None:
        return ask

    def act(form: forms.Form) -> str:
        typed = form.cleaned_data
        user = change_password(actor=request.actor, old=typed.get("old", ""), new=typed["password"])
        update_session_auth_hash(request, user)
        end_other_sessions(user=user, keep=request.session.session_key, actor=request.actor)
        return reverse("security")

    title = _("Set a password") if first else _("Change the password")
    return action_page(
        request,
        NewPasswordForm if first else PasswordForm,
        act,
        title=title,
        intro=_("Afterwards every other place where you are signed in asks for the new password."),
        done=_("The new password is set."),
        submit_label=title,
        back=reverse("security"),
        crumbs=account_trail(title),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgotten(request: Request) -> HttpResponseBase:
    """Ask for a link by which a new password is set."""

    def act(form: MailForm) -> HttpResponse:
        email, address = form.cleaned_data["email"], client_address(request)
        require_rate(f"send:{digest('send', email)}", codes.SENDS)
        require_rate(f"sends:{network_of(address)}", codes.ADDRESS_SENDS)
        user = account_of(email)
        if user is not None:
            link = reverse("password-new", args=[urlsafe_base64_encode(str(user.pk).encode()), link_token(user)])
            letters.send_reset(user=user, address=settings.SITE_URL + link, key=f"reset:{new_uid()}")
        return page(
            request,
            "accounts/told.html",
            title=_("Look into your mail"),
            sentence=_("If there is an account with this address, a link was sent to it. It is good for one hour."),
            crumbs=sign_in_trail(_("Look into your mail")),
        )

    return action_page(
        request,
        MailForm,
        act,
        title=_("Password forgotten"),
        intro=_("We send you a link by which you set a new password."),
        submit_label=_("Send the link"),
        back=reverse("sign-in"),
        crumbs=sign_in_trail(_("Password forgotten")),
    )


def link_token(user: User) -> str:
    """The token of a link for a new password: good once, since the password and the last sign-in are part of it."""
    return default_token_generator.make_token(user)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def password_new(request: Request, uid: str, token: str) -> HttpResponseBase:
    """Set a new password by the link from the mail; afterwards one signs in with it."""
    try:
        number = int(urlsafe_base64_decode(uid).decode("ascii"))
    except ValueError:
        raise Missing from None
    user = open_accounts().filter(pk=number).first()
    if user is None or not default_token_generator.check_token(user, token):
        raise NotAllowed(_("This link was used already or is too old. Ask for a new one."))

    def act(form: NewPasswordForm) -> str:
        give_password(user=user, password=form.cleaned_data["password"], actor=Actor(person=user.person))
        end_other_sessions(user=user, keep=None, actor=Actor(person=user.person))
        messages.success(request, _("The new password is set. Sign in with it."))
        return reverse("sign-in")

    return action_page(
        request,
        NewPasswordForm,
        act,
        title=_("Set a new password"),
        submit_label=_("Set the password"),
        back=reverse("sign-in"),
        crumbs=sign_in_trail(_("Set a new password")),
    )


# -- mail address and mobile number ------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email_change(request: Request) -> HttpResponseBase:
    """Change the mail address one signs in with: the new one is proven by a code."""
    return _ask_change(request, MailForm, "email", _("Change the mail address"), reverse("email-code"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mobile_change(request: Request) -> HttpResponseBase:
    """Give one's account a mobile number, or another one: it is proven by a code."""
    return _ask_change(request, MobileForm, "mobile", _("Set the mobile number"), reverse("mobile-code"))


def _ask_change(request: Request, maker: Any, name: str, title: str, following: str) -> HttpResponseBase:
    if (ask := must_prove(request)) is not None:
        return ask

    def act(form: forms.Form) -> str:
        new = form.cleaned_data[name]
        taken = User.objects.filter(**{name: new}).exists()
        codes.send(request.session, purpose=name, to=new, address=client_address(request), known=not taken)
        return following

    return action_page(
        request,
        maker,
        act,
        title=title,
        submit_label=_("Send the code"),
        back=reverse("security"),
        crumbs=account_trail(title),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email_code(request: Request) -> HttpResponseBase:
    """Take the code that was sent to the new mail address."""
    return _take_change(request, "email", lambda to: set_email(actor=request.actor, email=to))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mobile_code(request: Request) -> HttpResponseBase:
    """Take the code that was sent to the new mobile number."""
    return _take_change(request, "mobile", lambda to: set_mobile(actor=request.actor, mobile=to))


def _take_change(request: Request, purpose: str, write: Callable[[str], Any]) -> HttpResponseBase:
    if not request.actor.is_signed_in:
        return redirect(with_next("sign-in", reverse("security")))
    held = codes.waiting(request.session, purpose)
    if held is None:
        return redirect("security")

    def act(form: forms.Form) -> str:
        write(codes.take(request.session, purpose, form.cleaned_data["code"])["to"])
        messages.success(request, _("Saved."))
        return reverse("security")

    return code_page(request, act, held, back=reverse("security"), title=_("Type the code"))


@require_http_methods(["GET", "HEAD", "POST"])
def mobile_remove(request: Request) -> HttpResponseBase:
    """Take the mobile number away from one's account, after asking once."""
    if (ask := must_prove(request)) is not None:
        return ask

    def act() -> None:
        set_mobile(actor=request.actor, mobile="")

    title = _("Remove the mobile number")
    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("Nobody signs in with it any more, and no short message is sent to it."),
        submit_label=title,
        back=reverse("security"),
        crumbs=account_trail(title),
    )
