"""The columns in which tasks of a chain stand in a spreadsheet (体系化攻关任务清单)."""

from typing import Any

from kezhuan.areas.chains.models import SelectionMode
from kezhuan.areas.chains.selecting import missing_of
from kezhuan.areas.chains.task_lifecycle import TASK_KIND
from kezhuan.engines.tables import Column
from kezhuan.exchange import columns
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    ID_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    coded,
    own,
    record_columns,
    wan,
    word,
)
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.text import listed

_TITLE = Column("title", ("title", "任务名称", "攻关任务", "名称", "task"))
_CHAIN = Column("chain", ("chain", "产业链", "所属产业链"))
_LINK = Column("link", ("link", "环节", "链上环节", "产业链环节", "link of the chain"))
_MISSING = Column("missing", ("missing", "断点堵点", "断点", "堵点", "痛点", "what is missing"))
_STATE = Column("state_of_art", ("state_of_art", "国内外现状", "现状", "state of the art"))
_HOLDS = Column("holds", ("holds", "掌握方", "现由谁掌握", "who holds it"))
_EVIDENCE = Column("evidence", ("evidence", "依据", "佐证", "evidence of the gap"))
_TEXT = Column("text", ("text", "攻关目标", "目标", "goal"))
_INDICATORS = Column("indicators", ("indicators", "考核指标", "指标"))
_MONTHS = Column("months", ("months", "周期(月)", "周期"), kind="integer", low=1, high=600)
_FISCAL = Column("fiscal", ("fiscal", "财政资金(万元)", "财政资金", "fiscal money"), kind="money_wan", low=0)
_OWN = Column("own", ("own", "自筹资金(万元)", "自筹资金", "own money"), kind="money_wan", low=0)
_MODE = Column(
    "mode",
    ("mode", "遴选方式", "组织方式", "mode of selection"),
    kind="choice",
    choices={
        "定向委托": "directed", "定向组织": "directed", "定向": "directed", "directed commission": "directed",
        "揭榜挂帅": "open", "揭榜": "open", "揭榜制": "open", "open challenge": "open",
        "竞争择优": "competitive", "竞争": "competitive", "择优": "competitive",
        "competitive selection": "competitive", **{mode: mode for mode in SelectionMode.values},
    },
)  # fmt: skip
_WHY = Column("why", ("why", "选择该方式的理由", "方式理由", "why this mode"))


def _lacking(_actor: Actor, row: Any) -> str:
    return listed(one.name for one in missing_of(row)) if row.record.stage in {"draft", "published"} else ""


def _call(actor: Actor, row: Any) -> str:
    if row.item is None or not can_view(actor, row.item.call.record):
        return ""
    return f"{row.item.call.record.code} {row.item.number}"


TASKS = Sheet(
    TASK_KIND,
    (
        CODE_COLUMN,
        VERSION_COLUMN,
        ID_COLUMN,
        SheetColumn(
            "任务名称", "task", word("title"), "title", _TITLE, ("title",), width=40,
            hint=("最多200字", "At most 200 characters"), example=("低缺陷抛光液攻关", "Slurry with few defects"),
        ),
        SheetColumn(
            "产业链", "chain", own("chain"), column=_CHAIN, fills=("chain",),
            example=("半导体与集成电路", "Semiconductors"),
        ),
        SheetColumn(
            "环节", "link of the chain", own("link"), column=_LINK, fills=("link",), width=24,
            example=("抛光材料", "Polishing materials"),
        ),
        SheetColumn(
            "断点堵点", "what is missing", own("missing"), column=_MISSING, fills=("missing",), width=40,
            hint=("链上缺什么", "What the chain lacks"),
            example=("8英寸抛光液依赖进口", "Slurry for 8 inches is imported"),
        ),
        SheetColumn(
            "国内外现状", "state of the art", own("state_of_art"), "full", _STATE, ("state_of_art",), width=40
        ),
        SheetColumn("掌握方", "who holds it", own("holds"), "full", _HOLDS, ("holds",), width=24),
        SheetColumn("依据", "evidence of the gap", own("evidence"), "full", _EVIDENCE, ("evidence",), width=40),
        SheetColumn("攻关目标", "goal", word("summary"), column=_TEXT, fills=("summary",), width=40),
        SheetColumn("考核指标", "indicators", own("indicators"), column=_INDICATORS, fills=("indicators",), width=40),
        SheetColumn("周期(月)", "months", own("months"), column=_MONTHS, fills=("months",), width=10),
        SheetColumn("财政资金(万元)", "fiscal money", wan("fiscal_fen"), column=_FISCAL, fills=("fiscal_fen",)),
        SheetColumn("自筹资金(万元)", "own money", wan("own_fen"), column=_OWN, fills=("own_fen",)),
        SheetColumn(
            "遴选方式", "mode of selection", coded("mode", _MODE), column=_MODE, fills=("mode",),
            example=("揭榜挂帅", "open challenge"),
        ),
        SheetColumn("选择该方式的理由", "why this mode", own("why"), column=_WHY, fills=("why",), width=40),
        SheetColumn("密级", "Classification", column=columns.SECRECY, width=10),
        SheetColumn("征集及榜单项", "Call and item", _call, width=20),
        SheetColumn(
            "项目编号", "Project code",
            lambda _actor, row: row.project.record.code if row.project is not None else "", "full", width=16,
        ),
        SheetColumn("遴选记录缺项", "Missing of the record", _lacking, "full", width=40),
        *record_columns(),
    ),
    related=("item__call__record", "project__record", "project__application__record", "undertaker__record"),
)  # fmt: skip
