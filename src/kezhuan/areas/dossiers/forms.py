"""The form of a dossier."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.dossiers.actions import DossierFacts
from kezhuan.areas.dossiers.models import Dossier, roles_of
from kezhuan.areas.dossiers.permissions import sorts_kept_by
from kezhuan.areas.dossiers.queries import achievements_of
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import listed
from kezhuan.web.fields import EMPTY, DayField, WanField, long_text, offer

MOST_CHOICES = 500


class DossierForm(forms.Form):
    """What a dossier is about."""

    sort = forms.ChoiceField(label=_("Sort"), widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title"), max_length=200)
    number = forms.CharField(
        label=_("Number"), max_length=80, required=False, help_text=_("Of the contract, the minutes, the document.")
    )
    on = DayField(label=_("Day of the paper"))
    amount = WanField(label=_("Amount (万元)"), required=False)
    about = forms.ChoiceField(label=_("Achievement"), required=False)
    summary = forms.CharField(label=_("What it says"), required=False, max_length=20_000, widget=long_text(6))

    def __init__(self, *given: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*given, **options)
        self._rows = {one.code: one for one in achievements_of(actor)[:MOST_CHOICES]}
        offer(self, "sort", [(one.value, _read_by(one)) for one in sorts_kept_by(actor)])
        offer(self, "about", [EMPTY, *((code, f"{code} {one.title}") for code, one in self._rows.items())])

    @property
    def facts(self) -> DossierFacts:
        """What was typed, as the actions take it."""
        given = self.cleaned_data
        return DossierFacts(
            title=given["title"],
            sort=given["sort"],
            on=given["on"],
            summary=given["summary"],
            number=given["number"],
            amount_fen=given["amount"],
            about=self._rows.get(given["about"]),
        )


def _read_by(sort: Any) -> str:
    roles = listed(role.label for role in Role if role in roles_of(sort))
    return f"{sort.label} · {roles}"


def initial_of(row: Dossier) -> dict[str, Any]:
    """What the form of a dossier begins with."""
    return {
        "sort": row.sort,
        "title": row.record.title,
        "number": row.number,
        "on": row.on,
        "amount": row.amount_fen,
        "about": row.about.code if row.about is not None else "",
        "summary": row.record.summary,
    }
