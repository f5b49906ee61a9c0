"""The register of technology contracts of the invented city: its turnover repeats Guangzhou's public figures at 1:1000,
and a few contracts are on their way."""

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kezhuan.areas.contracts.actions import ContractFacts, prepare_contract
from kezhuan.areas.contracts.figures import UNFOUND
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.tables import ROWS
from kezhuan.engines import contracts as engine
from kezhuan.exchange.importing import Importer
from kezhuan.exchange.settings import Settings
from kezhuan.kernel import rulebook
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, User
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.text import today

Step = Callable[[str, int, int], None]
TURNOVER = {2017: 35_751, 2018: 71_938, 2019: 127_336, 2020: 225_653, 2021: 241_311, 2023: 255_082}
"""Turnover of Guangzhou's registered contracts at 1:1000, in thousands of yuan: 357.51, 719.38, 1273.36, 2256.53 and 2413.11亿元
for 2017–2021 as reported in the press, 2550.82亿元 for 2023 by 穗科函〔2024〕18号. 2022 was not found and stays empty."""
UNFOUND_YEARS = ((1, date(2022, 1, 1)), (0, date(2023, 1, 1)))
NOT_FOUND = "2017–2023年公开资料中未查到2022年成交额 no public figure of 2022 was found"
THOUSAND_FEN = 100_000
TECHNOLOGY = {2020: 148_457}
"""Technology amount where it was reported (1484.57亿元), at the same scale; of the other years it is invented."""
CONTRACTS = 600
REVOKED = "2023440100000100"
REVOKED_FEN = 88_000_000
_KINDS = (("development", "development-commissioned"), ("transfer", "transfer-patent"), ("licence", "licence-patent"),
          ("consulting", "consulting-general"), ("service", "service-general"))  # fmt: skip
_THINGS = (
    "碳化硅衬底",
    "动力电池",
    "工业机器人",
    "细胞培养基",
    "毫米波雷达",
    "海水淡化膜",
    "高温合金",
    "光刻胶",
    "种质资源",
    "燃料电堆",
)
_WORK = ("工艺开发", "检测方法", "可靠性提升", "控制系统", "中试放大", "数据分析", "结构优化", "寿命评价")
_REGIONS = ("440106", "440112", "440106", "440105", "440113", "440115", "440104", "440300", "110105", "310115")


def _actor(email: str) -> Actor:
    return actor_for(User.objects.select_related("person__record").get(email=f"{email}@demo.kezhuan").person)


def register_contracts(step: Step) -> None:
    """Bring the register of six years as the officers do, revoke one contract, and leave a few on their way."""
    officer = _actor("officer")
    kinds = ("university", "institute", "enterprise")
    sellers = list(Organisation.objects.filter(kind__in=kinds).select_related("record")[:60])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "示例登记台账.jsonl"
        rows = list(register(random.Random(440100), sellers))
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        Importer(ROWS, file, Settings(actor=officer, source="示例登记台账")).run(
            lambda done: step("contracts", min(done, CONTRACTS - 1), CONTRACTS)
        )
    for value, since in UNFOUND_YEARS:
        rulebook.add_rule_value(
            actor=officer,
            code=UNFOUND,
            jurisdiction="440100",
            value=value,
            unit=Unit.COUNT,
            effective_from=since,
            source=NOT_FOUND,
        )
    fake = Contract.objects.select_related("record").get(reg_no=REVOKED)
    advance(CONTRACT, fake, "revoke", actor=officer, reason="fake", note="示例：合同系虚构，登记予以撤销。")
    _on_their_way(_actor("university"), officer)
    step("contracts", CONTRACTS, CONTRACTS)


