"""Two calls of the invented city that another system held: a contest edition whose funnel repeats Lanzhou 2025, and an
agency selection with a hundred winners in six fields. Their applications come in by files, as officers bring them."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kezhuan.areas.calls.actions import Heard, record_readings
from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.collecting_actions import collect_needs, list_collected
from kezhuan.areas.calls.facts import CallFacts, Condition
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.areas.calls.place_actions import Place, begin_call
from kezhuan.areas.calls.questions import Question
from kezhuan.areas.calls.tables import ROWS as APPLICATIONS
from kezhuan.areas.calls.wording import pattern_of
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.tables import ROWS as ORGANISATIONS
from kezhuan.demo.procedures import officer
from kezhuan.exchange.importing import Importer
from kezhuan.exchange.kinds import Importable
from kezhuan.exchange.settings import Settings
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import SHANGHAI, now, today

Step = Callable[[str, int, int], None]
COLLECTED, LISTED, SOLUTIONS, TEAMS, CHOSEN = 116, 84, 68, 42, 22
"""Needs that came in, were published, solutions to them, by how many teams, and signed: Lanzhou 2025, as
gs.chinanews.com.cn reported on 2025-12-10."""
WINNERS = (17, 17, 17, 17, 16, 16)
"""Agencies chosen in each of the six fields, a hundred together as 穗科函〔2024〕18号 has it; how they are divided is
invented."""
PAID_AGENCIES, PRIZES_FEN = 50, 1_000_000_000
"""The first fifty share ten million yuan, by the same letter; that each gets the same is invented."""
LOSERS = 4
"""Agencies in each field that were not chosen."""
JUDGED_AGO = 50
"""Days since a panel of the other system judged what was handed in for the contest."""
ELSEWHERE = "示例：申报与评审在原系统进行"


def run_editions(step: Step) -> None:
    """Enter both calls as decided elsewhere, and bring their applications and results."""
    actor = officer()
    _contest(actor)
    step("editions", 1, 2)
    _agencies(actor)
    step("editions", 2, 2)


def _facts(title: str, kind: str, **terms: Any) -> CallFacts:
    pattern = pattern_of(kind)
    return CallFacts(
        title=title,
        call_kind=kind,
        about="示例：由其他系统受理和评审，结果导入本系统后继续办理。",
        ip_terms="by_contract",
        conditions=tuple(Condition(**one) for one in pattern["conditions"]),
        questions=tuple(Question(**one) for one in pattern["questions"]),
        most_per_unit=pattern["most_per_unit"],
        begins_projects=False,
        budget_subject="2060404 科技成果转化与扩散（示例）",
        **{
            "opens_at": now() - timedelta(days=120),
            "closes_at": now() - timedelta(days=60),
            "budget_year": today().year,
            **terms,
        },
    )


def _brought(actor: Actor, kind: Importable[Any], rows: Iterator[dict[str, Any]], source: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{source}.jsonl"
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        counts = Importer(kind, file, Settings(actor=actor, source=source, reason=ELSEWHERE)).run()
    if counts.rejected:
        raise ValueError(f"{counts.rejected} rows of the demo's {source} were left out")


def _contest(actor: Actor) -> None:
    """116 needs came in, 84 stand on the list, 42 teams hand in 68 solutions, 22 are chosen."""
    call = begin_call(actor=actor, facts=_facts("2025年度创新挑战赛（示例）", CallKind.CONTEST))
    fit = Need.objects.filter(record__stage="published", confidentiality="public").order_by("pk")
    chosen = list(fit.values_list("record__code", flat=True)[:LISTED])
    other = Need.objects.exclude(record__code__in=list(fit.values_list("record__code", flat=True)))
    other = other.exclude(record__stage="draft").order_by("pk")
    collected = [*chosen, *other.values_list("record__code", flat=True)[: COLLECTED - LISTED]]
    collect_needs(actor=actor, call=call, codes=collected)
    list_collected(actor=actor, call=call)
    record_readings(actor=actor, call=call, heard=[Heard(f"示例·{one}", today(), True) for one in ("唐", "许", "谭")])
    call = advance(CALL, call, "enter-decided", actor=actor, note=ELSEWHERE)
    items = list(call.items.select_related("poster__record").order_by("number"))
    units = Organisation.objects.filter(record__stage="verified").exclude(kind="government").select_related("record")
    _brought(actor, APPLICATIONS, _solutions(call, items, list(units.order_by("pk"))), "示例挑战赛结果")


def _solutions(call: Call, items: Sequence[CallItem], units: Sequence[Organisation]) -> Iterator[dict[str, Any]]:
    """The first 42 teams hand in one solution each, 26 of them a second one, never to a need of their own."""
    teams = units[:TEAMS]
    for number in range(SOLUTIONS):
        team, place = teams[number % TEAMS], number
        while items[place % LISTED].poster_id == team.pk:
            place += 1
        item, wins = items[place % LISTED], number < CHOSEN
        yield {
            "编号": f"S{number + 1:03d}",
            "项目名称": f"{item.title}解决方案（示例）",
            "征集编号": call.record.code,
            "榜单项": str(item.number),
            "申报单位": team.record.title,
            "结果": "优胜" if wins else "未入选",
            "主要内容": "以自有技术达到需求指标（示例）。",
            "决定理由": "需求方与专家共同确认（示例）" if wins else "指标验证依据不足（示例）",
            **judged(number),
        }


def judged(number: int) -> dict[str, Any]:
    """What the panel of the other system found: three experts, one point apart, who rank as was chosen."""
    mean = 95 - number / 2
    return {
        "外部评审组": "示例·挑战赛专家评审组",
        "外部评审日期": (today() - timedelta(days=JUDGED_AGO)).isoformat(),
        "外部专家评分": "；".join(f"{expert}：{mean + expert - 2:g}" for expert in (1, 2, 3)),
        "外部平均分": mean,
        "外部排名": number + 1,
    }


def _agencies(actor: Actor) -> None:
    """Six fields, a hundred winners; the first fifty of the ranking share the prize money."""
    names = [f"示例·科技服务机构{number:03d}" for number in range(1, sum(WINNERS) + LOSERS * len(WINNERS) + 1)]
    rows = ({"单位名称": name, "类型": "agency", "所在区": "天河区"} for name in names)
    _brought(actor, ORGANISATIONS, rows, "示例服务机构名录")
    fields = pattern_of(CallKind.AGENCY)["places"]
    places = [Place(title, winners=most) for title, most in zip(fields, WINNERS, strict=True)]
    held = {name: datetime(2023, month, 1, 9, tzinfo=SHANGHAI) for name, month in (("opens_at", 9), ("closes_at", 11))}
    terms = {**held, "budget_year": 2023, "budget_fen": PRIZES_FEN}
    facts = _facts("2023年度科技服务机构遴选（示例）", CallKind.AGENCY, **terms)
    call = begin_call(actor=actor, facts=facts, places=places)
    call = advance(CALL, call, "enter-decided", actor=actor, note=ELSEWHERE)
    _brought(actor, APPLICATIONS, _entries(call, names), "示例机构遴选结果")


def _entries(call: Call, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    chosen = sorted((place, number) for number, most in enumerate(WINNERS, 1) for place in range(most))
    ranks = {one: rank for rank, one in enumerate(chosen, 1)}
    left = iter(names)
    for number, most in enumerate(WINNERS, 1):
        for place in range(most + LOSERS):
            row: dict[str, Any] = {
                "编号": f"A{number}-{place + 1:02d}",
                "项目名称": f"{(name := next(left))}参评材料",
                "征集编号": call.record.code,
                "榜单项": str(number),
                "申报单位": name,
                "主要内容": "近两年科技服务情况（示例）。",
                "提交时间": "2023-10-20",
            }
            if place >= most:
                yield row | {"结果": "未入选", "决定理由": "得分未进入本领域入选名额（示例）"}
                continue
            rank = ranks[place, number]
            prize = PRIZES_FEN // PAID_AGENCIES // 1_000_000 if rank <= PAID_AGENCIES else None
            row |= {"结果": "获奖", "决定理由": f"总排名第{rank}名（示例）"}
            yield row | ({"立项财政资金(万元)": prize} if prize else {})
