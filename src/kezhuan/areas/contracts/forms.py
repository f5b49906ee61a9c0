"""The form of a contract, as the registry's form has it, and the form in which its registration is read back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.queries import ties_of
from kezhuan.areas.contracts.actions import ContractFacts, Registration, check_facts
from kezhuan.areas.contracts.models import ENDS, MONEY, SAME, Contract
from kezhuan.areas.contracts.queries import TIES
from kezhuan.areas.contracts.wording import MEASURE_WORDS, TABLE_WORDS, choices, label, say
from kezhuan.engines import contracts as engine
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import wan_from_fen
from kezhuan.kernel.vocabulary import REGIONS
from kezhuan.web.fields import EMPTY, DayField, WanField, long_text, offer
from kezhuan.web.reading_pages import SentFileForm

MOST_TIES = 500
"""Of so many records, the newest, one is chosen; an older one is named through the API or an import."""
_TEXTS = {
    **{f"{side}_{end}": length for side in ("seller", "buyer") for end, length in zip(
        ("name", "code", "country", "region", "legal", "address", "phone"), (200, 40, 40, 40, 80, 300, 60), strict=True
    )},
    "industry": 120,
    "agency": 120,
}  # fmt: skip
_DAYS = ("signed_on", "valid_from", "valid_to", "benefit_on")
_AMOUNTS = (
    "turnover", *engine.DEDUCTIONS, "technology", "new_investment", "new_output", "paid", "equipment_budget", "revenue",
)  # fmt: skip
_FLAGS = ("undetermined", "related", "disputed")
_HELP = {
    "technology": _("Turnover less the costs that are no technology."),
    "other": _("Without the direct cost of a reasonable number of samples, which is not deducted."),
    "undetermined": _("Only where the price is a royalty."),
    "seller_country": _("Three digits, 156 for mainland China."),
    "buyer_country": _("Three digits, 156 for mainland China."),
    "seller_region": _("Six digits of GB/T 2260, such as 440106."),
    "buyer_region": _("Six digits of GB/T 2260, such as 440106."),
    "instalments": _("Amounts apart by semicolons, such as 60万元; 40万元."),
    "text": _("The text itself, so that the clauses can be looked for; or add the signed file as a document."),
    "new_investment": _("Required for transfers of technology."),
    "new_output": _("Required for transfers of technology."),
}


def _made(name: str) -> forms.Field:
    """The field of a column of the registration form."""
    more: dict[str, Any] = {"label": label(name), "required": False, "help_text": _HELP.get(name, "")}
    if name in engine.CODED:
        return forms.ChoiceField(choices=[EMPTY, *choices(engine.CODED[name])], **more)
    if name == "rights":
        return forms.MultipleChoiceField(choices=choices(name), widget=forms.CheckboxSelectMultiple, **more)
    if name in _DAYS:
        return DayField(**more)
    if name in _AMOUNTS:
        return WanField(**more)
    if name in _FLAGS:
        return forms.BooleanField(**more)
    if name == "text":
        return forms.CharField(max_length=200_000, widget=long_text(14), **more)
    if name.startswith("content_"):
        return forms.CharField(max_length=2000, widget=long_text(2), **more)
    return forms.CharField(max_length=_TEXTS.get(name, 400), **more)


GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("The contract"),
        ("title", "title_en", "kind", "subkind", "form", "signed_on", "valid_from", "valid_to", "field", "rights",
         "plan", "goal_code", "industry"),
    ),
    (_("Seller (registers)"), tuple(f"seller_{end}" for end in ENDS)),
    (_("Buyer"), tuple(f"buyer_{end}" for end in ENDS)),
    (
        _("Amounts (万元)"),
        ("turnover", *engine.DEDUCTIONS, "technology", "undetermined", "payment", "instalments", "relief",
         "new_investment", "new_output"),
    ),
    (_("What the text says"), ("text", *(f"content_{name}" for name in engine.CONTENT))),
    (
        _("For the second look"),
        ("related", "disputed", "paid", "equipment_budget", "revenue", "benefit_on", "agency"),
    ),
    (_("Where it comes from"), TIES),
)  # fmt: skip


class ContractForm(forms.Form):
    """The registration form; its fields are the engine's columns."""

    title = forms.CharField(label=label("name"), max_length=200)
    title_en = forms.CharField(label=_("Title in English"), max_length=400, required=False)
    achievement = forms.ChoiceField(label=_("Achievement"), required=False)
    need = forms.ChoiceField(label=_("Need"), required=False)
    introduction = forms.ChoiceField(label=_("Introduction"), required=False)
    agreement = forms.ChoiceField(label=_("Agreement"), required=False)

    def __init__(self, *given: Any, actor: Actor, held: Contract | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        for _legend, names in GROUPS:
            for name in names:
                if name not in self.fields:
                    self.fields[name] = _made(name)
        self._ties: dict[str, Record] = {}
        for name in TIES:
            kept = getattr(held, name) if held is not None else None
            rows = {one.code: one for one in (*filter(None, [kept]), *ties_of(actor, name)[:MOST_TIES])}
            self._ties |= rows
            offer(self, name, [EMPTY, *((code, f"{code} {one.title}") for code, one in rows.items())])

    @property
    def facts(self) -> ContractFacts:
        """What was typed, as the actions take it; what could not be read is left out."""
        typed = self.cleaned_data

        def said(name: str) -> Any:
            return typed.get(name) or ("" if name not in (*_DAYS, *_AMOUNTS) else typed.get(name))

        def party(side: str) -> engine.Party:
            return engine.Party(*(said(f"{side}_{end}") for end in ENDS))

        texts = ("kind", "subkind", "form", "field", "plan", "industry", "payment", "relief", "agency", "text")
        more: dict[str, Any] = {
            **{name: said(name) for name in texts},
            **{name: typed.get(name) for name in _DAYS},
            **{name: bool(typed.get(name)) for name in _FLAGS},
            **{name: typed.get(name) for name in MONEY.values() if name != "equipment"},
        }
        form = engine.Contract(
            row=0,
            name=said("title"),
            seller=party("seller"),
            buyer=party("buyer"),
            goal=said("goal_code"),
            rights=tuple(typed.get("rights", ())),
            deductions={name: typed[name] for name in engine.DEDUCTIONS if typed.get(name) is not None},
            instalments=engine.read_instalments(said("instalments")),
            content={name: text for name in engine.CONTENT if (text := said(f"content_{name}"))},
            equipment=typed.get("equipment_budget"),
            **more,
        )
        ties: dict[str, Any] = {name: self._ties.get(said(name)) for name in TIES}
        return ContractFacts(form=form, title_en=said("title_en"), **ties)


def check_typed(form: ContractForm, _rows: Any) -> list[Problem]:
    """What is wrong with what was typed."""
    return check_facts(form.facts)


def initial_of(row: Contract) -> dict[str, Any]:
    """A contract as its form shows it."""
    shown = {name: getattr(row, name) for name in SAME}
    shown |= {name: getattr(row, column) for column, name in MONEY.items() if name != "equipment"}
    shown |= {f"{side}_{end}": getattr(row, f"{side}_{end}") for side in ("seller", "buyer") for end in ENDS}
    shown |= {f"content_{name}": text for name, text in row.content.items()}
    shown |= {name: tie.code for name in TIES if (tie := getattr(row, name)) is not None}
    return {
        **shown,
        **row.deductions,
        "title": row.record.title,
        "title_en": row.record.title_en,
        "goal_code": row.goal,
        "rights": row.rights,
        "equipment_budget": row.equipment_fen,
        "instalments": "; ".join(f"{wan_from_fen(fen)}万元" for fen in row.instalments),
    }


class RegistrationForm(forms.Form):
    """What the registry gave."""

    reg_no = forms.CharField(label=label("reg_no"), max_length=40, help_text=_("16 digits."))
    registered_on = DayField(label=label("registered_on"))
    turnover = WanField(label=label("turnover"), help_text=_("万元, as the registry printed it."))
    technology = WanField(label=label("technology"), help_text=_("万元, as the registry printed it."))

    def __init__(self, *given: Any, undetermined: bool, **options: Any) -> None:
        super().__init__(*given, **options)
        for name in ("turnover", "technology") if undetermined else ():
            self.fields[name].required = False
            self.fields[name].help_text = _("万元; empty while the total is open, until a change registers it.")

    @property
    def given(self) -> Registration:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        return Registration(typed["reg_no"], typed["registered_on"], typed["turnover"], typed["technology"])


class ReadBackForm(SentFileForm):
    """A register that was numbered outside."""

    only_check = forms.BooleanField(label=_("Only check, change nothing"), required=False)
    take_amounts = forms.BooleanField(
        label=_("Where amounts differ, take those of the register"),
        required=False,
        help_text=_("Otherwise such a contract is named and left as it is."),
    )
    field_order = ("file", "only_check", "take_amounts", "declared_open")


class AnswersForm(forms.Form):
    """To which unit what was registered is given back."""

    unit = forms.ChoiceField(label=_("Unit"))

    def __init__(self, *given: Any, units: Sequence[tuple[str, str]]) -> None:
        super().__init__(*given)
        offer(self, "unit", list(units))


class OcdsForm(forms.Form):
    """Of which days of registration contracts are taken along."""

    since = DayField(label=_("Registered from"))
    until = DayField(label=_("Registered until"))
    part = forms.IntegerField(
        label=_("Part"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("Where the days hold too many for one file."),
    )


class FlagsForm(forms.Form):
    """Which flags the list shows."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    year = forms.TypedChoiceField(label=_("Year"), coerce=int, empty_value=None, required=False)
    place = forms.ChoiceField(label=_("Seller's district"), required=False)
    looked = forms.TypedChoiceField(
        label=_("Looked at"),
        coerce=lambda word: word == "yes",
        empty_value=None,
        required=False,
        choices=[EMPTY, ("no", _("open")), ("yes", _("looked into"))],
    )

    def __init__(self, asked: Any, *, years: Sequence[int]) -> None:
        super().__init__(asked)
        offer(self, "kind", [EMPTY, *((kind, say(words)) for kind, words in engine.KINDS.items())])
        offer(self, "year", [EMPTY, *((str(year), str(year)) for year in years)])
        offer(self, "place", [EMPTY, *REGIONS.items()])

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for; what is none of the choices is as if it were not asked."""
        self.is_valid()
        return {"kind": "", "year": None, "place": "", "looked": None} | self.cleaned_data


class LookForm(forms.Form):
    """What was found of a hint that says this."""

    finding = forms.CharField(label=_("What was found of it"), max_length=500, help_text=_("One sentence."))
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)


class FiguresForm(forms.Form):
    """What the yearly tables show."""

    year = forms.TypedChoiceField(label=_("Year"), coerce=int, empty_value=None, required=False)
    by = forms.ChoiceField(label=_("Told apart by"), required=False, choices=list(TABLE_WORDS.items()))
    measure = forms.ChoiceField(label=_("Measure"), required=False, choices=list(MEASURE_WORDS.items()))

    def __init__(self, asked: Any, *, years: Sequence[int], opened: int) -> None:
        super().__init__({"year": opened} | asked.dict())  # the year that is shown is the one chosen
        offer(self, "year", [(str(year), str(year)) for year in years])
        self.opened = opened

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for; what is none of the choices is as if it were not asked."""
        typed = self.cleaned_data if self.is_valid() else {}
        return {
            "year": typed.get("year") or self.opened,
            "by": typed.get("by") or "field",
            "measure": typed.get("measure") or "turnover",
        }
