"""Forms of inspections."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.documents import Upload
from kezhuan.web.fields import DECLARATION, DayField, long_text


class LetterForm(forms.Form):
    """The letter of the audit or discipline body."""

    file = forms.FileField(label=_("The letter (调阅函)"), help_text=_("PDF, PNG or JPEG of the letter with its seal."))
    declared_open = forms.BooleanField(label=DECLARATION)


class InspectionChangeForm(forms.Form):
    """What is inspected, by which letter, from when until when: what is corrected until the inspector is admitted."""

    body = forms.CharField(label=_("Audit or discipline body"), max_length=200)
    letter_no = forms.CharField(label=_("Number of the letter"), max_length=80)
    since = DayField(label=_("From"))
    until = DayField(label=_("Last day"))
    codes = forms.CharField(
        label=_("Records"),
        widget=long_text(4),
        max_length=6000,
        help_text=_("Their codes, such as N-2026-00001, one on a line. The inspector sees these and no other."),
    )
    owner_told = forms.BooleanField(
        label=_("The owners of the records are told"),
        required=False,
        initial=True,
        help_text=_("Leave it out only where the letter forbids it."),
    )


class InspectionForm(InspectionChangeForm):
    """Who inspects beside it, and the letter where it is there already."""

    field_order = ("email",)
    email = forms.EmailField(
        label=_("Mail address of the inspector's account"),
        help_text=_("They open an account first; it needs to act for nobody."),
    )
    file = forms.FileField(label=_("The letter (调阅函)"), required=False)
    declared_open = forms.BooleanField(label=DECLARATION, required=False)


def upload_of(given: dict[str, Any]) -> Upload | None:
    """The file of a form with its declaration."""
    file = given.get("file")
    return Upload(file.name, file.read(), given["declared_open"]) if file else None
