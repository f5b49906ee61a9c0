"""What is typed in order to sign in and to keep one's account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from kezhuan.areas.accounts.checks import mobile_problem, normal_mobile, normal_name


def password_field(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    """A password, as browsers and their key chains know it."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=1000, widget=widget, **options)


def new_password_field(label: Any) -> forms.CharField:
    """A password that is chosen now."""
    return password_field(
        label,
        "new-password",
        help_text=gettext_lazy("At least ten characters; not a common word, not like your mail address."),
    )


class NameField(forms.CharField):
    """A mail address or a mobile number, in its one spelling."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        options.setdefault("label", gettext_lazy("Mail address or mobile number"))
        super().__init__(max_length=254, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> str:
        """The address in lower case or the number with its country's code."""
        normal = normal_name(super().clean(value))
        if not normal:
            raise forms.ValidationError(
                gettext_lazy("Enter a mail address like name@example.com or a mobile number of eleven digits.")
            )
        return normal


class SignInForm(forms.Form):
    """Mail address or mobile number, and password."""

    email = NameField()
    password = password_field(gettext_lazy("Password"), "current-password")


class NameForm(forms.Form):
    """Whom a code or a link goes to."""

    email = NameField()


class MailForm(forms.Form):
    """A mail address."""

    email = forms.EmailField(
        label=gettext_lazy("Mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        """In lower case."""
        return str(self.cleaned_data["email"]).strip().lower()


class CodeForm(forms.Form):
    """A code that was sent, or that an app shows."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short"}),
    )


class SecondForm(forms.Form):
    """The authenticator app's code, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        help_text=gettext_lazy("The six digits your authenticator app shows now, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "short"}),
    )


class ProveForm(forms.Form):
    """The present password once more."""

    password = password_field(gettext_lazy("Password"), "current-password")


class NewPasswordForm(forms.Form):
    """A new password."""

    password = new_password_field(gettext_lazy("New password"))


class PasswordForm(forms.Form):
    """The present password and a new one."""

    old = password_field(gettext_lazy("Present password"), "current-password")
    password = new_password_field(gettext_lazy("New password"))


class MobileForm(forms.Form):
    """A mobile number."""

    mobile = forms.CharField(
        label=gettext_lazy("Mobile number"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        help_text=gettext_lazy("We send a code to it. Nobody else sees it."),
    )

    def clean_mobile(self) -> str:
        """With its country's code."""
        normal = normal_mobile(self.cleaned_data["mobile"])
        if not normal:
            raise forms.ValidationError(mobile_problem().message)
        return normal


class SignUpForm(MailForm):
    """A new account."""

    field_order = ("name", "email", "phone", "password")

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
        help_text=gettext_lazy("Shown only to a partner whom you agreed to talk to."),
    )
    password = new_password_field(gettext_lazy("Password"))


class PasskeyForm(forms.Form):
    """What a new passkey is called."""

    name = forms.CharField(
        label=gettext_lazy("Name of the passkey"),
        max_length=60,
        help_text=gettext_lazy("By which you will know it again, for example: office computer, phone."),
    )
    answer = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
