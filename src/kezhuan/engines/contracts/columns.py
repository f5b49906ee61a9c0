"""The columns of a register of technology contracts, and how a row becomes a contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kezhuan.engines.contracts.amounts import DEDUCTIONS
from kezhuan.engines.contracts.codes import tables
from kezhuan.engines.contracts.contract import Contract, Party
from kezhuan.engines.findings import Language
from kezhuan.engines.tables import Column
from kezhuan.engines.tables.cells import read_cell
from kezhuan.engines.tables.problems import BadCell

YES_NO = {"是": "yes", "有": "yes", "yes": "yes", "y": "yes", "true": "yes", "1": "yes",
          "否": "no", "没有": "no", "no": "no", "n": "no", "false": "no", "0": "no"}  # fmt: skip


def _text(name: str, *headers: str) -> Column:
    return Column(name, headers)


def _day(name: str, *headers: str) -> Column:
    return Column(name, headers, kind="date")


def _money(name: str, *headers: str) -> Column:
    return Column(name, headers, kind="money_wan")


def _yes(name: str, *headers: str) -> Column:
    return Column(name, headers, kind="choice", choices=YES_NO)


def _party(side: str, words: tuple[str, ...]) -> tuple[Column, ...]:
    def headers(*ends: str) -> tuple[str, ...]:
        return tuple(word + end for end in ends for word in words)

    return (
        _text(f"{side}_name", *headers("名称", "单位名称", ""), f"{side} name", side),
        _text(f"{side}_code", *headers("统一社会信用代码", "信用代码", "代码"), f"{side} code", f"{side} uscc"),
        _text(f"{side}_kind", *headers("性质", "类型", "类别"), f"{side} kind"),
        _text(f"{side}_country", *headers("国别", "国别代码", "国家"), f"{side} country"),
        _text(f"{side}_region", *headers("地区", "行政区划", "行政区划代码", "所在地"), f"{side} region"),
        _text(f"{side}_legal", *headers("法定代表人", "法人代表"), f"{side} legal representative"),
        _text(f"{side}_address", *headers("地址", "注册地址"), f"{side} address"),
        _text(f"{side}_phone", *headers("电话", "联系电话"), f"{side} phone"),
    )


CONTENT = {
    "goal": ("研究开发目标", "技术目标", "项目目标", "goal"),
    "novelty": ("创新内容", "创新点", "novelty"),
    "parameters": ("技术指标", "技术参数", "量化指标", "parameters"),
    "acceptance": ("验收方式", "验收标准", "验收", "acceptance"),
    "disputes": ("争议解决", "争议解决方式", "disputes"),
    "mastered": ("标的成果", "转让成果", "许可标的", "result"),
    "ownership": ("知识产权归属", "权属约定", "成果归属", "ownership"),
}
"""Columns that hold what the text of the contract says, by clause."""

COLUMNS: tuple[Column, ...] = (
    _text("name", "项目名称", "合同名称", "合同项目名称", "contract name", "name", "title"),
    _text("reg_no", "合同登记编号", "登记编号", "认定登记编号", "registration number", "reg no"),
    _text("kind", "合同类别", "合同类型", "技术合同类别", "kind", "type"),
    _text("subkind", "合同子类", "子类", "合同小类", "subkind", "subtype"),
    _text("form", "合同形式", "订立形式", "form"),
    _day("signed_on", "签订日期", "合同签订日期", "签订时间", "signed on", "sign date"),
    _day("applied_on", "申请日期", "申请登记日期", "提交日期", "applied on"),
    _day("valid_from", "合同开始日期", "有效期起", "生效日期", "valid from"),
    _day("valid_to", "合同截止日期", "合同终止日期", "有效期止", "合同结束日期", "valid to"),
    _day("registered_on", "登记日期", "认定登记日期", "registered on"),
    *_party("seller", ("卖方", "让与方", "受托方", "技术卖方")),
    *_party("buyer", ("买方", "受让方", "委托方", "技术买方")),
    _text("field", "技术领域", "field"),
    Column("rights", ("知识产权", "知识产权类型", "涉及知识产权", "intellectual property", "rights"), kind="texts"),
    _text("plan", "计划来源", "plan source", "plan"),
    _text("goal_code", "社会经济目标", "社会-经济目标", "socio-economic goal"),
    _text("industry", "国民经济行业", "服务的国民经济行业", "行业", "industry"),
    _text("payment", "支付方式", "付款方式", "payment"),
    _text("relief", "拟享受政策", "拟享受优惠政策", "享受政策", "relief intended"),
    _money("turnover", "合同成交总额", "合同成交额", "成交总额", "合同金额", "合同总金额", "turnover"),
    _money("technology", "技术交易额", "技术合同交易额", "technology amount"),
    _yes("undetermined", "金额待定", "总额待定", "undetermined"),
    _money("equipment", "设备费", "设备购置费", "equipment"),
    _money("instruments", "仪器费", "instruments"),
    _money("parts", "零部件费", "parts"),
    _money("materials", "原材料费", "材料费", "materials"),
    _money("other", "其他非技术性费用", "非技术性费用", "非技术性费用合计", "other deductions"),
    _text("instalments", "分期金额", "各期金额", "instalments"),
    _money("new_investment", "预计新增投入", "新增投入", "new investment"),
    _money("new_output", "预计新增产值", "新增产值", "new output"),
    *(_text(f"content_{name}", *headers) for name, headers in CONTENT.items()),
    _text("text", "合同正文", "合同文本", "合同全文", "text"),
    _yes("related", "关联关系", "是否关联方", "related parties"),
    _yes("disputed", "是否有争议", "有争议", "disputed"),
    _text("agency", "登记机构", "登记点", "agency"),
    _text("registrar", "登记员", "registrar"),
    _text("reviewer", "复核人", "复核员", "reviewer"),
    _money("paid", "已到账金额", "实际到账", "到账金额", "paid"),
    _money("equipment_budget", "预算设备费", "经费预算设备费", "equipment budget"),
    _money("revenue", "卖方上年营业收入", "卖方营业收入", "seller revenue"),
    _day("benefit_on", "享受优惠日期", "减免税日期", "benefit on"),
)
_INSTALMENT = _money("instalment")
_APART = re.compile(r"[；;、\n\s]+")
UNREADABLE = -1
"""Stands for an instalment that is no amount."""
HEADERS = {column.name: column.headers[0] for column in COLUMNS}
"""How each column is called in a sentence where the file has none."""


def label_of(name: str, language: Language = "zh") -> str:
    """How a column of the registration form is called in a language."""
    headers = next((one.headers for one in COLUMNS if one.name == name), (name,))
    if language == "zh":
        return headers[0]
    return next((one for one in headers if one.isascii()), headers[0]).capitalize()


_CODED = {
    "kind": "kinds", "subkind": "subkinds", "form": "forms", "field": "fields", "plan": "plans", "goal_code": "goals",
    "payment": "payments", "relief": "reliefs", "seller_kind": "parties", "buyer_kind": "parties",
}  # fmt: skip
CODED: Mapping[str, str] = _CODED
"""Columns whose words stand in a code table, and which."""


def contract_from(row: int, values: Mapping[str, Any]) -> Contract:
    """The contract of a row; words of code tables become codes, others stay as written so that they can be named."""

    def word(column: str) -> str:
        written = values[column] or ""
        return tables()[_CODED[column]].code_of(written) or written if column in _CODED else written

    def party(side: str) -> Party:
        ends = ("name", "code", "kind", "country", "region", "legal", "address", "phone")
        return Party(*(word(f"{side}_{end}") for end in ends))

    rights = tables()["rights"]
    words: dict[str, Any] = {name: word(name) for name in _WORDS}
    return Contract(
        row=row,
        seller=party("seller"),
        buyer=party("buyer"),
        goal=word("goal_code"),
        rights=tuple(rights.code_of(one) or one for one in values["rights"]),
        undetermined=values["undetermined"] == "yes",
        related=values["related"] == "yes",
        disputed=values["disputed"] == "yes",
        deductions={kind: values[kind] for kind in DEDUCTIONS if values[kind] is not None},
        instalments=read_instalments(values["instalments"] or ""),
        content={name: values[f"content_{name}"] for name in CONTENT if values[f"content_{name}"]},
        equipment=values["equipment_budget"],
        **words,
        **{name: values[name] for name in _PLAIN},
    )


def read_instalments(words: str) -> tuple[int, ...]:
    """Amounts apart by semicolons, in 分; `UNREADABLE` for one that is none."""
    return tuple(map(_fen, filter(None, _APART.split(words))))


def _fen(word: str) -> int:
    """An instalment in 分; a bare number is in 万元, as everywhere in tables."""
    try:
        fen = read_cell(word, _INSTALMENT)
    except BadCell:
        return UNREADABLE
    return UNREADABLE if fen is None else int(fen)


_WORDS = (
    "name", "reg_no", "kind", "subkind", "form", "field", "plan", "industry", "payment", "relief", "text",
    "agency", "registrar", "reviewer",
)  # fmt: skip
_PLAIN = (
    "signed_on", "applied_on", "valid_from", "valid_to", "registered_on", "turnover", "technology",
    "new_investment", "new_output", "paid", "revenue", "benefit_on",
)  # fmt: skip
