"""定向委托: what a chain leader commissions under the direction for which it was chosen is awarded in the same call, as
an application that nobody had to write: by the same budget line, the same limits and under the same locks."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.choices import RelatedRule
from kezhuan.areas.calls.library_actions import leave_library
from kezhuan.areas.calls.limiting import hold_units, limit_problems, rules_of
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.related import found_ties
from kezhuan.kernel import journal, rulebook
from kezhuan.kernel.access import SYSTEM, Actor, is_officer
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, held, open_record
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.text import clean, listed, now, wan_from_fen


@dataclass(frozen=True)
class Commission:
    """What is commissioned: the unit that undertakes it, under which title and goal, for how many months, with how much
    fiscal money (分), and why, as everybody concerned reads it."""

    undertaker: Organisation
    title: str
    summary: str
    months: int | None
    fen: int
    words: str


@dataclass(frozen=True)
class _Given:
    """A commission as the limits see a proposal."""

    award_fen: int
    awarded: bool = True
    passed_on_fen: int = 0


def award_commission(*, actor: Actor, direction: Application, facts: Commission) -> Application:
    """Award what the leader of a direction, by the application with which it was chosen, commissions under it; what the
    record of the selection needs is asked by whoever calls. Raises `NotAllowed` or `Refused`."""
    call, leader = direction.item.call, direction.applicant
    if direction.record.stage != "awarded" or not is_officer.test(actor, call):
        raise NotAllowed(_("Money is awarded by the officers in charge of the call."))
    with journal.writing():
        held(call)
        hold_units([facts.undertaker.pk])
        ties = listed(found_ties([(facts.undertaker.pk, leader.pk)]).get((facts.undertaker.pk, leader.pk), ()))
        row = Application(
            # Nothing that the limits ask of it needs a place in the table yet.
            record=Record(title=facts.title, code=""), item=direction.item, applicant=facts.undertaker,
            commissioned_by=leader,
        )  # fmt: skip
        problems = [
            *_money_problems(direction, facts.fen), *_tie_problems(direction, ties),
            *limit_problems(call, [(row, _Given(facts.fen))]),
        ]  # fmt: skip
        if problems:
            raise Refused(problems)
        made: Application = open_record(
            APPLICATION,
            lambda record: Application(
                record=record,
                item=direction.item,
                applicant=facts.undertaker,
                commissioned_by=leader,
                months=facts.months,
                related=ties,
                submitted_at=now(),
                verdict=clean(facts.words),
                asked_fen=facts.fen,
                award_fen=facts.fen,
            ),
            actor=actor,
            title=facts.title,
            summary=facts.summary,
            owner=facts.undertaker,
            stage="awarded",
        )
        rulebook.stamp((made.record, rule) for rule in rules_of(call).values())
    return made


def end_commission(application: Application, why: str) -> None:
    """End what was commissioned before a project came of it: its award counts no more against the line, the direction
    and the limits, and leaves the library. Called by whoever ends what it was for, who is asked there."""
    leave_library(actor=SYSTEM, application=application)
    advance(APPLICATION, application, "end-commission", actor=SYSTEM, note=why)


def _money_problems(direction: Application, fen: int) -> Iterator[Problem]:
    """The direction and the budget line of the call still have this money."""
    item, call = direction.item, direction.item.call
    awarded = Application.objects.filter(record__stage="awarded")
    for whole, rows, message in (
        (item.fiscal_fen, awarded.filter(item=item), _("Of the direction's %(most)s 万元 %(left)s are left, this is"
                                                       " %(fen)s: lower it.")),
        (call.budget_fen or 0, awarded.filter(item__call=call), _("Of the call's budget line of %(most)s 万元 %(left)s"
                                                                  " are left, this is %(fen)s: lower it.")),
    ):  # fmt: skip
        if whole is None:
            continue
        left = whole - (rows.aggregate(fen=Sum("award_fen"))["fen"] or 0)
        if fen > left:
            amounts = {"most": whole, "left": max(left, 0), "fen": fen}
            words = {name: wan_from_fen(value) for name, value in amounts.items()}
            yield Problem("commission-money", message % words, "fen")


def _tie_problems(direction: Application, ties: str) -> Iterator[Problem]:
    """Where the call refuses whoever is related to the poster, or has a panel look at them, it is not commissioned."""
    if ties and direction.item.call.related_rule != RelatedRule.DISCLOSE:
        message = _("The unit is related to the leader (%(ties)s), which the call does not leave to the two of them.")
        yield Problem("commission-related", message % {"ties": ties}, "undertaker")
