"""A receipt is entered, its distribution proposed, laid open, settled, and paid to everybody once."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.evidence.actions import Freeze
from kezhuan.areas.notices.lifecycle import NOTICE, PREPARED
from kezhuan.areas.notices.permissions import runs
from kezhuan.areas.rights.distributing import (
    before,
    distributed,
    frozen_result,
    grant_for,
    owners_of,
    problem_of,
    same_deal,
    shares_of,
)
from kezhuan.areas.rights.models import Distribution, DistributionMember, Sharer, Way
from kezhuan.areas.rights.papers_income import noticed, told_as_evidence
from kezhuan.areas.rights.permissions import keeps_money, settles
from kezhuan.engines.findings import Unfit
from kezhuan.engines.income import CODES, CODES_OF
from kezhuan.kernel import audiences, clocks, rulebook
from kezhuan.kernel.access import Actor, Audiences, person_token, region_of
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, advance, discarding, hold_records
from kezhuan.kernel.models import Notice, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import RUNNING, must_be_ruled
from kezhuan.kernel.roles import MONEY
from kezhuan.kernel.text import listed

KIND = "distribution"
PAYOUT = "payout"
"""Name of the term by which everybody is paid."""


def people_of(row: Distribution) -> list[int]:
    """Those with an account here who share in it."""
    return [one for one in row.members.values_list("person", flat=True) if one is not None] if row.pk else []


def distribution_audience(row: Distribution) -> Audiences:
    """The members of the unit who keep its income; once it is proposed also everybody who shares in it. No officer."""
    people = people_of(row) if row.record.stage not in {"draft", DISCARDED} else ()
    return audiences.inside(row.record, MONEY, map(person_token, people))


# -- what must hold ----------------------------------------------------------------------------------------------------


def check_deal(row: Any) -> Iterable[Problem]:
    """Receipts of a deal are distributed one after the other, and no more than its contract brings."""
    waiting = same_deal(row).filter(record__stage="proposed").select_related("record").first()
    if waiting is not None:
        message = _say("The receipt %(code)s of the same deal is being distributed: settle that one first.")
        yield Problem("income-waits", message % {"code": waiting.record.code}, "received_on")
    earlier = before(row)
    if earlier is not None and row.received_on < earlier.received_on:
        message = _say("A later receipt of the same deal, of %(day)s, is distributed already.")
        yield Problem("income-order", message % {"day": earlier.received_on.isoformat()}, "received_on")
    contract = Contract.objects.filter(pk=row.contract_id).first()
    if (
        row.way == Way.PROFIT
        or contract is None
        or contract.turnover_fen is None
        or contract.payment == "royalty"
        or contract.undetermined
    ):
        return
    others = Distribution.objects.filter(contract=row.contract_id).exclude(pk=row.pk)
    others = others.exclude(record__stage__in=(DISCARDED, "draft")).exclude(way=Way.PROFIT)
    if sum(others.values_list("received_fen", flat=True)) + row.received_fen > contract.turnover_fen:
        message = _say(
            "More would be received than the contract's turnover: amend the contract, or correct the amount."
        )
        yield Problem("income-beyond-contract", message, "received")


def check_fits(row: Any) -> Iterable[Problem]:
    """The engine can distribute it: costs of allowed kinds, floors known, nobody twice."""
    try:
        distributed(row)
    except Unfit as unfit:
        yield from (problem_of(one) for one in unfit.findings)


def check_decided(row: Any) -> Iterable[Problem]:
    """Where a head of the unit is rewarded, it is said where that was decided."""
    if not row.minutes and row.members.filter(head=True).exists():
        message = _say(
            "A head of the unit is among the rewarded: enter number and day of the minutes of the collective decision."
        )
        yield Problem("income-undecided", message, "minutes")


def check_paid(row: Any) -> Iterable[Problem]:
    """Everybody has been paid."""
    if unpaid := [one.name for one in row.members.all() if (one.fen or one.shares) and one.paid_on is None]:
        message = _say("Not paid yet: %(names)s.") % {"names": listed(unpaid)}
        yield Problem("income-unpaid", message, "members")


# -- what follows a move -----------------------------------------------------------------------------------------------


def propose(row: Distribution, _actor: Actor) -> None:
    """Work it out and write it down; from now on it stays, whatever rules and grants become."""
    hold_records(Record.objects.filter(Q(pk=row.achievement_id) | Q(pk=row.contract_id)))
    if problems := list(check_deal(row)):  # somebody else was faster
        raise Refused(problems)
    grant, earlier = grant_for(row), before(row)
    row.members.filter(role=Sharer.OWNER).delete()
    done = distributed(row)
    DistributionMember.objects.bulk_create(owners_of(row, grant))
    shares = shares_of(done)
    for member in row.members.all():
        setattr(member, "shares" if done.in_shares else "fen", shares.get((member.name, member.role), 0))
        member.save(update_fields=["fen", "shares"])
    row.grant, row.after = grant, earlier
    row.carried_fen, row.left_fen = (earlier.left_fen if earlier is not None else 0), done.carried
    if done.in_shares:
        row.held_shares, row.pool_shares, row.unit_shares = done.net, done.pool, done.unit
    else:
        row.net_fen, row.pool_fen, row.unit_fen = done.net, done.pool, done.unit
    row.due_on = done.due
    row.result = frozen_result(done)
    row.save()
    codes = CODES_OF.get(row.way, CODES)
    held = (rulebook.rule_or_none(code, on=row.received_on, jurisdiction=region_of(row)) for code in codes)
    rulebook.stamp((row.record, one) for one in held if one is not None)


def take_back(row: Distribution, actor: Actor) -> None:
    """It is worked out anew; what was laid open tells of another one, and the deal goes on from where it was."""
    row.members.filter(role=Sharer.OWNER).delete()
    row.members.update(fen=None, shares=None)
    row.after = row.grant = row.net_fen = row.pool_fen = row.unit_fen = row.due_on = None
    row.held_shares = row.pool_shares = row.unit_shares = None
    row.carried_fen = row.left_fen = 0
    row.result = {}
    row.save()
    waiting = Notice.objects.filter(about=row.record, record__stage__in=(PREPARED, RUNNING))
    for notice in waiting.select_related("record", "about"):
        if runs.test(actor, notice):
            advance(NOTICE, notice, "stop", actor=actor, note=row.said)  # type: ignore[attr-defined]  # of the move


def free_reference(row: Distribution, _actor: Actor) -> None:
    """The receipt, and what it was paid for, can be entered again."""
    row.reference, row.payment = "", None
    row.save(update_fields=["reference", "payment"])


def count_payout(row: Distribution, _actor: Actor | None = None) -> None:
    """Let the unit be reminded of the day by which everybody is paid."""
    clocks.let_run(row.record, PAYOUT, row.due_on if row.record.stage == "settled" else None)


_DISCARD = discarding(keeps_money)

DISTRIBUTION = Lifecycle(
    KIND,
    "U",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("proposed", Phase.REVIEWING, _("proposed, to be laid open")),
        Stage("settled", Phase.ACTIVE, _("to be paid")),
        Stage("closed", Phase.DONE, _("paid")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "propose",
            _("Propose the distribution"),
            source=frozenset({"draft"}),
            target="proposed",
            allowed=keeps_money,
            checks=(check_deal, check_fits),
            then=(propose,),
            hint=_("It is worked out by the rules of the day of the receipt, and stays as it is."),
            primary=True,
        ),
        Move(
            "discard",
            _DISCARD.label,
            source=_DISCARD.source,
            target=DISCARDED,
            allowed=keeps_money,
            then=(free_reference,),
            hint=_DISCARD.hint,
            danger=True,
        ),
        Move(
            "revise",
            _("Change it: propose anew"),
            source=frozenset({"proposed"}),
            target="draft",
            allowed=settles,
            then=(take_back,),
            note="required",
        ),
        Move(
            "settle",
            _("Settle the distribution"),
            source=frozenset({"proposed"}),
            target="settled",
            allowed=settles,
            checks=(check_decided, must_be_ruled("settle")),
            then=(Freeze("settle", told_as_evidence),),
            notice=noticed,
            notice_title=_("Notice on {kind} “{subject}”: how it is to be shared"),
            primary=True,
        ),
        Move(
            "close",
            _("Everybody is paid"),
            source=frozenset({"settled"}),
            target="closed",
            allowed=keeps_money,
            checks=(check_paid,),
            primary=True,
        ),
    ),
    audience=distribution_audience,
    then=(clocks.restart(lambda row: row.record.owner), count_payout),
    inner=True,
    named=people_of,
)
