"""Marks of state secrets (密级标志): seen wherever a text, a file or a table comes in, before anything is kept."""

import re
import unicodedata
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.text import clean, texts_in
from kezhuan.kernel.vocabulary import STATE_SECRET_CLASSES

# GB/T 9704 and the rules on marking (定密管理): a class, ★ and a term on the first page; in practice also after 密级:,
# in brackets, as a stamp, at the end of a name. Read in NFKC, so brackets, colons and digits are half width. Letter
# heads space the two characters out. 商业秘密 and 技术秘密 may be kept; 保密, 加密, 秘密共享 are ordinary words.
_CLASS = r"(?:[绝絕]\s*密|[机機]\s*密|(?<!商[业業])(?<!技[术術])[秘祕]\s*密)(?:\s*[级級])?"
_OPEN, _CLOSE = r"[\[({<《〈「『【〔〖]", r"[\])}>》〉」』】〕〗]"
_TERM = r"(?:\d+\s*(?:年|个?月)|[长長]\s*期)"
_BLANK, _AROUND = r"[^\S\n]*", r"[^\w\n]*"
"""Within a line: blanks; and whatever may stand around a mark that has its line to itself: brackets, stars, dashes."""
_LABEL = r"(?:密\s*[级級]|[涉保]密(?:等级|等級|级别|級別)|[秘祕]密等[级級])"
_PAPER = r"(?:文件|文档|文稿|文|件|材料|资料|档案|报告|稿)"
_SAID = r"\s*(?:[。;,.!]|$)"
# Two optional runs of blanks never meet: a long run of blanks would then be read as often as it is long.
_MARK = re.compile(
    # 机密★, 秘密级★10年, 绝密·长期
    rf"{_CLASS}\s*[★☆]"
    rf"|{_CLASS}\s*(?:[·•(]\s*)?{_TERM}(?:\s*\))?\s*$"
    # ★机密, ★机密5年; a clause that begins with ★ goes on in words
    rf"|[★☆]\s*{_CLASS}\s*(?:{_CLOSE}|{_TERM}|$)"
    # 密级:机密, 密级:【机密】, 密级为机密
    rf"|{_LABEL}\s*:\s*(?:{_OPEN}\s*)?(?:国家)?{_CLASS}"
    rf"|{_LABEL}\s*(?:为|是|属于?|定为)\s*(?:国家)?{_CLASS}{_SAID}"
    # alone on a line, or as the stamp 机密文件
    rf"|^{_AROUND}(?:{_LABEL}{_AROUND})?{_CLASS}{_PAPER}?{_AROUND}$"
    # (机密)某某报告, 某某报告(机密)
    rf"|^{_BLANK}{_OPEN}{_BLANK}{_CLASS}{_BLANK}{_CLOSE}|{_OPEN}{_BLANK}{_CLASS}{_BLANK}{_CLOSE}{_BLANK}$"
    # 本文件为机密, 此件属于秘密级国家秘密
    rf"|[本此该該](?:文件|文档|文|件|材料|资料|档案|报告|稿|项目|课题|成果|表|页)(?:内容)?\s*"
    rf"(?:为|是|属于?|系|定为|列为)\s*(?:国家)?{_CLASS}(?:国家秘密)?{_PAPER}?{_SAID}",
    re.MULTILINE,
)
_PARTS = re.compile(r"[-_.~—–－]+")


def has_classification_mark(text: str) -> bool:
    """Whether a text carries a state-secret mark (绝密, 机密, 秘密) as papers carry it (GB/T 9704 and practice)."""
    if "密" not in text:
        return False
    return _MARK.search(clean(unicodedata.normalize("NFKC", text))) is not None


def name_has_mark(name: str) -> bool:
    """The same of a file's name, in which a hyphen, a stroke or a point sets the mark apart: 报告-机密.pdf."""
    return has_classification_mark(name) or has_classification_mark(_PARTS.sub("\n", name))


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
