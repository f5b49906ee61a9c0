"""The form by which a record is filed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.filings.actions import bureaus_for
from kezhuan.areas.filings.wording import place_in_words, programme_in_words
from kezhuan.kernel import registry
from kezhuan.kernel.models import Document
from kezhuan.web.fields import long_text, offer

CITY, ALL = "city", "all"
"""What is chosen for the city's bureau and for every programme, which the actions know as nothing."""


class FilingForm(forms.Form):
    """To which bureau, for which programme, and with which files of the record."""

    region = forms.ChoiceField(label=_("Filed to"), widget=forms.RadioSelect, initial=CITY)
    programme = forms.ChoiceField(
        label=_("Programme"),
        initial=ALL,
        help_text=_("The officers in charge of it there read the filing, and those in charge of every programme."),
    )
    attached = forms.MultipleChoiceField(
        label=_("Files"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They stay with the filing as they are now."),
    )
    note = forms.CharField(label=_("Words to the bureau"), required=False, max_length=2000, widget=long_text(3))

    def __init__(self, *given: Any, row: Any, held: Sequence[Document]) -> None:
        super().__init__(*given)
        offer(self, "region", [(place or CITY, place_in_words(place)) for place in bureaus_for(row)])
        offer(self, "programme", [(name or ALL, programme_in_words(name)) for name in ("", *registry.programmes())])
        offer(self, "attached", [(str(one.pk), one.name) for one in held])
        if not held:
            del self.fields["attached"]

    def clean_region(self) -> str:
        """The district; nothing for the city's bureau."""
        region: str = self.cleaned_data["region"]
        return "" if region == CITY else region

    def clean_programme(self) -> str:
        """The programme; nothing for every one."""
        programme: str = self.cleaned_data["programme"]
        return "" if programme == ALL else programme
