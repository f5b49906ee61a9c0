"""What a receipt comes to: the engine asked with the rule values of its day, its grant, and the balance before it."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import override

from kezhuan.areas.rights.models import (
    OWNERSHIP,
    Distribution,
    DistributionMember,
    GrantMember,
    RightsGrant,
    Sharer,
    Way,
)
from kezhuan.areas.rights.papers import told_apart
from kezhuan.areas.rights.queries import rules_on
from kezhuan.engines import income as engine
from kezhuan.engines.findings import Finding, Words
from kezhuan.engines.income import Floors, floors_from
from kezhuan.kernel.access import region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import language
from kezhuan.web.names import place_name

COUNTED = ("settled", "closed")
"""Stages in which a distribution stands and the next of its deal goes on from it."""


def in_both(code: str) -> Words:
    """A place by its name in both languages."""
    names = []
    for tongue in ("zh-hans", "en"):
        with override(tongue):
            names.append(place_name(code))
    return Words(*names)


def same_deal(row: Distribution) -> QuerySet[Distribution]:
    """The other receipts of the same achievement by the same contract, else the same agreement, else by none; shares
    and profit are no instalments."""
    if row.way != Way.RECEIPT:
        return Distribution.objects.none()
    rows = Distribution.objects.filter(unit=row.unit_id, achievement=row.achievement_id, contract=row.contract_id)
    rows = rows.filter(way=Way.RECEIPT)
    if row.contract_id is None:
        rows = rows.filter(payment__version__agreement=row.payment.version.agreement_id if row.payment else None)
    return rows.exclude(pk=row.pk)


def before(row: Distribution) -> Distribution | None:
    """The receipt from which this one goes on: the newest that stands."""
    if row.after is not None:
        return row.after
    return same_deal(row).filter(record__stage__in=COUNTED, next=None).order_by("-received_on", "-pk").first()


def grant_for(row: Distribution) -> RightsGrant | None:
    """The grant under which completers own a share of the achievement, or its use, on the day of the receipt."""
    day = row.received_on
    rows = RightsGrant.objects.filter(achievement=row.achievement_id, agreed_on__lte=day, starts_on__lte=day)
    rows = rows.exclude(income_bp=0)
    # One that has ended since stood on that day all the same.
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=day), Q(record__closed_on=None) | Q(record__closed_on__gt=day))
    return rows.order_by("-agreed_on", "-pk").prefetch_related("members__person__record").first()


def agreement_of(row: Distribution, grant: RightsGrant | None) -> engine.Agreement:
    """Who shares and how: the people entered, and the owners under the grant."""
    entered = row.members.exclude(role=Sharer.OWNER)
    members = tuple(engine.Member(one.name, engine.Role(one.role), one.weight) for one in entered)
    owners = None
    if grant is not None:
        people = tuple((one.name, one.weight) for one in owners_as_members(row, grant))
        use = grant.kind not in OWNERSHIP
        title = None if use else grant.share_bp
        owners = engine.Owners(grant.income_bp, people, grant.owner_rewarded, grant.reward_clause, title, use)
    return engine.Agreement(row.agreed_bp, members, owners)


def floors_for(row: Distribution) -> Floors:
    """The floors of the unit's place on the day of the receipt."""
    place = region_of(row)
    return floors_from(place, rules_on(row.received_on, place), in_both)


def distributed(row: Distribution) -> engine.Distribution:
    """The distribution as the engine works it out now; raises `Unfit` with every reason."""
    if row.way != Way.RECEIPT:
        return _of_other_way(row)
    costs = tuple(engine.Deduction(kind, fen) for kind, fen, _voucher in row.costs)
    receipt = engine.Receipt(row.received_fen, row.received_on, costs, row.reference)
    earlier = before(row)
    carried = earlier.left_fen if earlier is not None else 0
    return engine.distribute(receipt, agreement_of(row, grant_for(row)), floors_for(row), carried=carried)


def _of_other_way(row: Distribution) -> engine.Distribution:
    place, agreement = region_of(row), agreement_of(row, grant_for(row))
    rules = engine.ways_from(place, rules_on(row.received_on, place), in_both)
    if row.way == Way.EQUITY:
        money, shares = (row.received_fen, row.post_money_fen or 0), row.total_shares or 0
        heads = row.members.filter(head=True).exists()
        put = engine.Investment(*money, shares, row.received_on, heads, row.reference)
        return engine.distribute_equity(put, agreement, rules)
    began = row.started_on or row.received_on
    year = engine.ProfitYear(row.received_fen, row.year_no or 0, began, row.received_on, row.years, row.reference)
    return engine.distribute_profit(year, agreement, rules)


def problem_of(finding: Finding) -> Problem:
    """What the engine finds as a refusal tells it."""
    return Problem(f"income-{finding.code}", finding.words.say(language()), finding.field, finding.clause)


def frozen_result(done: engine.Distribution) -> dict[str, Any]:
    """The figures of a distribution with the versions that gave them, as they are kept; in both languages."""
    return {
        "figures": [
            {
                "code": one.code,
                "shares" if done.in_shares else "fen": one.fen,
                "label": [one.label.zh, one.label.en],
                "how": [one.how.zh, one.how.en],
                "rule": [one.rule.code, one.rule.jurisdiction, one.rule.effective_from.isoformat(), one.rule.source]
                if one.rule
                else [],
                "clause": one.clause,
            }
            for one in done.figures
        ],
        "lines": [[one.name, one.role, one.fen] for one in done.lines],
        "notes": [[one.say("zh"), one.say("en")] for one in done.notes],
    }


def shares_of(done: engine.Distribution) -> dict[tuple[str, str], int]:
    """What each person gets, by name and role."""
    return {(one.name, one.role): one.fen for one in done.lines if one.name and one.role != "unit"}


def owners_of(row: Distribution, grant: RightsGrant | None) -> list[DistributionMember]:
    """The owners under a grant who share in a distribution as such: of the profit of the unit's own production none."""
    return [] if row.way == Way.PROFIT else owners_as_members(row, grant)


def owners_as_members(row: Distribution, grant: RightsGrant | None) -> list[DistributionMember]:
    """The owners under a grant as members of a distribution, unsaved, numbered after those who are there; each by a
    name that nobody else has."""
    entered = list(row.members.exclude(role=Sharer.OWNER))
    last = max((one.number for one in entered), default=0)
    found: list[DistributionMember] = []
    team = list(grant.members.all()) if grant is not None else []
    names = [one.name for one in team]
    for number, one in enumerate(team, last + 1):
        others = {other.name for other in entered} | {name for name in names if names.count(name) > 1}
        found.append(
            DistributionMember(
                distribution=row,
                number=number,
                name=_same_as(one, entered, found) or told_apart(one.name, one.person, others, number),
                person=one.person,
                role=Sharer.OWNER,
                weight=one.part_bp,
            )
        )
    return found


def _same_as(owner: GrantMember, entered: list[DistributionMember], found: list[DistributionMember]) -> str:
    """The name under which an owner is entered for a reward, so that they are seen to be one person. Where one of two
    of the same name has no account they count as one: nobody is paid twice by leaving it out."""
    used = {one.name for one in found}
    for one in entered:
        unknown = one.person_id is None or owner.person_id is None
        same = one.person_id == owner.person_id if not unknown else one.name == owner.name
        if same and one.name not in used:
            return one.name
    return ""
