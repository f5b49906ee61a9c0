"""What is typed about a project: its task book, answers to invitations, changes of members."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.queries import targets_of
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.actions import (
    BY_SHARES,
    MOST_MEMBERS,
    MOST_MILESTONES,
    MOST_PAYMENTS,
    Aim,
    BookFacts,
    Planned,
    Share,
    check_facts,
    parts_of,
)
from kezhuan.areas.projects.changing import Added, Aimed, Wanted
from kezhuan.areas.projects.models import Division, Member, MemberState, Project, Source
from kezhuan.areas.projects.queries import commitments_of, members_of
from kezhuan.areas.projects.sharing import Moved
from kezhuan.areas.projects.staffing import Staffer, in_words
from kezhuan.areas.projects.terms import Terms, terms_of
from kezhuan.kernel.errors import Problem
from kezhuan.web.components import FormSection
from kezhuan.web.fields import EMPTY, DayField, PercentField, WanField, long_text, offer
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import Rows

STAFF = _("People who take part")
STAFF_HINT = _(
    "One a line: name, part, share of time in percent, such as Li Ming, overall design, 30%. Behind somebody of another"
    " member than the leader its code."
)


class StaffField(forms.CharField):
    """People one a line: name, part, share of time in percent, and of a member its code; its value is a tuple of
    them."""

    widget = long_text(3)

    def prepare_value(self, value: Any) -> Any:
        """The people as they are typed."""
        return value if value is None or isinstance(value, str) else in_words(value)

    def clean(self, value: Any) -> tuple[Staffer, ...]:
        """What was typed; a line that cannot be read is refused."""
        lines = [one for one in (super().clean(value) or "").splitlines() if one.strip()]
        return tuple(self._person(number, line) for number, line in enumerate(lines, 1))

    def _person(self, number: int, line: str) -> Staffer:
        parts = [one.strip() for one in re.split("[，,；;\\t]", line)]
        share = parts[2].rstrip("%％").strip() if len(parts) in {3, 4} else ""
        if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", share):
            message = _(
                "Line %(number)s: write name, part, share of time in percent, such as Li Ming, overall design, 30%%."
            )
            raise ValidationError(message % {"number": number})
        return Staffer(parts[0], parts[1], int(Decimal(share) * 100), *parts[3:])


class BookForm(forms.Form):
    """The task book itself."""

    starts_on = DayField(label=_("First day"), required=False)
    ends_on = DayField(label=_("Last day"), required=False)
    own = WanField(label=_("Own money of the members together (万元)"), required=False)
    firm = WanField(label=_("Money of the poster (万元)"), required=False)
    staff = StaffField(label=STAFF, required=False, help_text=STAFF_HINT)
    property_by = forms.ChoiceField(
        label=_("Property in the results is divided"), choices=[EMPTY, *Division.choices], required=False
    )
    property_text = forms.CharField(
        label=_("Words on property"), widget=long_text(3), max_length=10_000, required=False
    )
    benefit_by = forms.ChoiceField(
        label=_("Benefit from the results is divided"), choices=[EMPTY, *Division.choices], required=False
    )
    benefit_text = forms.CharField(label=_("Words on benefit"), widget=long_text(3), max_length=10_000, required=False)
    exit_text = forms.CharField(
        label=_("Terms of exit"), widget=long_text(3), max_length=10_000, required=False,
        help_text=_("What becomes of results, money and duties of a member that leaves."),
    )  # fmt: skip
    needed_later = frozenset({"starts_on", "ends_on", "staff"})
    """What a task book that is filed says."""


class ShareForm(forms.Form):
    """A member, with its task and shares."""

    organisation = forms.CharField(label=_("Code of the organisation"), max_length=30)
    task = forms.CharField(label=_("Task"), widget=long_text(2), max_length=2000, required=False)
    fiscal = WanField(label=_("Fiscal money (万元)"), required=False)
    own = WanField(label=_("Own money (万元)"), required=False)
    lands = forms.BooleanField(
        label=_("From elsewhere: sets up an entity here first (落户)"), required=False,
        help_text=_("Funded work waits until the bureau has recorded that entity."),
    )  # fmt: skip
    property_bp = PercentField(label=_("Share of property (%)"), required=False)
    benefit_bp = PercentField(label=_("Share of benefit (%)"), required=False)
    needed_later = frozenset({"task"})


class AimForm(forms.Form):
    """A milestone."""

    indicator = forms.CharField(label=_("What is reached"), widget=long_text(2), max_length=2000)
    due_on = DayField(label=_("To be reached by"))
    method = forms.CharField(label=_("How it is accepted"), widget=long_text(2), max_length=2000)
    organisation = forms.CharField(label=_("Code of the member who answers for it"), max_length=30)


class PlannedForm(forms.Form):
    """A payment."""

    source = forms.ChoiceField(label=_("Whose money"), choices=Source.choices)
    occasion = forms.ChoiceField(label=_("Paid when"), choices=Occasion.choices)
    milestone = forms.IntegerField(label=_("Number of its milestone"), min_value=1, max_value=99, required=False)
    amount = WanField(label=_("Amount (万元)"))
    payee = forms.CharField(
        label=_("Code of the member it is paid to"), max_length=30, required=False,
        help_text=_("Left empty: the leader. * means all members by their shares."),
    )  # fmt: skip


Shares = formset_factory(ShareForm, extra=0, max_num=MOST_MEMBERS)
Aims = formset_factory(AimForm, extra=0, max_num=MOST_MILESTONES)
Payments = formset_factory(PlannedForm, extra=0, max_num=MOST_PAYMENTS)
TERMS = tuple(Terms.__dataclass_fields__)
GROUPS = (
    (_("Days and money"), ("starts_on", "ends_on", "own", "firm")),
    (STAFF, ("staff",)),
    (_("Property, benefit and exit"), TERMS),
)


def initial_of(row: Project) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A task book as its form shows it."""
    fields = {name: getattr(row, name) for name in ("starts_on", "ends_on", "staff")}
    fields |= {"own": row.own_fen, "firm": row.firm_fen, **asdict(terms_of(row))}
    shares = [
        {
            "organisation": one.organisation.record.code,
            "task": one.task,
            "fiscal": one.fiscal_fen,
            "own": one.own_fen,
            "lands": one.lands,
            "property_bp": one.property_bp or None,
            "benefit_bp": one.benefit_bp or None,
        }
        for one in members_of(row)
    ]
    aims = [
        {
            "indicator": one.indicator,
            "due_on": one.due_on,
            "method": one.method,
            "organisation": one.member.organisation.record.code,
        }
        for one in row.milestones.select_related("member__organisation__record")
    ]
    return fields, {"shares": shares, "milestones": aims, "payments": _planned_of(row, shares)}


