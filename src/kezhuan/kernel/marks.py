"""Marks of state secrets (密级标志): seen wherever a text, a file or a table comes in, before anything is kept."""

import re
import unicodedata
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from kezhuan.engines.tables.lines import delimited_records
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.text import clean, fold, texts_in
from kezhuan.kernel.vocabulary import STATE_SECRET_CLASSES

# GB/T 9704 and the rules on marking (定密管理): a class, ★ and a term on the first page; in practice also after 密级:,
# in brackets, as a stamp, at the end of a name. Read in NFKC, so brackets, colons and digits are half width. Letter
# heads space the two characters out. 商业秘密, 商业机密 and 技术秘密 may be kept; 保密, 加密, 秘密共享 are ordinary
# words.
_CLASS = r"(?:[绝絕]\s*密|(?<!商[业業])[机機]\s*密|(?<!商[业業])(?<!技[术術])[秘祕]\s*密)(?:\s*[级級])?"
_OPEN, _CLOSE = r"[\[({<《〈「『【〔〖]", r"[\])}>》〉」』】〕〗]"
_STAR = "[★☆⭐✩✪✫✭✮✯✰]"
_SIGN = r"[^\w\s,.;:!?、。…\"'“”‘’「」『』《》〈〉()\[\]{}<>—–]"
"""What people type for the star: * ◆ ● # /, and no punctuation of a sentence."""
_TERM = r"(?:\d+\s*(?:年|个?月)|[长長]\s*期)"
_TERM_IN_WORDS = rf"(?:{_TERM}|[一二三四五六七八九十两]{{1,3}}\s*年)"
_LASTS = rf"(?:保密(?:期限?|时间)|期限)[为至是]?[^\w\n]{{0,4}}{_TERM_IN_WORDS}"
_BLANK, _AROUND = r"[^\S\n]*", r"[^\w\n]*"
"""Within a line: blanks; and whatever may stand around a mark that has its line to itself: brackets, stars, dashes."""
_LABEL = (
    r"(?:密\s*[级級]|[涉保]密(?:等级|等級|级别|級別)|涉密(?:情况|程度)?|[秘祕]密等[级級]"
    r"|定密(?:等级|等級|级别|級別|结果|情况|意见)?)"
)
_PAPER = r"(?:文件|文档|文稿|文|件|材料|资料|档案|报告|稿)"
_COPY = r"(?:第\s*\d+\s*[份号册]|共\s*\d+\s*[份册])"
_SAID = r"\s*(?:[。;,.!]|$)"
# Two optional runs of blanks never meet: a long run of blanks would then be read as often as it is long.
_MARK = re.compile(
    # 机密★, 秘密级★10年, 绝密·长期, 机密*10年, 机密◆10年
    rf"{_CLASS}\s*{_STAR}"
    rf"|{_CLASS}\s*{_SIGN}[^\w\n]{{0,3}}{_TERM_IN_WORDS}"
    rf"|{_CLASS}\s*(?:[·•(]\s*)?{_TERM}(?:\s*\))?\s*$"
    # 机密 保密期限10年, 秘密级(保密期限:长期); 双方保守秘密,期限为5年 is a contract, but none begins with the class
    rf"|{_CLASS}[^\w\n,.;:!?、。]{{0,4}}{_LASTS}|^{_AROUND}{_CLASS}[^\w\n]{{0,4}}{_LASTS}"
    # 机密级 10年 第3份, 机密 第3份; at the beginning of a line whatever comes after the term
    rf"|{_CLASS}{_BLANK}(?:(?:[·•(]{_BLANK})?{_TERM}[^\w\n]{{0,4}})?{_COPY}"
    rf"|^{_AROUND}{_CLASS}{_BLANK}(?:[·•(]{_BLANK})?{_TERM}(?:{_BLANK}\)|(?!\w))"
    # ★机密, ★机密5年; a clause that begins with ★ goes on in words
    rf"|{_STAR}\s*{_CLASS}\s*(?:{_CLOSE}|{_TERM}|$)"
    # 密级:机密, 密级:【机密】, 密级为机密, 定密:机密, and as programs write it: "密级": "机密"
    rf"|{_LABEL}[\"']?\s*:\s*(?:(?:{_OPEN}|[\"'])\s*)?(?:国家)?{_CLASS}"
    rf"|{_LABEL}\s*(?:为|是|属于?|定为)\s*(?:国家)?{_CLASS}{_SAID}"
    # alone on a line, numbered or not, or as the stamp 机密文件; 1、绝密 2、机密 lists what classes there are
    rf"|^{_AROUND}(?:\d{{1,3}}[.) \t]{_AROUND})?(?:{_LABEL}{_AROUND})?(?:国家)?{_CLASS}{_PAPER}?{_AROUND}$"
    # 机密:本报告...
    rf"|^{_AROUND}{_CLASS}{_BLANK}:"
    # (机密)某某报告, 某某报告(机密)
    rf"|^{_BLANK}{_OPEN}{_BLANK}{_CLASS}{_BLANK}{_CLOSE}|{_OPEN}{_BLANK}{_CLASS}{_BLANK}{_CLOSE}{_BLANK}$"
    # 本文件为机密, 此件属于秘密级国家秘密, 该报告已定为机密级; 是否, 不 and 未 say something else
    rf"|[本此该該](?:文件|文档|文|件|材料|资料|档案|报告|稿|项目|课题|成果|表|页)(?:内容)?\s*"
    rf"(?:[已均仍现]?(?:为|是|属于?|系)|[^\W不非未无否]{{0,8}}[定列划]为)"
    rf"\s*(?:国家)?{_CLASS}(?:国家秘密)?{_PAPER}?{_SAID}",
    re.MULTILINE,
)
_NAMES_CLASS = re.compile(_CLASS)
"""Every mark names a class; most texts with 密 in them do not, and need not be read for each way of marking."""
# 绝密方案.pdf: a name of nothing but the class and what kind of paper it is; 机密数据 and 秘密协议 are ordinary words.
_NAMED = re.compile(
    rf"^{_CLASS}(?:技术|项目|课题|研究|工作|实施)?(?:方案|计划|规划|图纸|清单|纪要|通知|名单)$",
    re.MULTILINE,
)
_PARTS = re.compile(r"(?:[\W_]|[vV]?\d)+")


