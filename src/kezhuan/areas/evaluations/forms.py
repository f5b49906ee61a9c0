"""What is typed about an evaluation: the case with its tree and metrics, evidence, moves of levels, and findings."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.queries import unit_achievements
from kezhuan.areas.evaluations.actions import (
    MOST_ITEMS,
    MOST_METRICS,
    EvaluationFacts,
    ItemFacts,
    MetricFacts,
)
from kezhuan.areas.evaluations.grading_actions import EvidenceFacts, Findings
from kezhuan.areas.evaluations.models import (
    HIGHEST_ADVANCEMENT,
    Evaluation,
    EvaluationMethod,
    EvaluationPurpose,
    EvidenceSort,
    Innovation,
    ResultStanding,
    ResultType,
    Value,
    WorkItem,
)
from kezhuan.areas.evaluations.papers import level_words
from kezhuan.areas.evaluations.queries import marks_heard
from kezhuan.areas.evaluations.registered_form import FIELDS, LONG, FormField
from kezhuan.engines.maturity import scales
from kezhuan.kernel.access import GROUPS, Actor
from kezhuan.kernel.documents import documents_of
from kezhuan.web.components import FormSection
from kezhuan.web.fields import DECLARATION, EMPTY, DayField, WanField, long_text, offer, scale_choice
from kezhuan.web.record_forms import Rows

MOST_CHOICES = 500
NOVELTY = ("novelty_reference", "novelty_issuer", "novelty_on")
PLAIN = ("title", "summary", "result_type", "purpose", "method", "scale", "agency", "agency_contract", *NOVELTY)


class EvaluationForm(forms.Form):
    """A case about an achievement."""

    achievement = forms.ChoiceField(label=_("Achievement"))
    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("What is to be evaluated"),
        required=False,
        max_length=20_000,
        widget=long_text(4),
        help_text=_("What is new, and what came of it; the experts read it first."),
    )
    result_type = forms.ChoiceField(label=_("Type of result"), choices=ResultType.choices)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=EvaluationPurpose.choices)
    method = forms.ChoiceField(label=_("Method"), choices=EvaluationMethod.choices)
    scale = scale_choice()
    agency = forms.CharField(
        label=_("Code of the agency you have chosen (第三方评价机构)"),
        max_length=30,
        required=False,
        help_text=_(
            "It evaluates in place of the bureau, which then reads nothing of it. Empty: the bureau evaluates."
        ),
    )
    agency_contract = forms.CharField(label=_("Number of the contract with it"), max_length=80, required=False)

    novelty_reference = forms.CharField(
        label=_("Number of the report of novelty (查新报告)"),
        max_length=120,
        required=False,
        help_text=_("Where there is one; how old it may be is a rule value."),
    )
    novelty_issuer = forms.CharField(label=_("Novelty looked into by"), max_length=200, required=False)
    novelty_on = DayField(label=_("Day of the report of novelty"), required=False)

    def __init__(self, *given: Any, actor: Actor, row: Evaluation | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        self.about = {one.code: one for one in unit_achievements(actor)[:MOST_CHOICES]}
        if row is not None:  # stays, also when it was withdrawn meanwhile: the move tells
            self.about.setdefault(row.achievement.code, row.achievement)
        offer(self, "achievement", [(code, f"{code} {one.title}") for code, one in self.about.items()])


class ItemForm(forms.Form):
    """A work item."""

    code = forms.CharField(label=_("Item code"), max_length=20, widget=forms.TextInput(attrs={"class": "short"}))
    name = forms.CharField(label=_("Name"), max_length=200)
    above = forms.CharField(
        label=_("Below the item of this code"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    core = forms.BooleanField(label=_("Core item"), required=False, initial=True)


class MetricForm(forms.Form):
    """A measured figure beside the best competitor's."""

    name = forms.CharField(label=_("Metric"), max_length=120)
    unit = forms.CharField(
        label=_("Unit"), max_length=30, required=False, widget=forms.TextInput(attrs={"class": "short"})
    )
    own = forms.DecimalField(label=_("Own figure"), max_digits=20, decimal_places=6)
    best = forms.DecimalField(label=_("Best competitor's figure"), max_digits=20, decimal_places=6)
    less_is_better = forms.BooleanField(label=_("Less is better"), required=False)
    rival = forms.CharField(label=_("Whose figure that is"), max_length=200)
    test_method = forms.CharField(label=_("Test method"), max_length=200)
    source = forms.CharField(label=_("Source of the competitor's figure"), max_length=300)


