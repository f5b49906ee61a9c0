"""Applications on paper, in Chinese: all that one says, for signing and for the archive folder of its call."""

from collections.abc import Iterator, Sequence

from kezhuan.areas.calls.answering import told
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import Content, OnPaper
from kezhuan.kernel.text import SHANGHAI, wan_from_fen


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
    for place, one in enumerate(item.indicators):
        yield f"指标：{indicator_in_words(one)}", _at(row.commitments, place)
    for place, one in enumerate(call.conditions):
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
    yield "提交时间", f"{row.submitted_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if row.submitted_at else ""
    yield "立项财政资金（万元）", wan_from_fen(row.award_fen) if row.award_fen is not None else ""
    yield "决定理由", row.verdict


def _at(said: Sequence[str], place: int) -> str:
    return said[place] if place < len(said) else ""


PAPER = OnPaper("申报书", "item__call", lambda row: str(row.applicant.record.title), printed_application)
