"""Pages of the rulebook: every dated value with its source and history, and the city officers' way to add a version."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from kezhuan.kernel import rulebook
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import RuleValue
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.text import clean, day_from_text, today
from kezhuan.web import exports
from kezhuan.web.components import ButtonLink, Tag
from kezhuan.web.fields import EMPTY, DayField, PercentField, WanField, long_text
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import place_name, rule_name, value_in_words
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail

PARTS: dict[str, Any] = {
    "call": gettext_lazy("Calls"),
    "race": gettext_lazy("Races"),
    "task": gettext_lazy("Tasks of chains"),
    "project": gettext_lazy("Projects"),
    "review": gettext_lazy("Reviews"),
    "conflict": gettext_lazy("Conflicts of interest"),
    "evaluation": gettext_lazy("Evaluation of results"),
    "grant": gettext_lazy("Grants of rights"),
    "income": gettext_lazy("Income and rewards"),
    "contract": gettext_lazy("Technology contracts"),
    "ledger": gettext_lazy("Separate ledger"),
    "exemption": gettext_lazy("Exemption of the diligent"),
    "clock": gettext_lazy("Terms and answer times"),
    "notice": gettext_lazy("Public notices"),
    "archive": gettext_lazy("Retention of closed cases"),
    "": gettext_lazy("Everything else"),
}
"""Which part of the page a rule stands in, by the beginning of its code, in the order of the page."""


def _part(code: str) -> str:
    first = code.partition(".")[0]
    return first if first in PARTS else ""


def _in_parts(lines: Sequence[Any], missing: Sequence[rulebook.Rule]) -> list[tuple[Any, ...]]:
    """Each part of the page that has anything: its name and label, the values in it, and the rules without one."""
    parts = []
    for name, label in PARTS.items():
        told = [one for one in lines if _part(one[3].code) == name]
        without = [(one.label, reverse("rule", args=[one.code])) for one in missing if _part(one.code) == name]
        if told or without:
            parts.append((name or "other", label, told, without))
    return parts


@takes_a_list
def rules(request: Request) -> HttpResponse:
    """All values in force on a day, today unless the address names another, in parts, or those in which the words that
    are asked for stand."""
    on = day_from_text(request.GET.get("on", "")) or today()
    asked = clean(request.GET.get("q", ""))[:100]
    words = asked.casefold().split()

    def fits(*texts: object) -> bool:
        whole = " ".join(map(str, texts)).casefold()
        return all(word in whole for word in words)

    held = sorted(rulebook.versions_in_force(on), key=lambda one: (one.code, one.jurisdiction))
    versions = [
        one
        for one in held
        if fits(rule_name(one.code), one.code, place_name(one.jurisdiction), value_in_words(one), one.source)
    ]
    if exports.asks_for_file(request):
        return _rules_file(request, versions)
    codes = {one.code for one in held}
    missing = [one for one in rulebook.known_rules().values() if one.code not in codes and fits(one.label, one.code)]
    lines = [(rule_name(one.code), value_in_words(one), place_name(one.jurisdiction), one) for one in versions]
    return page(
        request,
        "rules.html",
        title=_("Rules and their sources"),
        crumbs=trail((_("Home"), "/"), _("Rules and their sources")),
        on=on.isoformat(),
        is_today=on == today(),
        q=asked,
        lines=lines,
        missing=missing,
        parts=_in_parts(lines, missing),
        endings=tuple(exports.MEDIA),
        buttons=(ButtonLink(_("Add a version"), reverse("rule-new"), primary=True),)
        if rulebook.may_change_rules(request.actor)
        else (),
    )


def _rules_file(request: Request, versions: Sequence[RuleValue]) -> HttpResponse:
    headers = (_("Rule"), _("Number"), _("Where it applies"), _("Value"), _("In force from"), _("Until"), _("Source"))
    rows = [
        (
            str(rule_name(one.code)),
            one.code,
            str(place_name(one.jurisdiction)),
            str(value_in_words(one)),
            one.effective_from,
            one.effective_to,
            one.source,
        )
        for one in versions
    ]
    return exports.table_file(request, headers, rows, name="rules", title=_("Rules and their sources"))


def _versions_file(request: Request, versions: Sequence[RuleValue]) -> HttpResponse:
    headers = (_("Rule"), _("Where it applies"), _("Value"), _("State"), _("In force from"), _("Until"), _("Source"),
               _("Entered on"))  # fmt: skip
    rows = [
        (str(rule_name(one.code)), str(place_name(one.jurisdiction)), str(value_in_words(one)),
         str(_state(one, today()).label), one.effective_from, one.effective_to, one.source,
         exports.local(one.entered_at))
        for one in versions
    ]  # fmt: skip
    return exports.table_file(request, headers, rows, name="rule", title=_("Rules and their sources"))


def _state(version: RuleValue, on: date) -> Tag:
    if version.withdrawn_at is not None:
        return Tag(_("withdrawn"), "no")
    if version.effective_from > on:
        return Tag(_("to come"), "wait")
    if version.effective_to is not None and version.effective_to < on:
        return Tag(_("past"))
    return Tag(_("in force"), "ok")


def _is_over(version: RuleValue, on: date) -> bool:
    """Whether a version is in force no more, or was taken back."""
    ended = version.effective_to is not None and version.effective_to < on
    return version.withdrawn_at is not None or ended


@takes_a_list
def rule(request: Request, code: str) -> HttpResponse:
    """One rule with every version it ever had, newest first."""
    versions = list(RuleValue.objects.filter(code=code).order_by("jurisdiction", "-effective_from", "-pk"))
    known = rulebook.known_rules().get(code)
    if not versions and known is None:
        raise Missing(code)
    if exports.asks_for_file(request):
        return _versions_file(request, versions)
    may_change = rulebook.may_change_rules(request.actor)
    new = f"{reverse('rule-new')}?code={code}"
    shown: list[dict[str, Any]] = [
        {
            "version": one,
            "value": value_in_words(one),
            "place": place_name(one.jurisdiction),
            "state": _state(one, today()),
            "may_withdraw": may_change and one.entered_at is not None and one.withdrawn_at is None,
        }
        for one in versions
    ]
    return page(
        request,
        "rule.html",
        title=capfirst(rule_name(code)),
        code=code,
        endings=tuple(exports.MEDIA) if versions else (),
        crumbs=trail((_("Home"), "/"), (_("Rules and their sources"), reverse("rules")), code),
        versions=[one for one in shown if not _is_over(one["version"], today())],
        former=[one for one in shown if _is_over(one["version"], today())],
        buttons=(ButtonLink(_("Add a version"), new, primary=True),) if may_change and known is not None else (),
    )


def _rule_choices() -> list[tuple[str, Any]]:
    return [EMPTY, *((code, one.label) for code, one in rulebook.known_rules().items())]


def _place_choices() -> list[tuple[str, str]]:
    return [(code, place_name(code)) for code in rulebook.known_places()]


class VersionForm(forms.Form):
    """A version of a rule value."""

    code = forms.ChoiceField(label=gettext_lazy("Rule"), choices=_rule_choices)
    jurisdiction = forms.ChoiceField(
        label=gettext_lazy("Place"),
        choices=_place_choices,
        help_text=gettext_lazy(
            "The nearest place counts: a district's value before the city's, the city's before all."
        ),
    )
    value = forms.CharField(
        label=gettext_lazy("Value"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
        help_text=gettext_lazy("A whole number; money in 万元, shares in percent."),
    )
    unit = forms.ChoiceField(label=gettext_lazy("Counted in"), choices=[EMPTY, *Unit.choices])
    effective_from = DayField(
        label=gettext_lazy("In force from"),
        help_text=gettext_lazy("The version in force until then ends the day before; it stays to be read."),
    )
    effective_to = DayField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy(
            "After this day no version is in force and nothing is asked, until another one begins: add that one too."
        ),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=500,
        widget=long_text(2),
        help_text=gettext_lazy("Document, number, date and clause that set the value."),
    )

    def clean(self) -> dict[str, Any]:
        """The value as a whole number of what its unit is kept in."""
        given: dict[str, Any] = super().clean() or {}
        typed, unit = given.get("value"), given.get("unit")
        if typed and unit:
            try:
                given["value"] = _number(typed, unit)
            except ValidationError as problem:
                self.add_error("value", problem)
        return given


def _number(typed: str, unit: str) -> int:
    if unit in {Unit.FEN, Unit.BASIS_POINTS}:
        field: forms.CharField = WanField() if unit == Unit.FEN else PercentField()
        number = field.clean(typed)
        assert isinstance(number, int)
        return number
    number = whole_number(clean(typed).replace(",", ""), -1)
    if number < 0:
        raise ValidationError(_("Enter a whole number, for example 5."))
    return number


@require_http_methods(["GET", "POST"])
def rule_new(request: Request) -> HttpResponseBase:
    """Add a version of a value."""
    if not rulebook.may_change_rules(request.actor):
        raise NotAllowed
    start = _begin(request.GET.get("code", ""))

    def act(form: VersionForm) -> str:
        version = rulebook.add_rule_value(actor=request.actor, **form.cleaned_data)
        return reverse("rule", args=[version.code])

    return action_page(
        request,
        lambda posted, _files: VersionForm(posted, initial=start),
        act,
        title=_("Add a version"),
        intro=_(
            "A value is never edited: a new version takes its place from a day on, and every case keeps the one it"
            " used."
        ),
        submit_label=_("Add the version"),
        done=_("The version was added."),
        back=reverse("rules"),
        crumbs=trail((_("Home"), "/"), (_("Rules and their sources"), reverse("rules")), _("Add a version")),
    )


def _begin(code: str) -> dict[str, Any]:
    """What stands in the form at first: the unit and place of the newest version of the rule."""
    known = rulebook.known_rules().get(code)
    if known is None:
        return {}
    last = RuleValue.objects.filter(code=code, withdrawn_at=None).order_by("-effective_from").first()
    start: dict[str, Any] = {"code": code, "unit": last.unit if last else known.units[0]}
    return start | ({"jurisdiction": last.jurisdiction} if last else {})


@require_POST
def rule_withdraw(request: Request, code: str, number: int) -> HttpResponse:
    """Take back a version entered by mistake."""
    version = RuleValue.objects.filter(pk=number, code=code).first()
    if version is None:
        raise Missing
    rulebook.withdraw_rule_value(actor=request.actor, version=version)
    messages.success(request, _("The version was taken back."))
    return redirect("rule", code=code)
