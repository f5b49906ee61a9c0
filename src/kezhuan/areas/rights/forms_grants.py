"""What is typed about a grant of rights: the case itself, its team and milestones, and what happens while it stands."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.models import UseScope
from kezhuan.areas.rights.actions import MOST_MEMBERS, MOST_MILESTONES, Aim, GrantFacts, Part
from kezhuan.areas.rights.models import Bar, DecisionRule, GrantKind, RightsGrant
from kezhuan.areas.rights.queries import achievements_for
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person
from kezhuan.web.fields import EMPTY, DayField, PercentField, PersonChoice, long_text, offer
from kezhuan.web.record_forms import Rows

MOST_CHOICES = 500
PLAIN = (
    "title", "summary", "kind", "starts_on", "ends_on", "right_ends_on", "decision_rule", "decision_text", "use_scope",
    "use_field", "use_territory", "sublicence", "transferable", "owner_rewarded", "reward_clause", "reclaim_text",
    "cure_days", "exit_text", "interests", "holds_equity", "cleared",
)  # fmt: skip
"""Fields that are called as the facts are."""
SHARES = {"share": "share_bp", "income": "income_bp", "costs": "costs_bp"}


class GrantForm(forms.Form):
    """A grant of rights."""

    achievement = forms.ChoiceField(label=_("Achievement"))
    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("What is granted, and why"),
        required=False,
        max_length=20_000,
        widget=long_text(4),
        help_text=_("The notice before your unit's members tells it."),
    )
    kind = forms.ChoiceField(label=_("Kind of grant"), choices=GrantKind.choices, widget=forms.RadioSelect)
    share = PercentField(label=_("Share of ownership for the completers (%)"), required=False)
    use_scope = forms.ChoiceField(label=_("Right of use"), choices=[EMPTY, *UseScope.choices], required=False)
    use_field = forms.CharField(label=_("Field of use"), max_length=200, required=False)
    use_territory = forms.CharField(label=_("Territory"), max_length=200, required=False)
    sublicence = forms.BooleanField(label=_("It may be licensed on"), required=False)
    transferable = forms.BooleanField(label=_("It may be transferred"), required=False)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"), required=False)
    right_ends_on = DayField(
        label=_("The first of the rights behind it ends on"),
        required=False,
        help_text=_("A term that is longer than the right itself is worth little: say so to the team."),
    )
    income = PercentField(label=_("Team's share of income (%)"))
    costs = PercentField(label=_("Team's share of costs (%)"))
    owner_rewarded = forms.BooleanField(
        label=_("Who holds a share of ownership also takes part in the unit's reward"),
        required=False,
        help_text=_("By default not: nobody receives the same yuan twice."),
    )
    reward_clause = forms.CharField(label=_("By which clause"), max_length=300, required=False)
    decision_rule = forms.ChoiceField(label=_("Who decides on conversion"), choices=DecisionRule.choices)
    decision_text = forms.CharField(label=_("How it is decided"), required=False, max_length=5000, widget=long_text(2))
    reclaim_text = forms.CharField(label=_("Conditions of reclaim"), max_length=5000, widget=long_text(3))
    cure_days = forms.IntegerField(
        label=_("Days to put it right after a warning"), min_value=1, max_value=365, initial=30
    )
    exit_text = forms.CharField(
        label=_("When a completer leaves, retires or dies"), max_length=5000, widget=long_text(3)
    )
    holds_equity = forms.BooleanField(label=_("A completer holds equity in the firm that uses it"), required=False)
    interests = forms.CharField(label=_("Statement of interests"), required=False, max_length=5000, widget=long_text(2))
    cleared = forms.MultipleChoiceField(
        label=_("None of this holds"),
        choices=Bar.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Tick what you declare not to hold; all of it before you apply."),
    )

    def __init__(self, *given: Any, actor: Actor, row: RightsGrant | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        self.about = {one.code: one for one in achievements_for(actor)[:MOST_CHOICES]}
        if row is not None:  # stays, also when somebody else of the team may begin none
            self.about.setdefault(row.achievement.code, row.achievement)
        offer(self, "achievement", [EMPTY, *((code, f"{code} {one.title}") for code, one in self.about.items())])


class MemberForm(forms.Form):
    """A completer and their part."""

    name = forms.CharField(label=_("Person's name"), max_length=80)
    part = PercentField(label=_("Part of the team's (%)"))

    def __init__(self, *arguments: Any, people: Sequence[Person] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["person"] = PersonChoice(
            people,
            label=_("Is this colleague"),
            help_text=_("Leave empty for somebody who has no account here: they sign on paper."),
        )


class MilestoneForm(forms.Form):
    """What is to be reached, and by when."""

    text = forms.CharField(label=_("What is to be reached"), max_length=300)
    due_on = DayField(label=_("To be reached by"))


Members = formset_factory(MemberForm, extra=0, max_num=MOST_MEMBERS)
Milestones = formset_factory(MilestoneForm, extra=0, max_num=MOST_MILESTONES)


class PaperForm(forms.Form):
    """Who signed the printed agreement, and its scan."""

    members = forms.MultipleChoiceField(label=_("Who signed"), widget=forms.CheckboxSelectMultiple)
    file = forms.FileField(label=_("Scan of the signed agreement"))
    declared_open = forms.BooleanField(label=_("The file holds no state secrets"))

    def __init__(self, *given: Any, members: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "members", members)


class TitleForm(forms.Form):
    """The registry's change of title."""

    number = forms.CharField(label=_("Number of the title change"), max_length=80)
    on = DayField(label=_("Title changed on"))


class ContractForm(forms.Form):
    """The contract by which it is converted."""

    contract = forms.CharField(label=_("Code of the technology contract"), max_length=30)


class ReachedForm(forms.Form):
    """A milestone that was reached."""

    on = DayField(label=_("Reached on"))
    evidence = forms.CharField(label=_("How it is shown"), max_length=2000, widget=long_text(3))


def facts_of(form: GrantForm, rows: Rows) -> GrantFacts:
    """What was typed, as the actions take it; what could not be read is left out."""
    typed = form.cleaned_data
    given: dict[str, Any] = {name: typed.get(name, "") for name in PLAIN}
    given |= {name: typed.get(name) for name in ("starts_on", "ends_on", "right_ends_on")}
    given |= {column: typed.get(name) for name, column in SHARES.items()}
    given["costs_bp"] = given["costs_bp"] or 0
    given["cure_days"] = given["cure_days"] or 0
    read = {name: [row.cleaned_data for row in rows[name] if row.is_valid()] for name in rows}
    return GrantFacts(
        **given,
        achievement=form.about.get(typed.get("achievement", "")),
        members=tuple(Part(one["name"], one["part"], one["person"]) for one in read["members"]),
        milestones=tuple(Aim(one["text"], one["due_on"]) for one in read["milestones"]),
    )


def initial_of(row: RightsGrant) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A grant as its form shows it."""
    fields = {name: getattr(row, name) for name in PLAIN if name not in {"title", "summary"}}
    fields |= {name: getattr(row, column) for name, column in SHARES.items()}
    fields |= {"title": row.record.title, "summary": row.record.summary, "achievement": row.achievement.code}
    rows: dict[str, list[dict[str, Any]]] = {
        "members": [{"name": one.name, "part": one.part_bp, "person": one.person_id} for one in row.members.all()],
        "milestones": [{"text": one.text, "due_on": one.due_on} for one in row.milestones.all()],
    }
    return fields, rows
