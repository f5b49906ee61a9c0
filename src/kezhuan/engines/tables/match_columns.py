"""The columns that needs and supply have in common when files are matched without a database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kezhuan.engines.tables.columns import Column, Found, fold
from kezhuan.engines.tables.due import last_day
from kezhuan.engines.tables.places import find_places, place_name
from kezhuan.engines.tables.plain_words import at_most, ceiling, least_level
from kezhuan.engines.tables.rights_words import RIGHTS_CODES, RIGHTS_LABELS, find_rights

# Each label with the words that mean it; the label is kept as the value, so that it reads well in a reason.
FIELD_WORDS: dict[str, tuple[str, ...]] = {
    "电子信息": (
        "electronics", "新一代信息技术", "信息技术", "electronics and information", "information technology",
        "新一代电子信息", "电子信息技术", "半导体", "集成电路", "半导体与集成电路",
        "芯片", "人工智能", "大数据", "软件",
        "semiconductor", "semiconductors", "integrated circuits", "artificial intelligence", "software",
    ),
    "航空航天": ("aerospace", "航空", "航天"),
    "先进制造": (
        "manufacturing", "先进制造与自动化", "智能制造", "高端装备", "高端装备制造", "advanced manufacturing",
        "装备制造", "智能装备", "自动化",
    ),
    "生物、医药和医疗器械": (
        "biomedicine", "生物医药", "生物医药与健康", "生物与新医药", "医疗器械", "biomedical",
        "生物", "生物技术", "医药", "医疗", "医药健康", "医疗健康", "生物医药与医疗器械", "biotechnology", "medical",
        "medical devices", "pharmaceuticals",
    ),
    "新材料及其应用": (
        "materials", "新材料", "材料", "new materials", "advanced materials",
        "先进材料", "前沿新材料", "材料科学", "材料技术", "materials science",
    ),
    "新能源与高效节能": (
        "energy", "新能源", "新能源与节能", "new energy", "能源", "节能",
        "新能源技术", "clean energy", "renewable energy",
    ),
    "环境保护与资源综合利用": (
        "environment", "资源与环境", "环境保护", "环保", "节能环保", "environmental protection",
        "环境", "生态环境", "生态环保",
    ),
    "核应用": ("nuclear", "核应用技术", "nuclear technology", "核技术"),
    "农业": ("agriculture", "现代农业", "农业技术", "农业科技"),
    "现代交通": ("transport", "交通", "transportation", "交通运输", "轨道交通"),
    "城市建设与社会发展": ("urban", "城市建设", "社会发展", "urban development"),
}  # fmt: skip
MODE_WORDS: dict[str, tuple[str, ...]] = {
    "转让": (
        "transfer", "技术转让", "专利转让", "专利权转让", "assignment", "sale", "买断", "技术买断", "所有权转让",
    ),
    "许可": (
        "licence", "license", "技术许可", "专利许可", "实施许可", "许可使用", "licensing",
        "授权", "专利授权", "技术授权",
    ),
    "合作开发": (
        "joint_rd", "联合开发", "合作研发", "联合研发", "技术合作", "joint r&d", "joint development", "collaboration",
        "共同开发", "共同研发", "联合攻关", "产学研", "产学研合作", "校企合作",
    ),
    "委托开发": (
        "commissioned_rd", "委托研发", "技术开发", "commissioned r&d", "contract research", "定制开发", "委托攻关",
    ),
    "技术咨询": ("consulting", "咨询", "技术咨询服务", "consultancy"),
    "测试与中试": (
        "test_pilot", "测试", "中试", "检测", "中试服务", "testing", "pilot", "test and pilot",
        "检验检测", "中试熟化",
    ),
    "人才": ("talent", "人才引进", "人才合作", "人才培养", "people"),
    "作价入股": ("equity", "技术入股", "作价投资", "入股", "equity investment", "技术作价"),
}  # fmt: skip
REGION_WORDS: dict[str, tuple[str, ...]] = {
    "广州市": ("440100", "广州", "广东省广州市", "广东广州", "guangzhou"),
    **{
        f"广州市{name}区": (code, f"{name}区", name, f"广州{name}", f"广州{name}区", f"广东省广州市{name}区", english)
        for code, name, english in (
            ("440103", "荔湾", "liwan"),
            ("440104", "越秀", "yuexiu"),
            ("440105", "海珠", "haizhu"),
            ("440106", "天河", "tianhe"),
            ("440111", "白云", "baiyun"),
            ("440112", "黄埔", "huangpu"),
            ("440113", "番禺", "panyu"),
            ("440114", "花都", "huadu"),
            ("440115", "南沙", "nansha"),
            ("440117", "从化", "conghua"),
            ("440118", "增城", "zengcheng"),
        )
    },
}
REGION_CODES = {word: words[0] for label, words in REGION_WORDS.items() for word in (label, *words)}
"""Each word for the city or one of its districts with its code."""


_ENGLISH = {label: words[0] for label, words in (FIELD_WORDS | MODE_WORDS).items()} | {
    "合作开发": "joint development", "委托开发": "commissioned development", "技术咨询": "technical consulting",
    "测试与中试": "testing and pilot run", "作价入股": "equity for technology",
    "电子信息": "electronics and information", "航空航天": "aviation and aerospace",
    "先进制造": "advanced manufacturing",
    "生物、医药和医疗器械": "biology, medicine and medical devices",
    "新材料及其应用": "new materials and their application",
    "新能源与高效节能": "new energy and energy efficiency",
    "环境保护与资源综合利用": "environmental protection and resource recovery", "核应用": "nuclear application",
    "现代交通": "modern transport", "城市建设与社会发展": "urban construction and social development",
}  # fmt: skip
"""As pages say them."""


def label_in(language: str, value: str) -> str:
    """A value of these columns in "zh" or "en"; words that are none of theirs as they are."""
    if value in _ENGLISH:
        return _ENGLISH[value] if language == "en" else value
    if value in RIGHTS_LABELS:
        return RIGHTS_LABELS[value][language]
    return place_name(value, language)


def _choices(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {word: label for label, synonyms in words.items() for word in (label, *synonyms)}


def _pattern(words: Mapping[str, str], shortest: int) -> re.Pattern[str]:
    """Finds the words in a longer text, longest first; Chinese ones of so many characters, others between spaces."""
    folded = sorted({fold(word) for word in words}, key=len, reverse=True)
    return re.compile(
        "|".join(
            rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" if word.isascii() else re.escape(word)
            for word in folded
            if word.isascii() or len(word) >= shortest
        )
    )


_FIELDS, _MODES = (
    {fold(word): label for word, label in _choices(words).items()} for words in (FIELD_WORDS, MODE_WORDS)
)
# 材料, 能源 say too little within another name (建筑材料); a cell of modes speaks of nothing else.
_FIELD, _MODE = _pattern(_FIELDS, 3), _pattern(_MODES, 2)
_NEGATED = re.compile(r"[不未除勿]|非(?!独占|独家|排他)|\b(?:no|not|except)\b")
# What leaves it open says nothing that another cell could differ from.
_OPEN = re.compile(
    r"[均皆都]可|面议|[协待商]商|待[定议]|视.*情况|灵活|多种|各种|各类|其[他它]|综合|通用|全部|所有|任意|任何"
    r"|\b(?:any|all|other|others|various|several|flexible|open|negotiable|general)\b"
)
_PARTS = re.compile(r"[；;、，,|\n/]+")
_LONGEST_WORD = 40  # characters; a longer text describes, and two descriptions differ that mean the same


def find_fields(text: str) -> Found:
    """The fields named within a text, 新材料产业 names one; where none is known, the words that it has for them."""
    parts = [fold(part) for part in _PARTS.split(text)]
    words = [word for part in parts for word in ([part] if part in _FIELDS else _FIELD.findall(part))]
    known = list(dict.fromkeys(_FIELDS[word] for word in words))
    return Found(known, whole=False) if known else _own_words(text, _PARTS.split(text))


def find_modes(text: str) -> Found:
    """The modes named within a text, 技术转让或合作开发均可; none where it excludes one, its own word where it names
    none that is known."""
    folded = fold(text)
    if _NEGATED.search(folded):
        return Found((), whole=False)
    known = list(dict.fromkeys(_MODES[word] for word in _MODE.findall(folded)))
    return Found(known, whole=False) if known else _own_words(folded, [folded])


def _own_words(text: str, parts: Sequence[str]) -> Found:
    if len(text) > _LONGEST_WORD or _NEGATED.search(fold(text)) or _OPEN.search(fold(text)):
        return Found((), whole=False)
    return Found(tuple(dict.fromkeys(filter(None, map(str.strip, parts)))), whole=True)


_STAGES = (
    "概念", "研发", "研究", "研制", "试制", "实验室", "样品", "样机", "原理样机", "工程样机", "初样", "正样", "小试",
    "中试", "小批量", "小批量生产", "试生产", "批产", "工程化", "产业化", "工业化", "商业化", "批量生产", "规模生产",
    "规模化生产", "量产", "上市", "已应用", "应用", "推广", "成熟", "成熟应用",
)  # fmt: skip
_STAGE_WORDS = (
    ("", ""), ("", "阶段"), ("", "完成"), ("", "中"), ("已", ""), ("可", ""), ("正在", ""), ("已完成", ""),
    ("已进入", "阶段"), ("处于", "阶段"),
)  # fmt: skip
_ENGLISH_STAGES = (
    "concept",
    "lab",
    "laboratory",
    "prototype",
    "pilot",
    "pilot scale",
    "mature",
    "commercial",
    "in production",
)

RUNNING = frozenset({"序号", "no"})
"""Headers of running numbers, which tell rows of one sheet apart and not things: next month's begins at 1 again."""