Items = formset_factory(ItemForm, extra=0, max_num=MOST_ITEMS)
Metrics = formset_factory(MetricForm, extra=0, max_num=MOST_METRICS)


def facts_of(form: EvaluationForm, rows: Rows) -> EvaluationFacts:
    """What was typed, as the actions take it; what could not be read is left out."""
    typed = form.cleaned_data
    read = {name: [one.cleaned_data for one in rows[name] if one.is_valid()] for name in rows}
    return EvaluationFacts(
        **{name: typed.get(name, "") for name in PLAIN if name != "novelty_on"},
        novelty_on=typed.get("novelty_on"),
        achievement=form.about.get(typed.get("achievement", "")),
        items=tuple(ItemFacts(**one) for one in read["items"]),
        metrics=tuple(MetricFacts(**one) for one in read["metrics"]),
    )


def initial_of(row: Evaluation) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A case as its form shows it."""
    fields = {name: getattr(row, name) for name in ("result_type", "purpose", "method", "scale", "agency_contract")}
    fields |= {name: getattr(row, name) for name in NOVELTY}
    fields["agency"] = row.agency.record.code if row.agency is not None else ""
    fields |= {"title": row.record.title, "summary": row.record.summary, "achievement": row.achievement.code}
    rows: dict[str, list[dict[str, Any]]] = {
        "items": [{name: getattr(one, name) for name in ItemForm.base_fields} for one in row.items.all()],
        "metrics": [{name: _typed(getattr(one, name)) for name in MetricForm.base_fields} for one in row.metrics.all()],
    }
    return fields, rows


def _typed(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _levels(row: Evaluation) -> list[tuple[str, str]]:
    return [EMPTY, *((str(one), level_words(row, one)) for one in range(1, scales()[row.scale].highest + 1))]


class EvidenceForm(forms.Form):
    """What shows a level of an item."""

    kind = forms.ChoiceField(label=_("Kind of evidence"), choices=EvidenceSort.choices)
    reference = forms.CharField(label=_("Number of the report or contract"), max_length=120)
    issuer = forms.CharField(label=_("Issued by"), max_length=200)
    on = DayField(label=_("Day"))
    level = forms.TypedChoiceField(label=_("Level that it shows"), coerce=int, empty_value=None)
    file = forms.ChoiceField(
        label=_("File of this case"), required=False, help_text=_("Add the file to the case first; or name a record.")
    )
    code = forms.CharField(
        label=_("Or the code of the record that it is"),
        required=False,
        max_length=30,
        help_text=_("A contract or an agreement; for other evidence also a project, a race or an inner record."),
    )
    moves = forms.BooleanField(label=_("The item's level moves to what it shows"), required=False, initial=True)

    def __init__(self, *given: Any, row: Evaluation, **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "level", _levels(row))
        offer(self, "file", [EMPTY, *((str(one.stored_id), one.name) for one in documents_of(row.record, GROUPS))])

    @property
    def facts(self) -> EvidenceFacts:
        """As the actions take it."""
        typed = dict(self.cleaned_data)
        typed.pop("moves")
        return EvidenceFacts(**typed)


class LevelForm(forms.Form):
    """An item's level that moves, and by which evidence."""

    level = forms.TypedChoiceField(label=_("Level"), coerce=int, empty_value=None)
    on = DayField(label=_("From"))
    evidence = forms.MultipleChoiceField(
        label=_("Evidence that shows it"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Up, one piece shows that level or a higher one; down, that level or a lower one."),
    )

    def __init__(self, *given: Any, row: Evaluation, item: WorkItem, **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "level", _levels(row))
        used = {one for move in item.moves.all() for one in move.evidence}
        free = [one for one in item.evidence.all() if one.reference not in used]
        choices = [(one.reference, f"{one.get_kind_display()} {one.reference} → {one.level}") for one in free]
        offer(self, "evidence", choices)


class FindingsForm(forms.Form):
    """What those who evaluate find."""

    innovation = forms.TypedChoiceField(
        label=_("Grade of innovation"), choices=[EMPTY, *Innovation.choices], coerce=int, empty_value=None,
        required=False,
    )  # fmt: skip
    advancement = forms.TypedChoiceField(
        label=_("Grade of advancement"),
        choices=[EMPTY, *((one, one) for one in range(1, HIGHEST_ADVANCEMENT + 1))],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("From 1, below the domestic average, to 7, better than the best in the world; by the metrics."),
    )
    standing = forms.ChoiceField(
        label=_("Standing of the result"), choices=[EMPTY, *ResultStanding.choices], required=False
    )
    conclusion = forms.CharField(label=_("Conclusion"), required=False, max_length=20_000, widget=long_text(5))
    limits = forms.CharField(
        label=_("For what the report does not hold"),
        required=False,
        max_length=5000,
        widget=long_text(3),
        help_text=_("What was not looked at, under which conditions it holds; no report goes out without."),
    )
    valid_to = DayField(label=_("Holds until"), required=False)
    marks_why = forms.CharField(
        label=_("Why marks are not the experts' means"), required=False, max_length=5000, widget=long_text(2)
    )
    chair = forms.CharField(
        label=_("Chair of the experts"), required=False, max_length=80, help_text=_("Where experts are heard.")
    )

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        for name, label in Value.choices:
            self.fields[f"mark_{name}"] = forms.DecimalField(
                label=label, required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2
            )

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """The fields in their parts: grades, marks, the report's words."""
        parts: tuple[tuple[Any, Sequence[str]], ...] = (
            (_("Grades"), ("innovation", "advancement", "standing")),
            (_("Marks from 0 to 100"), (*(f"mark_{name}" for name in Value.values), "marks_why")),
            (_("Report"), ("conclusion", "limits", "valid_to", "chair")),
        )
        return tuple(FormSection(legend, tuple(self[name] for name in names)) for legend, names in parts)

    @property
    def facts(self) -> Findings:
        """As the actions take it."""
        typed = self.cleaned_data
        marks = {name: typed[f"mark_{name}"] for name in Value.values}
        plain = {name: typed[name] for name in FindingsForm.base_fields}
        return Findings(**plain, marks={name: int(mark * 100) for name, mark in marks.items() if mark is not None})


def initial_findings(row: Evaluation) -> dict[str, Any]:
    """What was found so far, as the form shows it: before anything was, the experts' means are its marks."""
    fields = {name: getattr(row, name) for name in FindingsForm.base_fields}
    marks = row.marks or marks_heard(row)
    return fields | {f"mark_{name}": _typed(Decimal(mark) / 100) for name, mark in marks.items()}


def _asked(one: FormField) -> forms.Field:
    given: dict[str, Any] = {"label": one.label, "help_text": one.hint, "required": False}
    if one.choices is not None:
        return forms.ChoiceField(choices=[EMPTY, *one.choices.choices], **given)
    if one.money:
        return WanField(**given)
    return forms.CharField(max_length=one.most, **given | ({"widget": long_text(3)} if one.most == LONG else {}))


class RegistryForm(forms.Form):
    """What the registry's form asks beyond what is known here."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields = {one.name: _asked(one) for one in FIELDS}


class RegistrationForm(forms.Form):
    """What the registry gave."""

    number = forms.CharField(label=_("Number of the registration (批准登记号)"), max_length=30)
    on = DayField(label=_("Registered on"))


class ReportForm(forms.Form):
    """What stands on a report: its number, and the code at the foot of its pages."""

    number = forms.CharField(label=_("Number of the report"), max_length=30, help_text="Y-2026-00001-1")
    code = forms.CharField(
        label=_("Code at the foot of its pages (版本码)"), max_length=40, help_text="ABCD-EFGH-JKMN-PQRS"
    )


class AgencyReportForm(forms.Form):
    """The signed report of an agency."""

    file = forms.FileField(label=_("Signed report"), help_text=_("PDF, PNG or JPEG."))
    declared_open = forms.BooleanField(label=DECLARATION)
