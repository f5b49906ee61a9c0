"""The forms of packages and receipts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.web.fields import DECLARATION, offer


class PackForm(forms.Form):
    """For which bureau, and whether what is confirmed goes along once more."""

    bureau = forms.ChoiceField(label=_("Filed to"), widget=forms.RadioSelect)
    again = forms.BooleanField(
        label=_("What receipts confirm already, too"),
        required=False,
        help_text=_("Where the bureau has lost it: nothing is taken in twice."),
    )

    def __init__(self, *given: Any, bureaus: Sequence[tuple[str, str]]) -> None:
        super().__init__(*given)
        offer(self, "bureau", list(bureaus))
        if len(bureaus) == 1:
            self.fields["bureau"].initial = bureaus[0][0]


class TakeForm(forms.Form):
    """A unit's package."""

    file = forms.FileField(label=_("Package (.zip)"), help_text=_("As the unit's instance has made it, at most 50 MB."))
    declared_open = forms.BooleanField(
        label=DECLARATION,
        error_messages={"required": _("Declare that the file holds no state secret, then send it again.")},
    )


class ConfirmForm(forms.Form):
    """A bureau's receipt."""

    file = forms.FileField(label=_("Receipt (.json)"), help_text=_("As the bureau's instance has made it."))
