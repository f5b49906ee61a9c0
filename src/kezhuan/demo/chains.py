"""What surrounds the demo's consortium: capacity that is offered, booked and used, and the task list of its leader."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.chains.actions import BookingFacts, OfferFacts, answer_booking, book, draft_offer, log_use
from kezhuan.areas.chains.commissioning_actions import CommissionFacts, commission
from kezhuan.areas.chains.lifecycle import OFFER
from kezhuan.areas.chains.task_actions import Selection, TaskFacts, draft_task, keep_selection, pose_need
from kezhuan.areas.chains.task_lifecycle import TASK
from kezhuan.areas.projects.models import Project
from kezhuan.demo.procedures import first_of, officer
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today

OFFERS = (
    ("整线验证场景（示例）", "scenario", "黄埔区示范产线（示例）", "hours", 16, "week", "any"),
    ("概念验证平台（示例）", "proof", "南沙区验证平台（示例）", "hours", 40, "month", "members"),
    ("中试线（示例）", "pilot", "番禺区中试基地（示例）", "runs", 6, "month", "members"),
)
"""What the leader offers: title, kind, place, unit, capacity, period, to whom."""
GAPS = (
    (
        "directed",
        "高精度检测装备攻关（示例）",
        "检测装备",
        "关键检测装备依赖进口（示例）",
        "成员中仅一家有整机集成能力（示例）",
    ),
    ("open", "低缺陷材料攻关（示例）", "关键材料", "材料批次稳定性不足（示例）", "多家单位具备基础，公开揭榜（示例）"),
    ("competitive", "工艺软件攻关（示例）", "工业软件", "工艺软件受制于人（示例）", "技术路线多样，择优确定（示例）"),
)
"""Mode, task, link, what is missing, and why the mode."""


def run_chains(step: Callable[[str, int, int], None]) -> None:
    """The leader of the city's consortium offers capacity, which a member books, and writes its task list."""
    row = Project.objects.select_related("record", "leader__record", "application__item__call__record").get(
        application__item__call__call_kind=CallKind.CHAIN
    )
    leader = first_of(row.leader)
    units = [one.organisation for one in row.members.select_related("organisation__record").order_by("number")]
    until = today() + timedelta(days=365)
    for title, sort, place, unit, capacity, period, reach in OFFERS:
        facts = OfferFacts(
            title=title, project=row.record.code, sort=sort, place=place, unit=unit, capacity=capacity, period=period,
            starts_on=today(), ends_on=until, reach=reach, summary="面向联合体开放，按预约使用（示例）。",
            conditions="遵守安全与保密要求，物料自备（示例）。",
        )  # fmt: skip
        offer = advance(OFFER, draft_offer(actor=leader, facts=facts), "publish", actor=leader)
        for place_of, member in enumerate(units[1:3]):
            wanted = BookingFacts(
                from_on=today(), to_on=today() + timedelta(days=20), amount=capacity // 2,
                purpose="样件验证（示例）", project=row.record.code,
            )  # fmt: skip
            asked = book(actor=first_of(member), offer=offer, facts=wanted)
            if place_of == 0:
                answer_booking(actor=leader, offer=offer, number=asked.number, confirms=True)
                log_use(
                    actor=leader, offer=offer, number=asked.number, on=today(), quantity=Decimal(3),
                    result="完成首轮验证，数据已交付（示例）。",
                )  # fmt: skip
    for mode, title, link, missing, why in GAPS:
        gap = TaskFacts(
            title=title, chain="示例产业链", link=link, missing=missing, summary="在链主产线完成替代验证（示例）",
            state_of_art="国内样品指标尚有差距（示例）", holds="境外供应商（示例）", evidence="近三年采购记录（示例）",
            indicators="主要指标达到进口同类水平（示例）", months=24, fiscal_fen=100_000_000, own_fen=100_000_000,
            mode=mode, why=why,
        )  # fmt: skip
        task = advance(TASK, draft_task(actor=leader, facts=gap), "publish", actor=leader)
        if mode == "directed":
            said = Selection(
                undertaker=units[1].record.code, capability="唯一完成整机集成验证（示例）", related="无关联关系（示例）",
                decided_on=today(), minutes_no="示例纪要〔2026〕1号", deciders="技术委员会与经营班子（示例）",
            )  # fmt: skip
            task = keep_selection(actor=leader, task=task, facts=said)
            given = CommissionFacts(10_000_000, "遴选记录齐备，列入本批定向委托（示例）")
            commission(actor=officer(), task=task, facts=given)
        if mode == "open":
            item = row.application.item  # its own direction, for which the bureau's panel chose it
            chosen = Selection(call=item.call.record.code, item=item.number, project=row.record.code)
            task = keep_selection(actor=leader, task=task, facts=chosen)
            advance(TASK, task, "start", actor=leader)
        if mode == "competitive":
            pose_need(actor=leader, task=task)
    step("chains", 1, 1)
