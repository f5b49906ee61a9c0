"""What is typed about an agreement: its version with payments and milestones, and what happens while it stands."""

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.actions import MOST_MILESTONES, MOST_PAYMENTS, AgreementFacts, Aim, Due
from kezhuan.areas.agreements.models import Agreement, AgreementSort, Binding, Trigger, UseScope
from kezhuan.areas.agreements.queries import TIES, ties_of
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record
from kezhuan.web.fields import EMPTY, DayField, WanField, YuanField, long_text, offer
from kezhuan.web.record_forms import Rows

MOST_CHOICES = 200
TEXTS = ("title", "summary", "sort", "binding", "scope", "party_name", "party_code", "others", "trigger", "words")
"""Fields that are called as the facts are."""


class AgreementForm(forms.Form):
    """An agreement, and the version of it that is being written."""

    title = forms.CharField(label=_("Title"), max_length=200)
    sort = forms.ChoiceField(label=_("Sort"), choices=AgreementSort.choices)
    binding = forms.ChoiceField(
        label=_("Intent or contract"),
        choices=Binding.choices,
        widget=forms.RadioSelect,
        help_text=_("An intent becomes the contract by a next version of the same agreement."),
    )
    scope = forms.ChoiceField(
        label=_("How far a licence shuts others out"),
        choices=[EMPTY, *UseScope.choices],
        required=False,
        help_text=_("While an exclusive or sole one is in force nothing else is granted or licensed beside it unsaid."),
    )
    party_name = forms.CharField(label=_("Other side"), max_length=200, required=False)
    party_code = forms.CharField(
        label=_("Credit code of the other side (统一社会信用代码)"),
        max_length=18,
        required=False,
        help_text=_("An organisation here is known by it and signs here itself; without it you enter a signed paper."),
    )
    others = forms.CharField(label=_("Third parties"), required=False, max_length=2000, widget=long_text(2))
    summary = forms.CharField(label=_("What it is about"), required=False, max_length=20_000, widget=long_text(3))
    achievement = forms.ChoiceField(label=_("Achievement"), required=False)
    need = forms.ChoiceField(label=_("Need"), required=False)
    introduction = forms.ChoiceField(label=_("Introduction"), required=False)
    starts_on = DayField(label=_("First day"), required=False)
    ends_on = DayField(label=_("Last day"), required=False)
    amount = WanField(label=_("Amount (万元)"), required=False, help_text=_("Empty while it is open."))
    trigger = forms.ChoiceField(label=_("Money is owed"), choices=Trigger.choices, initial=Trigger.SIGNED)
    trial_months = forms.IntegerField(label=_("Months of trial"), min_value=0, max_value=60, initial=0)
    due_days = forms.IntegerField(
        label=_("Days to pay"),
        min_value=0,
        max_value=365,
        initial=30,
        help_text=_("For payments without a day of their own, from the day since which money is owed."),
    )
    words = forms.CharField(
        label=_("What is agreed"),
        required=False,
        max_length=50_000,
        widget=long_text(8),
        help_text=_("Or add the text of the contract as a document."),
    )

    def __init__(self, *given: Any, actor: Actor, held: Agreement | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        self._ties: dict[str, Record] = {}
        for name in TIES:
            kept = getattr(held, name) if held is not None else None
            rows = {one.code: one for one in (*filter(None, [kept]), *ties_of(actor, name)[:MOST_CHOICES])}
            self._ties |= rows
            offer(self, name, [EMPTY, *((code, f"{code} {one.title}") for code, one in rows.items())])

    def tie(self, name: str) -> Record | None:
        """The record that was chosen."""
        return self._ties.get(self.cleaned_data.get(name, ""))


class DueForm(forms.Form):
    """A payment."""

    what = forms.CharField(label=_("What for"), max_length=200)
    fen = WanField(label=_("Amount (万元)"), required=False, help_text=_("Empty where it depends on sales."))
    due_on = DayField(label=_("Due on"), required=False)


class AimForm(forms.Form):
    """What is to be reached, and by when."""

    text = forms.CharField(label=_("What is to be reached"), max_length=300)
    due_on = DayField(label=_("To be reached by"))


Payments = formset_factory(DueForm, extra=0, max_num=MOST_PAYMENTS)
Milestones = formset_factory(AimForm, extra=0, max_num=MOST_MILESTONES)


class InvoiceForm(forms.Form):
    """An invoice."""

    invoice = forms.CharField(label=_("Number of the invoice"), max_length=40)
    on = DayField(label=_("Day"))


class PaidForm(forms.Form):
    """What came in."""

    fen = YuanField(label=_("Came in (yuan)"))
    on = DayField(label=_("Day"))
    voucher = forms.CharField(label=_("Number of the voucher"), max_length=80, required=False)


class ReachedForm(forms.Form):
    """A milestone that was reached."""

    on = DayField(label=_("Reached on"))
    evidence = forms.CharField(label=_("How it is shown"), max_length=2000, widget=long_text(3))


class CountedForm(forms.Form):
    """In which call an agreement is counted."""

    call = forms.CharField(label=_("Code of the call or contest that it came from"), max_length=30)
    on_site = forms.BooleanField(label=_("It was signed on site"), required=False)


def facts_of(form: AgreementForm, rows: Rows) -> AgreementFacts:
    """What was typed, as the actions take it; what could not be read is left out."""
    typed = form.cleaned_data
    read = {name: [row.cleaned_data for row in rows[name] if row.is_valid()] for name in rows}
    given: dict[str, Any] = {name: typed.get(name, "") for name in TEXTS} | {name: form.tie(name) for name in TIES}
    return AgreementFacts(
        **given,
        amount_fen=typed.get("amount"),
        starts_on=typed.get("starts_on"),
        ends_on=typed.get("ends_on"),
        trial_months=typed.get("trial_months") or 0,
        due_days=typed.get("due_days") or 0,
        payments=tuple(Due(one["what"], one["fen"], one["due_on"]) for one in read["payments"]),
        milestones=tuple(Aim(one["text"], one["due_on"]) for one in read["milestones"]),
    )


def initial_of(row: Agreement) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """An agreement as its form shows it: the version that is being written."""
    version = row.pending
    fields: dict[str, Any] = {name: getattr(row, name) for name in ("sort", "party_name", "party_code", "others")}
    fields |= {"title": row.record.title, "summary": row.record.summary}
    fields |= {name: tie.code for name in TIES if (tie := getattr(row, name)) is not None}
    if version is None:
        return fields, {}
    names = ("binding", "scope", "starts_on", "ends_on", "trial_months", "trigger", "due_days", "words")
    fields |= {name: getattr(version, name) for name in names} | {"amount": version.amount_fen}
    rows: dict[str, list[dict[str, Any]]] = {
        "payments": [
            {"what": one.what, "fen": one.planned_fen, "due_on": one.due_on} for one in version.payments.all()
        ],
        "milestones": [{"text": one.text, "due_on": one.due_on} for one in version.milestones.all()],
    }
    return fields, rows
