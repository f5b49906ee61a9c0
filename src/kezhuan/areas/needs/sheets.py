"""The columns in which needs stand in a spreadsheet, and the words of their code lists."""

import dataclasses
import re
from functools import partial
from typing import Any

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import CONTACT, NeedSource, RightsTerm
from kezhuan.engines.tables import Column
from kezhuan.engines.tables.plain_words import at_most, least_level
from kezhuan.exchange import columns
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    ID_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    Writer,
    coded,
    listed,
    own,
    record_columns,
    speaks_chinese,
    wan,
    word,
    words_of,
)
from kezhuan.kernel.access import Actor

_OPENNESS = {
    "公开": "public", "public": "public", "完全公开": "public", **columns.OPENNESS_WORDS, "保密": "closed_door"
}  # fmt: skip
RIGHTS = {
    "发榜方": "poster", "需求方": "poster", "归发榜方": "poster", "归需求方": "poster", "甲方": "poster",
    "企业": "poster", "揭榜方": "claimant", "归揭榜方": "claimant", "乙方": "claimant", "共有": "joint",
    "双方共有": "joint", "共同所有": "joint", "按合同约定": "by_contract", "合同约定": "by_contract",
    "协商": "by_contract", "双方协商": "by_contract", "by contract": "by_contract",
    **{term: term for term in RightsTerm.values},
}  # fmt: skip
"""Words for who owns the results."""
_SOURCES = {
    "企业自提": "self", "企业": "self", "自主申报": "self", "机构调研": "agency_survey", "服务机构": "agency_survey",
    "服务机构挖掘": "agency_survey", "agency survey": "agency_survey", "创新挑战赛": "contest", "挑战赛": "contest",
    "链主": "chain_leader", "链主企业": "chain_leader", "链主榜单": "chain_leader", "chain leader": "chain_leader",
    "区": "district", "区推荐": "district", "文件导入": "imported", **{source: source for source in NeedSource.values},
}  # fmt: skip
_YES = {"是": "yes", "能": "yes", "可以": "yes", "yes": "yes", "true": "yes",
        "否": "no", "不能": "no", "不可以": "no", "no": "no", "false": "no"}  # fmt: skip

_UNIT = Column(
    "unit", ("需求单位", "单位", "单位名称", "企业名称", "发榜方", "发榜单位", "需求方", "提出单位", "poster")
)
_UNIT_CODE = Column("unit_code", ("统一社会信用代码", "社会信用代码", "信用代码", "uscc", "poster's credit code"))
_BACKGROUND = Column("background", ("background", "需求背景", "技术背景"))
_INDICATORS = Column("indicators", ("indicators", "核心指标", "技术指标", "主要技术指标", "考核指标", "指标要求"))
_SCENARIO = Column("scenario", ("scenario", "应用场景", "使用场景", "scene of use"))
_EXPECTED = Column("expected_benefit", ("expected_benefit", "预期效益", "预期经济社会效益", "经济效益"))
_BENEFIT = Column(
    "benefit", ("benefit", "预期效益金额", "预期经济效益", "expected benefit amount"), kind="money_wan", low=1
)
_REQUIREMENTS = Column(
    "claimant_requirements",
    ("claimant_requirements", "揭榜条件", "揭榜方需具备条件", "揭榜方要求", "对揭榜方要求", "合作方要求",
     "what a solver must bring"),
)  # fmt: skip
_IP_TERMS = Column("ip_terms", ("ip_terms", "产权归属", "知识产权归属", "成果归属", "who owns the results"))
_IP_NOTE = Column("ip_note", ("ip_note", "知识产权要求", "产权归属说明", "note on ownership"))
# Read by the area, because a term in months begins on the day of the import.
# What a need asks for at least, and what it pays at most: ≥7 and 不超过300万元 are exactly that.
_LEAST_TRL = dataclasses.replace(columns.TRL, plain=partial(least_level, about=False))
_MOST_PAID = dataclasses.replace(columns.BUDGET, plain=partial(at_most, about=False))
_DEADLINE = dataclasses.replace(columns.DEADLINE, kind="text")
_RD_RATIO = Column(
    "rd_ratio",
    ("rd_ratio", "研发投入强度", "上年研发投入强度", "上年度研发投入强度", "研发投入占比", "r&d share of revenue"),
)
_SELF_SOLVABLE = Column(
    "self_solvable",
    ("self_solvable", "企业能否自行解决", "能否自行解决", "是否能自行解决", "we could solve this ourselves"),
    kind="choice",
    choices=_YES,
    open_choices=True,
)
_SOURCE = Column(
    "source", ("source", "来源", "需求来源", "how it came in"), kind="choice", choices=_SOURCES, open_choices=True
)
_CONTACT = {
    "contact": Column("contact", ("contact", "联系人", "联系人姓名", "需求联系人", "contact person")),
    "phone": Column(
        "phone", ("phone", "联系电话", "电话", "手机", "手机号", "手机号码", "联系方式", "telephone", "mobile")
    ),
    "email": Column("email", ("email", "邮箱", "电子邮箱", "电子邮件", "联系邮箱", "e-mail", "mail")),
}
_CONFIDENTIALITY = Column(
    "confidentiality",
    ("confidentiality", "公开范围", "公开程度", "是否公开", "公开方式"),
    kind="choice",
    choices=_OPENNESS,
)
_RIGHTS_WORDS = words_of(Column("ip_terms", (), choices=RIGHTS))


