"""The columns in which achievements stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.engines.tables import Column
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
    wan,
    word,
)
from kezhuan.kernel.access import Actor

_DISCIPLINE = Column("discipline", ("discipline", "学科", "学科分类", "所属学科"))
_ADVANTAGE = Column("advantage", ("advantage", "技术优势", "先进性", "创新点", "advantages"))
_CONFIDENTIAL = Column("confidential", ("confidential description", "不公开内容", "保密内容", "非公开描述"))
_COMPLETED = Column("completed_on", ("completed_on", "完成日期", "完成时间", "completion date"), kind="date")


def _completers(_actor: Actor, row: Any) -> str:
    return "；".join(one.name for one in row.completers.all())


def _rights(_actor: Actor, row: Any) -> str:
    return "；".join(f"{one.get_kind_display()} {one.number}".strip() for one in row.rights.all())


SHEET = Sheet(
    ACHIEVEMENT.kind,
    (
        CODE_COLUMN,
        ID_COLUMN,
        SheetColumn(
            "名称", "title", word("title"), "title", columns.TITLE, ("title",), width=40,
            hint=("最多200字", "At most 200 characters"),
            example=("低缺陷碳化硅衬底抛光方法", "Low-defect polishing of silicon carbide wafers"),
        ),
        SheetColumn(
            "摘要", "abstract", word("summary"), column=columns.TEXT, fills=("summary",), width=60,
            hint=("公开介绍，所有人可见", "The public description"),
            example=("六英寸碳化硅衬底的化学机械抛光，表面粗糙度低于0.1纳米。",
                     "Chemical-mechanical polishing of 6-inch wafers, roughness below 0.1 nm."),
        ),
        SheetColumn("英文名称", "english title", word("title_en"), "title", columns.TITLE_EN, ("title_en",), width=40),
        SheetColumn("英文摘要", "english abstract", column=columns.TEXT_EN, width=40),
        SheetColumn(
            "关键词", "keywords", listed("keywords"), column=columns.KEYWORDS, fills=("keywords",), width=24,
            hint=("用分号隔开", "Separated by semicolons"), example=("碳化硅；抛光", "silicon carbide; polishing"),
        ),
        SheetColumn("英文关键词", "english keywords", column=columns.KEYWORDS_EN, width=24),
        SheetColumn(
            "技术领域", "technical field", coded("field", columns.FIELD), column=columns.FIELD, fills=("field",),
            width=20, example=("新材料及其应用", "materials"),
        ),
        SheetColumn("产业链", "industry chain", own("chain"), column=columns.CHAIN, fills=("chain",)),
        SheetColumn("学科", "discipline", own("discipline"), column=_DISCIPLINE, fills=("discipline",)),
        SheetColumn("成熟度", "maturity", own("trl"), column=columns.TRL, fills=("trl",), width=9, example=(7, 7)),
        SheetColumn(
            "成熟度标准", "maturity scale", coded("trl_scale", columns.TRL_SCALE), column=columns.TRL_SCALE,
            fills=("trl_scale",), width=12, example=("9级", "TRL"),
        ),
        SheetColumn(
            "合作方式", "cooperation mode", coded("modes", columns.MODE), column=columns.MODE, fills=("modes",),
            hint=("可填多项，用分号隔开", "Several are separated by semicolons"),
            example=("转让；许可", "transfer; licence"),
        ),
        SheetColumn(
            "权属状况", "standing of rights", coded("rights_states", columns.RIGHTS), column=columns.RIGHTS,
            fills=("rights_states",), width=20,
            hint=("可填多项，用分号隔开；不清楚的不填",
                  "Several are separated by semicolons; leave empty what is not known"),
            example=("权属清晰；已授权或登记", "clear title; granted or registered"),
        ),
        SheetColumn(
            "报价(万元)", "price (万元)", wan("price_fen"), column=columns.PRICE, fills=("price_fen",), width=12,
            example=(120, 120),
        ),
        SheetColumn(
            "所在区", "district", coded("region", columns.REGION), column=columns.REGION, fills=("region",), width=14,
            example=("广州市黄埔区", "huangpu"),
        ),
        SheetColumn(
            "密级", "classification", coded("secrecy", columns.SECRECY), column=columns.SECRECY, fills=("secrecy",),
            width=10, example=("公开", "public"),
            hint=("公开、内部或商业秘密；国家秘密不得填报", "Public, internal or trade secret; never a state secret"),
        ),
        SheetColumn("技术优势", "advantages", own("advantage"), column=_ADVANTAGE, fills=("advantage",), width=40),
        SheetColumn(
            "不公开内容", "confidential description", own("confidential"), "full", _CONFIDENTIAL, ("confidential",),
            width=40, hint=("仅本单位与管理人员可见", "Only your unit and the officers see it"),
        ),
        SheetColumn(
            "完成日期", "completion date", own("completed_on"), column=_COMPLETED, fills=("completed_on",), width=12,
        ),
        SheetColumn("完成人", "Completers", _completers, width=24),
        SheetColumn("知识产权", "Intellectual property", _rights, width=30),
        *record_columns(),
        VERSION_COLUMN,
    ),
    prefetch=("completers", "rights"),
)  # fmt: skip
