"""Invented receipts and agreements, and what must hold of any distribution of them."""

from datetime import date
from random import Random

from kezhuan.engines.income import (
    CODES,
    DEDUCTIONS,
    Agreement,
    Deduction,
    Floors,
    Member,
    Owners,
    Receipt,
    Role,
    distribute,
)
from kezhuan.engines.rules import RuleVersion

DAY = date(2025, 6, 1)


def _floor(code, points):
    return RuleVersion(code, "440000", points, CODES[code][1], date(2024, 1, 1), None, "x")


def _amount(random: Random) -> int:
    return random.randrange(10 ** random.randrange(1, 14))


def random_case(random: Random) -> tuple[Receipt, Agreement, Floors, int]:
    """A receipt, an agreement and floors, small and large amounts, with and without persons, owners and parts."""
    costs = tuple(Deduction(kind, _amount(random)) for kind in random.sample(list(DEDUCTIONS), random.randrange(4)))
    main_floor = random.choice([None, random.randrange(10_001)])
    office_floor = random.choice([None, random.randrange(10_001 - (main_floor or 0))])
    members = ()
    if random.random() < 0.7:
        roles = [Role.MAIN, *random.choices(list(Role), k=random.randrange(8))]
        members = tuple(Member(f"m{n}", role, random.randrange(1, 10_000)) for n, role in enumerate(roles))
    owners = None
    if random.random() < 0.4:
        rewarded = random.random() < 0.3
        names = [f"o{n}" for n in range(random.randrange(1, 5))]
        if rewarded and members:
            names[0] = "m0"
        people = tuple((name, random.randrange(1, 100)) for name in names)
        owners = Owners(random.randrange(1, 10_001), people, rewarded, "clause" if rewarded else "")
    parts = tuple((f"u{n}", random.randrange(1, 100)) for n in range(random.randrange(4)))
    floors = Floors(
        "440100",
        _floor("income.floor.pool", random.randrange(10_001)),
        None if main_floor is None else _floor("income.floor.main", main_floor),
        None if office_floor is None else _floor("income.floor.office", office_floor),
    )
    agreed = random.choice([None, random.randrange(10_001)])
    return Receipt(_amount(random), DAY, costs), Agreement(agreed, members, owners, parts), floors, -_amount(random)


def check(receipt: Receipt, agreement: Agreement, floors: Floors, carried: int) -> None:
    """Everything sums to the fen, no floor is broken, and every fen stands on one line."""
    done = distribute(receipt, agreement, floors, carried=carried)
    balance = carried + receipt.fen - sum(one.fen for one in receipt.deductions)
    assert done.net + done.carried == balance
    assert done.net >= 0 >= done.carried
    assert done.net == 0 or done.carried == 0
    by_role: dict[str, int] = {}
    for line in done.lines:
        assert line.fen >= 0
        by_role[line.role] = by_role.get(line.role, 0) + line.fen
    rewarded = sum(by_role.get(role, 0) for role in ("main", "other", "office", "reward"))
    assert sum(by_role.values()) == done.net
    assert rewarded == done.pool
    assert by_role.get("unit", 0) == done.unit
    assert by_role.get("owner", 0) == done.owners
    # One line a person and role; an owner is rewarded only where the agreement says so.
    assert len({(line.name, line.role) for line in done.lines}) == len(done.lines)
    owners = agreement.owners
    owning = {name for name, _ in owners.people} if owners else set()
    twice = owning & {line.name for line in done.lines if line.role in {"main", "other", "office"}}
    assert not twice or (owners is not None and owners.also_rewarded)
    # Floors, in whole fen of exact shares.
    if agreement.members or owners is None:
        base = done.net - done.owners
        least = max(floors.pool.value if floors.pool else 0, agreement.points or 0)
        assert done.pool * 10_000 >= base * least
        assert (done.pool - 1) * 10_000 < base * least or done.pool == 0
    else:
        assert done.pool == 0
    if floors.main:
        assert done.main * 10_000 >= done.pool * floors.main.value
    if floors.office:
        left = done.pool - done.main
        assert done.office * 10_000 >= done.pool * floors.office.value or (left == done.office and left >= 0)
    if agreement.members:
        assert by_role.get("main", 0) == done.main
        assert by_role.get("office", 0) == done.office