MATCH_COLUMNS: tuple[Column, ...] = (
    Column(
        "id",
        ("id", "编号", "qid", "代码", "项目编号", "成果编号", "需求编号", "登记号", "code", "uid", "no", "序号",
         "编码", "项目编码", "需求编码", "成果编码", "项目id", "need_id", "supply_id", "record_id", "doc_id"),
    ),
    Column(
        "title",
        (
            "title", "名称", "标题", "题目", "需求名称", "成果名称", "技术名称", "项目名称", "技术需求名称",
            "难题名称", "题名", "topic_name", "topic title", "name", "仪器名称", "设备名称", "need", "achievement",
            "成果题目", "需求标题", "需求题目", "课题名称", "技术成果名称", "科技成果名称", "专利名称", "产品名称",
            "难题", "成果", "科技成果", "project name", "project title", "technology name",
            "technology title",
        ),
    ),
    Column(
        "text",
        (
            "text", "内容", "摘要", "需求描述", "abstract", "description", "描述", "简介", "成果简介",
            "成果描述", "技术简介", "项目简介", "技术内容", "需求内容", "技术需求内容", "技术需求描述", "需求简介",
            "详细内容", "详情", "说明", "problem", "problem statement", "summary", "content", "details", "问题描述",
            "背景",
            "拟解决的主要技术问题", "拟解决的技术问题", "主要技术内容", "技术难题", "成果内容",
            "需求概述", "技术需求概述", "需求详情", "需求说明", "难题描述", "技术难题描述", "成果概述", "成果介绍",
            "成果摘要", "技术介绍", "技术描述", "技术概述", "项目介绍", "产品介绍", "企业技术需求", "技术需求",
            "企业需求", "需求", "short description", "requirement", "requirements", "query",
        ),
        joined=True,
    ),
    Column("background", ("background", "需求背景", "技术背景", "背景情况")),
    Column(
        "keywords",
        ("keywords", "关键词", "关键字", "keyword", "主题词", "标签", "tags", "中文关键词"),
        kind="texts",
    ),
    Column(
        "field",
        ("field", "技术领域", "领域", "所属领域", "所属技术领域", "行业领域", "应用领域", "technical field", "sector",
         "技术类别", "技术方向", "产业领域", "所属产业领域", "field of technology", "technology field", "domain"),
        kind="choice",
        choices=_choices(FIELD_WORDS),
        find=find_fields,
    ),
    Column(
        "trl",
        ("trl", "成熟度", "技术成熟度", "成熟度等级", "技术成熟度等级", "技术成熟度要求", "成熟度要求", "maturity",
         "technology readiness level", "trl等级", "trl level", "成熟程度", "成果成熟度", "项目成熟度", "技术成熟度级别",
         "技术就绪度", "技术就绪水平"),
        kind="integer",
        low=1,
        high=9,
        plain=least_level,
        affixes=("trl", "技术成熟度", "成熟度", "第", "级别", "级", "level"),
        # Stages are another scale; where no official equivalence is known, none is invented.
        neutral=frozenset(
            {f"{has}{stage}{end}" for stage in _STAGES for has, end in _STAGE_WORDS} | {*_ENGLISH_STAGES}
        ),
    ),
    Column(
        "budget",
        ("budget", "预算", "投入预算", "拟投入资金", "投入金额", "资金预算", "预算金额",
         "项目预算", "经费预算", "预算经费", "研发预算", "预算总额", "拟投入经费", "拟投入研发经费", "拟投入金额",
         "资金投入", "计划投入"),
        kind="money_wan",
        low=0,
        plain=ceiling,
    ),
    Column(
        "price",
        ("price", "报价", "价格", "转让价格", "意向价格", "参考价格", "转让费", "售价", "asking price",
         "转让报价", "转让价", "转让费用", "转化价格", "交易价格", "拟转让价格", "期望价格", "预期价格", "意向价",
         "挂牌价", "挂牌价格"),
        kind="money_wan",
        low=0,
        plain=at_most,
    ),
    Column(
        "region",
        ("region", "地区", "区域", "所在区", "所在地区", "所在地", "区", "城市", "district", "city",
         "所属地区", "所属区域", "所属区", "区县", "所在区县", "所在城市", "省市", "地域", "企业所在地", "单位所在地",
         "location"),
        kind="choice",
        choices=REGION_CODES,
        find=find_places,
    ),
    Column(
        "mode",
        ("mode", "合作方式", "转化方式", "拟合作方式", "合作模式", "意向合作方式", "modes", "cooperation mode",
         "合作形式", "合作意向", "合作类型", "期望合作方式", "意向合作模式", "交易方式", "转让方式", "成果转化方式",
         "cooperation",
         "cooperation type", "mode of cooperation"),
        kind="texts",
        choices=_choices(MODE_WORDS),
        find=find_modes,
    ),
    Column(
        "deadline",
        (
            "deadline", "期限", "截止日期", "完成期限", "完成时限", "需求期限", "交付期限", "交付日期", "完成时间",
            "截止时间", "时限要求", "时限", "due date", "needed by", "available by", "due",
            "解决期限", "需求时限", "需求截止日期", "截止日", "期望完成时间", "期望完成日期", "要求完成时间",
            "项目周期", "研发周期",
            "target date", "desired completion date",
        ),
        kind="date",
        month_end=True,
        terms=True,
        plain=last_day,
        neutral=frozenset({"长期", "长期有效", "常年", "常年有效", "open", "ongoing", "rolling"}),
    ),
    Column(
        "rights",
        ("rights", "权属状况", "权属", "权属情况", "产权状况", "权利状况", "权利状态", "权利负担", "知识产权状况",
         "知识产权状态", "知识产权情况", "专利状态", "专利法律状态", "法律状态", "授权状态", "授权情况",
         "standing of rights", "rights status", "ip status", "legal status", "patent status", "encumbrances"),
        kind="texts",
        choices=RIGHTS_CODES,
        find=find_rights,
    ),
)  # fmt: skip
"""What `match` reads; of a need the budget counts, of a supply record the price and how its rights stand."""

