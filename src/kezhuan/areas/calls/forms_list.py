"""What officers type about the list of a call: needs, directions and fields."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.place_actions import Place
from kezhuan.web.fields import CodesField, WanField, field_choice, long_text


class ItemForm(forms.Form):
    """A need that is put on the list."""

    need = forms.CharField(
        label=_("Need"),
        max_length=30,
        help_text=_("The code of a published need that is open to everybody, such as N-2026-00012."),
    )
    fiscal = WanField(label=_("Fiscal money at most (万元)"), required=False)
    months = forms.IntegerField(label=_("Months at most"), min_value=1, max_value=600, required=False)
    winners = forms.IntegerField(label=_("Chosen at most"), min_value=1, max_value=999, initial=1)


class CollectedForm(forms.Form):
    """The needs that came in for a call."""

    codes = CodesField(
        label=_("Needs that came in"),
        required=False,
        widget=long_text(6),
        help_text=_("Codes of their pages, such as N-2026-00012; they stay where they are."),
        most=2000,
    )


class ListingForm(forms.Form):
    """On which terms those that fit are put on the list."""

    fiscal = WanField(label=_("Fiscal money at most for each (万元)"), required=False)
    months = forms.IntegerField(label=_("Months at most"), min_value=1, max_value=600, required=False)


class PlaceForm(forms.Form):
    """A direction or field that is put on the list."""

    title = forms.CharField(label=_("Direction or field"), max_length=200)
    problem = forms.CharField(
        label=_("What is expected of whoever applies"), widget=long_text(3), max_length=10_000, required=False
    )
    field = field_choice(required=False)
    fiscal = WanField(label=_("Fiscal money at most (万元)"), required=False)
    months = forms.IntegerField(label=_("Months at most"), min_value=1, max_value=600, required=False)
    winners = forms.IntegerField(label=_("Chosen at most"), min_value=1, max_value=999, initial=1)

    @property
    def place(self) -> Place:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        return Place(
            typed["title"], typed["problem"], typed["field"], typed["fiscal"], typed["months"], typed["winners"]
        )
