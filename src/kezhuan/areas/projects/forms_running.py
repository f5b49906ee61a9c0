"""What is typed about a project that is under way: milestones, payments, evidence, settlement."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.evidence_actions import Said
from kezhuan.areas.projects.models import Member
from kezhuan.kernel.text import today
from kezhuan.web.fields import DayField, WanField, long_text, offer
from kezhuan.web.names import name_of

YES_NO = [("yes", _("yes")), ("no", _("no"))]


class ReportForm(forms.Form):
    """The report of a milestone."""

    words = forms.CharField(
        label=_("What was reached"),
        widget=long_text(5),
        max_length=10_000,
        help_text=_("Add papers on the project's page."),
    )


class JudgeForm(forms.Form):
    """What an officer finds of it."""

    passed = forms.ChoiceField(
        label=_("Has it passed?"),
        choices=[("yes", _("yes: what waits for it is due")), ("no", _("no: it is put right and reported again"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(label=_("Why"), widget=long_text(3), max_length=2000)


class PayForm(forms.Form):
    """A payment that was made."""

    voucher = forms.CharField(label=_("Number of the voucher"), max_length=40)
    paid_on = DayField(label=_("Paid on"))
    amount = WanField(label=_("Amount (万元)"), help_text=_("Of less the rest stays due, as a payment of its own."))


class SettlementForm(forms.Form):
    """What of the money was spent, and what came back."""

    spent = WanField(label=_("Of the fiscal money paid was spent (万元)"))
    diligent = forms.ChoiceField(
        label=_("Did they work with due diligence (尽职免责)?"), choices=YES_NO, widget=forms.RadioSelect
    )
    words = forms.CharField(label=_("How that was found"), widget=long_text(3), max_length=10_000)
    returned_on = DayField(
        label=_("The rest came back on"), required=False, help_text=_("Left empty until it has come back.")
    )
    voucher = forms.CharField(label=_("Number of its voucher"), max_length=40, required=False)


class EvidenceForm(forms.Form):
    """A report on the result."""

    on = DayField(label=_("Day of the report"))
    number = forms.CharField(label=_("Number of the report"), max_length=80, required=False)
    meets = forms.ChoiceField(label=_("Does the result meet the task book?"), choices=YES_NO, widget=forms.RadioSelect)
    words = forms.CharField(label=_("What was found"), widget=long_text(6), max_length=10_000)

    @property
    def said(self) -> Said:
        """What was typed, as the actions take it."""
        typed = self.cleaned_data
        return Said(typed["on"], typed["meets"] == "yes", typed["words"], typed["number"])


class TestReportForm(EvidenceForm):
    """The report of a third party's test."""

    tester = forms.CharField(label=_("Code of the organisation that has tested"), max_length=30)
    field_order = ("tester", "on", "number", "meets", "words")


class UserForm(forms.Form):
    """Who uses the result first."""

    user = forms.CharField(
        label=_("Code of the organisation"), max_length=30, help_text=_("On no side of the project; it reports.")
    )


class LandingForm(forms.Form):
    """Which member has set up which entity here, and since when it is there."""

    member = forms.ChoiceField(label=_("Member"))
    entity = forms.CharField(
        label=_("Code of the entity in the city"),
        max_length=30,
        help_text=_("A verified organisation of the register."),
    )
    on = DayField(label=_("Set up on"), initial=today)

    def __init__(self, *given: Any, members: Sequence[Member], **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "member", [(one.organisation.record.code, name_of(one.organisation.record)) for one in members])


class SelfEvaluationForm(forms.Form):
    """What the leader says came of a project."""

    words = forms.CharField(label=_("What came of the project"), widget=long_text(6), max_length=10_000)

    def __init__(self, *given: Any, indicators: Sequence[Mapping[str, str]], **options: Any) -> None:
        super().__init__(*given, **options)
        self._places = range(len(indicators))
        for place, one in enumerate(indicators):
            self.fields[f"reached_{place}"] = forms.CharField(label=indicator_in_words(dict(one)), max_length=300)

    @property
    def reached(self) -> list[str]:
        """What was typed for the indicators, in their order."""
        return [self.cleaned_data[f"reached_{place}"] for place in self._places]


def yes(value: Any) -> bool:
    """Whether “yes” was chosen."""
    return bool(value == "yes")