def _shares(numbers: random.Random, total: int, parts: int) -> list[int]:
    """So many amounts in 分 that differ and sum to the total to the fen."""
    weights = [numbers.randrange(20, 400) for _ in range(parts)]
    cut = [total * weight // sum(weights) for weight in weights]
    cut[-1] += total - sum(cut)
    return cut


def register(numbers: random.Random, sellers: list[Organisation]) -> Iterator[dict[str, Any]]:
    """The rows of the register, in the columns of the registration form; the last one is to be revoked."""
    each = CONTRACTS // len(TURNOVER)
    for year, total in TURNOVER.items():
        count = each - (1 if year == 2023 else 0)
        turnover = _shares(numbers, total * THOUSAND_FEN, count)
        known = TECHNOLOGY.get(year)
        technology = (
            [fen * known // total for fen in turnover]
            if known
            else [fen * numbers.randrange(55, 96) // 100 for fen in turnover]
        )
        if known:
            technology[-1] += known * THOUSAND_FEN - sum(technology)
        for number, (fen, tech) in enumerate(zip(turnover, technology, strict=True), 1):
            yield _row(numbers, sellers, year, number, fen, tech)
    yield _row(numbers, sellers, 2023, each, REVOKED_FEN, REVOKED_FEN)


def _row(
    numbers: random.Random, sellers: list[Organisation], year: int, number: int, turnover: int, technology: int
) -> dict[str, Any]:
    seller, buyer = numbers.choice(sellers), numbers.randrange(1, 90)
    kind, subkind = numbers.choice(_KINDS)
    day = date(year, 1, 1) + timedelta(days=numbers.randrange(30, 360))
    tables = engine.tables()
    university = seller.kind == "university"
    return {
        "项目名称": f"示例·{numbers.choice(_THINGS)}{numbers.choice(_WORK)}{year}-{number}",
        "合同登记编号": f"{year}440100{number:06d}",
        "登记日期": day.isoformat(),
        "合同类别": kind,
        "合同子类": subkind,
        "合同形式": "written",
        "签订日期": (day - timedelta(days=20)).isoformat(),
        "合同开始日期": (day - timedelta(days=20)).isoformat(),
        "合同截止日期": (day + timedelta(days=700)).isoformat(),
        "卖方名称": seller.record.title,
        "卖方性质": "022" if university else "021" if seller.kind == "institute" else "150",
        "卖方国别": "156",
        "卖方地区": seller.region or "440106",
        "买方名称": f"示例·买方企业{buyer}",
        "买方性质": numbers.choice(("110", "150", "160", "170", "300")),
        "买方国别": "156",
        "买方地区": numbers.choice(_REGIONS),
        "技术领域": numbers.choice(list(tables["fields"].codes)),
        "知识产权": numbers.choice(("invention", "secret", "software", "none")),
        "计划来源": numbers.choice(list(tables["plans"].codes)),
        "社会经济目标": numbers.choice(list(tables["goals"].codes)),
        "国民经济行业": "C35",
        "支付方式": "once",
        "合同成交总额(万元)": f"{turnover / 1_000_000:.6f}",
        "技术交易额(万元)": f"{technology / 1_000_000:.6f}",
        "其他非技术性费用(万元)": f"{(turnover - technology) / 1_000_000:.6f}",
    }


def whole_form(unit: Organisation) -> engine.Contract:
    """A form of the unit's that can be handed in today; its buyer is a firm of the city."""
    signed = today() - timedelta(days=12)
    text = "示例合同正文。研究开发目标：寿命提高一倍。创新内容：新的抛光液。技术指标：粗糙度不大于0.1纳米。验收：按附件。争议解决：仲裁。知识产权归属：双方共有。"
    whole = engine.Contract(
        row=0, name="示例·碳化硅衬底抛光液开发", kind="development", subkind="development-commissioned", form="written",
        signed_on=signed, valid_from=signed, valid_to=today() + timedelta(days=500),
        seller=engine.Party(unit.record.title, "", "022", "156", unit.region),
        buyer=engine.Party("示例·买方企业1", "", "150", "156", "440112"),
        field="materials", rights=("secret",), plan="none", goal="industry", industry="C39", payment="once",
        turnover=200_000_000, technology=150_000_000, deductions={"materials": 50_000_000}, text=text,
    )  # fmt: skip
    codes = [one.value for one in unit.record.identifiers.filter(scheme="uscc", active=True)]
    whole = replace(whole, seller=replace(whole.seller, code=codes[0] if codes else ""))
    buyer = Organisation.objects.filter(kind="enterprise", record__identifiers__scheme="uscc").select_related("record")[
        0
    ]
    code = buyer.record.identifiers.get(scheme="uscc", active=True).value
    return replace(whole, buyer=engine.Party(buyer.record.title, code, "150", "156", buyer.region))


def _on_their_way(keeper: Actor, officer: Actor) -> None:
    """A draft that lacks something, one that waits for the registrar, and one that waits for the second look."""
    unit = keeper.organisation
    assert unit is not None
    whole = whole_form(unit)
    cases: tuple[tuple[str, dict[str, Any], tuple[tuple[str, Actor], ...]], ...] = (
        ("示例·待补的合同", {"rights": (), "technology": None, "text": ""}, ()),
        ("示例·碳化硅衬底抛光液开发", {}, (("submit", keeper),)),
        ("示例·高温合金检测方法", {}, (("submit", keeper), ("accept", officer), ("classify", officer))),
    )
    for name, change, moves in cases:
        row = prepare_contract(actor=keeper, owner=unit, facts=ContractFacts(replace(whole, name=name, **change)))
        for move, actor in moves:
            row = advance(CONTRACT, row, move, actor=actor)
