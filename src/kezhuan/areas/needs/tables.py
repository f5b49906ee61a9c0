"""How rows of a file become needs."""

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.needs.actions import COLUMNS, LISTS, Figure, NeedFacts, check_facts, write_indicators
from kezhuan.areas.needs.cells import amount_fen, day_or_term, figures, share_bp, term_in
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import CONTACT, Indicator, Need, NeedSource, RightsTerm
from kezhuan.engines.tables import Column
from kezhuan.exchange import columns
from kezhuan.exchange.cells import titled
from kezhuan.exchange.fixes import day_in
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, cleaned
from kezhuan.kernel.vocabulary import REGIONS, Confidentiality, Field, Mode

_OPENNESS = {
    "公开": "public", "public": "public", "完全公开": "public", "保密": "closed_door", **columns.OPENNESS_WORDS
}  # fmt: skip
_RIGHTS = {
    "发榜方": "poster", "需求方": "poster", "归发榜方": "poster", "归需求方": "poster", "甲方": "poster",
    "企业": "poster", "揭榜方": "claimant", "归揭榜方": "claimant", "乙方": "claimant", "共有": "joint",
    "双方共有": "joint", "共同所有": "joint", "按合同约定": "by_contract", "合同约定": "by_contract",
    "协商": "by_contract", "双方协商": "by_contract", **{term: term for term in RightsTerm.values},
}  # fmt: skip
_SOURCES = {
    "企业自提": "self", "企业": "self", "自主申报": "self", "机构调研": "agency_survey", "服务机构": "agency_survey",
    "服务机构挖掘": "agency_survey", "创新挑战赛": "contest", "挑战赛": "contest", "链主": "chain_leader",
    "链主企业": "chain_leader", "链主榜单": "chain_leader", "区": "district", "区推荐": "district",
    **{source: source for source in NeedSource.values},
}  # fmt: skip
_YES = {"是": "yes", "能": "yes", "可以": "yes", "yes": "yes", "true": "yes",
        "否": "no", "不能": "no", "不可以": "no", "no": "no", "false": "no"}  # fmt: skip
_CONTACT = (
    Column("contact", ("contact", "联系人", "联系人姓名", "需求联系人", "contact person")),
    Column("phone", ("phone", "联系电话", "电话", "手机", "手机号", "手机号码", "联系方式", "telephone", "mobile")),
    Column("email", ("email", "邮箱", "电子邮箱", "电子邮件", "联系邮箱", "e-mail", "mail")),
)


