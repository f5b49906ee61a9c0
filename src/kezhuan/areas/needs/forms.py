"""What a firm types about its need: one form, with rows for the indicators."""

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy

from kezhuan.areas.needs.actions import Figure, NeedFacts, check_facts
from kezhuan.areas.needs.checks import check_deadline_ahead, check_figures
from kezhuan.areas.needs.models import OPERATORS, Need, NeedSource, RightsTerm
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.vocabulary import Confidentiality
from kezhuan.web.fields import (
    EMPTY,
    DayField,
    PercentField,
    PersonChoice,
    WanField,
    WordsField,
    colleagues_of,
    field_choice,
    level_field,
    long_text,
    mode_choice,
    region_choice,
    scale_choice,
)
from kezhuan.web.record_forms import Rows


class NeedForm(forms.Form):
    """The need itself."""

    confidentiality = forms.ChoiceField(
        label=gettext_lazy("Who may see it"),
        choices=[*Confidentiality.choices, ("秘密", "秘密"), ("机密", "机密"), ("绝密", "绝密")],
        help_text=gettext_lazy(
            "Public: everybody. Title only: everybody sees the title, not who asks. Closed door: only your unit, the"
            " officers, and whom you are introduced to."
        ),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    title_en = forms.CharField(label=gettext_lazy("English title"), max_length=300, required=False)
    summary = forms.CharField(
        label=gettext_lazy("Technical problem to be solved"),
        widget=long_text(6),
        max_length=20_000,
        required=False,
        help_text=gettext_lazy("What exactly is to be solved, and what has been tried?"),
    )
    background = forms.CharField(label=gettext_lazy("Background"), widget=long_text(3), max_length=2000, required=False)
    scenario = forms.CharField(
        label=gettext_lazy("Scene of use"),
        widget=long_text(3),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Where and how much will it be used?"),
    )
    keywords = WordsField(
        label=gettext_lazy("Keywords"), required=False, help_text=gettext_lazy("Separated by semicolons.")
    )
    field = field_choice(required=False)
    chain = forms.CharField(label=gettext_lazy("Industry chain"), max_length=60, required=False)
    region = region_choice()
    deadline = DayField(label=gettext_lazy("Needed by"), required=False)
    budget = WanField(
        label=gettext_lazy("Budget (万元)"), required=False, help_text=gettext_lazy("In units of 10,000 yuan.")
    )
    min_trl = level_field(gettext_lazy("Least maturity"))
    trl_scale = scale_choice()
    modes = mode_choice(gettext_lazy("Accepted modes of cooperation"))
    ip_terms = forms.ChoiceField(
        label=gettext_lazy("Who owns the results"), choices=[EMPTY, *RightsTerm.choices], required=False
    )
    ip_note = forms.CharField(
        label=gettext_lazy("Note on ownership"), widget=long_text(2), max_length=2000, required=False
    )
    claimant_requirements = forms.CharField(
        label=gettext_lazy("What a solver must bring"),
        widget=long_text(3),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Do not name a single supplier."),
    )
    expected_benefit = forms.CharField(
        label=gettext_lazy("Expected benefit"), widget=long_text(2), max_length=2000, required=False
    )
    benefit = WanField(
        label=gettext_lazy("Expected benefit in money (万元)"),
        required=False,
        help_text=gettext_lazy("In units of 10,000 yuan."),
    )
    rd_ratio = PercentField(label=gettext_lazy("R&D spending last year, % of revenue"), required=False)
    self_solvable = forms.BooleanField(label=gettext_lazy("We could solve this ourselves"), required=False)
    source = forms.ChoiceField(
        label=gettext_lazy("How it came in"),
        choices=[choice for choice in NeedSource.choices if choice[0] != NeedSource.IMPORTED],
    )

    def __init__(self, *arguments: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.initial.get("source") == NeedSource.IMPORTED:
            # What came from a file stays known as such.
            self.fields["source"] = forms.ChoiceField(
                label=self.fields["source"].label, choices=[(NeedSource.IMPORTED.value, NeedSource.IMPORTED.label)]
            )
        self.fields["contact"] = PersonChoice(
            colleagues_of(actor, [self.initial.get("contact")]),
            label=gettext_lazy("Contact"),
            help_text=gettext_lazy("Shown to the other side when both sides have agreed to talk."),
        )


class IndicatorForm(forms.Form):
    """One figure by which a solution is judged."""

    name = forms.CharField(label=gettext_lazy("Indicator"), max_length=120)
    operator = forms.ChoiceField(label=gettext_lazy("Is"), choices=OPERATORS)
    value = forms.CharField(label=gettext_lazy("Value"), max_length=60)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=40, required=False)
    test_method = forms.CharField(label=gettext_lazy("Test method"), max_length=200, required=False)


Indicators = formset_factory(IndicatorForm, extra=0, max_num=50)

OTHERWISE = {"problem": "summary", "budget_fen": "budget", "benefit_fen": "benefit", "rd_ratio_bp": "rd_ratio"}
"""What the facts call otherwise than the form does."""
SAME = (
    "confidentiality", "background", "scenario", "keywords", "field", "chain", "region", "deadline", "min_trl",
    "trl_scale", "modes", "ip_terms", "ip_note", "claimant_requirements", "expected_benefit", "self_solvable", "source",
)  # fmt: skip


def initial_of(row: Need) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A need as its form shows it."""
    record = row.record
    fields = {name: getattr(row, name) for name in SAME}
    fields |= {
        "title": record.title,
        "title_en": record.title_en,
        "summary": record.summary,
        "budget": row.budget_fen,
        "benefit": row.benefit_fen,
        "rd_ratio": row.rd_ratio_bp,
        "contact": record.contact_id,
    }
    figures = row.indicators.values("name", "operator", "value", "unit", "test_method")
    return fields, {"indicators": [dict(one) for one in figures]}


def facts_of(form: NeedForm, rows: Rows) -> NeedFacts:
    """What was typed, as the action takes it; what could not be read is left out."""
    typed = form.cleaned_data
    given = {name: typed[name] for name in ("title", "title_en", "contact", *SAME) if name in typed}
    given |= {name: typed[field] for name, field in OTHERWISE.items() if field in typed}
    figures = (row.cleaned_data for row in rows["indicators"] if row.is_valid())
    return NeedFacts(**{"title": "", **given, "indicators": tuple(Figure(**one) for one in figures)})


def check_typed(form: NeedForm, rows: Rows) -> list[Problem]:
    """What is wrong with what was typed: a day that has passed as well, which a file may hold."""
    facts = facts_of(form, rows)
    return [*check_facts(facts), *check_deadline_ahead(facts), *check_figures(facts.indicators)]
