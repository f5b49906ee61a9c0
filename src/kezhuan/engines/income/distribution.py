"""The distribution itself: from what was received to what each person and the unit get, each figure with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from kezhuan.engines.days import months_after
from kezhuan.engines.findings import Finding, Unfit, Words
from kezhuan.engines.income.dividing import at_least, divide
from kezhuan.engines.income.floors import Floors
from kezhuan.engines.income.owning import owner_notes, owners_words
from kezhuan.engines.income.terms import NET_CLAUSE, Agreement, Member, Owners, Receipt, Role, refused_in
from kezhuan.engines.money import percent
from kezhuan.engines.rules import RuleVersion

ROLES = (Role.MAIN, Role.OTHER, Role.OFFICE)


@dataclass(frozen=True, slots=True)
class Line:
    """What one receiver gets, in 分: as `owner`, `main`, `other`, `office`, `unit`; `reward` is a whole pool.

    Without a name it is the whole group's.
    """

    name: str
    role: str
    fen: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the distribution in 分, how it came about, and the rule version and clause that gave it."""

    code: str
    fen: int
    label: Words
    how: Words
    rule: RuleVersion | None = None
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One receipt distributed, in 分: the lines sum to `net`, those of the unit to `unit`, of the reward to `pool`.

    `way` says of what it is: a `receipt`, a year's `profit`, or `equity`, where all amounts are shares of a company.
    `carried` is negative where costs exceeded what came in; it is taken off the next receipt. `due` is the last day of
    payment where nothing was agreed and a rule sets a term.
    """

    receipt: Receipt
    net: int
    carried: int
    owners: int
    pool: int
    main: int
    office: int
    unit: int
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...]
    notes: tuple[Finding, ...]
    due: date | None
    way: str = "receipt"

    @property
    def in_shares(self) -> bool:
        """Whether its amounts are shares of a company."""
        return self.way == "equity"


RECEIVED = Words("净收入", "net income")


def distribute(receipt: Receipt, agreement: Agreement, floors: Floors, *, carried: int = 0) -> Distribution:
    """Distribute one receipt; `carried` is the negative balance of earlier ones in 分.

    Net income is received less deductions, never below zero. Owners under a grant take their share of it; of what is
    the unit's own the reward is the agreed share, at least the floor, rounded up to the 分; within it main contributors
    and the transfer office get at least theirs. Persons share by largest remainder, the first named first.
    Raises `Unfit` with every reason.
    """
    if refused := refused_at(receipt, agreement, floors, carried):
        raise Unfit(refused)
    balance = carried + receipt.fen - sum(one.fen for one in receipt.deductions)
    done = share_out(receipt, max(0, balance), agreement, floors, RECEIVED, _net_figures(carried, balance))
    due = months_after(receipt.on, floors.payout.value) if floors.payout and done.pool else None
    return replace(done, carried=min(0, balance), notes=tuple(_notes(agreement, floors)), due=due)


def refused_at(receipt: Receipt, agreement: Agreement, floors: Floors, carried: int = 0) -> list[Finding]:
    """Every reason for which it cannot be distributed."""
    return [*refused_in(receipt, agreement, carried), *_refused_floors(agreement, floors)]


def share_out(
    receipt: Receipt, whole: int, agreement: Agreement, floors: Floors, called: Words, first: Iterable[Figure]
) -> Distribution:
    """Divide what there is (`whole`, `called` so in sentences) between owners, the rewarded and the unit; `first` are
    the figures that lead to it."""
    lines, owners_fen = _owners_lines(whole, agreement.owners)
    base = whole - owners_fen
    rewards = bool(agreement.members) or agreement.owners is None
    points = max(agreement.points or 0, floors.pool.value if floors.pool else 0)
    pool = at_least(base, points) if rewards else 0
    parts = _groups(pool, agreement.members, floors)
    lines += _reward_lines(parts, agreement.members)
    unit = base - pool
    lines += _unit_lines(unit, agreement.unit_parts)
    return Distribution(
        receipt=receipt,
        net=whole,
        carried=0,
        owners=owners_fen,
        pool=pool,
        main=parts[Role.MAIN],
        office=parts[Role.OFFICE],
        unit=unit,
        lines=tuple(lines),
        figures=(*first, *_figures(agreement, floors, called, owners_fen, pool, parts, unit)),
        notes=tuple(_notes(agreement, floors, of_money=False)),
        due=None,
    )


def distribute_all(
    receipts: Iterable[Receipt], agreement: Agreement, floors_on: Callable[[date], Floors]
) -> list[Distribution]:
    """Distribute instalments in the order of their days, each by the floors of its own day, the balance carried on.

    Raises `Unfit`, also when one receipt is there twice.
    """
    ordered = sorted(receipts, key=lambda one: one.on)
    names = [one.reference for one in ordered if one.reference]
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise Unfit(
            Finding(
                "receipt-twice",
                Words(
                    f"到账“{name}”列了两次：同一笔钱只分配一次，请删去一笔。",
                    f"Receipt “{name}” is there twice: money is distributed once; take one out.",
                ),
                "received",
            )
            for name in dict.fromkeys(twice)
        )
    done: list[Distribution] = []
    for receipt in ordered:
        carried = done[-1].carried if done else 0
        done.append(distribute(receipt, agreement, floors_on(receipt.on), carried=carried))
    return done


# -- parts -------------------------------------------------------------------------------------------------------------


def _refused_floors(agreement: Agreement, floors: Floors) -> Iterable[Finding]:
    rewards = bool(agreement.members) or agreement.owners is None
    if rewards and floors.pool is None and agreement.points is None:
        place = floors.named(floors.jurisdiction)
        yield Finding(
            "floor-unknown",
            Words(
                f"没有{place.zh}在这一天的奖励最低比例；请给出单位规定或约定的比例。",
                f"No least share for rewards is known for {place.en} on this day; give the agreed one.",
            ),
            "agreed",
        )
    if agreement.members and floors.main and all(one.role != Role.MAIN for one in agreement.members):
        yield Finding(
            "main-missing",
            Words(
                f"请列出主要贡献人员：奖励总额中至少 {percent(floors.main.value)} 归他们。",
                f"Name the main contributors: at least {percent(floors.main.value)} of the reward is theirs.",
            ),
            "members",
            floors.main.source,
        )


def _owners_lines(net: int, owners: Owners | None) -> tuple[list[Line], int]:
    if owners is None:
        return [], 0
    theirs, _unit = divide(net, (owners.points, 10_000 - owners.points))
    parts = divide(theirs, [weight for _, weight in owners.people])
    return [Line(name, "owner", fen) for (name, _), fen in zip(owners.people, parts, strict=True)], theirs


def _groups(pool: int, members: tuple[Member, ...], floors: Floors) -> dict[Role, int]:
    """What main contributors, others and the office get of the pool: by weights, then lifted to the floors.

    What lifts one group is taken from the others first, then from the other group with a floor, as far as it is above
    its own. A 分 that both floors claim goes to the main contributors. Without members only the floors are told.
    """
    main_floor = at_least(pool, floors.main.value) if floors.main else 0
    office_floor = min(at_least(pool, floors.office.value) if floors.office else 0, pool - main_floor)
    if not members:
        return {Role.MAIN: main_floor, Role.OTHER: pool - main_floor - office_floor, Role.OFFICE: office_floor}
    weights = [sum(one.weight for one in members if one.role == role) for role in ROLES]
    main, other, office = divide(pool, weights)
    for_main = max(0, main_floor - main)
    from_other = min(other, for_main)
    main, other, office = main + for_main, other - from_other, office - (for_main - from_other)
    for_office = max(0, office_floor - office)
    from_other = min(other, for_office)
    main, other, office = main - (for_office - from_other), other - from_other, office + for_office
    return {Role.MAIN: main, Role.OTHER: other, Role.OFFICE: office}


def _reward_lines(parts: dict[Role, int], members: tuple[Member, ...]) -> list[Line]:
    if not members:
        pool = sum(parts.values())
        return [Line("", "reward", pool)] if pool else []
    lines: list[Line] = []
    for role in ROLES:
        people = [one for one in members if one.role == role]
        if people:
            shares = divide(parts[role], [one.weight for one in people])
            lines += [Line(one.name, role.value, fen) for one, fen in zip(people, shares, strict=True)]
        elif parts[role]:
            lines.append(Line("", role.value, parts[role]))
    return lines


def _unit_lines(unit: int, named: tuple[tuple[str, int], ...]) -> list[Line]:
    if not named:
        return [Line("", "unit", unit)]
    parts = divide(unit, [weight for _, weight in named])
    return [Line(name, "unit", fen) for (name, _), fen in zip(named, parts, strict=True)]


# -- in words ----------------------------------------------------------------------------------------------------------


def _net_figures(carried: int, balance: int) -> Iterable[Figure]:
    how = Words("到账减去扣除项", "received less deductions")
    if carried:
        how = Words(
            "到账减去扣除项和此前结转的负数余额", "received less deductions and the negative balance carried here"
        )
    if balance < 0:
        how = Words(how.zh + "，不足零记为零", how.en + ", not below zero")
    yield Figure("net", max(0, balance), Words("净收入", "Net income"), how, clause=NET_CLAUSE)
    if balance < 0:
        yield Figure(
            "carried",
            balance,
            Words("结转下一笔", "Carried to the next receipt"),
            Words("扣除超过到账的部分", "costs beyond what came in"),
        )


def _figures(
    agreement: Agreement,
    floors: Floors,
    called: Words,
    owners_fen: int,
    pool: int,
    parts: dict[Role, int],
    unit: int,
) -> Iterable[Figure]:
    if agreement.owners is not None:
        yield Figure("owners", owners_fen, *owners_words(agreement.owners, called), clause=agreement.owners.clause)
    if agreement.members or agreement.owners is None:
        yield _pool_figure(pool, agreement, floors, called)
        yield from _group_figures(pool, parts, agreement, floors)
    kept = Words(f"{called.zh}减去以上各项", f"{called.en} less the above")
    yield Figure("unit", unit, Words("留归单位", "Stays with the unit"), kept)


def _pool_figure(pool: int, agreement: Agreement, floors: Floors, called: Words) -> Figure:
    of = (
        Words(f"{called.zh}中归单位部分的", f" of the unit's part of {called.en}")
        if agreement.owners
        else Words(f"{called.zh}的", f" of {called.en}")
    )
    label = Words("奖励和报酬总额", "Reward pool")
    floor, agreed = floors.pool, agreement.points
    if floor is not None and (agreed is None or agreed <= floor.value):
        said = percent(floor.value)
        return Figure("pool", pool, label, Words(f"{of.zh} {said}（最低比例）", f"{said}{of.en} (the floor)"), floor)
    said = percent(agreed or 0)
    lowest = f"，不低于 {percent(floor.value)}" if floor else ""
    least = f", the floor is {percent(floor.value)}" if floor else ""
    return Figure(
        "pool", pool, label, Words(f"{of.zh} {said}（约定{lowest}）", f"{said}{of.en} (agreed{least})"), floor
    )


def _group_figures(pool: int, parts: dict[Role, int], agreement: Agreement, floors: Floors) -> Iterable[Figure]:
    named = {
        Role.MAIN: (Words("主要贡献人员", "Main contributors"), floors.main),
        Role.OFFICE: (Words("技术转移机构人员", "Staff of the transfer office"), floors.office),
    }
    for role, (label, floor) in named.items():
        if floor is not None:
            said = percent(floor.value)
            how = Words(f"不低于奖励总额的 {said}", f"at least {said} of the reward")
            if not agreement.members:
                label = Words(label.zh + "不低于", label.en + ", at least")
            yield Figure(role.value, parts[role], label, how, floor)
        elif agreement.members and parts[role]:
            yield Figure(role.value, parts[role], label, Words("按份额", "by their shares"))
    if agreement.members and parts[Role.OTHER]:
        yield Figure(
            "other", parts[Role.OTHER], Words("其他贡献人员", "Other contributors"), Words("按份额", "by their shares")
        )


def _notes(agreement: Agreement, floors: Floors, *, of_money: bool = True) -> Iterable[Finding]:
    floor = floors.pool
    if floor is not None and floor.jurisdiction != floors.jurisdiction:
        own, wider = floors.named(floors.jurisdiction), floors.named(floor.jurisdiction)
        yield Finding(
            "floor-of-wider-place",
            Words(
                f"没有{own.zh}自己的奖励最低比例，采用{wider.zh}的。",
                f"No least share of {own.en} itself is known; the one of {wider.en} is used.",
            ),
        )
    if floor is not None and agreement.points is not None and agreement.points < floor.value:
        yield Finding(
            "agreed-below-floor",
            Words(
                f"约定的 {percent(agreement.points)} 低于最低比例，按 {percent(floor.value)} 计算；"
                "最低比例约束国家设立的研究开发机构和高等院校。",
                f"The agreed {percent(agreement.points)} lies below the floor, {percent(floor.value)} is used; the"
                " floor binds research institutes and universities that the state founded.",
            ),
            clause=floor.source,
        )
    if floors.main is None:
        yield Finding(
            "no-main-floor",
            Words(
                "没有已知的主要贡献人员最低比例，未加限制。",
                "No floor for main contributors is known; none is applied.",
            ),
        )
    if floors.office is None and of_money:
        yield Finding(
            "no-office-floor",
            Words(
                "没有已知的技术转移机构人员最低比例，未加限制。",
                "No floor for the transfer office is known; none is applied.",
            ),
        )
    if agreement.owners is not None:
        yield from owner_notes(agreement.owners, rewarded=bool(agreement.members))