_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def has_classification_mark(text: str) -> bool:
    """Whether a text carries a state-secret mark (绝密, 机密, 秘密) as papers carry it (GB/T 9704 and practice).

    Characters may be written as JSON escapes them, \\u5bc6.
    """
    if "\\u" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if "密" not in text:
        return False
    text = clean(unicodedata.normalize("NFKC", text))
    return _NAMES_CLASS.search(text) is not None and _MARK.search(text) is not None


def name_has_mark(name: str) -> bool:
    """The same of a file's name, in which a blank, a sign or a number sets the mark apart: 报告-机密.pdf, 机密2."""
    if "密" not in name:
        return False
    parts = _PARTS.sub("\n", name)
    named = _NAMED.search(clean(unicodedata.normalize("NFKC", parts))) is not None
    return named or has_classification_mark(name) or has_classification_mark(parts)


_OPEN_SECRETS = re.compile(r"[商技][业業术術]?秘?密|trade[ _]secret")
_SECRET = re.compile(r"[绝絕机機秘涉核]密")


def is_secret_class(word: str) -> bool:
    """Whether a word names a class of state secrets, in whatever width, case, spacing or wording.

    So do 秘密级, 机密★10年, 国家秘密 and 涉密. 商业秘密 and 技术秘密 are no state secrets; 不涉密 says that there
    is none.
    """
    folded = unicodedata.normalize("NFKC", word).casefold()
    if " ".join(folded.split()) in STATE_SECRET_CLASSES:
        return True
    bare = "".join(folded.split()).replace("不涉密", "").replace("非涉密", "")
    return _SECRET.search(_OPEN_SECRETS.sub("", bare)) is not None


_ABOUT_SECRETS = re.compile(
    r"涉密|定密|国家秘密|密别|(?<![精紧緊致])密[级級]|[保秘祕机機]密(?:等级|等級|级别|級別|类别|類別|程度|分类|分類)"
)


def is_about_secrets(header: str) -> bool:
    """Whether a column of this name says which class of secrets a row is, or whether it is one: 涉密情况, 定密结果."""
    return _ABOUT_SECRETS.search(fold(header)) is not None


_CLASS_ALONE = re.compile(rf"(?:国家)?{_CLASS}(?:国家秘密)?(?:{_TERM}|\W.*)?")
_ASKS = re.compile(r"(?:是否|有无).*|涉密(?:情况|与否|标[志识])?")
_YES = frozenset({"是", "有", "涉密", "涉及", "yes", "y", "true", "√"})
_LONGEST_HEADER = 12
_DELIMITERS = ",\t;|"


def has_secret_cell(text: str) -> bool:
    """Whether delimited text (CSV, TSV) names a class of state secrets under or beside a header of classes."""
    if "密" not in text or not is_about_secrets(text):
        return False
    rows = text.encode("utf-8", "replace")
    return any(
        _names_secret(record.cells for record in delimited_records(BytesIO(rows), "utf-8", delimiter))
        for delimiter in _DELIMITERS
        if delimiter in text
    )


def _names_secret(rows: Iterable[Any]) -> bool:
    headers: dict[int, str] = {}
    for row in rows:
        cells = [fold(cell) for cell in row]
        if any(_says_secret(headers[at], cell) for at, cell in enumerate(cells) if at in headers):
            return True
        here = {at: cell for at, cell in enumerate(cells) if _is_header(cell)} if len(cells) > 1 else {}
        # A form of two columns has its class beside the header.
        if any(_CLASS_ALONE.fullmatch(cells[at + 1]) for at in here if at + 1 < len(cells)):
            return True
        headers |= here
    return False


def _is_header(cell: str) -> bool:
    return len(cell) <= _LONGEST_HEADER and is_about_secrets(cell) and _CLASS_ALONE.fullmatch(cell) is None


def _says_secret(header: str, cell: str) -> bool:
    return _CLASS_ALONE.fullmatch(cell) is not None or (cell in _YES and _ASKS.fullmatch(header) is not None)


def refuse_marked(row: Model) -> None:
    """Raise `Refused` when any text of a row carries a classification mark; called before the row is written."""
    refuse_marked_texts([getattr(row, field.attname) for field in row._meta.concrete_fields])


def refuse_marked_texts(value: Any, field: str = "") -> None:
    """Raise `Refused` when any text in a value, however deep, carries a classification mark."""
    if any(map(has_classification_mark, texts_in(value))):
        raise Refused(secrets_problem(field))


def secrets_problem(field: str = "") -> Problem:
    """The sentence that a text or file with a state secret is answered with; nothing of it is kept."""
    return Problem(
        "state-secret",
        _(
            "State secrets must not enter this system: nothing was saved. Hand the matter to your unit's"
            " confidentiality office (保密办) on paper."
        ),
        field,
        "保守国家秘密法",
    )
