"""What questions share is brought up to date by each change, and then as if worked out from nothing."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from kezhuan.kernel.search import columns as columns_module
from kezhuan.kernel.search import standing
from kezhuan.kernel.search.columns import NARROW, Columns, Supply
from kezhuan.kernel.search.documents import LEVEL_PUBLIC, LEVELS, SearchDocument
from kezhuan.kernel.search.standing import Chosen, Standing

AUDIENCES = [np.array(mask, np.bool_) for mask in ([1], [1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 1])]
KINDS: list[tuple[str, ...]] = [(), ("need",), ("need", "achievement"), ("spaceship",)]
FACETS = ("kind", "field", "region", "never")


def documents(random: Random, record: int) -> list[SearchDocument]:
    """Up to three parts of a record, each for fewer readers than the one before it."""
    opened = date(2024, 1, 1) + timedelta(days=random.randrange(5))
    first = random.randrange(2)
    facets = {"field": random.choice(["energy", "food", ""]), "region": str(random.randrange(40))}
    return [
        SearchDocument(record, level, first + place, opened, facets=facets if place else {"field": facets["field"]})
        for place, level in enumerate(sorted(random.sample(range(5), random.randrange(4))))
    ]


def seen(columns: Columns, held: Standing) -> list[object]:
    """What every sort of reader sees, by documents rather than by slots."""
    said: list[object] = []
    for audiences in AUDIENCES:
        for kinds in KINDS:
            view = held.view(columns, audiences, kinds)
            ids = columns.document_ids
            said.append([ids[held.first(view.mask, count)].tolist() for count in (3, 1000)])
            for name in FACETS:
                counts = view.count(columns, name)
                said.append({columns.values[name][code]: int(counts[code]) for code in np.flatnonzero(counts)})
                assert np.array_equal(np.trim_zeros(Chosen(view.mask).count(columns, name)), np.trim_zeros(counts))
    return said


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("share", "together"), [(0.0, 4), (2.0, 1 << 16)])
def test_changes_leave_what_working_out_anew_gives(
    seed: int, share: float, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "FEW", share)
    monkeypatch.setattr(standing, "AT_ONCE", together)
    monkeypatch.setattr(columns_module, "PACKED_FROM", 1)
    random, columns, slots = Random(seed), Columns(), dict[int, list[int]]()
    kinds = {record: random.choice(["need", "achievement"]) for record in range(30)}
    held = Standing(columns, np.zeros(0, np.bool_))
    alive = np.zeros(0, np.bool_)
    for _ in range(12):
        changed = random.sample(range(30), random.randrange(1, 6))
        fresh = [document for record in changed for document in documents(random, record)]
        dead = [slot for record in changed for slot in slots.pop(record, [])]
        places = list(range(columns.size, columns.size + len(fresh)))
        columns.put(places, fresh, kinds)
        for place, document in zip(places, fresh, strict=True):
            slots.setdefault(document.record, []).append(place)
        alive = np.append(alive, np.ones(len(fresh), np.bool_))
        alive[dead] = False
        held.replaced(columns, dead)
        assert np.array_equal(held.alive, alive)
        assert seen(columns, held) == seen(columns, Standing(columns, alive))


@pytest.mark.parametrize("values", [1, 40, 100])
def test_bits_count_what_slots_count(values: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns_module, "PACKED_FROM", 1)
    columns, chance, day = Columns(), np.random.default_rng(values), date(2024, 1, 1)

    def add(count: int) -> None:
        first = columns.size
        made = [
            SearchDocument(first + n, 1, 0, day, facets={"mark": str(chance.integers(values))} if n % 3 else {})
            for n in range(count)
        ]
        columns.put(range(first, first + count), made, {one.record: "need" for one in made})

    for count in (1, 64, 500, 7, 60, 1000):
        add(count)
        for share in (0.0, 0.3, 1.0):
            mask = chance.random(columns.size) < share
            slowly = np.bincount(columns.facet("mark")[mask], minlength=1)
            slowly[0] = 0
            assert np.array_equal(np.trim_zeros(columns.count("mark", mask), "b"), np.trim_zeros(slowly, "b"))
            assert columns.count("never", mask).sum() == 0
    columns.reorder(np.arange(0, columns.size, 2))
    assert columns.count("kind", np.ones(columns.size, np.bool_)).sum() == columns.size


def test_a_facet_of_many_values_gets_a_wider_column() -> None:
    columns = Columns()
    for number in range(70_000):
        columns.code("mark", f"m{number}")
    day = date(2024, 1, 1)
    columns.put([0, 1], [SearchDocument(n, 1, 0, day, facets={"mark": f"m{n}"}) for n in (5, 69_999)],
                {5: "need", 69_999: "need"})  # fmt: skip
    assert columns.facet("mark").dtype != NARROW
    assert columns.holds("mark", ["m69999"]).tolist() == [False, True]
    assert columns.holds("mark", ["m69999", "m5", "unheard of"]).tolist() == [True, True]
    assert columns.holds("mark", ["unheard of"]).tolist() == [False, False]


def test_what_is_offered_is_worked_out_once_and_goes_on_with_every_change() -> None:
    random, columns = Random(3), Columns()
    asked = [Supply(kind, ("listed", "open"), mask) for kind in ("need", "achievement") for mask in AUDIENCES]
    stages = ["listed", "open", "draft"]
    found = 0
    for record in range(40):
        kind, stage = random.choice(["need", "achievement"]), random.choice(stages)
        for document in documents(random, record):
            one = replace(document, facets={"stage": stage})
            columns.put([columns.size], [one], {record: kind})
        for wanted in asked:
            ids, offered = columns.document_ids, columns.offered(wanted)
            afresh = Columns()
            for name in ("numbers", "facets", "values", "_codes", "size"):
                setattr(afresh, name, getattr(columns, name))
            assert offered.tolist() == afresh.offered(wanted).tolist()
            assert columns.offered(wanted) is offered
            assert not any(ids[offered] % LEVELS != LEVEL_PUBLIC)
            found += int(offered.sum())
        if record % 10 == 9:
            columns.reorder(np.flatnonzero(columns.number("record") % 3 != 1))
    assert found
