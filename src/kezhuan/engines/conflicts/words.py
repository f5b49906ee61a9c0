"""A finding and what is not known, in words of Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kezhuan.engines.conflicts.clearing import SELF, Cleared, Finding, Submission
from kezhuan.engines.conflicts.relations import Tie

Language = Literal["zh", "en"]

_KIND_WORDS = {
    SELF: ("本人参与", "is a party"),
    "employer": ("工作单位", "employer"),
    "co-completer": ("共同完成成果", "joint achievement"),
    "co-project": ("共同承担项目", "joint project"),
    "contract": ("合同关系", "contract"),
    "shareholder": ("持股", "shares"),
    "fund": ("基金投资", "fund"),
    "adviser": ("顾问或师生", "adviser"),
    "family": ("亲属", "family"),
}
_TIE_WORDS = {
    Tie.EMPLOYED: ("{a}任职于{b}", "{a} is employed by {b}"),
    Tie.COMPLETED: ("{a}是“{b}”的完成人", "{a} completed “{b}”"),
    Tie.TOOK_PART: ("{a}参与项目“{b}”", "{a} took part in project “{b}”"),
    Tie.PARTY: ("{a}是合同“{b}”的当事人", "{a} is party to contract “{b}”"),
    Tie.HOLDS: ("{a}持有{b}的股权", "{a} holds shares of {b}"),
    Tie.MANAGES: ("{a}管理或出资基金{b}", "{a} manages or put money into fund {b}"),
    Tie.INVESTED: ("{a}投资了{b}", "{a} invested in {b}"),
    Tie.ADVISES: ("{a}是{b}的顾问或导师", "{a} advises {b}"),
    Tie.FAMILY: ("{a}与{b}是亲属", "{a} and {b} are family"),
    Tie.NAMED: ("{a}与所写的“{b}”同名", "{a} has the same name as “{b}” who is named"),
}


def say_finding(finding: Finding, submission: Submission, names: Mapping[str, str], language: Language) -> str:
    """The kind, the way in words, each tie with its end and source, and the party's role."""
    zh = language == "zh"
    place = 0 if zh else 1
    steps = []
    for one in finding.way:
        first, second = names.get(one.first, one.first), names.get(one.second, one.second)
        step = _TIE_WORDS[one.tie][place].format(a=first, b=second)
        more = [f"至 {one.until}" if zh else f"until {one.until}"] if one.until else []
        more += [one.source] if one.source else []
        if more:
            step += f"（{'，'.join(more)}）" if zh else f" ({', '.join(more)})"
        steps.append(step)
    party, role = names.get(finding.party, finding.party), submission.parties[finding.party]
    steps.append(f"{party}是{role}" if zh else f"{party} is {role}")
    kind = _KIND_WORDS.get(finding.kind, (finding.kind, finding.kind))[place]
    return f"{kind}：{'；'.join(steps)}" if zh else f"{kind}: {'; '.join(steps)}"


def say_unknown(
    cleared: Cleared, submission: Submission, expert: str, names: Mapping[str, str], language: Language
) -> str:
    """Of whom which kinds are not known; empty when everything is."""
    zh = language == "zh"
    told = []
    if not submission.parties:
        return "未登记申报方，无法判断" if zh else "no parties are known, so nothing can be told"
    for whom, kinds in cleared.unknown(submission, expert).items():
        words = ("、" if zh else ", ").join(_KIND_WORDS.get(kind, (kind, kind))[0 if zh else 1] for kind in kinds)
        name = names.get(whom, whom)
        told.append(
            f"{name}尚未申报或核查：{words}" if zh else f"{name} has not declared or been looked up for: {words}"
        )
    return ("；" if zh else "; ").join(told)
