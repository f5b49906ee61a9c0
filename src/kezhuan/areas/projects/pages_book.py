"""The task book on the page of a project: its money, members, milestones, payments and changes, with the way on for
whoever is to go it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.calls.choices import PosterPays
from kezhuan.areas.calls.queries import targets_of
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.changing import INDICATORS, place_in_words
from kezhuan.areas.projects.checks import check_signed
from kezhuan.areas.projects.models import Change, Division, Member, Milestone, PaymentState, Project, Source
from kezhuan.areas.projects.payment_list import occasion_of
from kezhuan.areas.projects.permissions import PAYING, STANDING, UNDER_WAY, decides, pays_own, reports_milestone
from kezhuan.areas.projects.queries import commitments_of, money_of, wording_of
from kezhuan.areas.projects.staffing import staff_of, units_of_staff
from kezhuan.areas.projects.terms import DIVIDED, division_in_words, share_in_words
from kezhuan.kernel.access import Actor
from kezhuan.kernel.text import bracketed, today
from kezhuan.web import faces
from kezhuan.web.components import Cell, Column, Fact, TableView, Tag, Text, Tone
from kezhuan.web.names import name_of
from kezhuan.web.templatetags.kezhuan import day, wan


def task_book(actor: Actor, row: Project) -> dict[str, Any]:
    """The task book as its readers see it: members, milestones, the payments of each source apart, and the changes."""
    wording = wording_of(row)
    payments, money = list(row.payments.select_related("milestone", "payee__organisation__record")), money_of(row)
    by_source = {source: [one for one in payments if one.source == source] for source in Source}
    call = row.application.item.call
    owing = call.poster_pays != PosterPays.OFF and any(
        one.source == Source.FIRM and one.state == PaymentState.DUE for one in payments
    )
    return {
        "money": [
            Fact(label, wan(fen) or "0")
            for label, fen in (
                (_("Planned"), money.planned),
                (_("Paid out"), money.paid),
                (_("Reserved"), money.reserved),
                (_("Freed"), money.freed),
            )
        ],
        "poster_owes": _("The poster has not paid its own that is due.") if owing else "",
        "own": _own(row),
        "evidence": list(row.evidence.select_related("unit__record")),
        "members": _members(row, wording),
        "poster_tag": _signed(row.poster_signed, wording) if row.poster_id is not None else None,
        "to_sign": _to_sign(row),
        "terms": _terms(row),
        "figures": _figures(row),
        "staff": _staff(row),
        "milestones": _milestones(actor, row),
        "payments": [_payments(actor, row, source, rows) for source, rows in by_source.items() if rows],
        "changes": _changes(row),
    }


def _signed(signed: str, wording: str) -> Tag:
    if signed == wording:
        return Tag(_("signed"), "ok")
    return Tag(_("signed an earlier wording") if signed else _("not signed"), "wait")


def _own(row: Project) -> dict[str, Any] | None:
    """The leader's own evaluation: what was promised beside what was reached."""
    told = getattr(row, "self_evaluation", None)
    if told is None:
        return None
    asked, said = targets_of(row.application), commitments_of(row)
    rows = tuple(
        (indicator_in_words(one), said[place] if place < len(said) else "", reached)
        for place, (one, reached) in enumerate(zip(asked, told.reached, strict=False))
    )
    columns = (Column(_("Indicator")), Column(_("Promised")), Column(_("Reached")))
    return {"told": told, "table": TableView(columns, rows, _("Indicators"))}


def _to_sign(row: Project) -> str:
    """Whose signature a task book that has changed waits for; nothing while it is written."""
    if row.record.stage not in STANDING or not list(check_signed(row)):
        return ""
    return _("The task book has changed since it was signed: whoever has signed an earlier wording opens this page and"
             " signs it anew. Acceptance waits for that.")  # fmt: skip


def _terms(row: Project) -> list[Fact]:
    """What is agreed on property, benefit and exit."""
    facts = [
        Fact(_("Property in the results is divided"), division_in_words(row, "property")),
        Fact(_("Benefit from the results is divided"), division_in_words(row, "benefit")),
        Fact(_("Terms of exit"), row.exit_text),
    ]
    return [one for one in facts if one.value]


