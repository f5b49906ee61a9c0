"""An approval on paper: its sheet (呈批表), and in Word templates what was asked for and each step with its opinion,
from the approval itself and from the record that it is about."""

from typing import Any

from django.utils import translation

from kezhuan.areas.approvals.sheet import Sheet, SheetRow, sheet_of
from kezhuan.exchange.papers.fields import Field, Part, Values, in_words
from kezhuan.exchange.papers.printing import Content, OnPaper
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.approvals import KIND
from kezhuan.kernel.models import Approval, Record

FIELDS = (
    Field("审批编号", "approval_code", "full"),
    Field("呈批事项", "approval_of", "full"),
    Field("呈批说明", "approval_note", "full"),
    Field("其他方案", "approval_considered", "full"),
    Field("呈批单位", "asking_office", "full"),
    Field("呈批人", "asked_by", "full"),
    Field("呈批日期", "asked_on", "full"),
    Field("审批结果", "approval_stage", "full"),
    Field("批准文号", "approval_document_no", "full"),
    Field("审批内容哈希", "approval_hash", "full"),
)
ROW = (
    Field("岗位", "post", "full"),
    Field("单位", "office", "full"),
    Field("方式", "mode", "full"),
    Field("结论", "outcome", "full"),
    Field("意见", "opinion", "full"),
    Field("签名", "signer", "full"),
    Field("日期", "signed_on", "full"),
    Field("会议", "meeting", "full"),
    Field("纪要编号", "minutes_no", "full"),
    Field("出席", "attended", "full"),
    Field("回避", "recused", "full"),
)


def _values(actor: Actor, record: Record) -> Values | None:
    """Of an approval its own, of any other record those of the newest one that the actor reads; in the language of
    papers."""
    rows = Approval.objects.select_related("record", "about", "office__record", "asked_by__record", "asked_for__record")
    rows = rows.filter(record=record) if record.kind == KIND else rows.filter(about=record)
    approval = visible_to(actor, rows, "full").order_by("-pk").first()
    if approval is None:
        return None
    with translation.override("zh-hans"):
        sheet = sheet_of(approval)
        return _own(sheet), [_row(one) for one in sheet.rows]


def _own(sheet: Sheet) -> list[Any]:
    own: tuple[Any, ...] = (
        sheet.code,
        f"{sheet.move}：{sheet.about_title}（{sheet.kind} {sheet.about_code}）",
        "；".join(filter(None, (str(sheet.reason), sheet.note))),
        sheet.considered,
        sheet.office,
        sheet.asked_by,
        sheet.asked_on,
        sheet.stage,
        sheet.document_no,
        sheet.content_hash,
    )
    return [str(one) if not hasattr(one, "year") else one for one in own]


def _row(one: SheetRow) -> list[Any]:
    words = (one.post, one.office, str(one.mode), str(one.outcome), one.opinion, one.signer)
    people = ("、".join(one.attended), "、".join(one.recused))
    return [*words, one.signed_on, one.meeting, one.minutes_no, *people]


PART = Part(("审批意见", "opinions"), FIELDS, ROW, _values)


def printed(approval: Approval) -> Content:
    """The sheet as it is printed: what was asked for, then each step with its opinion."""
    sheet = sheet_of(approval)
    facts = [(field.zh, in_words(value)) for field, value in zip(FIELDS, _own(sheet), strict=True)]
    steps = [(f"{one.post}（{one.office}）", _in_lines(one)) for one in sheet.rows]
    return Content("呈批表", f"{sheet.title} {sheet.code}", (*facts, *steps))


def _in_lines(one: SheetRow) -> str:
    """What a step says, its signature last; of one that still waits, that it does."""
    if not one.outcome:
        return "（待签）"
    meeting = "；".join(filter(None, (one.meeting, one.minutes_no)))
    said = {field.zh: value for field, value in zip(ROW, _row(one), strict=True)}
    people = [f"{name}：{said[name]}" for name in ("出席", "回避") if said[name]]
    signed = "　".join(filter(None, (one.signer, in_words(one.signed_on))))
    return "\n".join(filter(None, (str(one.outcome), one.opinion, meeting, *people, signed)))


PAPER = OnPaper("呈批表", "about", lambda row: str(row.office.record.title), printed)
