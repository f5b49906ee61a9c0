"""Columns that results and needs have in common when they are imported, with the city's codes as values."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from kezhuan.engines.tables import MATCH_COLUMNS, Column
from kezhuan.engines.tables.cells import Joined, is_empty, read_cell
from kezhuan.engines.tables.match_columns import FIELD_WORDS, MODE_WORDS, REGION_CODES, RUNNING
from kezhuan.engines.tables.problems import BadCell
from kezhuan.kernel.text import fold

# What enters a record is what the cell says, or a person's correction of it; ranking alone takes ≤200 of any column for
# 200. A column of which the bound is the value says so itself.
_MATCH = {column.name: dataclasses.replace(column, plain=None) for column in MATCH_COLUMNS}


def _codes(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Each word with the code it stands for: the first of its synonyms."""
    return {word: synonyms[0] for label, synonyms in words.items() for word in (label, *synonyms)}


ID = dataclasses.replace(
    _MATCH["id"], headers=tuple(header for header in _MATCH["id"].headers if header not in RUNNING)
)
TITLE, KEYWORDS, DEADLINE = (_MATCH[name] for name in ("title", "keywords", "deadline"))
TEXT = dataclasses.replace(_MATCH["text"], joined=False)
BUDGET, PRICE = _MATCH["budget"], _MATCH["price"]
FIELD = dataclasses.replace(_MATCH["field"], choices=_codes(FIELD_WORDS), open_choices=True, find=None)
MODE = dataclasses.replace(_MATCH["mode"], choices=_codes(MODE_WORDS), open_choices=True, find=None)
RIGHTS = dataclasses.replace(_MATCH["rights"], open_choices=True, find=None)
REGION = dataclasses.replace(_MATCH["region"], choices=REGION_CODES, open_choices=True, find=None)
TRL = dataclasses.replace(_MATCH["trl"], high=13)
TRL_SCALE = Column(
    "trl_scale",
    ("trl_scale", "成熟度标准", "成熟度量表", "maturity scale"),
    kind="choice",
    choices={
        "trl9": "trl9", "TRL": "trl9", "9级": "trl9", "grl13": "grl13", "GB/T 22900": "grl13", "13级": "grl13",
        "new_materials9": "new_materials9", "GB/T 37264": "new_materials9",
    },
)  # fmt: skip
TITLE_EN = Column("title_en", ("title_en", "英文名称", "英文标题", "英文题名", "english title"))
TEXT_EN = Column("text_en", ("abstract_en", "text_en", "英文摘要", "英文简介", "english abstract"))
KEYWORDS_EN = Column("keywords_en", ("keywords_en", "英文关键词", "english keywords"), kind="texts")
CHAIN = Column("chain", ("chain", "产业链", "所属产业链", "industry chain"))
OPENNESS_WORDS = {
    "仅公开名称": "title_only", "仅名称": "title_only", "title_only": "title_only", "title only": "title_only",
    "闭门": "closed_door", "不公开": "closed_door", "closed_door": "closed_door", "closed door": "closed_door",
}  # fmt: skip
"""Words of 公开范围 that files also write under 密级."""
SECRECY = Column(
    "secrecy",
    ("secrecy", "密级", "涉密等级", "保密等级", "保密级别", "class", "classification"),
    kind="choice",
    choices={
        "公开": "public", "public": "public", "非涉密": "public", "不涉密": "public", "unclassified": "public",
        "非密": "public", "无密级": "public", "完全公开": "public", "对外公开": "public",
        "内部": "internal", "内部资料": "internal", "internal": "internal",
        "商业秘密": "trade_secret", "商密": "trade_secret", "trade_secret": "trade_secret",
        "trade secret": "trade_secret", "核心商业秘密": "trade_secret", "普通商业秘密": "trade_secret",
        "核心商密": "trade_secret", "普通商密": "trade_secret",
        **OPENNESS_WORDS,
    },
    open_choices=True,
    single=True,
)  # fmt: skip


_NO = frozenset({"否", "无", "不", "没有", "不涉及", "未涉及", "no", "none", "n", "false", "0", "×", "x"})
"""Answers to the question whether a row is a secret."""


def is_open(word: Any, *, or_no: bool = False) -> bool:
    """Whether a word under 密级 is empty or one that this system may hold; an unknown word is taken for a secret.

    Under a column that asks whether the row is one, `or_no`, a plain no is open too.
    """
    if isinstance(word, Joined):  # of rows that merged cells make one
        return all(is_open(one, or_no=or_no) for one in word.split("\n"))
    if is_empty(word) or (or_no and fold(str(word)) in _NO):
        return True
    try:
        code = read_cell(word, SECRECY)
    except BadCell:
        return False
    return code is None or code in SECRECY.choices.values()