def _figures(row: Project) -> TableView | None:
    """What was promised for each indicator of the challenge."""
    asked = targets_of(row.application)
    rows = tuple((indicator_in_words(one), said) for one, said in zip(asked, commitments_of(row), strict=False))
    columns = (Column(_("Indicator")), Column(_("Promised")))
    return TableView(columns, rows, _("Answers to the indicators")) if rows else None


def _entity(one: Member) -> Cell | Text:
    """What became of the promise of a member from elsewhere to set up an entity here."""
    if one.entity is not None and one.landed_on is not None:
        return Cell(bracketed(name_of(one.entity.record), day(one.landed_on)), faces.url_of(one.entity.record))
    return Cell("", tag=Tag(_("promised, not recorded yet"), "wait")) if one.lands else ""


SHARE_OF = {"property": gettext_lazy("Share of property"), "benefit": gettext_lazy("Share of benefit")}


def _members(row: Project, wording: str) -> TableView:
    members = list(row.members.select_related("organisation__record", "entity__record"))
    lands = any(one.lands for one in members)
    divided = [one for one in DIVIDED if getattr(row, f"{one}_by") == Division.SHARES]
    living = [one for one in members if one.state in {"invited", "accepted"}]
    lines: list[tuple[Cell | Text, ...]] = [
        (
            Cell(name_of(one.organisation.record), faces.url_of(one.organisation.record)),
            _("leader") if one.organisation_id == row.leader_id else one.get_state_display(),
            f"{day(one.since) if one.since else ''} – {day(one.until) if one.until else ''}".strip(" –"),
            one.task,
            wan(one.fiscal_fen),
            wan(one.own_fen),
            Cell("", tag=_signed(one.signed, wording)) if one in living else "",
            *((_entity(one),) if lands else ()),
            *(share_in_words(getattr(one, f"{name}_bp")) for name in divided),
        )
        for one in members
    ]
    together = (wan(sum(one.fiscal_fen for one in living)), wan(sum(one.own_fen for one in living)))
    parts = (share_in_words(sum(getattr(one, f"{name}_bp") for one in living)) for name in divided)
    lines.append((_("Together"), "", "", "", *together, "", *(("",) if lands else ()), *parts))
    return TableView(
        columns=(
            Column(_("Unit")),
            Column(_("Takes part as")),
            Column(_("In the project")),
            Column(_("Task")),
            Column(_("Fiscal money"), numeric=True),
            Column(_("Own money"), numeric=True),
            Column(_("Task book")),
            *((Column(_("Entity in the city")),) if lands else ()),
            *(Column(SHARE_OF[name], numeric=True) for name in divided),
        ),
        rows=tuple(lines),
        caption=_("Consortium (创新联合体)"),
    )


def _staff(row: Project) -> TableView | None:
    """The people who take part, of the leader and of members."""
    if not row.staff:
        return None
    units = units_of_staff(row)
    rows = tuple(
        (one.name, name_of(units[one.organisation]) if one.organisation in units else one.organisation, one.part,
         f"{one.share_bp / 100:g} %")
        for one in staff_of(row)
    )  # fmt: skip
    columns = (
        Column(_("Person")),
        Column(_("Unit")),
        Column(_("Part in the project")),
        Column(_("Share of time"), numeric=True),
    )
    return TableView(columns, rows, _("People who take part"))


def _milestones(actor: Actor, row: Project) -> TableView:
    rows = row.milestones.select_related("member__organisation__record")
    reports, judges = reports_milestone.test(actor, row), decides.test(actor, row)
    return TableView(
        columns=(
            Column(_("No."), numeric=True),
            Column(_("What is reached")),
            Column(_("To be reached by")),
            Column(_("How it is accepted")),
            Column(_("Who answers for it")),
            Column(_("State")),
        ),
        rows=tuple(
            (
                str(one.number),
                one.indicator,
                day(one.due_on),
                one.method,
                name_of(one.member.organisation.record),
                _milestone_state(row, one, reports=reports, judges=judges),
            )
            for one in rows
        ),
        caption=_("Milestones"),
    )


