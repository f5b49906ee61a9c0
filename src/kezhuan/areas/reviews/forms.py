"""Forms of experts and panels."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.reviews.actions import ExpertFacts, TieFacts
from kezhuan.areas.reviews.judging import Foreseen, Part
from kezhuan.areas.reviews.models import Choice, Expert, ExpertSort, Panel, Scheme, TieKind
from kezhuan.areas.reviews.panel_actions import COLUMNS, CriterionFacts, PanelFacts, check_facts
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.vocabulary import Field
from kezhuan.web.fields import DayField, PercentField, WordsField, long_text
from kezhuan.web.record_forms import Rows


class ExpertChangeForm(forms.Form):
    """What an officer says of an expert."""

    sort = forms.ChoiceField(label=_("Asked as"), choices=ExpertSort.choices)
    fields_known = forms.MultipleChoiceField(
        label=_("Technical fields"), choices=Field.choices, widget=forms.CheckboxSelectMultiple
    )
    topics = WordsField(label=_("Topics"), required=False, help_text=_("Words of what they know, set apart by commas."))
    employer = forms.CharField(
        label=_("Code of the employer"), max_length=30, required=False, help_text=_("Such as O-2026-00012.")
    )
    capacity = forms.IntegerField(label=_("Items a year at most"), min_value=1, max_value=1000, initial=50)

    @property
    def facts(self) -> ExpertFacts:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        return ExpertFacts(
            typed["sort"], tuple(typed["fields_known"]), tuple(typed["topics"]), typed["capacity"], typed["employer"]
        )


class ExpertForm(ExpertChangeForm):
    """Who is asked beside it."""

    field_order = ("email",)
    email = forms.EmailField(
        label=_("Mail address of the expert's account"),
        help_text=_("They open an account first; they agree themselves."),
    )


def initial_of_expert(row: Expert) -> dict[str, Any]:
    """An expert as the form shows them."""
    return {
        "sort": row.sort,
        "fields_known": row.fields,
        "topics": row.topics,
        "capacity": row.capacity,
        "employer": row.employer.record.code if row.employer is not None else "",
    }


class TieForm(forms.Form):
    """One tie to an organisation."""

    kind = forms.ChoiceField(label=_("Tie"), choices=TieKind.choices)
    organisation = forms.CharField(label=_("Code of the organisation"), max_length=30)
    until = DayField(label=_("Ended on"), required=False)


Ties = forms.formset_factory(TieForm, extra=0, max_num=100)


class DeclareForm(forms.Form):
    """That the ties are all there are."""

    complete = forms.BooleanField(
        label=_("The ties on this page are all that I know of; I declare new ones as they come."),
        error_messages={"required": _("Say that these are all, then save again.")},
    )


def ties_in(rows: Rows) -> list[TieFacts]:
    """The ties that were typed."""
    return [TieFacts(**row.cleaned_data) for row in rows["ties"] if row.is_valid()]


class CriterionForm(forms.Form):
    """A criterion."""

    name = forms.CharField(label=_("Criterion"), max_length=80)
    weight = PercentField(label=_("Weight (%)"))
    anchors = forms.CharField(
        label=_("What marks mean"), max_length=1000, required=False, widget=long_text(2),
        help_text=_("Such as: 90 and more: outstanding; 60: just enough."),
    )  # fmt: skip


Criteria = forms.formset_factory(CriterionForm, extra=0, max_num=30)


def _number(label: Any, least: int, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, **more)


class PanelForm(forms.Form):
    """What is said of a panel."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("Experts read it: it names no applicant."))
    title_en = forms.CharField(label=_("English title"), max_length=400, required=False)
    summary = forms.CharField(label=_("What experts read first"), widget=long_text(3), max_length=4000, required=False)
    scheme = forms.ChoiceField(label=_("Who knows of whom"), choices=Scheme.choices)
    choice = forms.ChoiceField(
        label=_("How experts are chosen"), choices=Choice.choices,
        help_text=_("Where public money is given they are drawn by lot; for a contest they are assigned by fit."),
    )  # fmt: skip
    per_item = _number(_("Reviews for each item"), 1, 99)
    agency = forms.CharField(
        label=_("Code of the contracted agency (专业机构)"), max_length=30, required=False,
        help_text=_("It runs the panel and decides nothing."),
    )  # fmt: skip
    answer_by = DayField(label=_("Experts answer until"), required=False)
    due_on = DayField(label=_("Experts score until"), required=False)
    max_load = _number(_("Items for each expert at most"), 1, 1000)
    min_load = _number(
        _("Items for each expert at least"), 1, 1000, required=False,
        help_text=_("For everybody in the pool who can be asked, when experts are first assigned: for large panels."),
    )  # fmt: skip
    most_certain = _number(
        _("No pair is made with a probability above (%)"), 1, 99, required=False,
        help_text=_("Empty: the best assignment. With 50, panels are drawn so that nobody can arrange themselves with"
                    " an applicant."),
    )  # fmt: skip
    mixed = forms.BooleanField(label=_("Each item has an enterprise or a finance expert"), required=False)
    per_employer = _number(_("Experts of one employer on an item at most"), 1, 99, required=False)
    drop_from = _number(_("Leave out the highest and the lowest score from so many reviews on"), 3, 99, required=False)
    spread_flag = _number(_("Look again when scores lie so many points apart"), 1, 100)
    outlier_flag = _number(_("Look again when a score is so many points off the others' median"), 1, 100)

    def __init__(self, *given: Any, parts: Sequence[Part] = (), **options: Any) -> None:
        super().__init__(*given, **options)
        if len(parts) > 1:
            self.fields["parts"] = forms.MultipleChoiceField(
                label=_("What it judges"), required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(one.key, f"{one.label} · {len(one.items)}") for one in parts],
                help_text=_("Where nothing is ticked, all of it. Experts who are drawn judge every item: make a panel"
                            " for each technical field."),
            )  # fmt: skip

    @property
    def groups(self) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """The fields as they stand together."""
        chosen = ((_("Items"), ("parts",)),) if "parts" in self.fields else ()
        return (PANEL_GROUPS[0], *chosen, *PANEL_GROUPS[1:])