class NeedRows(Importable[NeedFacts]):
    """Imported needs are published at once; one that its file calls internal or a trade secret is closed-door."""

    lifecycle = NEED
    model = Need
    stage = "published"
    parts = ((Indicator, "need"),)
    column_of = {"min_trl": "trl", "modes": "mode"}
    needs_one_of = ("title", "text")
    columns = (
        columns.ID,
        columns.TITLE,
        columns.TEXT,
        columns.TITLE_EN,
        columns.KEYWORDS,
        columns.FIELD,
        columns.CHAIN,
        Column(
            "unit", ("需求单位", "单位", "单位名称", "企业名称", "发榜方", "发榜单位", "需求方", "提出单位", "poster")
        ),
        Column("unit_code", ("统一社会信用代码", "社会信用代码", "信用代码", "uscc")),
        Column("background", ("background", "需求背景", "技术背景")),
        Column("indicators", ("indicators", "核心指标", "技术指标", "主要技术指标", "考核指标", "指标要求")),
        Column("scenario", ("scenario", "应用场景", "使用场景")),
        Column("expected_benefit", ("expected_benefit", "预期效益", "预期经济社会效益", "经济效益")),
        Column(
            "benefit", ("benefit", "预期效益金额", "预期经济效益", "expected benefit amount"), kind="money_wan", low=1
        ),
        Column(
            "claimant_requirements",
            ("claimant_requirements", "揭榜条件", "揭榜方需具备条件", "揭榜方要求", "对揭榜方要求", "合作方要求"),
        ),
        Column("ip_terms", ("ip_terms", "产权归属", "知识产权归属", "成果归属")),
        Column("ip_note", ("ip_note", "知识产权要求", "产权归属说明")),
        columns.TRL,
        columns.TRL_SCALE,
        columns.MODE,
        columns.BUDGET,
        columns.REGION,
        # Read here, because a term in months begins on the day of the import.
        dataclasses.replace(columns.DEADLINE, kind="text"),
        columns.SECRECY,
        Column("rd_ratio", ("rd_ratio", "研发投入强度", "上年研发投入强度", "上年度研发投入强度", "研发投入占比")),
        Column(
            "self_solvable",
            ("self_solvable", "企业能否自行解决", "能否自行解决", "是否能自行解决"),
            kind="choice",
            choices=_YES,
            open_choices=True,
        ),
        Column("source", ("source", "来源", "需求来源"), kind="choice", choices=_SOURCES, open_choices=True),
        *_CONTACT,
        Column(
            "confidentiality",
            ("confidentiality", "公开范围", "公开程度", "是否公开", "公开方式"),
            kind="choice",
            choices=_OPENNESS,
        ),
    )

    def facts(self, content: Content) -> NeedFacts:
        """See the base."""
        values = content.values
        text = values["text"] or ""
        if content.owner is None or content.owner.record.title != clean(values["unit"] or ""):
            content.keep("unit", values["unit"])
            content.keep("unit_code", values["unit_code"])
        ip_terms, ip_note = _rights(values)
        if contact := {name: clean(values[name]) for name in ("contact", "phone", "email") if values[name]}:
            content.extra[CONTACT] = contact
        return NeedFacts(
            title=titled(values["title"] or values["title_en"] or "", text, content.extra),
            title_en=content.fitted("title_en", 400),
            problem=text,
            confidentiality=_openness(values),
            field=content.code("field", Field.values),
            chain=content.fitted("chain", 60),
            keywords=values["keywords"],
            scenario=values["scenario"] or "",
            expected_benefit=values["expected_benefit"] or "",
            claimant_requirements=values["claimant_requirements"] or "",
            ip_terms=ip_terms,
            ip_note=ip_note,
            budget_fen=values["budget"],
            benefit_fen=_benefit(content),
            background=values["background"] or "",
            self_solvable=content.code("self_solvable", ("yes", "no")) == "yes",
            rd_ratio_bp=_ratio(content),
            indicators=_indicators(content),
            min_trl=values["trl"],
            trl_scale=values["trl_scale"] or "trl9",
            modes=content.codes("mode", Mode.values),
            region=content.code("region", REGIONS),
            deadline=_deadline(content),
            source=content.code("source", NeedSource.values) or NeedSource.IMPORTED,
            extra=content.extra,
        )

    def check(self, facts: NeedFacts, content: Content) -> list[Problem]:
        """The checks of a need as entered, and a term that can be read."""
        problems = check_facts(facts)
        try:
            _day(content)
        except ValueError:
            message = _("“%(words)s” is no day and no term: write 2027-06-30, 2027年6月, or 18个月 from today.")
            problems.append(Problem("deadline-unclear", message % {"words": content.values["deadline"]}, "deadline"))
        return problems

    def fix(self, problem: Problem, facts: NeedFacts, content: Content) -> str | None:
        """A term or a day that stands among other words."""
        if problem.code != "deadline-unclear":
            return None
        words = content.values["deadline"]
        return term_in(words) or day_in(words, month_end=True)

    def owner_named(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The unit's credit code and name."""
        return tuple(clean(values[name]) for name in ("unit_code", "unit") if values[name])

    def write_parts(self, rows: Sequence[tuple[Any, NeedFacts]]) -> None:
        """The indicators."""
        write_indicators(rows)

    def words(self, facts: NeedFacts) -> Words:
        """Name and problem."""
        return Words(clean(facts.title), clean(facts.title_en), clean(facts.problem))

    def own(self, facts: NeedFacts) -> dict[str, Any]:
        """All own columns."""
        return {name: cleaned(getattr(facts, name)) for name in (*COLUMNS, *LISTS, "extra")}

    def alike(self, row: Any) -> Hashable | None:
        """Openness, district and owner decide who sees a new need (see its lifecycle's audience)."""
        return (row.confidentiality, row.region, row.record.owner_id)


def _openness(values: Mapping[str, Any]) -> str:
    """Who may see the need: the closest of what the two columns say; internal and trade secrets are closed-door."""
    order = Confidentiality.values
    said = [values["confidentiality"] or Confidentiality.PUBLIC, values["secrecy"] or Confidentiality.PUBLIC]
    return max((one if one in order else Confidentiality.CLOSED_DOOR.value for one in said), key=order.index)


def _rights(values: Mapping[str, Any]) -> tuple[str, str]:
    """Who owns the results, as a code, and what is said of it beside; other words than the known ones are a note."""
    words, note = clean(values["ip_terms"] or ""), values["ip_note"] or ""
    code = _RIGHTS.get(words.casefold(), "")
    return code, note if code else "\n".join(part for part in (words, note) if part)


def _day(content: Content) -> Any:
    words = content.values["deadline"]
    return day_or_term(words, content.headers.get("deadline", ""), content.on) if words else None


def _deadline(content: Content) -> Any:
    """The day; what says no day (长期) and what is not understood, which the check refuses, is kept in `extra`."""
    try:
        day = _day(content)
    except ValueError:
        day = None
    # A term depends on the day of the import, so its words are kept beside the day that came out.
    if day is None or "月" in content.values["deadline"] or "month" in content.values["deadline"]:
        content.keep("deadline", content.values["deadline"])
    return day


def _benefit(content: Content) -> int | None:
    words = content.values["expected_benefit"] or ""
    fen: int | None = content.values["benefit"] or amount_fen(words, content.headers.get("expected_benefit", ""))
    return fen


def _ratio(content: Content) -> int | None:
    words = content.values["rd_ratio"] or ""
    points = share_bp(words, content.headers.get("rd_ratio", "")) if words else None
    if points is None:
        content.keep("rd_ratio", words)
    return points


def _indicators(content: Content) -> tuple[Figure, ...]:
    """The indicators that can be told apart; other lines are kept in `extra`."""
    found, left = figures(content.values["indicators"] or "")
    content.keep("indicators", "\n".join(left))
    return found


ROWS = NeedRows()