def _milestone_state(row: Project, one: Milestone, *, reports: bool, judges: bool) -> Cell:
    """Where a milestone stands, with the way on for whoever is to go it."""
    under_way, code = row.record.stage in UNDER_WAY, row.record.code
    if one.passed is not None:
        tag = Tag(_("passed"), "ok") if one.passed else Tag(_("to be put right"), "no")
    elif one.reported_on is not None:
        tag = Tag(_("reported"), "wait")
    else:
        tag = Tag(_("late"), "no") if under_way and one.due_on < today() else Tag(_("not due yet"))
    if under_way and reports and not one.passed:
        return Cell(_("Report the milestone"), reverse("milestone-report", args=[code, one.number]), tag)
    if under_way and judges and one.reported_on is not None and one.passed is None:
        return Cell(_("Judge the milestone"), reverse("milestone-judge", args=[code, one.number]), tag)
    return Cell(one.verdict, tag=tag)


def _payments(actor: Actor, row: Project, source: Source, rows: Sequence[Any]) -> TableView:
    may = row.record.stage in PAYING and (decides if source == Source.FISCAL else pays_own).test(actor, row)
    lines: list[tuple[Cell | Text, ...]] = [
        (
            str(one.number),
            _("%(occasion)s · part of %(number)s") % {"occasion": occasion_of(one), "number": one.part_of}
            if one.part_of != one.number
            else occasion_of(one),
            name_of((one.payee.organisation if one.payee is not None else row.leader).record),
            wan(one.planned_fen),
            _payment_state(row, one, may=may),
        )
        for one in rows
    ]
    lines.append((_("Together"), "", "", wan(sum(one.planned_fen for one in rows)), ""))
    return TableView(
        columns=(
            Column(_("No."), numeric=True),
            Column(_("Paid when")),
            Column(_("Payee")),
            Column(_("Amount"), numeric=True),
            Column(_("State")),
        ),
        rows=tuple(lines),
        caption=capfirst(str(source.label)),
    )


def _payment_state(row: Project, one: Any, *, may: bool) -> Cell:
    tones: dict[str, Tone] = {PaymentState.DUE: "wait", PaymentState.PAID: "ok"}
    tag = Tag(one.get_state_display(), tones.get(one.state, "neutral"))
    if one.state == PaymentState.DUE and may:
        return Cell(_("Note the payment"), reverse("payment-made", args=[row.record.code, one.number]), tag)
    return Cell(f"{one.voucher} {day(one.paid_on)}" if one.paid_on else "", tag=tag)


def _changes(row: Project) -> list[dict[str, Any]]:
    """The changes, the newest first: what of the task book was to be another, and what came of that."""
    rows = row.changes.select_related("leaving__organisation__record", "joining__record").order_by("-number")
    rows = rows.prefetch_related("waits_for__organisation__record", "refused_by")
    return [
        {
            "change": one,
            "leaving": name_of(one.leaving.organisation.record) if one.leaving is not None else "",
            "joining": name_of(one.joining.record) if one.joining is not None else "",
            "tag": _change_tag(one),
            "agreed": [(unit, date.fromisoformat(on)) for unit, on in one.members_agreed],
            "refused": [(unit, date.fromisoformat(on), words) for unit, on, words in one.refusals],
            "silent": [
                name_of(member.organisation.record)
                for member in one.waits_for.all()
                if member.organisation not in one.refused_by.all()
            ],
            "joins_not": one.joining in one.refused_by.all(),
            "poster_not": row.poster in one.refused_by.all(),
            "unsaid": _("has not agreed yet") if one.approved is None else _("had not answered when it was decided"),
            "items": [
                (place_in_words(row, item), item["old"], item["new"], item["what"] in INDICATORS) for item in one.items
            ],
        }
        for one in rows
    ]


def _change_tag(one: Change) -> Tag:
    if one.approved is None:
        return Tag(_("waits for an answer"), "wait")
    return Tag(_("approved"), "ok") if one.approved else Tag(_("refused"), "no")
