"""What is told of owners under a grant: by which share they are paid, and that nobody receives the same money twice."""

from __future__ import annotations

from collections.abc import Iterable

from kezhuan.engines.findings import Finding, Words
from kezhuan.engines.income.terms import OWNER_CLAUSE, USE_CLAUSE, Owners
from kezhuan.engines.money import percent


def owners_words(owners: Owners, of: Words) -> tuple[Words, Words]:
    """What their part is called, and how it came about of what is divided."""
    said = percent(owners.points)
    if owners.use:
        label = Words("取得使用权的完成人所得", "Holders of the right of use")
    else:
        label = Words("完成人按份额所得", "Owners under the grant")
    if owners.use or owners.title is not None:
        return label, Words(
            f"{of.zh}的 {said}，按赋权协议约定的收益分配",
            f"{said} of {of.en}, by the split that the agreement signed",
        )
    return label, Words(f"{of.zh}的 {said}，作为权利人取得", f"{said} of {of.en}, theirs as owners")


def _basis(owners: Owners) -> Iterable[Finding]:
    """Which of two shares was used, and why."""
    split = percent(owners.points)
    if owners.use:
        yield Finding(
            "owners-use",
            Words(
                f"赋予的是长期使用权，团队不持有权属份额：按赋权协议签署的收益分配 {split} 计算。",
                f"A right of use was granted, and no title: the split of income that the agreement signed is used,"
                f" {split}.",
            ),
        )
    elif owners.title == owners.points:
        yield Finding(
            "owners-split",
            Words(
                f"按赋权协议签署的收益分配 {split} 计算，与权属份额一致。",
                f"The split of income that the agreement signed is used, {split}; it equals the share of the title.",
            ),
        )
    elif owners.title is not None:
        title = percent(owners.title)
        yield Finding(
            "owners-split-differs",
            Words(
                f"按赋权协议签署的收益分配 {split} 计算，而不是权属份额 {title}：两者不一致，以全体完成人签署的约定为准"
                "（本程序的设计，文件未见规定）。",
                f"The split of income that the agreement signed is used, {split}, not the share of the title, {title}:"
                " the two differ, and what every completer signed goes first (a choice of this program, no document was"
                " found).",
            ),
        )


def owner_notes(owners: Owners, *, rewarded: bool) -> Iterable[Finding]:
    """By which share they are paid and why, and whether they are rewarded besides."""
    yield from _basis(owners)
    if owners.also_rewarded:
        yield Finding(
            "owners-also-rewarded",
            Words("协议约定赋权的完成人同时参加奖励。", "The agreement lets the owners share in the reward as well."),
            clause=owners.clause,
        )
    else:
        yield Finding(
            "owners-not-rewarded",
            Words(
                "赋权的完成人不再参加奖励分配（协议未另作约定）。",
                "The owners do not share in the reward; the agreement does not say otherwise.",
            ),
            clause=USE_CLAUSE if owners.use else OWNER_CLAUSE,
        )
    yield Finding(
        "base-under-grant",
        Words(
            "赋权后奖励以归单位的部分为基数：本程序的设计，文件未见规定。"
            if rewarded
            else "没有列出非权利人的奖励对象，因此不提取奖励，其余留归单位。",
            "Under a grant the reward is taken of the unit's part: a choice of this program, no document was found."
            if rewarded
            else "Nobody but the owners is named for the reward, so none is taken and the rest stays with the unit.",
        ),
    )
