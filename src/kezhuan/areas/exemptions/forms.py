"""What is typed about cases of exemption."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evidence.reconstruction import move_of
from kezhuan.areas.exemptions.actions import CaseFacts
from kezhuan.areas.exemptions.models import (
    DutyState,
    ExemptionBar,
    ExemptionCase,
    ExemptionEvent,
    ExemptionFinding,
    ExemptionGround,
)
from kezhuan.areas.exemptions.queries import clauses_for
from kezhuan.kernel.models import Document
from kezhuan.kernel.registry import kind_of
from kezhuan.web.fields import DECLARATION, EMPTY, DayField, YuanField, long_text, offer
from kezhuan.web.templatetags.kezhuan import day


def named_files(files: list[Document]) -> list[tuple[str, str]]:
    """Evidence files as they are chosen: by hash, told by record, what was decided and on which day."""
    return [(one.sha256, f"{one.record.code} {one.record.title} · {_decided(one)}") for one in files]


def _decided(file: Document) -> str:
    move = kind_of(file.record).lifecycle.moves.get(move_of(file))
    return f"{move.label} · {day(file.uploaded_at)}" if move is not None else file.name


class CaseForm(forms.Form):
    """A case."""

    title = forms.CharField(label=_("Title"), max_length=200)
    event = forms.ChoiceField(label=_("Event"), choices=ExemptionEvent.choices)
    event_on = DayField(label=_("Day of the event"))
    source = forms.CharField(label=_("Who found or told it, and by which paper"), max_length=300)
    loss = YuanField(label=_("Loss, in yuan"), required=False, help_text=_("Empty while nobody has worked it out."))
    decisions = forms.MultipleChoiceField(
        label=_("Decisions it is about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Their evidence files, as they were frozen. You see those that you may read."),
    )
    summary = forms.CharField(label=_("What happened"), required=False, max_length=20_000, widget=long_text(4))

    def __init__(self, *given: Any, files: list[Document], row: ExemptionCase | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        if row is not None:
            del self.fields["decisions"]
        else:
            offer(self, "decisions", named_files(files))

    @property
    def facts(self) -> CaseFacts:
        """What was typed, as the actions take it."""
        typed = self.cleaned_data
        return CaseFacts(
            title=typed.get("title", ""),
            event=typed.get("event", ""),
            event_on=typed.get("event_on"),
            source=typed.get("source", ""),
            loss_fen=typed.get("loss"),
            summary=typed.get("summary", ""),
            decisions=tuple(typed.get("decisions", ())),
        )


class DecisionForm(forms.Form):
    """An evidence file to be attached."""

    decision = forms.ChoiceField(label=_("Evidence file"), widget=forms.RadioSelect)

    def __init__(self, *given: Any, files: list[Document], **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "decision", named_files(files))


class ConditionForm(forms.Form):
    """Whether a condition was met."""

    holds = forms.ChoiceField(label=_("Was it met"), choices=DutyState.choices, widget=forms.RadioSelect)
    document = forms.ChoiceField(label=_("File of this case that shows it"), required=False)
    file = forms.FileField(label=_("Or a new file"), required=False)
    declared_open = forms.BooleanField(label=DECLARATION, required=False)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=long_text(3),
        help_text=_("Why it is missing, or not asked of this decision."),
    )

    def __init__(self, *given: Any, files: list[Document], **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "document", [EMPTY, *((str(one.pk), one.name) for one in files)])


class FindingForm(forms.Form):
    """What is proposed."""

    finding = forms.ChoiceField(label=_("Finding"), choices=ExemptionFinding.choices, widget=forms.RadioSelect)
    ground = forms.ChoiceField(
        label=_("Ground and clause"),
        required=False,
        help_text=_("Those that a rule value lets exempt here on the day of the decision, with its source."),
    )
    bars = forms.MultipleChoiceField(
        label=_("What is never exempted, and was found"),
        choices=ExemptionBar.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *given: Any, row: ExemptionCase, **options: Any) -> None:
        super().__init__(*given, **options)
        known = [
            (str(one), f"{ExemptionGround(one).label}（{rule.source[:120]}）") for one, rule in clauses_for(row).items()
        ]
        offer(self, "ground", [EMPTY, *known])


class StatementForm(forms.Form):
    """What somebody says."""

    text = forms.CharField(label=_("Statement"), max_length=10_000, widget=long_text(6))
