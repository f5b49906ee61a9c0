"""What must hold of a project before its task book is filed and signed."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.projects.changing import day_problems
from kezhuan.areas.projects.models import RESERVED, EvidenceKind, MemberState, Payment, Source
from kezhuan.areas.projects.permissions import is_posed_inside
from kezhuan.areas.projects.queries import members_of, money_of, sides_of, waits_to_land, wording_of
from kezhuan.areas.projects.staffing import check_staff
from kezhuan.areas.reviews.queries import advice_on, on_panel
from kezhuan.engines.days import months_after
from kezhuan.kernel.access import VISITOR, region_of
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Membership, Organisation
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import clean, listed, today, wan_from_fen

EVALUATED_AFTER = "project.evaluated-after"
"""Code of the rule value: how many months after acceptance a project is evaluated at the earliest."""
EVALUATED_WITHIN = "project.evaluated-within"
"""Code of the rule value: after how many months it is told of as late."""


def require_unit(code: str, field: str) -> Organisation:
    """The verified organisation of this code; raises `Refused` where there is none."""
    rows = Organisation.objects.filter(record__code=clean(code).upper(), record__stage="verified")
    unit = rows.select_related("record").first()
    if unit is None:
        message = _("No verified organisation has the code %(codes)s.")
        raise Refused(Problem("member-unknown", message % {"codes": clean(code)[:30]}, field))
    return unit


def require_words(words: str, field: str = "words") -> None:
    """Raise `Refused` unless a decision says in a few words why, without marks of state secrets."""
    refuse_marked_texts([words], field)
    if not clean(words):
        raise Refused(Problem("note-missing", _("Say in a few words why."), field))


def check_days(row: Any) -> Iterator[Problem]:
    """It has a first and a last day, no further apart than the challenge allows."""
    if row.starts_on is None or row.ends_on is None:
        message = _("Say from when to when the project runs.")
        yield Problem("project-days-missing", message, "starts_on" if row.starts_on is None else "ends_on")
        return
    yield from day_problems(row, row.starts_on, row.ends_on, ())


def check_consortium(row: Any) -> Iterator[Problem]:
    """Everybody who was asked has accepted or declined, and the shares are the project's money, to the fen."""
    members = list(members_of(row))
    waiting = [one.organisation.record.title for one in members if one.state == MemberState.INVITED]
    if waiting:
        message = _("%(units)s have not answered the invitation: wait, or take them out.")
        yield Problem("member-unanswered", message % {"units": listed(waiting)}, "shares")
    for name, words, whole in (
        ("fiscal_fen", _("fiscal money"), row.fiscal_fen),
        ("own_fen", _("own money"), row.own_fen),
    ):
        together = sum(getattr(one, name) for one in members)
        if together != whole:
            message = _("The members' shares of %(what)s are %(sum)s 万元 together, the project has %(whole)s.")
            amounts = {"what": words, "sum": wan_from_fen(together), "whole": wan_from_fen(whole)}
            yield Problem("shares-sum", message % amounts, "shares")
    if idle := [one.organisation.record.title for one in members if not one.task]:
        message = _("Say what %(units)s do.")
        yield Problem("member-task", message % {"units": listed(idle)}, "shares")


def check_milestones(row: Any) -> Iterator[Problem]:
    """There are milestones, in the order of their days, within the project's own."""
    milestones = list(row.milestones.all())
    if not milestones:
        yield Problem("milestones-missing", _("Add at least one milestone."), "milestones")
    yield from day_problems(row, row.starts_on, row.ends_on, [one.due_on for one in milestones])


