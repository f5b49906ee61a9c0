"""Pages of accounts: opening one, how its holder is reached, its password."""

from django import forms
from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.areas.people.account_actions import change_password, edit_person
from kezhuan.areas.people.actions import sign_up
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.models import Person
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import RecordForm, Rows, action_page, expected_version, form_page
from kezhuan.web.shell import trail


class SignUpForm(forms.Form):
    """A new account."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=gettext_lazy("Mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
        help_text=gettext_lazy("Shown only to a partner whom you agreed to talk to."),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters; not a common word, not like your mail address."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_page(request: Request) -> HttpResponseBase:
    """Open an account; the next step is to register one's organisation."""

    def act(form: SignUpForm) -> str:
        login(request, sign_up(**form.cleaned_data))
        return reverse("organisation-new")

    return action_page(
        request,
        SignUpForm,
        act,
        title=_("Open an account"),
        intro=_("With an account you post needs, register results and answer introductions for your organisation."),
        submit_label=_("Open the account"),
        back=reverse("sign-in"),
        crumbs=trail((_("Home"), "/"), _("Open an account")),
    )


class AccountForm(forms.Form):
    """How one is reached."""

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
    """Change how one is reached."""
    actor = request.actor
    if actor.person is None:
        return redirect(f"{reverse('sign-in')}?next={request.path}")
    row = get_visible(actor, Person, actor.person.record.code)
    version = row.record.version
    start = {"post": row.post, "email": row.email, "phone": row.phone}

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
            template="people/account.html",
        ),
    )


class PasswordForm(forms.Form):
    """The present password and a new one."""

    old = forms.CharField(
        label=gettext_lazy("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters; not a common word, not like your mail address."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def password(request: Request) -> HttpResponseBase:
    """Change one's password; this session goes on, all others end."""
    if not request.actor.is_signed_in:
        return redirect(f"{reverse('sign-in')}?next={request.path}")

    def act(form: PasswordForm) -> str:
        user = change_password(actor=request.actor, old=form.cleaned_data["old"], new=form.cleaned_data["password"])
        update_session_auth_hash(request, user)
        return reverse("account")

    return action_page(
        request,
        PasswordForm,
        act,
        title=_("Change the password"),
        intro=_("Afterwards every other place where you are signed in asks for the new password."),
        submit_label=_("Change the password"),
        back=reverse("account"),
        crumbs=trail((_("Home"), "/"), (_("Your account"), reverse("account")), _("Change the password")),
    )
