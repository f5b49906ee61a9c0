"""What a unit types about an achievement: one form, with rows for rights, completers and further owners."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.achievements.actions import AchievementFacts, Contribution, Right, check_facts
from kezhuan.areas.achievements.checks import check_right_number
from kezhuan.areas.achievements.models import Achievement, RightKind
from kezhuan.areas.people.checks import normal_number
from kezhuan.kernel.access import VISITOR, Actor, visible_to
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Identifier, Organisation, Person
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.vocabulary import AchievementClass, RightsState
from kezhuan.web.fields import (
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

STATE_SECRETS = [("秘密", "秘密"), ("机密", "机密"), ("绝密", "绝密")]
"""Offered so that whoever chooses one is told where such a thing belongs; nothing is saved then."""


class AchievementForm(forms.Form):
    """The achievement itself."""

    secrecy = forms.ChoiceField(
        label=gettext_lazy("Class"),
        choices=[*AchievementClass.choices, *STATE_SECRETS],
        help_text=gettext_lazy(
            "Public: everybody. Internal: your unit and the officers. Trade secret: your unit; officers see the title."
        ),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    title_en = forms.CharField(label=gettext_lazy("English title"), max_length=300, required=False)
    summary = forms.CharField(
        label=gettext_lazy("Public description"),
        widget=long_text(7),
        max_length=20_000,
        required=False,
        help_text=gettext_lazy("The problem, the way, measured results with figures and units."),
    )
    advantage = forms.CharField(
        label=gettext_lazy("Advantage"),
        widget=long_text(2),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Better than the best competitor in which measured figure?"),
    )
    confidential = forms.CharField(
        label=gettext_lazy("Confidential description"),
        widget=long_text(4),
        max_length=20_000,
        required=False,
        help_text=gettext_lazy("Seen by your unit and the officers; not used for suggestions to others."),
    )
    keywords = WordsField(
        label=gettext_lazy("Keywords"), required=False, help_text=gettext_lazy("Separated by semicolons.")
    )
    field = field_choice(required=False)
    chain = forms.CharField(label=gettext_lazy("Industry chain"), max_length=60, required=False)
    discipline = forms.CharField(label=gettext_lazy("Discipline"), max_length=80, required=False)
    trl = level_field(gettext_lazy("Maturity level"))
    trl_scale = scale_choice()
    completed_on = DayField(label=gettext_lazy("Completed on"), required=False)
    modes = mode_choice(gettext_lazy("Wanted modes of cooperation"))
    rights_states = forms.MultipleChoiceField(
        label=gettext_lazy("Standing of rights"),
        choices=RightsState.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Seen with the public description and compared with needs for a transfer, a licence or equity. Tick what"
            " holds, nothing where it is not known: clear title means neither pledge, exclusive licence nor dispute,"
            " and that co-owners agree."
        ),
    )
    price = WanField(
        label=gettext_lazy("Price idea (万元)"),
        required=False,
        help_text=gettext_lazy("In units of 10,000 yuan; leave empty when open."),
    )
    region = region_choice()

    def __init__(self, *arguments: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["contact"] = PersonChoice(
            colleagues_of(actor, [self.initial.get("contact")]),
            label=gettext_lazy("Contact"),
            help_text=gettext_lazy("Shown to the other side when both sides have agreed to talk."),
        )


class RightForm(forms.Form):
    """One intellectual property right."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=RightKind.choices)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=[("granted", gettext_lazy("granted")), ("applied", gettext_lazy("applied for"))],
    )
    number = forms.CharField(label=gettext_lazy("Number"), max_length=40, required=False)
    title = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """A number that its kind cannot have is told at its own field."""
        typed = super().clean() or self.cleaned_data
        for problem in check_right_number(typed.get("kind", ""), typed.get("number", "")):
            self.add_error("number", str(problem.message))
        return typed


class CompleterForm(forms.Form):
    """One completer: a name, and the colleague whose it is, when it is one with an account here."""

    name = forms.CharField(label=gettext_lazy("Person's name"), max_length=80)
    share = PercentField(label=gettext_lazy("Contribution (%)"), required=False)

    def __init__(self, *arguments: Any, people: Sequence[Person] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["person"] = PersonChoice(
            people,
            label=gettext_lazy("Is this colleague"),
            help_text=gettext_lazy("Leave empty for somebody who has no account here."),
        )


class OwnerForm(forms.Form):
    """A further owner."""

    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=200,
        help_text=gettext_lazy("Full name or unified social credit code of a registered organisation."),
    )
    share = PercentField(label=gettext_lazy("Share (%)"), required=False)

    def clean_organisation(self) -> Organisation:
        """The organisation of this name or code, among those that everybody sees."""
        typed = self.cleaned_data["organisation"].strip()
        numbered = Identifier.objects.filter(value=normal_number(typed), active=True).values("record_id")
        known = visible_to(VISITOR, Organisation.objects.select_related("record"), "public")
        found = known.filter(
            Q(pk__in=numbered) | Q(record__title=typed), record__phase__in=(Phase.PUBLIC, Phase.ACTIVE)
        )
        organisation = found.order_by("pk").first()
        if organisation is None:
            raise ValidationError(_("No registered organisation has this name or code; register it first."))
        return organisation


Rights = formset_factory(RightForm, extra=0, max_num=50)
Completers = formset_factory(CompleterForm, extra=0, max_num=50)
Owners = formset_factory(OwnerForm, extra=0, max_num=20)


TYPED = (
    "title", "title_en", "summary", "secrecy", "confidential", "advantage", "keywords", "field", "chain", "discipline",
    "trl", "trl_scale", "region", "completed_on", "contact", "modes", "rights_states",
)  # fmt: skip


def initial_of(row: Achievement) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """An achievement as its form shows it."""
    record = row.record
    fields = {
        name: getattr(row, name)
        for name in (
            "secrecy", "confidential", "advantage", "keywords", "field", "chain", "discipline", "trl", "trl_scale",
            "completed_on", "modes", "rights_states", "region",
        )
    }  # fmt: skip
    fields |= {
        "title": record.title,
        "title_en": record.title_en,
        "summary": record.summary,
        "price": row.price_fen,
        "contact": record.contact_id,
    }
    rows: dict[str, list[dict[str, Any]]] = {
        "rights": [dict(one) for one in row.rights.order_by("pk").values("kind", "status", "number", "title")],
        "completers": [
            {"name": one.name, "share": one.share_bp, "person": one.person_id} for one in row.completers.all()
        ],
        "owners": [
            {"organisation": one.organisation.record.title, "share": one.share_bp}
            for one in row.owners.select_related("organisation__record").order_by("pk")
        ],
    }
    return fields, rows


def facts_of(form: AchievementForm, rows: Rows) -> AchievementFacts:
    """What was typed, as the action takes it; what could not be read is left out."""
    typed = form.cleaned_data
    given = {name: typed[name] for name in TYPED if name in typed}
    given |= {"price_fen": typed["price"]} if "price" in typed else {}
    read = {name: [row.cleaned_data for row in rows[name] if row.is_valid()] for name in rows}
    given["rights"] = tuple(Right(**one) for one in read["rights"])
    given["completers"] = tuple(Contribution(one["name"], one["share"], one["person"]) for one in read["completers"])
    given["co_owners"] = tuple((one["organisation"], one["share"]) for one in read["owners"])
    return AchievementFacts(**{"title": "", **given})


def check_typed(form: AchievementForm, rows: Rows) -> list[Problem]:
    """What is wrong with what was typed."""
    return check_facts(facts_of(form, rows))
