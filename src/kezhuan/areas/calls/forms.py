"""What officers type about a call: its dates and terms, its list, the answers of experts."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.actions import Heard
from kezhuan.areas.calls.awarding import PLACES
from kezhuan.areas.calls.choices import (
    AwardRule,
    CallKind,
    ConditionRule,
    ListDisclosure,
    Occasion,
    PosterPays,
    RelatedRule,
    StageKind,
)
from kezhuan.areas.calls.facts import CallFacts, Condition, check_facts
from kezhuan.areas.calls.forms_questions import shown_questions, typed_question
from kezhuan.areas.calls.inviting import MOST_INVITED
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.staging import StageFacts, facts_of_stages
from kezhuan.areas.calls.units import codes_of
from kezhuan.areas.calls.wording import pattern_of
from kezhuan.areas.needs.models import RightsTerm
from kezhuan.areas.reviews.models import Choice, Scheme
from kezhuan.areas.reviews.panel_actions import CriterionFacts
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import SHANGHAI, today
from kezhuan.kernel.workdays import CALENDAR, WORKING
from kezhuan.web.fields import DECLARATION, EMPTY, CodesField, DayField, WanField, long_text, offer
from kezhuan.web.record_forms import Rows


class MomentField(forms.DateTimeField):
    """A moment, chosen or typed as 2027-06-30 17:00, in Shanghai time."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"], **options)

    def prepare_value(self, value: Any) -> Any:
        """A moment as Shanghai's clock shows it."""
        return value.astimezone(SHANGHAI).replace(tzinfo=None) if isinstance(value, datetime) else value


def invited_field(*, required: bool = True) -> CodesField:
    """Whom a call by invitation invites."""
    return CodesField(
        label=_("Invited organisations"), required=required, widget=long_text(3), most=MOST_INVITED,
        help_text=_("By invitation: codes of their pages. They are told as the call opens, and nobody else is."),
    )  # fmt: skip


class InvitedForm(forms.Form):
    """Whom an open call invites."""

    invited = invited_field()


