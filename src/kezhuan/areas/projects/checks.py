"""What must hold of a project before its task book is filed and signed."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.projects.models import MemberState, Source
from kezhuan.areas.projects.queries import members_of, wording_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import listed, wan_from_fen


def check_days(row: Any) -> Iterator[Problem]:
    """It has a first and a last day, no further apart than the challenge allows."""
    if row.starts_on is None or row.ends_on is None:
        message = _("Say from when to when the project runs.")
        yield Problem("project-days-missing", message, "starts_on" if row.starts_on is None else "ends_on")
        return
    most = row.application.item.months
    if most is not None and months_between(row.starts_on, row.ends_on) > most:
        message = _("The challenge allows %(most)s months at most: choose an earlier last day.")
        yield Problem("project-long", message % {"most": most}, "ends_on")


def months_between(first: Any, last: Any) -> int:
    """How many months lie between two days, a month that has begun as a whole one."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return int(months + (last.day > first.day))


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
    days = [one.due_on for one in milestones]
    if days != sorted(days):
        message = _("The milestones follow one another: put them in the order of their days.")
        yield Problem("milestones-order", message, "milestones")
    if row.starts_on and row.ends_on and any(not row.starts_on <= day <= row.ends_on for day in days):
        message = _("Milestones lie between the first and the last day of the project.")
        yield Problem("milestones-outside", message, "milestones")


def check_payments(row: Any) -> Iterator[Problem]:
    """The payments of each source are its money together, to the fen."""
    payments = list(row.payments.all())
    for source, whole in ((Source.FISCAL, row.fiscal_fen), (Source.FIRM, row.firm_fen)):
        together = sum(one.planned_fen for one in payments if one.source == source)
        if together != whole:
            message = _("The payments of %(what)s are %(sum)s 万元 together, the project has %(whole)s.")
            amounts = {"what": source.label, "sum": wan_from_fen(together), "whole": wan_from_fen(whole)}
            yield Problem("payments-sum", message % amounts, "payments")


def check_signed(row: Any) -> Iterator[Problem]:
    """The poster and every member have signed the task book as it stands."""
    wording = wording_of(row)
    unsigned = [one.organisation.record.title for one in members_of(row) if one.signed != wording]
    if row.poster_signed != wording and not any(one.organisation_id == row.poster_id for one in members_of(row)):
        unsigned.append(row.poster.record.title)
    if unsigned:
        message = _("%(units)s have not signed the task book as it stands.")
        yield Problem("book-unsigned", message % {"units": listed(unsigned)}, "signature")


def check_no_change(row: Any) -> Iterator[Problem]:
    """No change of members waits for an answer."""
    if row.changes.filter(approved=None).exists():
        yield Problem("change-open", _("A change of members is asked for: decide on it first."), "changes")