def _unit(_actor: Actor, row: Any) -> str:
    return row.record.owner.record.title if row.record.owner is not None else ""


def _indicators(_actor: Actor, row: Any) -> str:
    """One line each, as an import takes them apart again."""
    return "\n".join(
        " ".join(filter(None, (one.name, "" if one.operator == "range" else one.operator)))
        + (":" if one.operator == "range" else "")
        + f" {one.value}"
        + (f" {one.unit}" if one.unit else "")
        + (f"（方法：{_one_line(one.test_method)}）" if one.test_method else "")
        for one in row.indicators.all()
    )


def _one_line(method: str) -> str:
    """A test method without what would end the line or the brackets it stands in."""
    return re.sub(r"[；;\n]+", "，", method).translate(str.maketrans("()（）", "[][]"))


def _rights(_actor: Actor, row: Any) -> str:
    words = _RIGHTS_WORDS.get(row.ip_terms)
    return words[0 if speaks_chinese() else 1] if words else row.ip_terms


def _ratio(_actor: Actor, row: Any) -> str:
    return "" if row.rd_ratio_bp is None else f"{row.rd_ratio_bp / 100:g}%"


def _self_solvable(_actor: Actor, row: Any) -> str:
    yes, no = ("是", "否") if speaks_chinese() else ("yes", "no")
    return yes if row.self_solvable else no


def _contact(name: str) -> Writer:
    return lambda _actor, row: row.extra.get(CONTACT, {}).get(name, "")


