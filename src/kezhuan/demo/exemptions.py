"""A case of exemption in the invented university: an audit asks about a price, and whoever decided is heard."""

from collections.abc import Callable

from kezhuan.areas.evidence.actions import EVIDENCE
from kezhuan.areas.exemptions.actions import CaseFacts, begin_case, enter_finding, note_condition, state
from kezhuan.areas.exemptions.lifecycle import EXEMPTION
from kezhuan.areas.exemptions.models import DiligenceDuty, DutyState, ExemptionCase
from kezhuan.areas.prices.models import Price
from kezhuan.demo.procedures import meeting_decides, member_called
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document
from kezhuan.kernel.text import today

SHOWN = {
    DiligenceDuty.CARE: "示例·收益法测算表",
    DiligenceDuty.TIES: "示例·利害关系申报表",
    DiligenceDuty.NO_GAIN: "示例·纪检意见",
}
"""Conditions that a file of the case shows; the others are not asked of this decision."""


def examine_decision(step: Callable[[str, int, int], None]) -> None:
    """Run a case about the first price that was sold and contracted as far as the proposal; one of those who took part
    was heard, and a meeting is there that finds, whose post nobody holds who took part."""
    keeper = member_called("university")
    unit = keeper.organisation
    assert unit is not None
    price = (
        Price.objects.filter(record__owner=unit, record__stage="concluded").select_related("record").order_by("pk")[0]
    )
    files = Document.objects.filter(record=price.record, kind=EVIDENCE).order_by("pk")
    facts = CaseFacts(
        title="示例·挂牌转让后受让方高价再转让",
        event="audit",
        event_on=today(),
        source="示例·校审计处〔2026〕3号",
        loss_fen=30_000_000,
        summary="示例：受让方在转让后以更高价格再许可，审计要求说明定价依据。",
        decisions=tuple(one.sha256 for one in files),
    )
    row = begin_case(actor=keeper, owner=unit, facts=facts)
    row = advance(EXEMPTION, row, "collect", actor=keeper)
    for condition in row.conditions.filter(holds=""):
        _answer(row, condition.duty)
    row = advance(EXEMPTION, row, "review", actor=keeper)
    row = enter_finding(actor=keeper, row=row, finding="exempt", ground="price")
    row = advance(EXEMPTION, row, "propose", actor=keeper, note="示例：挂牌成交，程序完整，未见牟利。")
    state(actor=keeper, row=row, number=1, text="示例：价格以收益法测算为底价，经挂牌成交。")
    meeting_decides(unit, "legal", "尽职免责认定会议", kind="exemption", move="find")
    step("exemptions", 1, 1)


def _answer(row: ExemptionCase, duty: str) -> None:
    keeper = member_called("university")
    name = SHOWN.get(DiligenceDuty(duty), "")
    if name:
        file = Upload(f"{name}.txt", f"{name} {row.record.code}".encode(), True)
        note_condition(actor=keeper, row=row, duty=duty, holds=DutyState.FOUND, file=file)
    else:
        note_condition(actor=keeper, row=row, duty=duty, holds=DutyState.NOT_ASKED, note="示例：本次决策不涉及。")