PANEL_GROUPS = (
    (_("The panel"), ("title", "title_en", "summary", "scheme", "agency")),
    (_("Experts"), ("choice", "per_item", "answer_by", "due_on")),
    (_("When experts are assigned by fit"), ("max_load", "min_load", "most_certain", "mixed", "per_employer")),
    (_("Scores"), ("drop_from", "spread_flag", "outlier_flag")),
)


def initial_of_panel(row: Panel) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A panel as its form shows it."""
    fields = {name: getattr(row, name) for name in COLUMNS}
    fields |= {"title": row.record.title, "title_en": row.record.title_en, "summary": row.record.summary}
    fields["agency"] = row.agency.record.code if row.agency is not None else ""
    return fields, {"criteria": list(row.criteria)}


def initial_new(title: str, foreseen: Foreseen) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A new panel, which judges as it is foreseen unless the officers say otherwise."""
    facts = PanelFacts(title)
    fields = {name: getattr(facts, name) for name in COLUMNS} | {"title": title}
    fields |= {name: getattr(foreseen, name) for name in ("scheme", "choice", "per_item")}
    return fields, {"criteria": [dict(one) for one in foreseen.criteria] or [{}]}


def panel_facts(form: PanelForm, rows: Rows) -> PanelFacts:
    """What was typed, as the action takes it; what could not be read is left out."""
    typed = form.cleaned_data
    given = {name: typed[name] for name in ("title_en", "agency", *COLUMNS) if name in typed}
    criteria = tuple(CriterionFacts(**row.cleaned_data) for row in rows["criteria"] if row.is_valid())
    return PanelFacts(title=typed.get("title") or "", about=typed.get("summary") or "", criteria=criteria, **given)


def check_panel(form: PanelForm, rows: Rows) -> list[Problem]:
    """What is wrong with what was typed."""
    return check_facts(panel_facts(form, rows))
