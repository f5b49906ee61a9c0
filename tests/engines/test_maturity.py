"""Maturity: the weakest core item decides, a scale is always named, and no level moves without linked evidence."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.findings import Unfit
from kezhuan.engines.maturity import Evidence, Item, Move, history, refused_move, refused_tree, scales, whole

DAY = date(2025, 6, 1)
TREE = (
    Item("1", "电池"),
    Item("1.1", "电芯", "1", level=6),
    Item("1.2", "管理系统", "1"),
    Item("1.2.1", "采样", "1.2", level=4),
    Item("1.2.2", "外壳", "1.2", core=False, level=2),
    Item("2", "展示台", core=False),
    Item("2.1", "灯光", "2", level=1),
)


def codes(items, scale="trl9"):
    return [one.code for one in refused_tree(items, scale)]


def test_the_whole_is_its_weakest_core_item_and_names_scale_and_rule():
    done = whole(TREE, "trl9")
    assert (done.scale, done.level, done.weakest) == ("trl9", 4, ("1.2.1",))
    assert ("最弱" in done.rule.zh, "weakest" in done.rule.en) == (True, True)
    assert [item.code for item in TREE if item.level is not None and item.level < 4] == ["1.2.2", "2.1"]  # not core


def test_an_item_under_one_that_is_not_core_does_not_count():
    assert whole([*TREE, Item("2.2", "支架", "2", core=True, level=1)], "trl9").level == 4


def test_no_level_of_the_whole_before_every_core_item_has_one():
    with pytest.raises(Unfit, match=r"1\.3"):
        whole([*TREE, Item("1.3", "接口", "1")], "trl9")
    with pytest.raises(Unfit):
        whole([], "trl9")


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ((Item("a", "x", level=1), Item("a", "y", level=1)), "item-twice"),
        ((Item("a", "x", "b", level=1),), "item-missing"),
        ((Item("a", "x", "b"), Item("b", "y", "a")), "item-in-circle"),
        ((Item("a", "x", level=10),), "level-range"),
        ((Item("a", "x", level=3), Item("b", "y", "a", level=3)), "level-above"),
        ((Item("a", "x", core=False, level=3),), "no-core"),
    ],
)
def test_what_is_wrong_with_a_tree_is_told(wrong, found):
    assert found in codes(wrong)
    assert codes(TREE) == []


def test_scales_have_their_levels_and_say_what_is_unverified():
    assert {name: scale.highest for name, scale in scales().items()} == {"trl9": 9, "grl13": 13, "new_materials9": 9}
    assert "未核实" in scales()["grl13"].source
    assert scales()["trl9"].say(9).zh == "9 级 经实际使用验证（技术就绪水平（TRL，9级））"
    assert codes((Item("a", "x", level=13),), "grl13") == []
    assert codes(TREE, "trl10") == ["scale-unknown"]
    with pytest.raises(ValueError, match="no level 10"):
        scales()["trl9"].say(10)


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=20))
def test_the_whole_never_exceeds_a_core_item(levels):
    items = [Item(str(place), "x", level=level, core=core) for place, (level, core) in enumerate(levels)]
    core = [level for level, is_core in levels if is_core]
    if core:
        assert whole(items, "trl9").level == min(core)
    else:
        assert codes(items) == ["no-core"]


SHOWN = Evidence("中试-2025-1", "pilot", "1.1", "trl9", 6, DAY)
UP = Move("1.1", "trl9", 4, 6, DAY, ("中试-2025-1",))


def refused(move, *known, used=()):
    return [one.code for one in refused_move(move, known, used)]


def test_a_level_moves_with_evidence_that_shows_it():
    assert refused(UP, SHOWN) == []
    assert refused(UP, replace(SHOWN, level=7)) == []
    assert refused(UP, replace(SHOWN, level=5)) == ["evidence-missing"]
    assert refused(UP) == ["evidence-missing"]
    assert refused(replace(UP, evidence=()), SHOWN) == ["evidence-missing"]
    assert refused(replace(UP, before=None), SHOWN) == []
    down = replace(UP, before=8, after=6)
    assert refused(down, SHOWN) == []
    assert refused(down, replace(SHOWN, level=7)) == ["evidence-missing"]


@pytest.mark.parametrize("more", [{"scale": "grl13"}, {"item": "1.2.1"}, {"kind": "promise"}, {"on": date(2025, 6, 2)}])
def test_evidence_of_another_scale_item_kind_or_day_carries_nothing(more):
    assert refused(UP, replace(SHOWN, **more)) == ["evidence-unfit", "evidence-missing"]


def test_evidence_carries_one_move():
    assert refused(UP, SHOWN, used=["中试-2025-1"]) == ["evidence-unfit", "evidence-missing"]
    first, second = replace(UP, before=None, after=5), replace(UP, before=5, after=6)
    with pytest.raises(Unfit, match="earlier move"):
        history([first, second], [SHOWN])
    more = replace(SHOWN, reference="检测-7", kind="test")
    assert history([first, replace(second, evidence=("检测-7",))], [SHOWN, more]) == {"1.1": 6}
    with pytest.raises(Unfit, match="not at this level"):
        history([second], [SHOWN])


def test_levels_outside_the_scale_or_unchanged_do_not_move():
    assert refused(replace(UP, after=10), SHOWN) == ["level-range"]
    assert refused(replace(UP, scale="none"), SHOWN) == ["level-range"]
    assert refused(replace(UP, before=6), SHOWN) == ["level-same"]
