"""The project library (项目库): what was chosen stands there in an order until a budget document funds it, or its
project begins. The only writer of its entries and of budget documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.library import waiting_for
from kezhuan.areas.calls.models import Application, BudgetDocument, LibraryEntry
from kezhuan.areas.calls.permissions import PROGRAMME
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import hold_records, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import clean, listed, texts_in, today, wan_from_fen


@dataclass(frozen=True)
class BudgetFacts:
    """A budget document: its number, year, subject and day; by code the fiscal money (分) for each project that it
    takes out of the library; why, where it passes over one that stands before."""

    number: str
    year: int
    subject: str
    issued_on: date
    lines: Mapping[str, int]
    note: str = ""


def order_library(*, actor: Actor, codes: Sequence[str]) -> None:
    """Put these waiting entries of the library, by the codes of their applications, into this order, before all others.
    Raises `NotAllowed` or `Refused`."""
    asked = list(dict.fromkeys(clean(one).upper() for one in codes if clean(one)))
    with journal.writing():
        found = _held(actor, asked, "codes")
        for place, code in enumerate(asked, 1):
            if (entry := found[code]).place != place:
                entry.place = place
                entry.save(update_fields=["place"])
                touch(APPLICATION, entry.application, actor=actor, fields=["place"])
        others = waiting_for(actor).exclude(pk__in=[one.pk for one in found.values()])
        for place, entry in enumerate(others, len(asked) + 1):
            if entry.place != place:
                entry.place = place
                entry.save(update_fields=["place"])


def _held(actor: Actor, codes: Sequence[str], field: str) -> dict[str, LibraryEntry]:
    """The waiting entries of these codes, held until the transaction ends."""
    hold_records(Record.objects.filter(code__in=codes, kind=APPLICATION.kind))
    rows = waiting_for(actor).filter(application__record__code__in=codes)
    found = {one.application.record.code: one for one in rows}
    if missing := [code[:30] for code in codes if code not in found]:
        message = _("%(codes)s do not wait in the library, or you do not decide about them.")
        raise Refused(Problem("library-unknown", message % {"codes": listed(missing[:10])}, field))
    return found


def issue_budget(*, actor: Actor, facts: BudgetFacts) -> BudgetDocument:
    """Enter a budget document: what it names leaves the library, and its projects can begin with this money. Raises
    `NotAllowed` or `Refused`."""
    office = actor.organisation
    if office is None or not actor.is_officer or not actor.is_in_charge(office.region, PROGRAMME):
        raise NotAllowed(_("Budget documents are entered by the officers in charge of calls."))
    if problems := _budget_problems(facts):
        raise Refused(problems)
    codes = [clean(code).upper() for code in facts.lines]
    with journal.writing():
        found = _held(actor, codes, "lines")
        amounts = {clean(code).upper(): fen for code, fen in facts.lines.items()}
        if problems := _line_problems(actor, found, amounts, clean(facts.note)):
            raise Refused(problems)
        made = BudgetDocument(
            region=office.region, number=clean(facts.number), year=facts.year, subject=clean(facts.subject),
            issued_on=facts.issued_on, note=clean(facts.note),
        )  # fmt: skip
        require_fits(made)
        if BudgetDocument.objects.filter(region=made.region, number=made.number, withdrawn_on=None).exists():
            message = _("The budget document %(number)s is entered already.")
            raise Refused(Problem("budget-twice", message % {"number": made.number}, "number"))
        made.save()
        for code, entry in found.items():
            entry.document, entry.funded_fen, entry.left_on = made, amounts[code], today()
            entry.save(update_fields=["document", "funded_fen", "left_on"])
            touch(APPLICATION, entry.application, actor=actor, fields=["budget"])
    return made


def _budget_problems(facts: BudgetFacts) -> list[Problem]:
    if any(map(has_classification_mark, texts_in((facts.number, facts.subject, facts.note)))):
        return [secrets_problem("number")]
    found = []
    if not clean(facts.number):
        found.append(Problem("budget-number", _("Give the number of the budget document."), "number"))
    if not clean(facts.subject):
        found.append(Problem("budget-subject", _("Name the subject (科目)."), "subject"))
    if not 2000 <= facts.year <= 2100:
        found.append(Problem("budget-year", _("Give a year from 2000 to 2100."), "year"))
    if facts.issued_on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "issued_on"))
    if not facts.lines:
        message = _("Choose at least one project that it funds.")
        found.append(Problem("budget-empty", message, "lines"))
    return found


def _line_problems(
    actor: Actor, found: Mapping[str, LibraryEntry], amounts: Mapping[str, int], note: str
) -> list[Problem]:
    problems = []
    for code, entry in found.items():
        if not 0 <= amounts[code] <= entry.amount_fen:
            message = _("%(code)s: from nothing to the %(most)s 万元 that were awarded.")
            words = {"code": code, "most": wan_from_fen(entry.amount_fen)}
            problems.append(Problem("budget-amount", message % words, "lines"))
        if not entry.application.item.call.awaits_budget:
            message = _("%(code)s: its call asks for no budget document; its project begins without.")
            problems.append(Problem("budget-unasked", message % {"code": code}, "lines"))
    last = max((one.place for one in found.values()), default=0)
    before = waiting_for(actor).filter(place__lt=last, application__item__call__awaits_budget=True)
    passed = before.exclude(pk__in=[one.pk for one in found.values()])
    if not note and (codes := list(passed.values_list("application__record__code", flat=True)[:10])):
        message = _("%(codes)s stand before in the library: say why they are passed over.")
        problems.append(Problem("budget-order", message % {"codes": listed(codes)}, "note"))
    return problems


def withdraw_budget(*, actor: Actor, document: BudgetDocument) -> BudgetDocument:
    """Take back a budget document that was entered by mistake: what it named stands in the library again. Raises
    `NotAllowed`, or `Conflict` where a project of it has begun."""
    with journal.writing():
        entries = list(document.entries.select_related("application__record__owner__record", "application__item__call"))
        hold_records(Record.objects.filter(pk__in=[one.pk for one in entries]))
        row = BudgetDocument.objects.get(pk=document.pk)
        if row.withdrawn_on is not None:
            raise Conflict(_("Somebody has withdrawn this budget document."))
        if not entries or not all(is_officer.test(actor, one.application) for one in entries):
            raise NotAllowed(_("The officers in charge of all projects that it names withdraw it."))
        begun = [one.application for one in entries if one.application.projects.filter(alive=True).exists()]
        if begun:
            codes = listed(one.record.code for one in begun[:10])
            raise Conflict(_("The projects of %(codes)s have begun: it stays.") % {"codes": codes})
        row.withdrawn_on = today()
        row.save(update_fields=["withdrawn_on"])
        stands = Record.objects.filter(pk__in=[one.pk for one in entries], stage="awarded").values_list("pk", flat=True)
        kept = set(stands)  # a commission that ended meanwhile does not come back
        for one in entries:
            one.document, one.funded_fen, one.left_on = None, None, None if one.pk in kept else one.left_on
            one.save(update_fields=["document", "funded_fen", "left_on"])
            touch(APPLICATION, one.application, actor=actor, fields=["budget"])
    return row


def leave_library(*, actor: Actor, application: Application) -> int:
    """Note that the project of a chosen application begins, or that it ends before, and say with how much fiscal money
    (分); called by whoever opens or ends it, who is asked there."""
    entry = LibraryEntry.objects.filter(application=application).first()
    if entry is None:
        return application.award_fen or 0
    if entry.left_on is None:
        entry.left_on = today()
        entry.save(update_fields=["left_on"])
        touch(APPLICATION, application, actor=actor, fields=["library"])
    return entry.funded_fen if entry.funded_fen is not None else entry.amount_fen