def _planned_of(row: Project, shares: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The payments as the form shows them. Neighbours that wait for the same and together go to all members just by
    their shares are the one row they were written as: when the shares change, its parts follow."""
    found: list[dict[str, Any]] = [
        {
            "source": one.source,
            "occasion": one.occasion,
            "milestone": one.milestone.number if one.milestone is not None else None,
            "amount": one.planned_fen,
            "payee": one.payee.organisation.record.code if one.payee is not None else "",
        }
        for one in row.payments.select_related("milestone", "payee__organisation__record")
    ]
    by_code, leader = {one["organisation"]: one["fiscal"] for one in shares if one["fiscal"]}, row.leader.record.code
    told: list[dict[str, Any]] = []
    while found:
        _same, alike = next(groupby(found[: len(by_code)] or found[:1], _waits_for))
        group = list(alike)
        amount = sum(one["amount"] for one in group)
        said = {one["payee"] or leader: one["amount"] for one in group}
        if len(by_code) > 1 and len(said) == len(group) and said == parts_of(amount, by_code, leader):
            told.append(group[0] | {"amount": amount, "payee": BY_SHARES})
            found = found[len(group) :]
        else:
            told.append(found.pop(0))
    return told


def _waits_for(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return one["source"], one["occasion"], one["milestone"]


def facts_of(form: BookForm, rows: Rows) -> BookFacts:
    """What was typed, as the action takes it; what could not be read is left out."""
    typed = form.cleaned_data
    read = {name: [one.cleaned_data for one in rows[name] if one.is_valid()] for name in rows}
    return BookFacts(
        starts_on=typed.get("starts_on"),
        ends_on=typed.get("ends_on"),
        own_fen=typed.get("own") or 0,
        firm_fen=typed.get("firm") or 0,
        staff=typed.get("staff") or (),
        terms=Terms(**{name: typed.get(name, "") for name in TERMS}),
        shares=tuple(
            Share(
                one["organisation"],
                one["task"],
                one["fiscal"] or 0,
                one["own"] or 0,
                one["lands"],
                one["property_bp"] or 0,
                one["benefit_bp"] or 0,
            )
            for one in read["shares"]
        ),
        milestones=tuple(
            Aim(one["indicator"], one["due_on"], one["method"], one["organisation"]) for one in read["milestones"]
        ),
        payments=tuple(
            Planned(one["source"], one["occasion"], one["amount"] or 0, one["milestone"], one["payee"])
            for one in read["payments"]
        ),
    )


def check_typed(form: BookForm, rows: Rows) -> list[Problem]:
    """What is wrong with what was typed."""
    return check_facts(facts_of(form, rows))


class AnswerForm(forms.Form):
    """The answer to an invitation."""

    accepts = forms.ChoiceField(
        label=_("Does your unit take part?"),
        choices=[("yes", _("yes, it takes part")), ("no", _("no, it declines"))],
        widget=forms.RadioSelect,
    )


class DisagreeForm(forms.Form):
    """Why a unit does not agree to a change."""

    words = forms.CharField(label=_("Why your unit does not agree"), widget=long_text(3), max_length=2000)


class ChangeForm(forms.Form):
    """A change that is asked for: the task book as it stands, to be written over."""

    reason = forms.CharField(label=_("Why"), widget=long_text(3), max_length=2000)
    ends_on = DayField(label=_("Last day"))
    staff = StaffField(label=STAFF, help_text=STAFF_HINT)
    leaving = forms.ChoiceField(label=_("Who leaves"), required=False)
    joining = forms.CharField(
        label=_("Code of the organisation that joins"),
        max_length=30,
        required=False,
        help_text=_(
            "In the place of who leaves it takes over task, shares and milestones; left empty, the leader does. Beside"
            " the others it takes up a task of its own, as after two teams of a race merged."
        ),
    )
    task = forms.CharField(
        label=_("Its own task, where nobody leaves"), widget=long_text(2), max_length=2000, required=False
    )

    def __init__(self, *given: Any, project: Project, members: Sequence[Member], **options: Any) -> None:
        super().__init__(*given, **options)
        names = [(one.organisation.record.code, name_of(one.organisation.record)) for one in members]
        offer(self, "leaving", [EMPTY, *names])
        self.fields["ends_on"].initial, self.fields["staff"].initial = project.ends_on, project.staff
        self._members = members
        for member in members:
            unit = name_of(member.organisation.record)
            for name, label in (
                ("fiscal", _("Fiscal money of %(unit)s (万元)")),
                ("own", _("Own money of %(unit)s (万元)")),
            ):
                field = WanField(label=label % {"unit": unit}, required=False)
                field.initial = getattr(member, f"{name}_fen")
                self.fields[f"{name}_{member.number}"] = field
        self._asked = targets_of(project.application)
        self._open = [one for one in project.milestones.all() if not one.passed]
        said = commitments_of(project)
        self._places = range(min(len(said), len(self._asked)))
        for place in self._places:
            self.fields[f"commitment_{place}"] = forms.CharField(
                label=indicator_in_words(self._asked[place]),
                initial=said[place],
                max_length=300,
                required=bool(said[place]),
            )
        for one in self._open:
            for name, made in (
                ("indicator", forms.CharField(label=_("What is reached"), widget=long_text(2), max_length=2000)),
                ("due_on", DayField(label=_("To be reached by"))),
                ("method", forms.CharField(label=_("How it is accepted"), widget=long_text(2), max_length=2000)),
            ):
                made.initial = getattr(one, name)
                self.fields[f"{name}_{one.number}"] = made
            self.fields[f"removed_{one.number}"] = forms.BooleanField(label=_("This milestone goes"), required=False)
        names = [
            (one.organisation.record.code, name_of(one.organisation.record))
            for one in project.members.filter(state=MemberState.ACCEPTED).select_related("organisation__record")
        ]
        self.fields |= {
            "added_indicator": forms.CharField(
                label=_("What is reached"), widget=long_text(2), max_length=2000, required=False
            ),
            "added_due_on": DayField(label=_("To be reached by"), required=False),
            "added_method": forms.CharField(
                label=_("How it is accepted"), widget=long_text(2), max_length=2000, required=False
            ),
            "added_organisation": forms.ChoiceField(
                label=_("Who answers for it"), choices=[EMPTY, *names], required=False
            ),
        }

    def clean(self) -> dict[str, Any]:
        """A further milestone has its day."""
        typed = super().clean() or {}
        if any(typed.get(f"added_{name}") for name in ("indicator", "method")) and not typed.get("added_due_on"):
            self.add_error("added_due_on", _("Say by which day it is reached."))
        return typed

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """The fields as they stand together."""
        found = [
            FormSection(_("The change"), (self["reason"], self["ends_on"], self["staff"])),
            FormSection(_("Change of members"), (self["leaving"], self["joining"], self["task"])),
        ]
        if self._members:
            fields = tuple(self[f"{name}_{one.number}"] for one in self._members for name in ("fiscal", "own"))
            found.append(FormSection(_("Money of the members: the leader has the rest"), fields))
        if self._places:
            fields = tuple(self[f"commitment_{place}"] for place in self._places)
            found.append(FormSection(_("Answers to the indicators"), fields))
        for one in self._open:
            fields = tuple(self[f"{name}_{one.number}"] for name in ("indicator", "due_on", "method", "removed"))
            found.append(FormSection(gettext("Milestone %(number)s") % {"number": one.number}, fields))
        fields = tuple(self[f"added_{name}"] for name in ("indicator", "due_on", "method", "organisation"))
        found.append(FormSection(_("A further milestone, after the last one"), fields))
        return tuple(found)

    def placed(self, problems: Sequence[Problem]) -> list[Problem]:
        """The problems at the fields they are about: those of days at the first that was written over."""
        at = next((name for name in self.changed_data if name.startswith("due_on_")), "ends_on")
        return [replace(one, field=at) if one.field == "milestones" else one for one in problems]

    @property
    def wanted(self) -> Wanted:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        return Wanted(
            reason=typed["reason"],
            ends_on=typed["ends_on"],
            staff=typed["staff"],
            milestones=tuple(
                Aimed(one.number, *(typed[f"{name}_{one.number}"] for name in ("indicator", "due_on", "method")))
                for one in self._open
            ),
            added=self._added(),
            removed=tuple(one.number for one in self._open if typed[f"removed_{one.number}"]),
            commitments={place + 1: typed[f"commitment_{place}"] for place in self._places},
            leaving=typed["leaving"],
            joining=typed["joining"],
            task=typed["task"],
            shares=tuple(
                Moved(one.organisation.record.code, *(typed[f"{name}_{one.number}"] for name in ("fiscal", "own")))
                for one in self._members
            ),
        )

    def _added(self) -> tuple[Added, ...]:
        typed = self.cleaned_data
        if typed["added_due_on"] is None:
            return ()
        words = (typed[f"added_{name}"] for name in ("indicator", "due_on", "method", "organisation"))
        return (Added(*words),)