def check_payments(row: Any) -> Iterator[Problem]:
    """The payments of each source are its money together, to the fen, and no member gets more than its share."""
    payments = list(row.payments.all())
    yield from payment_problems(row, payments)
    for one in members_of(row):
        passed = sum(paid.planned_fen for paid in payments if paid.payee_id == one.pk)
        if passed > one.fiscal_fen:
            message = _("%(unit)s is paid %(sum)s 万元 of fiscal money, its share is %(share)s.")
            names = {"unit": one.organisation.record.title}
            amounts = {"sum": wan_from_fen(passed), "share": wan_from_fen(one.fiscal_fen)}
            yield Problem("payee-share", message % (names | amounts), "payments")


def payment_problems(row: Any, payments: Sequence[Payment]) -> Iterator[Problem]:
    """What is wrong with the payments of a project, whoever gets them."""
    allowed = row.application.item.call.paid_on
    if other := sorted({str(one.get_occasion_display()) for one in payments if one.occasion not in allowed}):
        message = _("The call pays projects otherwise than “%(words)s”: choose what its page says.")
        yield Problem("payment-occasion", message % {"words": listed(other)}, "payments")
    if row.poster_id is None and row.firm_fen:
        yield Problem("poster-money", _("No unit posed this: there is no money of a poster."), "firm")
    for source, whole in ((Source.FISCAL, row.fiscal_fen), (Source.FIRM, row.firm_fen)):
        together = sum(one.planned_fen for one in payments if one.source == source)
        if together != whole:
            message = _("The payments of %(what)s are %(sum)s 万元 together, the project has %(whole)s.")
            amounts = {"what": source.label, "sum": wan_from_fen(together), "whole": wan_from_fen(whole)}
            yield Problem("payments-sum", message % amounts, "payments")


BOOK = (check_days, check_consortium, check_staff, check_milestones, check_payments)
"""What a task book holds before it is filed, and when it is signed."""


def check_signed(row: Any) -> Iterator[Problem]:
    """The poster and every member have signed the task book as it stands."""
    wording = wording_of(row)
    unsigned = [one.organisation.record.title for one in members_of(row) if one.signed != wording]
    takes_part = any(one.organisation_id == row.poster_id for one in members_of(row))
    if row.poster is not None and row.poster_signed != wording and not takes_part:
        unsigned.append(row.poster.record.title)
    if unsigned:
        message = _("%(units)s have not signed the task book as it stands.")
        yield Problem("book-unsigned", message % {"units": listed(unsigned)}, "signature")


def check_landed(row: Any) -> Iterator[Problem]:
    """A leader from elsewhere has set up the entity here that it promised: before that it holds no funded project."""
    if any(one.organisation_id == row.leader_id for one in waits_to_land(row)):
        message = _("%(unit)s promised to set up an entity here: it is recorded before the task book is signed.")
        yield Problem("landing-missing", message % {"unit": row.leader.record.title}, "shares")


def check_no_change(row: Any) -> Iterator[Problem]:
    """No change waits for an answer."""
    if row.changes.filter(approved=None).exists():
        yield Problem(
            "change-open", _("A change of the task book waits for the bureau's decision, which comes first."), "changes"
        )


# -- before it is accepted and closed ----------------------------------------------------------------------------------


def check_milestones_passed(row: Any) -> Iterator[Problem]:
    """Every milestone was found to be reached."""
    if left := [str(one.number) for one in row.milestones.all() if not one.passed]:
        message = _("The milestones %(numbers)s have not passed yet.")
        yield Problem("milestones-open", message % {"numbers": listed(left)}, "milestones")


def check_evidence(row: Any) -> Iterator[Problem]:
    """The first user has reported; where the poster undertakes it itself or is related to who does, or the leader of a
    chain undertakes its own direction, a named user has, and a third party has tested; where otherwise nobody posed it,
    and so nobody is its first user, a third party has tested."""
    held = {one.kind for one in row.evidence.all()}
    inside = is_posed_inside.test(VISITOR, row)
    if row.poster_id is None and not inside:
        if EvidenceKind.TEST not in held:
            message = _("Nobody posed this: the report of a third party's test is missing.")
            yield Problem("test-report-missing", message, "evidence")
        return
    if inside and row.user_id is None:
        message = _(
            "Whoever posed it undertakes it, or is related to who does: name the unit that uses the result first in its"
            " place."
        )
        yield Problem("user-missing", message, "user")
    if EvidenceKind.FIRST_USER not in held:
        yield Problem("user-report-missing", _("The first user has not reported yet (首用报告)."), "evidence")
    if inside and EvidenceKind.TEST not in held:
        message = _(
            "Whoever posed it undertakes it, or is related to who does: the report of a third party's test is missing."
        )
        yield Problem("test-report-missing", message, "evidence")


