"""What the engine says, one sentence in Chinese or English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kezhuan.engines.assignment.blocking import Blocking, Duty
from kezhuan.engines.assignment.explaining import Alternate, Lost, Reason, Why

Language = Literal["zh", "en"]
_NAMED = 20  # so many names stand in a sentence; all of them stand in the file and in the answer for programs


def say_reason(reason: Reason, language: Language) -> str:
    """Why a pair was made, and what better experts were lost to."""
    zh = language == "zh"
    if not reason.better:
        end = "没有更合适而未选中的专家" if zh else "no better one was left out"
    else:
        end = ("；" if zh else "; ").join(_lost(one, zh) for one in reason.lost)
        more = reason.better - len(reason.lost)
        if more:
            end += f"；另有 {more} 位" if zh else f"; and {more} more"
    if zh:
        return f"在可选的 {reason.possible} 位中排第 {reason.rank}；{end}"
    return f"rank {reason.rank} of {reason.possible} possible; {end}"


def _lost(lost: Lost, zh: bool) -> str:
    name = f"{lost.expert}（{_number(lost.affinity)}）" if zh else f"{lost.expert} ({_number(lost.affinity)})"
    loss, gain = _number(lost.loss), _number(lost.gain)
    if lost.why is Why.FULL and not lost.loser:
        return f"{name}不能承担评审" if zh else f"{name} may take none"
    if lost.why is Why.FULL:
        if zh:
            return f"{name}已满，直接换出最少使 {lost.loser} 少 {loss}，此处只多 {gain}"
        return f"{name} is full: the cheapest direct exchange costs {lost.loser} {loss} and gains {gain} here"
    if lost.why is Why.SEATS:
        return f"{name}因“{lost.group}”的席位规则未选" if zh else f"{name} does not fit the seats of “{lost.group}”"
    if lost.why is Why.LOAD:
        return f"{name}让位于须达到最低评审数的专家" if zh else f"{name} gave way to one who needs a least load"
    if lost.why is Why.FAIR:
        return f"{name}调去照顾最吃亏的项目" if zh else f"{name} serves the worst-served item better"
    if lost.why is Why.CHANCE:
        return f"{name}未被抽中" if zh else f"{name} was not drawn"
    if zh:
        return f"{name}须多处同时调换才能选入，得不偿失"
    return f"{name} could come only by several exchanges that lose more"


def _number(value: float) -> str:
    return f"{value:.4g}"


def say_alternate(alternate: Alternate, language: Language) -> str:
    """For whom somebody stands ready."""
    names = ("、" if language == "zh" else ", ").join(alternate.stands_in_for)
    return f"候补，可替 {names}" if language == "zh" else f"alternate, can stand in for {names}"


def say_blocking(blocking: Blocking, language: Language) -> str:
    """What cannot be had together, and the way out."""
    zh, problem, obligations = language == "zh", blocking.problem, blocking.obligations
    kinds = {one.duty for one in obligations}
    count, others = len(obligations), len(blocking.others)
    names = _names([str(one.get("item", one.get("expert"))) for one in blocking.names()], zh)
    if blocking.available is None or len(kinds) > 1:
        told = _names([_each(one, zh) for one in blocking.names()], zh)
        if zh:
            return f"无法分配：下列 {count} 项要求不能同时满足，去掉任何一项即可：{told}。"
        alike = "without any one of them the others can be met"
        return f"There is no assignment: these {count} demands cannot be met together, and {alike}: {told}."
    duty = kinds.pop()
    if duty is Duty.LOAD:
        if zh:
            return (
                f"无法分配：{count} 位专家（{names}）至少要评 {blocking.needed} 次，"
                f"而与之无冲突的 {others} 个项目最多只能提供 {blocking.available} 次；请降低最低评审数，或减少冲突。"
            )
        return (
            f"There is no assignment: {count} expert(s) ({names}) must get at least {blocking.needed} reviews, and "
            f"the {others} item(s) they may judge have room for {blocking.available}; "
            "lower the least load or clear conflicts."
        )
    group = problem.groups[obligations[0].group].name if duty is Duty.SEATS else ""
    who, member = (f"“{group}”的专家", f" of “{group}”") if group else ("专家", "")
    if zh:
        return (
            f"无法分配：{count} 个项目（{names}）共需{who} {blocking.needed} 人次，"
            f"而无冲突的 {others} 位按上限最多承担 {blocking.available} 人次；"
            "请为这些项目增加专家、提高上限或减少评审数。"
        )
    return (
        f"There is no assignment: {count} item(s) ({names}) need {blocking.needed} reviews by experts{member}, and the "
        f"{others} free of conflict can give {blocking.available}; "
        "invite experts for these items, raise the load, or ask for fewer."
    )


def _each(one: dict[str, str | int], zh: bool) -> str:
    if "expert" in one:
        return (
            f"{one['expert']} 至少评 {one['at_least']} 次" if zh else f"{one['expert']} gets at least {one['at_least']}"
        )
    of = (f"“{one['group']}”的专家" if zh else f" of “{one['group']}”") if "group" in one else ("专家" if zh else "")
    return f"{one['item']} 需{of} {one['needs']} 位" if zh else f"{one['item']} needs {one['needs']}{of}"


def _names(names: Sequence[str], zh: bool) -> str:
    shown = ("、" if zh else ", ").join(names[:_NAMED])
    return shown if len(names) <= _NAMED else shown + (f" 等 {len(names)} 项" if zh else f" … {len(names)} in all")