class CallForm(forms.Form):
    """The call itself."""

    call_kind = forms.ChoiceField(label=_("Kind of call"), choices=CallKind.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    title_en = forms.CharField(label=_("English title"), max_length=400, required=False)
    summary = forms.CharField(label=_("What the call is about"), widget=long_text(5), max_length=20_000, required=False)
    opens_at = MomentField(label=_("Applications open at"), required=False, help_text=_("Beijing time (UTC+8)."))
    closes_at = MomentField(
        label=_("Applications close at"),
        required=False,
        help_text=_("Beijing time (UTC+8), by this server's clock: one second later nothing is taken."),
    )
    grace_minutes = forms.IntegerField(
        label=_("Grace after it, in minutes"), min_value=0, initial=0, help_text=_("None, unless you set it.")
    )
    disclosure = forms.ChoiceField(
        label=_("Who reads the list"), choices=ListDisclosure.choices, widget=forms.RadioSelect
    )
    invited = invited_field(required=False)
    asks_recommending = forms.BooleanField(label=_("Applications go by a recommending unit"), required=False)
    recommenders = CodesField(
        label=_("Recommending units (推荐单位)"),
        required=False,
        widget=long_text(2),
        help_text=_("Codes such as O-2026-00012. Leave the step away, and applications come straight to you."),
        most=200,
    )
    recommend_until = MomentField(
        label=_("They recommend until"), required=False, help_text=_("They send back and recommend until then.")
    )
    letter_optional = forms.BooleanField(label=_("They may recommend without a scan of the letter"), required=False)
    seals = forms.BooleanField(
        label=_("Applications are sealed until they are opened"),
        required=False,
        help_text=_(
            "Nobody but its unit, and the one that recommends it, reads an application before you open all of them"
            " after the deadline."
        ),
    )
    ip_terms = forms.ChoiceField(label=_("Who owns the results"), choices=[EMPTY, *RightsTerm.choices], required=False)
    ip_note = forms.CharField(label=_("Note on ownership"), widget=long_text(2), max_length=2000, required=False)
    most_per_unit = forms.IntegerField(
        label=_("Applications of a unit at most"), min_value=1, max_value=99, required=False,
        help_text=_("Empty: as many as there are items on the list."),
    )  # fmt: skip
    most_directions = forms.IntegerField(
        label=_("Directions of this call funded at most"), min_value=1, max_value=999, required=False,
        help_text=_("Items of its list of which something is chosen; what the rulebook says of the year counts too."),
    )  # fmt: skip
    begins_projects = forms.BooleanField(
        label=_("What is chosen becomes a project"),
        required=False,
        help_text=_("With a task book, milestones and payments; otherwise the call ends with its decision."),
    )
    keeps_library = forms.BooleanField(
        label=_("What is chosen stands in the project library (项目库) first"), required=False
    )
    awaits_budget = forms.BooleanField(label=_("A project begins once a budget document names it"), required=False)
    unit_check = forms.BooleanField(
        label=_("An administrator of the unit confirms an application before it counts (单位审核)"), required=False
    )
    needs_approval = forms.BooleanField(
        label=_("The decision goes by an approval with a collective decision"), required=False,
        help_text=_("Set a route with one for the step “Decide”. Where this is left away, whoever proposes decides."),
    )  # fmt: skip
    related_rule = forms.ChoiceField(
        label=_("An application of a party related to the poster"), choices=RelatedRule.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    review_scheme = forms.ChoiceField(
        label=_("Who knows of whom while applications are judged"), choices=[EMPTY, *Scheme.choices], required=False
    )
    review_choice = forms.ChoiceField(
        label=_("How experts are chosen"), choices=[EMPTY, *Choice.choices], required=False
    )
    review_per_item = forms.IntegerField(
        label=_("Reviews for each application"), min_value=1, max_value=99, required=False
    )
    award_rule = forms.ChoiceField(label=_("Who is chosen"), choices=AwardRule.choices, widget=forms.RadioSelect)
    award_most = forms.IntegerField(
        label=_("Chosen at most over the whole list"), min_value=1, max_value=9999, required=False
    )
    award_score = forms.IntegerField(
        label=_("Chosen from this score on"), min_value=1, max_value=100, required=False,
        help_text=_("Of the panel, from 1 to 100."),
    )  # fmt: skip
    holds_notice = forms.BooleanField(label=_("A notice stands before the decision (公示)"), required=False)
    notice_days = forms.IntegerField(
        label=_("Days of the notice before the decision"), min_value=1, max_value=365, required=False,
        help_text=_("Empty: as the rulebook asks; where it asks nothing, enter them or leave the notice away."),
    )  # fmt: skip
    notice_day_kind = forms.ChoiceField(
        label=_("Counted in"), widget=forms.RadioSelect,
        choices=[(WORKING, _("working days")), (CALENDAR, _("calendar days"))],
    )  # fmt: skip
    notice_places = forms.MultipleChoiceField(
        label=_("Where it stands at least"), choices=PLACES, widget=forms.CheckboxSelectMultiple, required=False
    )
    readers_asked = forms.IntegerField(
        label=_("Experts who are to understand the list"),
        min_value=1,
        help_text=_("Before it is published so many answer: do you understand what counts as solved?"),
    )
    budget_year = forms.IntegerField(label=_("Budget year"), min_value=2000, max_value=2100, required=False)
    budget_subject = forms.CharField(label=_("Budget subject (科目)"), max_length=120, required=False)
    budget_document = forms.CharField(label=_("Budget document"), max_length=120, required=False)
    budget = WanField(
        label=_("Budget line (万元)"),
        required=False,
        help_text=_("Never more than this is awarded; without one no fiscal money is."),
    )
    paid_on = forms.MultipleChoiceField(
        label=_("When projects are paid"), choices=Occasion.choices, widget=forms.CheckboxSelectMultiple
    )
    poster_pays = forms.ChoiceField(
        label=_("Where the poster has not paid its own share, fiscal payments"), choices=PosterPays.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if typed.get("recommenders") and not typed.get("asks_recommending"):
            message = _("Units are named that recommend: tick this, or take them away.")
            self.add_error("asks_recommending", message)
        return typed


class ConditionForm(forms.Form):
    """Who may apply."""

    words = forms.CharField(label=_("Condition"), max_length=400, widget=long_text(2))
    evidence = forms.BooleanField(label=_("Applicants show that they meet it"), required=False)
    rule = forms.ChoiceField(
        label=_("Whether it is met"), required=False,
        choices=[("", _("the officers say")), *ConditionRule.choices],
    )  # fmt: skip


class StageForm(forms.Form):
    """A stage between the end of applications and the decision."""

    kind = forms.ChoiceField(label=_("Stage"), choices=StageKind.choices)
    begins_on = DayField(label=_("From"), required=False)
    ends_on = DayField(label=_("Until"), required=False)


class ReadingForm(forms.Form):
    """What an expert answered."""

    who = forms.CharField(label=_("Expert"), max_length=80)
    unit = forms.CharField(label=_("Unit"), max_length=200, required=False)
    on = DayField(label=_("Day"))
    understood = forms.BooleanField(label=_("Understands what counts as solved"), required=False)
    words = forms.CharField(label=_("What is not clear"), max_length=2000, required=False, widget=long_text(2))


Conditions = formset_factory(ConditionForm, extra=0, max_num=30)
Stages = formset_factory(StageForm, extra=0, max_num=len(StageKind))
Readings = formset_factory(ReadingForm, extra=0, max_num=99)


class TestForm(forms.Form):
    """The minutes of a demonstration, which stand for the answers."""

    minutes_no = forms.CharField(
        label=_("Number of the minutes of a demonstration (论证会)"), max_length=80, required=False
    )
    minutes_on = DayField(label=_("Day of the demonstration"), required=False)


class AskForm(forms.Form):
    """A question about a call."""

    words = forms.CharField(
        label=_("Your question"),
        widget=long_text(4),
        max_length=2000,
        help_text=_("With its answer everybody who reads the list reads it; no other unit is told who asked."),
    )


class AnswerForm(forms.Form):
    """Its answer."""

    answer = forms.CharField(
        label=_("Answer"), widget=long_text(4), max_length=2000, help_text=_("Everybody reads it at once; it stays.")
    )


class RecommendForm(forms.Form):
    """A letter of recommendation, and what it recommends."""

    letter_no = forms.CharField(label=_("Number of the letter (推荐函)"), max_length=80)
    letter_on = DayField(label=_("Day of the letter"), initial=today)
    file = forms.FileField(
        label=_("The letter as a file"), required=False, help_text=_("A scan: PDF, PNG or JPEG, with its seal.")
    )
    declared_open = forms.BooleanField(label=DECLARATION, required=False)
    applications = forms.MultipleChoiceField(
        label=_("Applications that it recommends"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *given: Any, waiting: Sequence[tuple[str, str]], needs_scan: bool, **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields["file"].required = needs_scan
        offer(self, "applications", waiting)


class ShortlistForm(forms.Form):
    """Who goes into the final review."""

    applications = forms.MultipleChoiceField(label=_("Into the final review"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *given: Any, applications: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "applications", applications)


class OpeningForm(forms.Form):
    """The opening code of a call."""

    first = forms.CharField(label=_("First half of the opening code"), max_length=80)
    second = forms.CharField(
        label=_("Second half of the opening code"),
        max_length=80,
        help_text=_("As they were written down; capital or small letters, blanks and hyphens do not matter."),
    )


GROUPS = (
    (_("The call"), ("call_kind", "title", "title_en", "summary")),
    (_("Dates"), ("opens_at", "closes_at", "grace_minutes")),
    (_("Recommending units"), ("asks_recommending", "recommenders", "recommend_until", "letter_optional")),
    (
        _("Terms of the call"),
        ("disclosure", "invited", "seals", "most_per_unit", "unit_check", "related_rule", "ip_terms", "ip_note",
         "readers_asked"),
    ),
    (_("How applications are judged"), ("review_scheme", "review_choice", "review_per_item")),
    (
        _("Decision"),
        (
            "needs_approval", "award_rule", "award_most", "award_score", "most_directions", "holds_notice",
            "notice_days", "notice_day_kind", "notice_places",
        ),
    ),
    (_("After the decision"), ("begins_projects", "keeps_library", "awaits_budget")),
    (_("Budget line"), ("budget_year", "budget_subject", "budget_document", "budget")),
    (_("Payments"), ("paid_on", "poster_pays")),
)  # fmt: skip
SAME = (
    "call_kind", "opens_at", "closes_at", "grace_minutes", "disclosure", "ip_terms", "ip_note", "readers_asked",
    "budget_year", "budget_subject", "budget_document", "paid_on", "poster_pays", "seals", "letter_optional",
    "asks_recommending", "recommend_until", "most_per_unit", "most_directions", "begins_projects", "keeps_library",
    "awaits_budget", "review_scheme", "review_choice", "review_per_item", "related_rule", "unit_check",
    "needs_approval", "award_rule", "award_most", "award_score", "holds_notice", "notice_days", "notice_day_kind",
    "notice_places",
)  # fmt: skip
OF_ONE = {"opens_at", "closes_at", "recommend_until", "budget_year", "budget_subject", "budget_document"}
"""What one call says and none made like it: dates and money."""
UNITS = ("recommenders", "invited")
"""Units that a call names, by the codes of their pages."""
ROWS = ("conditions", "questions", "criteria")
"""What a call has any number of, row by row."""


def initial_of(row: Call) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A call as its form shows it."""
    fields = {name: getattr(row, name) for name in SAME}
    fields |= {"title": row.record.title, "title_en": row.record.title_en, "summary": row.record.summary}
    fields |= {"budget": row.budget_fen} | {name: codes_of(getattr(row, name).all()) for name in UNITS}
    fields["asks_recommending"] |= bool(fields["recommenders"])  # units that are named recommend
    return fields, {name: list(getattr(row, name)) for name in ROWS} | {
        "stages": [asdict(one) for one in facts_of_stages(row)],
        "questions": shown_questions(row.questions),
    }


def initial_like(row: Call) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A new call in the terms of an earlier one: without its dates and its money."""
    fields, rows = initial_of(row)
    kept = {*SAME, "title", "summary", *UNITS} - OF_ONE
    rows["stages"] = [{"kind": one["kind"]} for one in rows["stages"]]
    return {name: value for name, value in fields.items() if name in kept}, rows


STEPS_OF_PATTERNS = (
    "most_per_unit", "begins_projects", "keeps_library", "awaits_budget", "related_rule", "award_rule", "notice_places",
    "review_scheme", "review_choice", "review_per_item", "unit_check", "asks_recommending", "needs_approval",
    "holds_notice",
)  # fmt: skip


def initial_by(kind: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A new call of a kind as its template begins it."""
    pattern = pattern_of(kind)
    fields = {"call_kind": kind, "disclosure": ListDisclosure.PUBLIC, "readers_asked": pattern["readers"]}
    fields |= {name: pattern[name] for name in STEPS_OF_PATTERNS}
    fields |= {"paid_on": Occasion.values, "poster_pays": PosterPays.WARN, "notice_day_kind": WORKING}
    rows = {name: pattern[name] for name in (*ROWS, "stages")}
    return fields, rows | {"questions": shown_questions(pattern["questions"])}


def facts_of(form: CallForm, rows: Rows) -> CallFacts:
    """What was typed, as the action takes it; what could not be read is left out."""
    typed = form.cleaned_data
    given = {name: typed[name] for name in ("title", "title_en", *SAME) if name in typed}
    given["paid_on"] = tuple(given.get("paid_on", ()))
    given["notice_places"] = tuple(given.get("notice_places", ()))
    given |= {name: typed.get(name) or () for name in UNITS}
    conditions = tuple(Condition(**row.cleaned_data) for row in rows["conditions"] if row.is_valid())
    criteria = tuple(CriterionFacts(**row.cleaned_data) for row in rows["criteria"] if row.is_valid())
    stages = tuple(StageFacts(**row.cleaned_data) for row in rows["stages"] if row.is_valid())
    questions = tuple(typed_question(row.cleaned_data) for row in rows["questions"] if row.is_valid())
    given |= {
        "about": typed.get("summary") or "",
        "budget_fen": typed.get("budget"),
        "conditions": conditions,
        "questions": questions,
        "criteria": criteria,
        "stages": stages,
    }
    return CallFacts(**{"title": "", **given})


def check_typed(form: CallForm, rows: Rows) -> list[Problem]:
    """What is wrong with what was typed."""
    return check_facts(facts_of(form, rows))


def heard_in(rows: Rows) -> list[Heard]:
    """The answers of experts that were typed."""
    return [Heard(**row.cleaned_data) for row in rows["readings"] if row.is_valid()]
