"""The tree of work items (工作分解结构): what is core, and how mature the whole is by its weakest core item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kezhuan.engines.findings import Finding, Unfit, Words
from kezhuan.engines.maturity.scales import scales

RULE = Words(
    "整体成熟度取最弱的核心单元（通行做法，未核实出处）",
    "The whole is as mature as its weakest core item (common practice, source not verified).",
)


@dataclass(frozen=True, slots=True)
class Item:
    """A work item: its code, the code of the item above (empty at the top), whether it is core, its level if assessed.

    Only items without others below carry a level. An item counts as core when those above it are core too.
    """

    code: str
    name: str
    above: str = ""
    core: bool = True
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """Maturity of the whole on its scale, the core items that hold it there, and the rule by which they do."""

    scale: str
    level: int
    weakest: tuple[str, ...]
    rule: Words = RULE


def refused_tree(items: Sequence[Item], scale: str) -> Iterator[Finding]:
    """What is wrong with a tree: codes twice, items that are not there, circles, levels that cannot be, no core."""
    known = {one.code: one for one in items}
    if scale not in scales():
        yield Finding(
            "scale-unknown", Words(f"没有“{scale}”这种成熟度等级表。", f"There is no scale “{scale}”."), "scale"
        )
        return
    for code, times in Counter(one.code for one in items).items():
        if times > 1:
            yield Finding("item-twice", Words(f"单元编号“{code}”重复。", f"Item “{code}” is there twice."), "code")
    parents = {one.above for one in items}
    for one in items:
        if one.above and one.above not in known:
            words = Words(
                f"“{one.code}”的上级“{one.above}”不存在。", f"“{one.above}”, above “{one.code}”, is not there."
            )
            yield Finding("item-missing", words, "above")
        elif _in_circle(one, known):
            words = Words(f"“{one.code}”的上下级关系成环。", f"“{one.code}” stands above itself.")
            yield Finding("item-in-circle", words, "above")
        if one.level is not None and not scales()[scale].holds(one.level):
            most = scales()[scale].highest
            words = Words(
                f"“{one.code}”的等级应在 1 到 {most} 之间。", f"The level of “{one.code}” lies between 1 and {most}."
            )
            yield Finding("level-range", words, "level")
        if one.level is not None and one.code in parents:
            words = Words(
                f"“{one.code}”之下还有单元，等级由它们得出，不单独填写。",
                f"There are items below “{one.code}”: its level follows from theirs.",
            )
            yield Finding("level-above", words, "level")
    if items and not any(_counts(one, known) for one in items if one.code not in parents):
        yield Finding("no-core", Words("至少要有一个核心单元。", "At least one item is core."), "core")


def _way_up(item: Item, known: dict[str, Item]) -> Iterator[Item]:
    """The items above, as far as they are there; ends when one comes again."""
    met = {item.code}
    while item.above in known and item.above not in met:
        item = known[item.above]
        met.add(item.code)
        yield item


def _in_circle(item: Item, known: dict[str, Item]) -> bool:
    return [item, *_way_up(item, known)][-1].above in known


def _counts(item: Item, known: dict[str, Item]) -> bool:
    return item.core and all(one.core for one in _way_up(item, known))


def whole(items: Sequence[Item], scale: str) -> Whole:
    """How mature the whole is: the lowest level of its core items. Raises `Unfit`, also while one is not assessed."""
    refused = list(refused_tree(items, scale))
    if not items:
        refused.append(Finding("no-core", Words("至少要有一个核心单元。", "At least one item is core."), "core"))
    if refused:
        raise Unfit(refused)
    known = {one.code: one for one in items}
    parents = {one.above for one in items}
    core = [one for one in items if one.code not in parents and _counts(one, known)]
    levels = {one.code: one.level for one in core if one.level is not None}
    open_ones = [one.code for one in core if one.level is None]
    if open_ones:
        words = Words(
            f"核心单元尚未评级：{'、'.join(open_ones)}；整体成熟度暂无。",
            f"Core items without a level: {', '.join(open_ones)}; the whole has none yet.",
        )
        raise Unfit([Finding("level-missing", words, "level")])
    lowest = min(levels.values())
    return Whole(scale, lowest, tuple(code for code, level in levels.items() if level == lowest))
