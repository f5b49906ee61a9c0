"""A level moves only with linked evidence: a test, a proof of concept, a pilot run or a contract that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kezhuan.engines.findings import Finding, Unfit, Words
from kezhuan.engines.maturity.scales import scales

KINDS: dict[str, Words] = {
    "test": Words("检测、试验", "test"),
    "proof": Words("概念验证", "proof of concept"),
    "pilot": Words("中试", "pilot run"),
    "contract": Words("合同", "contract"),
}
"""What counts as evidence."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record that shows a level of an item on a scale, on a day; `reference` is the record's own number."""

    reference: str
    kind: str
    item: str
    scale: str
    level: int
    on: date


@dataclass(frozen=True, slots=True)
class Move:
    """An item's level from one to another on a day, with references of what shows it; a first one comes from None."""

    item: str
    scale: str
    before: int | None
    after: int
    on: date
    evidence: tuple[str, ...]


def refused_move(move: Move, known: Iterable[Evidence], used: Iterable[str] = ()) -> Iterator[Finding]:
    """Why a level does not move: no linked evidence that shows it; `used` are references that carried earlier moves.

    Up, one piece of evidence must show the level to be reached or a higher one; down, that level or a lower one. What
    carried an earlier move of the item, is of a later day, or of another item or scale, carries none.
    """
    scale = scales().get(move.scale)
    if scale is None or not scale.holds(move.after):
        yield Finding("level-range", Words("没有这样的等级。", "The scale has no such level."), "level")
        return
    if move.before == move.after:
        yield Finding("level-same", Words("等级没有变化。", "The level stays as it is."), "level")
        return
    by_reference, spent = {one.reference: one for one in known}, set(used)
    linked = [by_reference[name] for name in move.evidence if name in by_reference]
    yield from _unfit_evidence(move, linked, spent)
    upward = move.before is None or move.after > move.before
    if not any(
        (one.level >= move.after if upward else one.level <= move.after)
        for one in linked
        if _fits(one, move) and one.reference not in spent
    ):
        kinds = "、".join(words.zh for words in KINDS.values()), ", ".join(words.en for words in KINDS.values())
        yield Finding(
            "evidence-missing",
            Words(
                f"等级变动须有关联的佐证（{kinds[0]}）证明达到 {move.after} 级；请先关联。",
                f"A level moves only with linked evidence ({kinds[1]}) that shows level {move.after}: link it first.",
            ),
            "evidence",
        )


def _fits(one: Evidence, move: Move) -> bool:
    return one.kind in KINDS and one.item == move.item and one.scale == move.scale and one.on <= move.on


def _unfit_evidence(move: Move, linked: Sequence[Evidence], spent: set[str]) -> Iterator[Finding]:
    for one in linked:
        if one.scale != move.scale:
            zh, en = (
                "用的是另一种等级表，不同等级表不作换算",
                "is on another scale, and levels of two scales are not compared",
            )
        elif one.item != move.item:
            zh, en = "属于另一个单元", "is of another item"
        elif one.kind not in KINDS:
            zh, en = "不是可用的佐证种类", "is no kind of evidence that counts"
        elif one.on > move.on:
            zh, en = "日期晚于变动日期", "is of a later day than the move"
        elif one.reference in spent:
            zh, en = "已用于此前的变动", "carried an earlier move already"
        else:
            continue
        yield Finding(
            "evidence-unfit",
            Words(f"佐证“{one.reference}”{zh}。", f"Evidence “{one.reference}” {en}."),
            "evidence",
        )


def history(moves: Sequence[Move], known: Sequence[Evidence]) -> dict[str, int]:
    """The levels that a sequence of moves leads to, each move checked. Raises `Unfit` at the first that cannot be."""
    levels: dict[str, int] = {}
    used: dict[str, set[str]] = {}
    for move in moves:
        refused = list(refused_move(move, known, used.get(move.item, ())))
        if levels.get(move.item) != move.before:
            words = Words(f"“{move.item}”此前不是这一级。", f"“{move.item}” was not at this level before.")
            refused.append(Finding("level-before", words, "level"))
        if refused:
            raise Unfit(refused)
        levels[move.item] = move.after
        used.setdefault(move.item, set()).update(move.evidence)
    return levels
