"""The columns in which research teams stand in a spreadsheet."""

import dataclasses
from typing import Any

from kezhuan.areas.teams.lifecycle import TEAM
from kezhuan.areas.teams.models import MOST_AT_ONCE, MOST_MEMBERS
from kezhuan.areas.teams.queries import RESULTS_TOO, results_of
from kezhuan.engines.tables import Column
from kezhuan.engines.tables.match_columns import ROOM
from kezhuan.exchange import columns
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    ID_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    coded,
    listed,
    own,
    record_columns,
    word,
)
from kezhuan.kernel.access import Actor

_TITLE = dataclasses.replace(
    columns.TITLE, headers=("团队名称", "科研团队", "创新团队", "团队", "team name", "team", *columns.TITLE.headers)
)
_TEXT = dataclasses.replace(
    columns.TEXT,
    headers=("研究方向", "主要研究方向", "研究内容", "团队简介", "what the team works on", *columns.TEXT.headers),
)
_LEADER = Column(
    "leader", ("团队负责人", "负责人", "带头人", "团队带头人", "学科带头人", "leader", "team leader", "PI")
)
_SIZE = Column(
    "size", ("团队人数", "人数", "成员人数", "members", "team size"), kind="integer", low=1, high=MOST_MEMBERS,
    affixes=("人", "名"),
)  # fmt: skip
_CAPACITY = dataclasses.replace(
    ROOM, name="capacity", headers=(*ROOM.headers, "承接能力", "capacity"), low=1, high=MOST_AT_ONCE
)
_FROM = dataclasses.replace(
    columns.TRL, name="trl_from", headers=("最低成熟度", "成熟度下限", "成熟度起", "works from maturity", "trl_from")
)
_TO = dataclasses.replace(
    columns.TRL,
    name="trl_to",
    headers=("最高成熟度", "成熟度上限", "成熟度止", "up to maturity", "trl_to", *columns.TRL.headers),
)
_WEBSITE = Column("website", ("网页", "团队网页", "网址", "主页", "团队主页", "web page", "website", "homepage", "url"))
_UNIT = Column("unit", ("所属单位名称", "依托单位", "所在单位", "单位名称", "单位", "所属单位", "unit", "institution"))
_UNIT_CODE = Column("unit_code", ("统一社会信用代码", "社会信用代码", "信用代码", "uscc", "unit's credit code"))


def _unit(_actor: Actor, row: Any) -> str:
    return row.record.owner.record.title if row.record.owner is not None else ""


def _results(actor: Actor, row: Any) -> str:
    return "；".join(f"{one.code} {one.title}" for one in results_of(actor, row))


SHEET = Sheet(
    TEAM.kind,
    (
        CODE_COLUMN,
        ID_COLUMN,
        SheetColumn(
            "团队名称", "team name", word("title"), "title", _TITLE, ("title",), width=40,
            hint=("最多200字", "At most 200 characters"),
            example=("碳化硅晶圆加工团队", "Silicon carbide wafer processing team"),
        ),
        SheetColumn(
            "研究方向", "what the team works on", word("summary"), column=_TEXT, fills=("summary",), width=60,
            hint=("公开介绍，需求将与之比较", "Everybody reads it; needs are compared with it"),
            example=("大尺寸碳化硅衬底的减薄、研磨与化学机械抛光，有八英寸中试线。",
                     "Thinning, grinding and polishing of large silicon carbide wafers; an 8-inch pilot line."),
        ),
        SheetColumn("英文名称", "english title", word("title_en"), "title", columns.TITLE_EN, ("title_en",), width=40),
        SheetColumn(
            "关键词", "keywords", listed("keywords"), column=columns.KEYWORDS, fills=("keywords",), width=24,
            hint=("用分号隔开", "Separated by semicolons"), example=("碳化硅；抛光", "silicon carbide; polishing"),
        ),
        SheetColumn(
            "依托单位", "unit", _unit, column=_UNIT, width=24,
            hint=("须为已登记单位的全称", "The full name of a registered organisation"),
        ),
        SheetColumn("统一社会信用代码", "unit's credit code", column=_UNIT_CODE, width=22),
        SheetColumn(
            "负责人", "leader", own("leader"), column=_LEADER, fills=("leader",), width=12,
            hint=("发布后所有人可见，请先征得本人同意", "Everybody reads it; write it with their consent"),
        ),
        SheetColumn("团队人数", "members", own("size"), column=_SIZE, fills=("size",), width=9, example=(12, 12)),
        SheetColumn(
            "技术领域", "technical field", coded("field", columns.FIELD), column=columns.FIELD, fills=("field",),
            width=20, example=("新材料及其应用", "materials"),
        ),
        SheetColumn("产业链", "industry chain", own("chain"), column=columns.CHAIN, fills=("chain",)),
        SheetColumn(
            "最低成熟度", "works from maturity", own("trl_from"), column=_FROM, fills=("trl_from",), width=9,
            example=(4, 4),
        ),
        SheetColumn(
            "最高成熟度", "up to maturity", own("trl_to"), column=_TO, fills=("trl_to",), width=9, example=(7, 7)
        ),
        SheetColumn(
            "成熟度标准", "maturity scale", coded("trl_scale", columns.TRL_SCALE), column=columns.TRL_SCALE,
            fills=("trl_scale",), width=12, example=("9级", "TRL"),
        ),
        SheetColumn(
            "合作方式", "cooperation mode", coded("modes", columns.MODE), column=columns.MODE, fills=("modes",),
            hint=("可填多项，用分号隔开", "Several are separated by semicolons"),
            example=("合作开发；委托开发", "joint development; commissioned r&d"),
        ),
        SheetColumn(
            "可同时承接需求数", "needs at once", own("capacity"), column=_CAPACITY, fills=("capacity",), width=9,
            example=(3, 3),
        ),
        SheetColumn("网页", "web page", own("website"), column=_WEBSITE, fills=("website",), width=30),
        SheetColumn(
            "所在区", "district", coded("region", columns.REGION), column=columns.REGION, fills=("region",), width=14,
            example=("广州市黄埔区", "huangpu"),
        ),
        SheetColumn("成果", "achievements", _results, width=40),
        *record_columns(owner=False),
        VERSION_COLUMN,
    ),
    prefetch=RESULTS_TOO,
)  # fmt: skip
