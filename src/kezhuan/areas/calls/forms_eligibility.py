"""What officers type in the formality check."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.choices import ConditionRule, Outcome, SpotFinding
from kezhuan.areas.calls.eligibility import bases_of
from kezhuan.areas.calls.eligibility_actions import Check
from kezhuan.areas.calls.models import Application
from kezhuan.kernel.text import today
from kezhuan.web.fields import EMPTY, DayField, long_text


class ChecksForm(forms.Form):
    """Of each condition that is not worked out: whether it is met, what that rests on, and a note."""

    def __init__(self, *given: Any, row: Application, **options: Any) -> None:
        super().__init__(*given, **options)
        self._conditions = row.item.call.conditions
        bases = [EMPTY, *bases_of(row).items()]
        for place, _one in self._said:
            self.fields[f"outcome_{place}"] = forms.ChoiceField(
                label=_("Whether it is met"), widget=forms.RadioSelect, choices=Outcome.choices, required=False
            )
            self.fields[f"basis_{place}"] = forms.ChoiceField(
                label=_("Which rests on"), choices=bases, required=False,
                help_text=_("A field or a file of the application: needed where it is said to be met."),
            )  # fmt: skip
            self.fields[f"words_{place}"] = forms.CharField(
                label=_("Note"), widget=long_text(2), max_length=2000, required=False,
                help_text=_("What is to be supplemented, or was noted: the applicant reads it with your next step."),
            )  # fmt: skip

    @property
    def _said(self) -> list[tuple[int, dict[str, Any]]]:
        return [(place, one) for place, one in enumerate(self._conditions) if one.get("rule") != ConditionRule.RND]

    @property
    def groups(self) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """The fields, condition by condition."""
        return tuple(
            (one["words"], tuple(f"{name}_{place}" for name in ("outcome", "basis", "words")))
            for place, one in self._said
        )

    @property
    def checks(self) -> list[Check | None]:
        """What was typed, as the action takes it."""
        typed, found = self.cleaned_data, []
        for place in range(len(self._conditions)):
            outcome, basis, words = (typed.get(f"{name}_{place}") or "" for name in ("outcome", "basis", "words"))
            found.append(Check(outcome, basis, words) if outcome or basis or words else None)
        return found


class SpotCheckForm(forms.Form):
    """What was looked at again, and what was found."""

    who = forms.CharField(label=_("Who looked"), max_length=200, help_text=_("Names, and their units."))
    on = DayField(label=_("Day"), initial=today)
    looked_at = forms.CharField(label=_("What they looked at"), max_length=2000, widget=long_text(3))
    finding = forms.ChoiceField(label=_("What was found"), choices=SpotFinding.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("Note"), max_length=2000, widget=long_text(3), required=False,
        help_text=_("The applicant reads it."),
    )  # fmt: skip


def initial_of(row: Application) -> dict[str, Any]:
    """What was said before, as the form shows it."""
    return {
        f"{name}_{place}": said[name]
        for place, said in enumerate(row.checks)
        if said
        for name in ("outcome", "basis", "words")
    }
