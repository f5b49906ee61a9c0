"""What a unit types about a team: one form."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.teams.actions import TeamFacts, check_facts
from kezhuan.areas.teams.models import MOST_AT_ONCE, MOST_MEMBERS, OFFERED, Team
from kezhuan.areas.teams.queries import achievements_coded, results_of
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem
from kezhuan.web.fields import (
    CodesField,
    PersonChoice,
    WordsField,
    colleagues_of,
    field_choice,
    level_field,
    long_text,
    mode_choice,
    offer,
    region_choice,
    scale_choice,
)
from kezhuan.web.record_forms import Rows

MOST_RESULTS = 50
"""Achievements that a team points to."""


def _count(label: Any, most: int, **options: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"min": 1, "max": most})
    return forms.IntegerField(label=label, required=False, widget=widget, **options)


class TeamForm(forms.Form):
    """The team itself."""

    title = forms.CharField(label=gettext_lazy("Name of the team"), max_length=200)
    title_en = forms.CharField(label=gettext_lazy("English title"), max_length=300, required=False)
    summary = forms.CharField(
        label=gettext_lazy("What the team works on"),
        widget=long_text(6),
        max_length=20_000,
        required=False,
        help_text=gettext_lazy("Problems, methods, equipment, what was solved for whom: needs are compared with it."),
    )
    keywords = WordsField(
        label=gettext_lazy("Keywords"), required=False, help_text=gettext_lazy("Separated by semicolons.")
    )
    leader = forms.CharField(
        label=gettext_lazy("Team leader"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Everybody reads the name once the team is published: write it with their consent."),
    )
    size = _count(gettext_lazy("People in the team"), MOST_MEMBERS)
    field = field_choice(required=False)
    chain = forms.CharField(label=gettext_lazy("Industry chain"), max_length=60, required=False)
    trl_from = level_field(gettext_lazy("Works from maturity level"))
    trl_to = level_field(gettext_lazy("up to maturity level"))
    trl_scale = scale_choice()
    achievements = CodesField(
        label=gettext_lazy("Achievements"),
        most=MOST_RESULTS,
        required=False,
        help_text=gettext_lazy("Codes of your unit's achievements, such as A-2026-00012; separated by semicolons."),
    )
    modes = mode_choice(gettext_lazy("What the team offers"))
    capacity = _count(
        gettext_lazy("Needs at once"),
        MOST_AT_ONCE,
        help_text=gettext_lazy("How many firms' needs the team can take at the same time; empty when it is not known."),
    )
    website = forms.CharField(label=gettext_lazy("Web page"), max_length=200, required=False)
    region = region_choice()

    def __init__(self, *arguments: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._actor = actor
        offer(self, "modes", [(mode.value, mode.label) for mode in OFFERED])
        held = [self.initial.get(name) for name in ("contact", "leader_person")]
        people = colleagues_of(actor, held)
        self.fields["leader_person"] = PersonChoice(
            people,
            label=gettext_lazy("Is this colleague"),
            help_text=gettext_lazy("Leave empty for somebody who has no account here."),
        )
        self.fields["contact"] = PersonChoice(
            people,
            label=gettext_lazy("Contact"),
            help_text=gettext_lazy("Shown to the other side when both sides have agreed to talk."),
        )

    def clean_achievements(self) -> tuple[Achievement, ...]:
        """The achievements of these codes, which the reader knows of."""
        codes = [code.upper() for code in self.cleaned_data["achievements"]]
        found = achievements_coded(self._actor, codes)
        if unknown := [code for code in codes if code not in found]:
            raise ValidationError(_("There is no achievement %(code)s.") % {"code": unknown[0]})
        return tuple(found[code] for code in dict.fromkeys(codes))


SAME = (
    "keywords", "leader", "size", "field", "chain", "trl_from", "trl_to", "trl_scale", "modes", "capacity", "website",
    "region",
)  # fmt: skip
"""What the row calls as the form does."""
TYPED = ("title", "title_en", "summary", "achievements", "leader_person", "contact", *SAME)


def initial_of(actor: Actor, row: Team) -> dict[str, Any]:
    """A team as its form shows it."""
    record = row.record
    return {name: getattr(row, name) for name in SAME} | {
        "title": record.title,
        "title_en": record.title_en,
        "summary": record.summary,
        "leader_person": row.leader_person_id,
        "contact": record.contact_id,
        "achievements": [one.code for one in results_of(actor, row)],
    }


def facts_of(form: TeamForm) -> TeamFacts:
    """What was typed, as the action takes it; what could not be read is left out."""
    typed = form.cleaned_data
    given = {name: typed[name] for name in TYPED if name in typed}
    return TeamFacts(**{"title": "", **given})


def check_typed(form: TeamForm, _rows: Rows) -> Iterable[Problem]:
    """What is wrong with what was typed."""
    return check_facts(facts_of(form))
