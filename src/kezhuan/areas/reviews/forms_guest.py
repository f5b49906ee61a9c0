"""Forms around guests: asked in, sent another address, and their own answer."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.reviews.guest_actions import GuestFacts
from kezhuan.areas.reviews.lifecycle import CANNOT
from kezhuan.areas.reviews.models import ExpertSort
from kezhuan.web.fields import DayField, long_text

_NUMBERS = re.compile(r"[0-9]{1,5}([\s,，、;；]+[0-9]{1,5})*")


class AddressForm(forms.Form):
    """Until when an address opens something."""

    until = DayField(label=_("Last day on which the address opens"))


class GuestForm(AddressForm):
    """Who is asked in."""

    field_order = ("name", "email", "sort", "employer", "items", "until")
    name = forms.CharField(label=_("Name of the guest"), max_length=80)
    email = forms.EmailField(
        label=_("Mail address"), help_text=_("The address is sent there. Whoever has an account signs in instead.")
    )
    sort = forms.ChoiceField(label=_("Asked as"), choices=ExpertSort.choices)
    employer = forms.CharField(
        label=_("Code of the employer"), max_length=30, required=False, help_text=_("Such as O-2026-00012.")
    )
    items = forms.CharField(
        label=_("Numbers of the items"), max_length=2000, required=False,
        help_text=_("Set apart by commas; empty: all. They judge those of which they are clear of conflicts."),
    )  # fmt: skip

    def clean_items(self) -> tuple[int, ...]:
        """The numbers that were typed."""
        typed = self.cleaned_data["items"].strip()
        if typed and not _NUMBERS.fullmatch(typed):
            raise forms.ValidationError(_("Enter numbers of items, such as 1, 4, 7."))
        return tuple(map(int, re.findall(r"[0-9]+", typed)))

    @property
    def facts(self) -> GuestFacts:
        """What was typed, as the action takes it."""
        typed: dict[str, Any] = self.cleaned_data
        return GuestFacts(**typed)


class DeclineForm(forms.Form):
    """Why a guest does not judge."""

    reason = forms.ChoiceField(label=_("Reason"), choices=CANNOT)
    note = forms.CharField(label=_("Note"), widget=long_text(2), max_length=1000, required=False)
