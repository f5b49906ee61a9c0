"""Forms of approvals."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.lifecycle import Move
from kezhuan.web.fields import EMPTY, long_text


class AskForm(forms.Form):
    """The words that go with the step that is asked for."""

    reason = forms.ChoiceField(label=_("Reason"))
    note = forms.CharField(
        label=_("Note"),
        max_length=5000,
        required=False,
        widget=long_text(3),
        help_text=_("It goes with the step as if you took it yourself."),
    )

    def __init__(self, *given: Any, move: Move, **options: Any) -> None:
        super().__init__(*given, **options)
        choices: Sequence[tuple[str, Any]] = [EMPTY, *move.reasons]
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]
        if not move.reasons:
            del self.fields["reason"]
        if move.note == "none":
            del self.fields["note"]
        else:
            self.fields["note"].required = move.note == "required"


class SignForm(forms.Form):
    """An opinion, and the document's number where the step gives it."""

    opinion = forms.CharField(
        label=_("Opinion"),
        max_length=5000,
        required=False,
        widget=long_text(4),
        help_text=_("It stands on the sheet (呈批表) as written. Only the offices on the way read it."),
    )
    document_no = forms.CharField(
        label=_("Document number"), max_length=80, required=False, help_text=_("For example 穗科〔2026〕12号.")
    )

    def __init__(self, *given: Any, numbered: bool, **options: Any) -> None:
        super().__init__(*given, **options)
        if not numbered:
            del self.fields["document_no"]


class ReturnForm(forms.Form):
    """The opinion with which it is returned, and who reads it."""

    opinion = forms.CharField(label=_("Opinion"), max_length=5000, widget=long_text(4))
    to_applicant = forms.BooleanField(
        label=_("The applicant reads this opinion"),
        required=False,
        help_text=_("It then stands in the history of the record. Otherwise only the offices on the way read it."),
    )
