"""What is typed about the separate ledger."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.ledger.actions import LedgerFacts
from kezhuan.areas.ledger.equity_actions import EquityFacts
from kezhuan.areas.ledger.models import AchievementOrigin, LedgerEntry, StocktakeOutcome, WorkStage
from kezhuan.areas.ledger.queries import companies_of, contracts_for, missing_achievements
from kezhuan.areas.notices.forms import DECLARATION
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record
from kezhuan.web.fields import EMPTY, DayField, PercentField, YuanField, long_text, offer

MOST_CHOICES = 500


class EntryForm(forms.Form):
    """An achievement in the ledger; its status is not typed."""

    achievement = forms.ChoiceField(label=_("Achievement"))
    origin = forms.ChoiceField(
        label=_("Where it comes from"), choices=[EMPTY, *AchievementOrigin.choices], required=False
    )
    work_stage = forms.ChoiceField(
        label=_("Stage of the work"),
        choices=[EMPTY, *WorkStage.choices],
        required=False,
        help_text=_("On it depends whether finance recognises a value."),
    )
    recognised = YuanField(
        label=_("Value in the books, in yuan"), required=False, help_text=_("Empty while none is recognised.")
    )
    summary = forms.CharField(label=_("What it says"), required=False, max_length=20_000, widget=long_text(3))

    def __init__(self, *given: Any, actor: Actor, about: Record | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        rows = [about] if about is not None else list(missing_achievements(actor).order_by("-pk")[:MOST_CHOICES])
        self.about = {one.code: one for one in rows}
        named = [(code, f"{code} {one.title}") for code, one in self.about.items()]
        offer(self, "achievement", named if about is not None else [EMPTY, *named])

    @property
    def facts(self) -> LedgerFacts:
        """What was typed, as the actions take it."""
        typed = self.cleaned_data
        return LedgerFacts(
            achievement=self.about.get(typed.get("achievement", "")),
            origin=typed.get("origin", ""),
            work_stage=typed.get("work_stage", ""),
            recognised_fen=typed.get("recognised"),
            summary=typed.get("summary", ""),
        )


class UpkeepForm(forms.Form):
    """A fee."""

    what = forms.CharField(
        label=_("Fee"), max_length=120, help_text=_("The right's number and the year of the fee, as its notice says.")
    )
    amount = YuanField(label=_("Amount, in yuan"))
    due_on = DayField(label=_("Fee due on"))


class PaidForm(forms.Form):
    """A fee that was paid."""

    on = DayField(label=_("Paid on"))
    voucher = forms.CharField(label=_("Number of the voucher"), max_length=80)


class EquityForm(forms.Form):
    """A share that was got for the achievement."""

    company = forms.CharField(label=_("Company"), max_length=200)
    company_code = forms.CharField(label=_("Its unified social credit code"), max_length=30)
    share = PercentField(label=_("Share of the company (%)"))
    cost = YuanField(label=_("Value at which it was invested, in yuan"))
    held_on = DayField(label=_("Share registered on"))
    holder = forms.ChoiceField(
        label=_("Held by"),
        required=False,
        help_text=_("The unit or its asset company, and nobody else; name that company in the ledger first."),
    )
    contract = forms.ChoiceField(label=_("Technology contract"), required=False)

    def __init__(self, *given: Any, row: LedgerEntry, **options: Any) -> None:
        super().__init__(*given, **options)
        unit = row.record.owner
        own = [("", unit.record.title if unit is not None else "")]
        offer(self, "holder", [*own, *((one.code, one.name) for one in companies_of(row.record.owner_id))])
        rows = contracts_for(row)[:MOST_CHOICES]
        offer(self, "contract", [EMPTY, *((one.code, f"{one.code} {one.title}") for one in rows)])

    @property
    def facts(self) -> EquityFacts:
        """What was typed, as the actions take it."""
        typed = self.cleaned_data
        return EquityFacts(
            company=typed["company"],
            company_code=typed["company_code"],
            share_bp=typed["share"],
            cost_fen=typed["cost"],
            held_on=typed["held_on"],
            holder=typed["holder"],
            contract=typed["contract"],
        )


class ExitForm(forms.Form):
    """A share that was given up."""

    on = DayField(label=_("Given up on"))
    proceeds = YuanField(label=_("What it brought, in yuan"))
    decision = forms.CharField(
        label=_("Decision on the loss"),
        max_length=200,
        required=False,
        help_text=_("Only where it brings less than it cost: such as the number of the minutes."),
    )
    file = forms.FileField(label=_("On what the decision was taken"), required=False)
    declared_open = forms.BooleanField(label=DECLARATION, required=False)


class CompanyForm(forms.Form):
    """The unit's asset company."""

    name = forms.CharField(label=_("Asset company"), max_length=200)
    code = forms.CharField(label=_("Its unified social credit code"), max_length=30)


class OfferForm(forms.Form):
    """That its completers were offered it."""

    on = DayField(label=_("Offered on"))
    answer = forms.CharField(label=_("What the completers answered"), max_length=5000, widget=long_text(3))


class StockTakeForm(forms.Form):
    """What the stock-take of this year found of the entries that were ticked."""

    every = forms.MultipleChoiceField(label=_("All at once"), required=False, widget=forms.CheckboxSelectMultiple)
    """The last entry shown stands for all of them, so that none is counted that came after the page was opened."""
    codes = forms.MultipleChoiceField(
        label=_("Entries of the ledger"), required=False, widget=forms.CheckboxSelectMultiple
    )
    outcome = forms.ChoiceField(label=_("What it found"), choices=StocktakeOutcome.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("What differs, or why"), required=False, max_length=2000, widget=long_text(2))

    def __init__(self, *given: Any, entries: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "codes", entries)
        self.shown = [code for code, _title in entries]
        offer(self, "every", [(code, _("All %(n)s entries below") % {"n": len(entries)}) for code in self.shown[-1:]])

    def clean(self) -> dict[str, Any]:
        """The entries that were ticked, or all that were shown."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        every = told.pop("every", None)
        return {**told, "codes": self.shown if every else told.get("codes", [])}