SUPPLY_HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("仪器编号", "设备编号", "机构编号", "服务编号", "政策编号", "文号", "专家编号"),
    "title": (
        "服务名称", "机构名称", "服务机构名称", "平台名称", "政策名称", "政策标题", "文件名称",
        "团队名称", "专家姓名", "姓名", "专家",
        "instrument", "instrument name", "equipment", "service name", "agency", "agency name", "policy", "policy title",
        "expert", "expert name",
    ),
    "text": (
        "主要功能", "功能", "功能描述", "主要功能及特色", "技术指标", "主要技术指标", "应用范围",
        "服务内容", "服务领域", "服务范围", "业务范围", "经营范围", "机构简介",
        "支持对象", "支持内容", "支持方式", "扶持对象", "扶持内容", "扶持方式", "扶持标准", "补助标准", "申报对象",
        "申报条件", "政策内容",
        "研究方向", "研究领域", "专业领域", "专业特长", "擅长领域", "代表成果", "代表性成果", "主要成果", "个人简介",
        "functions", "specifications", "services", "service scope", "scope of business", "eligibility", "support",
        "research interests", "research areas", "research fields", "expertise", "selected works",
    ),
}  # fmt: skip
"""What lists of instruments, agencies, policies and experts call these; a file of results may have them beside better
ones, and as needs such words would be those of whoever asks."""

ROOM = Column(
    "room", ("可同时承接需求数", "同时承接需求数", "可承接需求数", "needs at once"), kind="integer", low=0,
    affixes=("项", "个", "条"),
)  # fmt: skip
"""How many needs a record of supply says that it takes, where room is short."""


def supply_columns(*, room: bool = False) -> tuple[Column, ...]:
    """What is read of supply of any kind: results, instruments, agencies, policies, experts; with `room` how many needs
    each takes, too."""
    known = tuple(
        replace(column, headers=(*column.headers, *SUPPLY_HEADERS.get(column.name, ()))) for column in MATCH_COLUMNS
    )
    return (*known, ROOM) if room else known
