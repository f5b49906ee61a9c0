"""How the rights in a result stand (权属状况), in the words of lists of results and registers of patents."""

from __future__ import annotations

import re

from kezhuan.engines.tables.columns import Found, fold

RIGHTS_WORDS: dict[str, tuple[str, ...]] = {
    "权属清晰": (
        "clear_title", "产权清晰", "产权明晰", "权属明确", "权属清楚", "权属明晰", "权属清晰无纠纷",
        "权属清晰无争议", "产权清晰无纠纷", "产权清晰无争议", "无权利负担", "clear title", "unencumbered",
        "free of encumbrances",
    ),
    "已授权或登记": (
        "right_granted", "已授权", "授权", "已获授权", "已获得授权", "授权有效", "专利已授权", "专利权有效",
        "专利权维持", "有权", "有效", "已登记", "软著已登记", "granted", "registered", "in force",
    ),
    "尚未授权": (
        "not_granted", "未授权", "暂未授权", "待授权", "申请中", "已申请", "在申请", "专利申请中", "申请未授权",
        "已受理", "受理中", "实审", "实审中", "实质审查", "实质审查中", "审中", "审查中", "pending", "applied",
        "applied for", "application filed", "not yet granted", "not granted",
    ),
    "共有人未同意": (
        "co_owners_open", "共有人尚未同意", "共有人不同意", "共有权人未同意", "共有权人尚未同意", "待共有人同意",
        "共有人意见未定", "co-owners have not agreed", "co-owner has not agreed", "co-owners' consent pending",
    ),
    "已独占许可": (
        "exclusively_licensed", "独占许可", "已独家许可", "独家许可", "已排他许可", "排他许可", "独家授权",
        "已独家授权", "exclusively licensed", "licensed exclusively", "exclusive licence", "exclusive license",
    ),
    "已质押": ("pledged", "质押", "质押中", "已出质", "出质", "专利质押", "专利权质押", "pledge"),
    "权属有争议": (
        "in_dispute", "有争议", "存在争议", "权属争议", "有纠纷", "存在纠纷", "有权属纠纷", "权属纠纷",
        "权属不清", "诉讼中", "title in dispute", "disputed", "in dispute", "in litigation",
    ),
}  # fmt: skip
"""Each label with its code, which is the value read, and the words that mean it."""
RIGHTS_CODES = {word: words[0] for label, words in RIGHTS_WORDS.items() for word in (label, *words)}
"""Each word with its code."""
RIGHTS_LABELS = {
    words[0]: {"zh": label, "en": english}
    for (label, words), english in zip(
        RIGHTS_WORDS.items(),
        (
            "clear title", "granted or registered", "not yet granted", "co-owners have not agreed",
            "licensed exclusively", "pledged", "title in dispute",
        ),
        strict=True,
    )
}  # fmt: skip
"""Each code as pages say it, in both languages."""

_FOLDED = {fold(word): code for word, code in RIGHTS_CODES.items()}
# Shorter and English ones say too little within a sentence: 授权 may be that of another, applied is also put to use.
_WITHIN = re.compile("|".join(sorted((one for one in _FOLDED if len(one) > 2 and not one.isascii()), key=len)[::-1]))
_NEGATED = re.compile(r"[不未没無无非否]|\b(?:no|not|without|never)\b")


def find_rights(text: str) -> Found:
    """The states named within a text, 发明专利已授权; none where it denies one: 未质押 tells of pledges alone."""
    folded = fold(text)
    if _NEGATED.search(folded):
        return Found((), whole=False)
    return Found(tuple(dict.fromkeys(_FOLDED[word] for word in _WITHIN.findall(folded))), whole=False)