def check_panel(row: Any) -> Iterator[Problem]:
    """A panel of the bureau has judged the project since acceptance was asked for, and no expert on it is of a side."""
    item = advice_on([row.pk]).get(row.pk)
    if item is None or row.asked_at is None or item.panel.record.changed_at < row.asked_at:
        yield Problem("acceptance-unjudged", _("A panel judges first whether it is accepted: make one here."), "panel")
        return
    sides = {unit for unit, _part in sides_of(row)}
    experts = [one.expert for one in on_panel(item.panel)]
    people = Membership.objects.filter(
        organisation__in=sides, until=None, person__in=[one.person_id for one in experts]
    )
    own = {one for one in experts if one.employer_id in sides}
    named = {one.person.record.title for one in own}
    named |= set(people.values_list("person__record__title", flat=True))
    if named:
        message = _("%(names)s of the panel belong to a side of the project: another panel judges.")
        yield Problem("panel-own", message % {"names": listed(sorted(named))}, "panel")


def check_advised(row: Any) -> Iterator[Problem]:
    """The panel advises to accept."""
    item = advice_on([row.pk]).get(row.pk)
    if item is not None and not item.advised:
        yield Problem("acceptance-unadvised", _("The panel advises not to accept it."), "panel")


def check_settled(row: Any) -> Iterator[Problem]:
    """What was spent is settled, and the rest has come back."""
    if row.spent_fen is None:
        message = _("Settle first what of the money was spent.")
        yield Problem("settlement-missing", message, "settlement")
    elif row.returned_on is None and money_of(row).paid > row.spent_fen:
        message = _("%(fen)s 万元 are to come back first.")
        owed = wan_from_fen(money_of(row).paid - row.spent_fen)
        yield Problem("claw-back-open", message % {"fen": owed}, "settlement")


def check_evaluation(row: Any) -> Iterator[Problem]:
    """So many months after acceptance as a rule value asks for."""
    rule = rule_or_none(EVALUATED_AFTER, on=today(), jurisdiction=region_of(row))
    if rule is None or row.accepted_on is None:
        return
    first = months_after(row.accepted_on, int(rule.value))
    if today() < first:
        message = _("Its performance is evaluated %(months)s months after acceptance, from %(day)s on.")
        yield Problem(
            "evaluation-early", message % {"months": rule.value, "day": first.isoformat()}, clause=rule.source
        )


# -- before a race is closed -------------------------------------------------------------------------------------------


def check_nothing_waits(row: Any) -> Iterator[Problem]:
    """Of no team a payment is still to be made, and none writes its task book still."""
    unpaid = Payment.objects.filter(source=Source.FISCAL, state__in=RESERVED)
    waiting = row.teams.filter(Q(project__in=unpaid.values("project")) | Q(project__record__stage="drafted"))
    if codes := list(waiting.values_list("project__record__code", flat=True)):
        message = _("Payments of %(codes)s are still to be made.")
        yield Problem("race-unpaid", message % {"codes": listed(codes)}, "race")


def check_unstarted(row: Any) -> Iterator[Problem]:
    """Nothing has happened in it, and no task book was filed with its first payment."""
    filed = row.teams.exclude(project__record__stage__in=("drafted", "void"))
    if row.steps.exists() or filed.exists():
        yield Problem("race-begun", _("Something has happened in this race already."), "race")
