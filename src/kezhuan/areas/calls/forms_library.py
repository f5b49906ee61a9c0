"""What officers type about the project library: its order, and a budget document."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.library_actions import BudgetFacts
from kezhuan.areas.calls.models import LibraryEntry
from kezhuan.kernel.text import today, wan_from_fen
from kezhuan.web.components import FormSection
from kezhuan.web.fields import CodesField, DayField, WanField, long_text
from kezhuan.web.names import name_of


class OrderForm(forms.Form):
    """The order in which projects wait."""

    codes = CodesField(
        label=_("Applications in their order"),
        widget=long_text(12),
        help_text=_("One code after the other, the first on top; what you leave out follows behind."),
        most=2000,
    )


class BudgetForm(forms.Form):
    """A budget document, and which projects of the library it funds with how much."""

    number = forms.CharField(label=_("Number of the document"), max_length=120)
    year = forms.IntegerField(label=_("Budget year"), min_value=2000, max_value=2100)
    subject = forms.CharField(label=_("Budget subject (科目)"), max_length=120)
    issued_on = DayField(label=_("Day of the document"), initial=today)
    note = forms.CharField(
        label=_("Why it passes over what stands before"), widget=long_text(2), max_length=2000, required=False
    )

    def __init__(self, *given: Any, waiting: Sequence[LibraryEntry], **options: Any) -> None:
        super().__init__(*given, **options)
        self._waiting = list(waiting)
        for one in self._waiting:
            self.fields[f"takes_{one.pk}"] = forms.BooleanField(label=_("The document funds it"), required=False)
            self.fields[f"fen_{one.pk}"] = WanField(
                label=_("Fiscal money (万元)"), required=False, initial=one.amount_fen
            )

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """The document, then what waits for it, each with its fields."""
        own = ("number", "year", "subject", "issued_on", "note")
        waiting = (
            FormSection(
                f"{one.place} · {one.application.record.code} {name_of(one.application.record)} ·"
                f" {name_of(one.application.applicant.record)} · {wan_from_fen(one.amount_fen)} 万元",
                (self[f"takes_{one.pk}"], self[f"fen_{one.pk}"]),
            )
            for one in self._waiting
        )
        return (FormSection(_("Budget document"), tuple(self[name] for name in own)), *waiting)

    def clean(self) -> dict[str, Any]:
        """What is funded has an amount."""
        typed = super().clean() or {}
        for one in self._waiting:
            if typed.get(f"takes_{one.pk}") and typed.get(f"fen_{one.pk}") is None:
                self.add_error(f"fen_{one.pk}", _("Say with how much."))
        return typed

    @property
    def facts(self) -> BudgetFacts:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        lines = {
            one.application.record.code: typed[f"fen_{one.pk}"] for one in self._waiting if typed[f"takes_{one.pk}"]
        }
        return BudgetFacts(typed["number"], typed["year"], typed["subject"], typed["issued_on"], lines, typed["note"])
