"""What officers propose about applications, as a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.awarding import BY_SCORE
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.proposal_actions import Proposed
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.kernel.text import listed
from kezhuan.web.components import FormSection
from kezhuan.web.fields import WanField, long_text


class ProposalForm(forms.Form):
    """What is proposed for each of these applications; one about which nothing is said yet stays open."""

    def __init__(
        self,
        *given: Any,
        applications: Sequence[Application],
        advice: Mapping[int, PanelItem],
        by_rule: Mapping[int, bool],
        ties: Mapping[int, Sequence[str]],
        call: Call,
        **options: Any,
    ) -> None:
        super().__init__(*given, **options)
        self._rows, self._ties = list(applications), ties
        if call.award_rule in BY_SCORE:
            self.fields["rule_note"] = forms.CharField(
                label=_("Why the rule of the call is not kept, where it is not"), widget=long_text(2), max_length=2000,
                required=False, initial=call.award_note, help_text=_("The notice tells it."),
            )  # fmt: skip
        for row in self._rows:
            held, advised = getattr(row, "proposal", None), advice.get(row.pk)
            said = by_rule.get(row.pk, advised.advised if advised is not None else None)
            awarded = held.awarded if held is not None else said
            # What the panel says of the contrary is no reason.
            opinion = advised.opinion if advised is not None and advised.advised == said else ""
            self.fields[f"awarded_{row.pk}"] = forms.ChoiceField(
                label=_("Proposed"),
                choices=[("yes", _("chosen")), ("no", _("not chosen"))],
                widget=forms.RadioSelect,
                required=False,
                initial=None if awarded is None else ("yes" if awarded else "no"),
            )
            self.fields[f"award_{row.pk}"] = WanField(
                label=_("Fiscal money (万元)"),
                required=False,
                initial=held.award_fen if held is not None else row.asked_fen,
            )
            self.fields[f"passed_{row.pk}"] = WanField(
                label=_("Of it passed on to other members (万元)"),
                required=False,
                initial=held.passed_on_fen or None if held is not None else None,
            )
            self.fields[f"reason_{row.pk}"] = forms.CharField(
                label=_("Why; the applicant reads it"),
                widget=long_text(2),
                max_length=2000,
                required=False,
                initial=held.reason if held is not None else opinion,
            )

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """The applications, each with its fields."""
        rule = (FormSection(_("Rule of the call"), (self["rule_note"],)),) if "rule_note" in self.fields else ()
        lines = (
            FormSection(
                self._legend(row),
                tuple(self[f"{name}_{row.pk}"] for name in ("awarded", "award", "passed", "reason")),
            )
            for row in self._rows
        )
        return (*rule, *lines)

    def _legend(self, row: Application) -> str:
        told = [f"{row.item.number} {row.item.title}", row.applicant.record.title, row.record.code]
        if row.pk in self._ties:
            told.append(_("related to the poster: %(ties)s") % {"ties": listed(self._ties[row.pk])})
        return " · ".join(told)

    def clean(self) -> dict[str, Any]:
        """Whoever gives a reason says of what, and the other way about."""
        typed = super().clean() or {}
        for row in self._rows:
            chosen, reason = f"awarded_{row.pk}", f"reason_{row.pk}"
            if typed.get(reason) and not typed.get(chosen) and chosen not in self.errors:
                self.add_error(chosen, _("Say whether it is chosen."))
            if typed.get(chosen) and not typed.get(reason) and reason not in self.errors:
                self.add_error(reason, _("Say why; the applicant reads it."))
        return typed

    @property
    def proposed(self) -> dict[str, Proposed]:
        """What was typed, by the code of the application."""
        typed = self.cleaned_data
        return {
            row.record.code: Proposed(
                typed[f"awarded_{row.pk}"] == "yes",
                typed[f"reason_{row.pk}"],
                typed[f"award_{row.pk}"],
                typed[f"passed_{row.pk}"] or 0,
            )
            for row in self._rows
            if typed[f"awarded_{row.pk}"]
        }
