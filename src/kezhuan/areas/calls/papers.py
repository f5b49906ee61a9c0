"""Calls and applications on paper, in Chinese: all that an application says, for signing; and for the archive folder
what a call laid open, and how call and applications were handled, each as its reader may know it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from kezhuan.areas.calls.answering import condition_in_words, told
from kezhuan.areas.calls.decided import decided_about
from kezhuan.areas.calls.eligibility import criteria_for, mark_concerned
from kezhuan.areas.calls.models import Application, Asked, Call, CallItem, LibraryEntry, Reading
from kezhuan.areas.calls.outside import scores_in_words, told_outside
from kezhuan.areas.calls.pages_decided import PARTS
from kezhuan.areas.calls.pages_facts import facts_of_call, inside_facts
from kezhuan.areas.calls.permissions import reads_decided
from kezhuan.areas.calls.queries import asked_about, conditions_of, targets_of
from kezhuan.areas.calls.spot_checking import finding_in_words
from kezhuan.areas.calls.wording import indicator_in_words, question_in_words
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import Beside, Content, OnPaper
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.text import SHANGHAI, bracketed, listed, wan_from_fen

MOST_DECISIONS = 2000
"""Decisions about a call in its folder; the journal of the folder has every entry."""


def printed_application(row: Application) -> Content:
    """All that an application says, and what was decided; of one that is sealed nothing but its code and item."""
    item, call, record = row.item, row.item.call.record, row.record
    applicant = "" if row.sealed else row.applicant.record.title
    facts = (
        ("征集", f"{call.title}（{call.code}）"),
        ("榜单项", f"{item.number} {item.title}"),
        ("申报单位", applicant),
        *(() if row.sealed else _said(row)),
    )
    return Content(record.title, f"申报书 {record.code}", facts)


def _said(row: Application) -> Iterator[tuple[str, str]]:
    item, call = row.item, row.item.call
    yield "项目负责人", row.leader
    yield "申请财政资金（万元）", wan_from_fen(row.asked_fen) if row.asked_fen is not None else ""
    yield "周期（月）", str(row.months or "")
    yield "主要内容", row.record.summary
    for place, one in enumerate(targets_of(row)):
        yield f"指标：{indicator_in_words(one)}", _at(row.commitments, place)
    for place, one in enumerate(conditions_of(row)):
        yield f"条件：{one['words']}", _at(row.evidence, place)
    if row.revenue_fen is not None and row.rnd_fen is not None:
        yield "上年营业收入（万元）", wan_from_fen(row.revenue_fen)
        yield "上年研发费用（万元）", wan_from_fen(row.rnd_fen)
    yield from told(call.questions, row.answers)
    if item.poster_id is not None:
        yield "与发榜单位的关联关系", row.related or "无"
    if row.recommender is not None:
        on = in_words(row.letter_on) if row.letter_on else ""
        yield "推荐单位", "，".join(filter(None, (row.recommender.record.title, row.letter_no, on)))
        yield "推荐意见", row.opinion
    yield "提交时间", _moment(row.submitted_at)
    yield "立项财政资金（万元）", wan_from_fen(row.award_fen) if row.award_fen is not None else ""
    yield "决定理由", row.verdict


def _at(said: Sequence[str], place: int) -> str:
    return said[place] if place < len(said) else ""


def _lines(*parts: object) -> str:
    return "\n".join(filter(None, map(in_words, parts)))


def _row(*parts: object) -> str:
    return "　".join(filter(None, map(in_words, parts)))


def laid_open(actor: Actor, row: Call) -> Content:
    """What a call laid open: its terms and stages, its list, who may apply, what is asked and by what it judges, and
    the public questions with their answers."""
    facts = [("主要内容", row.record.summary)]
    facts += [(str(one.label), str(one.value)) for one in facts_of_call(row)]
    facts += [(f"榜单项{one.number}　{one.title}", _item(one)) for one in row.items.select_related("poster__record")]
    for one in row.conditions:
        facts.append(("申报条件", _row(one["words"], "须提供证明" if one["evidence"] else "")))
    for one in row.questions:
        asked = "必填" if one["required"] else "选填"
        facts.append(("申报书内容", _row(question_in_words(one), asked, condition_in_words(one, row.questions))))
    for one in row.criteria:
        facts.append(("评审标准", _lines(f"{one['name']}　权重{one['weight'] / 100:g}%", one["anchors"])))
    facts += [(f"公开问答{one.number}", _exchanged(one)) for one in asked_about(actor, row)]
    return Content(row.record.title, f"征集公告 {row.record.code}", tuple(facts))


def _item(one: CallItem) -> str:
    poster = f"发榜单位：{one.poster.record.title}" if one.poster is not None else ""
    fiscal = f"财政资金不超过{wan_from_fen(one.fiscal_fen)}万元" if one.fiscal_fen is not None else ""
    months = f"周期不超过{one.months}个月" if one.months is not None else ""
    targets = (
        f"指标：{indicator_in_words(figure)}　检测方法：{figure['test_method']}" for figure in one.indicators
    )  # fmt: skip
    return _lines(one.problem, _row(poster, fiscal, months, f"至多{one.winners}家"), *targets)


def _exchanged(one: Asked) -> str:
    answer = f"答：{one.answer}（{_moment(one.answered_at)}）" if one.answered_at is not None else "未答复"
    return _lines(f"问：{one.words}（{_moment(one.asked_at)}）", answer)


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at is not None else ""


def call_handled(actor: Actor, row: Call) -> Content:
    """How a call was handled, for whoever reads its inner part: its budget line and whom it invited, the test of its
    wording, and who decided what."""
    facts: list[tuple[str, str]] = []
    if can_view(actor, row.record, "inner"):
        facts += [(str(one.label), str(one.value)) for one in inside_facts(row)]
        facts += [(f"文字测试{one.order}", _reading(one)) for one in row.readings.all()]
        facts.append(("未按规则择优的说明", row.award_note))
    if reads_decided(actor, row):
        for one in reversed(decided_about(row, MOST_DECISIONS)):
            barred = listed(bracketed(unit.record.title, PARTS[part]) for unit, part in one.barred)
            facts.append((_row(_moment(one.at), one.what, one.about), f"{one.name}　回避：{barred or '无'}"))
    return Content(row.record.title, f"办理情况 {row.record.code}", tuple(facts))


def _reading(one: Reading) -> str:
    return _row(one.who, one.unit, one.on, "已理解" if one.understood else "未理解", one.words)


def application_handled(actor: Actor, row: Application) -> Content:
    """How an application was handled, for whoever reads its inner part: each criterion of the formality check with what
    it rests on, spot checks, what another system said of it, and its place in the project library."""
    facts: list[tuple[str, str]] = []
    if can_view(actor, row.record, "inner"):
        mark_concerned(actor, [row])
        facts += [
            (f"形式审查：{one.words}", _row(one.label, f"依据：{one.basis}" if one.basis else "", one.note))
            for one in criteria_for(actor, row)
            if one.outcome
        ]
        for said in row.spot_checks:
            found = _row(said["who"], said["looked_at"], finding_in_words(said), said["words"])
            facts.append((f"抽查 {said['on']}", found))
    if can_view(actor, row.record, "full"):
        facts += [(f"原系统：{label}", str(value)) for label, value in row.extra.items()]
        facts.append(("项目库", _kept(row)))
    if said := told_outside(actor, row):
        rank = f"第{said['rank']}名" if said["rank"] else ""
        mean = f"平均分{said['mean']}" if said["mean"] else ""
        facts.append(("外部评审", _row(said["panel"], said["on"], scores_in_words(said), mean, rank)))
    return Content(row.record.title, f"办理情况 {row.record.code}", tuple(facts))


def _kept(row: Application) -> str:
    entry: LibraryEntry | None = getattr(row, "entry", None)
    if entry is None:
        return ""
    document = entry.document
    by = f"预算文件{document.number}，{wan_from_fen(entry.funded_fen or 0)}万元" if document is not None else ""
    left = f"{in_words(entry.left_on)}出库" if entry.left_on is not None else ""
    return _row(f"{in_words(entry.since)}入库", f"{wan_from_fen(entry.amount_fen)}万元", by, left)


LAID_OPEN, CALL_HANDLED = Beside("征集公告", laid_open), Beside("办理情况", call_handled)
APPLICATION_HANDLED = Beside("办理情况", application_handled)
"""What lies beside the papers of calls and applications."""
PAPER = OnPaper("申报书", "item__call", lambda row: str(row.applicant.record.title), printed_application)
