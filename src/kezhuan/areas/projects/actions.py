"""What is done to projects before they run: opened, their task book written, members asked, the book signed. The only
writers of projects beside the steps of their lifecycle and what is named after their other parts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.library_actions import leave_library
from kezhuan.areas.calls.models import Application
from kezhuan.areas.projects.book_actions import INVITED, tell_unit
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Member, MemberState, Milestone, Payment, Project, Race, Source
from kezhuan.areas.projects.permissions import LIVING, is_invited, opens, signs_book
from kezhuan.areas.projects.queries import wording_of
from kezhuan.areas.projects.staffing import Staffer, as_rows, staff_problems
from kezhuan.areas.projects.terms import Terms, columns_of, term_problems
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.text import clean, listed, texts_in, today

BY_SHARES = "*"
"""In place of a payee: all members, by their shares of the fiscal money; what does not divide goes to the leader."""
MOST_MEMBERS, MOST_MILESTONES, MOST_PAYMENTS = 50, 60, 99


@dataclass(frozen=True)
class Share:
    """A unit of the consortium by its code, its task, its shares of fiscal and of own money (分), whether it promises
    to set up an entity here, and its shares of property and of benefit in basis points."""

    organisation: str
    task: str = ""
    fiscal_fen: int = 0
    own_fen: int = 0
    lands: bool = False
    property_bp: int = 0
    benefit_bp: int = 0


@dataclass(frozen=True)
class Aim:
    """A milestone: what is reached by which day, how that is found out, and the code of the unit that answers."""

    indicator: str
    due_on: date
    method: str
    organisation: str


@dataclass(frozen=True)
class Planned:
    """A payment (分): whose money, what it waits for, and the number of the milestone where that is one; the code of
    the member that gets it (none: the leader), or `BY_SHARES`."""

    source: str
    occasion: str
    fen: int
    milestone: int | None = None
    payee: str = ""


@dataclass(frozen=True)
class BookFacts:
    """任务书: what the leader writes of its project; its title and its award are those of the decision."""

    starts_on: date | None = None
    ends_on: date | None = None
    own_fen: int = 0
    firm_fen: int = 0
    shares: tuple[Share, ...] = ()
    milestones: tuple[Aim, ...] = ()
    payments: tuple[Planned, ...] = ()
    staff: tuple[Staffer, ...] = ()
    terms: Terms = field(default_factory=Terms)


COLUMNS = ("starts_on", "ends_on", "own_fen", "firm_fen")


def open_project(*, actor: Actor, application: Application) -> Project:
    """Open the project of an application that was chosen, once; its unit leads it. Raises `NotAllowed` or `Refused`."""
    refused = _("The project of a chosen application is opened by its unit or the officers in charge.")
    if not opens.test(actor, application):
        raise NotAllowed(refused)
    with journal.writing():
        application = held(application)
        if not opens.test(actor, application):  # what was commissioned has ended meanwhile
            raise NotAllowed(refused)
        item = application.item
        fiscal_fen = leave_library(actor=actor, application=application)
        standing = application.projects.filter(alive=True).select_related("record").first()
        if standing is not None:
            raise Refused(second_problem(standing.record.code))
        record = application.record
        try:
            with transaction.atomic():
                made: Project = open_record(
                    PROJECT,
                    lambda opened: Project(
                        record=opened,
                        application=application,
                        leader=application.applicant,
                        poster=_poster_of(application),
                        region=item.call.region,
                        fiscal_fen=fiscal_fen,
                    ),
                    actor=actor,
                    title=record.title,
                    title_en=record.title_en,
                    summary=record.summary,
                    owner=application.applicant,
                    contact=record.contact,
                )
        except IntegrityError:
            raise Refused(second_problem("")) from None
        Member.objects.create(
            project=made, number=1, organisation=application.applicant, state=MemberState.ACCEPTED, since=today(),
            fiscal_fen=made.fiscal_fen,
        )  # fmt: skip
    return made


def _poster_of(application: Application) -> Organisation | None:
    """Who posed what is undertaken: of a commission the leader of the chain, unless it undertakes it itself."""
    if application.commissioned_by_id is None:
        return application.item.poster
    return application.commissioned_by if application.commissioned_by_id != application.applicant_id else None


def second_problem(code: str) -> Problem:
    """What is said where an application has its project already, by its code where that is known."""
    message = _("This application has its project already %(code)s: go on with that one.")
    return Problem("project-twice", message % {"code": f"({code})" if code else ""}, "application")


# -- the task book -----------------------------------------------------------------------------------------------------


def check_facts(facts: BookFacts) -> list[Problem]:
    """What is wrong with a task book even while it is written; what it lacks is told when it is filed."""
    if any(map(has_classification_mark, texts_in(facts))):
        return [secrets_problem("shares")]
    found = []
    if facts.starts_on and facts.ends_on and facts.ends_on <= facts.starts_on:
        message = _("The project ends after it begins: choose a later day.")
        found.append(Problem("project-days", message, "ends_on"))
    amounts = [facts.own_fen, facts.firm_fen, *(fen for one in facts.shares for fen in (one.fiscal_fen, one.own_fen))]
    if min(amounts) < 0:
        found.append(Problem("amount-negative", _("An amount is not below zero."), "shares"))
    codes = [clean(one.organisation).upper() for one in facts.shares]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        message = _("%(codes)s stand twice among the members.")
        found.append(Problem("member-twice", message % {"codes": listed(twice)}, "shares"))
    for name, rows, most in (
        ("shares", facts.shares, MOST_MEMBERS),
        ("milestones", facts.milestones, MOST_MILESTONES),
        ("payments", facts.payments, MOST_PAYMENTS),
    ):
        if len(rows) > most:
            found.append(Problem("rows-many", _("At most %(most)s rows stand here.") % {"most": most}, name))
    parts = [(one.property_bp, one.benefit_bp) for one in facts.shares]
    return [
        *found, *_row_problems(facts, codes), *staff_problems(facts.staff, codes), *term_problems(facts.terms, parts)
    ]  # fmt: skip


def _row_problems(facts: BookFacts, codes: Sequence[str]) -> list[Problem]:
    found = []
    for number, one in enumerate(facts.milestones, 1):
        if not clean(one.indicator) or not clean(one.method):
            message = _("Milestone %(number)s: say what is reached and how that is found out.")
            found.append(Problem("milestone-incomplete", message % {"number": number}, "milestones"))
        if clean(one.organisation).upper() not in codes:
            message = _("Milestone %(number)s: “%(code)s” is no member of the project.")
            words = {"number": number, "code": clean(one.organisation)[:30]}
            found.append(Problem("milestone-member", message % words, "milestones"))
    total = sum(one.fiscal_fen for one in facts.shares)
    for number, paid in enumerate(facts.payments, 1):
        payee = clean(paid.payee).upper()
        if payee and (paid.source != Source.FISCAL or (payee not in codes and (payee != BY_SHARES or not total))):
            message = _("Payment %(number)s: of fiscal money a member may be the payee, or all by their shares.")
            found.append(Problem("payment-payee", message % {"number": number}, "payments"))
        if paid.source not in Source.values or paid.occasion not in Occasion.values:
            message = _("Payment %(number)s: say whose money it is, and what it waits for.")
            found.append(Problem("payment-incomplete", message % {"number": number}, "payments"))
        elif paid.fen <= 0:
            message = _("Payment %(number)s: an amount is above zero.")
            found.append(Problem("payment-amount", message % {"number": number}, "payments"))
        on_milestone = paid.occasion == Occasion.MILESTONE
        known = paid.milestone is not None and 1 <= paid.milestone <= len(facts.milestones)
        if on_milestone != (paid.milestone is not None) or (on_milestone and not known):
            message = _("Payment %(number)s: name the number of its milestone, if it waits for one.")
            found.append(Problem("payment-milestone", message % {"number": number}, "payments"))
    return found


def write_book(*, actor: Actor, project: Project, facts: BookFacts, expected_version: int | None = None) -> Project:
    """Write the task book of a project that is drafted, in place of what was written before; units that were not asked
    yet are asked, those that no longer stand in it are left out. Raises `NotAllowed`, `Refused`, or `Conflict`."""
    must_allow(
        represents_owner,
        actor,
        project,
        _("The task book is written by the leader, before it is filed."),
        stages={"drafted"},
    )
    if problems := check_facts(facts):
        raise Refused(problems)
    facts = replace(facts, payments=tuple(_by_shares(facts, project.leader.record.code)))
    if problems := check_facts(facts):
        raise Refused(problems)
    with journal.writing():
        row: Project = held(project)
        if row.record.stage != "drafted":
            raise Conflict(_("The task book is filed: it is sent back before it is changed."))
        units = _units_of(row, facts)
        told = {name: getattr(facts, name) for name in COLUMNS} | {
            "staff": as_rows(facts.staff, row.leader.record.code)
        }
        told |= columns_of(facts.terms)
        changed = set_columns(row, told)
        row.save(update_fields=list(told))
        row.payments.all().delete()
        row.milestones.all().delete()
        members = _keep_members(row, facts, units)
        keep_plan(row, facts, members)
        touch(PROJECT, row, actor=actor, fields=[*changed, "book"], expected_version=expected_version)
    return row


def _by_shares(facts: BookFacts, leader: str) -> Iterator[Planned]:
    """The payments, each that goes to all by their shares in one row for each of them, to the fen together."""
    shares = {clean(one.organisation).upper(): one.fiscal_fen for one in facts.shares if one.fiscal_fen}
    for one in facts.payments:
        if clean(one.payee) != BY_SHARES:
            yield one
            continue
        parts = parts_of(one.fen, shares, leader)
        yield from (replace(one, fen=fen, payee="" if code == leader else code) for code, fen in parts.items())


def parts_of(fen: int, shares: Mapping[str, int], leader: str) -> dict[str, int]:
    """What each member gets of an amount by the shares, to the fen together: the leader what the division leaves."""
    total = sum(shares.values())
    parts = {code: fen * share // total for code, share in shares.items()}
    parts[leader] = parts.get(leader, 0) + fen - sum(parts.values())
    return {code: part for code, part in parts.items() if part}


def _units_of(row: Project, facts: BookFacts) -> Mapping[str, Organisation]:
    """The organisations of a task book by their codes; raises `Refused` for one that is not known, or no leader."""
    codes = [clean(one.organisation).upper() for one in facts.shares]
    rows = Organisation.objects.filter(record__code__in=codes, record__stage="verified").select_related("record")
    units = {one.record.code: one for one in rows}
    found = []
    if unknown := [code for code in codes if code not in units]:
        message = _("No verified organisation has the code %(codes)s.")
        found.append(Problem("member-unknown", message % {"codes": listed(one[:30] for one in unknown)}, "shares"))
    if row.leader_id not in {one.pk for one in units.values()}:
        message = _("The leader %(code)s is one of the members: add it with its task and shares.")
        found.append(Problem("member-leader", message % {"code": row.leader.record.code}, "shares"))
    if found:
        raise Refused(found)
    return units


def _keep_members(row: Project, facts: BookFacts, units: Mapping[str, Organisation]) -> dict[str, Member]:
    standing = {one.organisation_id: one for one in row.members.filter(state__in=LIVING)}
    last = row.members.aggregate(last=Max("number"))["last"] or 0
    members = {}
    for one in facts.shares:
        code = clean(one.organisation).upper()
        unit = units[code]
        member = standing.pop(unit.pk, None)
        if fresh := member is None:
            last += 1
            member = Member(project=row, number=last, organisation=unit)
        member.task, member.fiscal_fen, member.own_fen = clean(one.task), one.fiscal_fen, one.own_fen
        member.lands, member.property_bp, member.benefit_bp = one.lands, one.property_bp, one.benefit_bp
        require_fits(member)
        member.save()
        members[code] = member
        if fresh:
            _invite(row, member)
    for member in standing.values():
        member.state, member.until = MemberState.LEFT, today()
        member.save(update_fields=["state", "until"])
    return members


def _invite(row: Project, member: Member) -> None:
    tell_unit(member.organisation, INVITED, key=f"{INVITED}:{member.pk}", content={"project": row.pk})


def keep_plan(row: Project, facts: BookFacts, members: Mapping[str, Member]) -> None:
    """Write milestones and payments of a task book, whose members stand by their codes."""
    milestones = [
        Milestone(
            project=row, number=number, indicator=clean(one.indicator), due_on=one.due_on, method=clean(one.method),
            member=members[clean(one.organisation).upper()],
        )
        for number, one in enumerate(facts.milestones, 1)
    ]  # fmt: skip
    Milestone.objects.bulk_create(milestones)
    by_number = {one.number: one for one in row.milestones.all()}
    Payment.objects.bulk_create(
        Payment(
            project=row,
            number=number,
            part_of=number,
            payee=_payee(row, members, one),
            source=one.source,
            occasion=one.occasion,
            milestone=by_number[one.milestone] if one.milestone is not None else None,
            planned_fen=one.fen,
        )
        for number, one in enumerate(facts.payments, 1)
    )


def _payee(row: Project, members: Mapping[str, Member], one: Planned) -> Member | None:
    found = members.get(clean(one.payee).upper())
    return found if found is not None and found.organisation_id != row.leader_id else None


# -- the consortium ----------------------------------------------------------------------------------------------------


def answer_invitation(*, actor: Actor, project: Project, accepts: bool) -> Project:
    """Take part in a project, or decline, for the unit that the actor acts for; raises `NotAllowed` or `Conflict`."""
    must_allow(is_invited, actor, project, _("Your unit is not asked into this project, or has answered already."))
    with journal.writing():
        row: Project = held(project)
        member = row.members.filter(organisation=actor.organisation, state=MemberState.INVITED).first()
        if member is None or row.record.stage != "drafted":
            raise Conflict(_("Your unit is not asked into this project any more."))
        member.state = MemberState.ACCEPTED if accepts else MemberState.DECLINED
        member.since = today() if accepts else None
        member.until = None if accepts else today()
        member.save(update_fields=["state", "since", "until"])
        touch(PROJECT, row, actor=actor, fields=["members"])
    return row


def sign_book(*, actor: Actor, project: Project) -> Project:
    """Sign the task book as it stands, filed or changed since it was signed, for the unit that the actor acts for, a
    member or the poster. Raises `NotAllowed` or `Conflict`."""
    must_allow(
        signs_book, actor, project, _("A task book is signed by its members and by the poster, once it is filed.")
    )
    with journal.writing():
        row: Project = held(project)
        if not signs_book.test(actor, row):
            raise Conflict(_("The task book was sent back meanwhile."))
        unit, wording = actor.organisation, wording_of(row)
        members = row.members.filter(organisation=unit, state=MemberState.ACCEPTED).exclude(signed=wording)
        signed = members.update(signed=wording)
        if unit is not None and unit.pk == row.poster_id and row.poster_signed != wording:
            row.poster_signed = wording
            row.save(update_fields=["poster_signed"])
            signed += 1
        if not signed:
            raise Conflict(_("Your unit has signed this task book already."))
        touch(PROJECT, row, actor=actor, fields=["signature"])
    return row


def record_of(row: Project | Race) -> Record:
    """The record as it stands now, for an answer."""
    return Record.objects.get(pk=row.pk)