SHEET = Sheet(
    NEED.kind,
    (
        CODE_COLUMN,
        ID_COLUMN,
        SheetColumn(
            "需求名称", "title", word("title"), "title", columns.TITLE, ("title",), width=40,
            hint=("提交时不超过60字", "At most 60 characters when it is submitted"),
            example=("大尺寸碳化硅衬底低缺陷抛光", "Low-defect polishing of large silicon carbide wafers"),
        ),
        SheetColumn(
            "需求内容", "problem", word("summary"), column=columns.TEXT, fills=("summary",), width=60,
            hint=("拟解决的主要技术问题", "The technical problem to be solved"),
            example=("六英寸衬底抛光后表面缺陷多，良率低。", "Six-inch wafers keep many defects after polishing."),
        ),
        SheetColumn("英文名称", "english title", word("title_en"), "title", columns.TITLE_EN, ("title_en",), width=40),
        SheetColumn(
            "关键词", "keywords", listed("keywords"), column=columns.KEYWORDS, fills=("keywords",), width=24,
            hint=("用分号隔开", "Separated by semicolons"), example=("碳化硅；抛光", "silicon carbide; polishing"),
        ),
        SheetColumn(
            "技术领域", "technical field", coded("field", columns.FIELD), column=columns.FIELD, fills=("field",),
            width=20, example=("新材料及其应用", "materials"),
        ),
        SheetColumn("产业链", "industry chain", own("chain"), column=columns.CHAIN, fills=("chain",)),
        SheetColumn(
            "需求单位", "poster", _unit, column=_UNIT, width=24,
            hint=("须为已登记单位的全称", "The full name of a registered organisation"),
        ),
        SheetColumn("统一社会信用代码", "poster's credit code", column=_UNIT_CODE, width=22),
        SheetColumn("需求背景", "background", own("background"), column=_BACKGROUND, fills=("background",), width=40),
        SheetColumn(
            "核心指标", "indicators", _indicators, column=_INDICATORS, fills=("parts",), width=40,
            hint=("每行一项，如：表面粗糙度 ≤ 0.1 nm（方法：GB/T 29505）",
                  "One a line, like: roughness ≤ 0.1 nm (method: GB/T 29505)"),
            example=("表面粗糙度 ≤ 0.1 nm（方法：GB/T 29505）", "roughness ≤ 0.1 nm (method: GB/T 29505)"),
        ),
        SheetColumn("应用场景", "scene of use", own("scenario"), column=_SCENARIO, fills=("scenario",), width=30),
        SheetColumn(
            "预期效益", "expected benefit", own("expected_benefit"), column=_EXPECTED, fills=("expected_benefit",),
            width=30,
        ),
        SheetColumn(
            "预期效益金额(万元)", "expected benefit amount (万元)", wan("benefit_fen"), column=_BENEFIT,
            fills=("benefit_fen",), width=12,
        ),
        SheetColumn(
            "揭榜方需具备条件", "what a solver must bring", own("claimant_requirements"), column=_REQUIREMENTS,
            fills=("claimant_requirements",), width=30,
        ),
        SheetColumn(
            "产权归属", "who owns the results", _rights, column=_IP_TERMS, fills=("ip_terms",), width=14,
            hint=("发榜方、揭榜方、双方共有或按合同约定", "poster, claimant, joint or by contract"),
            example=("双方共有", "joint"),
        ),
        SheetColumn("产权归属说明", "note on ownership", own("ip_note"), column=_IP_NOTE, fills=("ip_note",)),
        SheetColumn("成熟度", "maturity", own("min_trl"), column=_LEAST_TRL, fills=("min_trl",), width=9,
                    example=(6, 6)),
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
            "预算(万元)", "budget (万元)", wan("budget_fen"), column=_MOST_PAID, fills=("budget_fen",), width=12,
            example=(300, 300),
        ),
        SheetColumn(
            "所在区", "district", coded("region", columns.REGION), column=columns.REGION, fills=("region",), width=14,
            example=("广州市南沙区", "nansha"),
        ),
        SheetColumn(
            "期限", "deadline", own("deadline"), column=_DEADLINE, fills=("deadline",), width=12,
            hint=("日期，或自导入之日起的月数，如 18个月", "A day, or a term from the day of the import: 18 months"),
            example=("18个月", "18 months"),
        ),
        SheetColumn("密级", "classification", column=columns.SECRECY, width=10),
        SheetColumn(
            "研发投入强度", "r&d share of revenue", _ratio, "full", _RD_RATIO, ("rd_ratio_bp",), width=10,
            hint=("上年研发投入占营业收入，如 3.5%", "R&D spending over revenue last year, such as 3.5%"),
        ),
        SheetColumn(
            "企业能否自行解决", "we could solve this ourselves", _self_solvable, "full", _SELF_SOLVABLE,
            ("self_solvable",), width=10,
        ),
        SheetColumn(
            "需求来源", "how it came in", coded("source", _SOURCE), column=_SOURCE, fills=("source",), width=12
        ),
        SheetColumn("联系人", "contact person", _contact("contact"), "inner", _CONTACT["contact"],
                    (f"extra:{CONTACT}",)),
        SheetColumn("联系电话", "telephone", _contact("phone"), "inner", _CONTACT["phone"], (f"extra:{CONTACT}",)),
        SheetColumn("邮箱", "e-mail", _contact("email"), "inner", _CONTACT["email"], (f"extra:{CONTACT}",)),
        SheetColumn(
            "公开范围", "confidentiality", coded("confidentiality", _CONFIDENTIALITY), column=_CONFIDENTIALITY,
            fills=("confidentiality",), width=12,
            hint=("公开、仅公开名称或闭门", "public, title only or closed door"), example=("仅公开名称", "title only"),
        ),
        *record_columns(owner=False),
        VERSION_COLUMN,
    ),
    prefetch=("indicators",),
)  # fmt: skip
