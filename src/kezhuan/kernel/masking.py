"""Personal numbers in texts that are laid open: telephone, identity card, travel paper and mail address, masked so that
the reader of the text can still tell two of them apart.

A number is one however its digits are set apart: by blanks, dashes or dots of any width. What is no number of a person
(amounts, days, codes, credit codes, patents) stays as it is, and so does every character outside the numbers.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from stdnum.cn import uscc

_DOTS = ".·•・‧∙⋅．。"
_PLAIN_JOINT = r"(?:[^\S\r\n]|[-‐‑‒–—―−﹘﹣－_/／])"
_JOINT = rf"(?:{_PLAIN_JOINT}|[{_DOTS}])"
_GAP, _APART, _APART_PLAIN = rf"{_JOINT}{{0,3}}", rf"{_JOINT}{{1,3}}", rf"{_PLAIN_JOINT}{{1,3}}"
"""What may stand between two digits; what stands between two groups; the same without dots, which may be decimal."""
_AREA = r"[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?"
_AREA_FROM_ABROAD = rf"(?:\+|00)86{_GAP}[(（]?(?:10|2\d|[3-9]\d{{2}})[)）]?"
_LOCAL = rf"(?:[2-9]\d{{2,3}}{_GAP}\d{{4}}|[2-9]\d{{3}}{_APART}\d{{3}})"
_AMOUNT = re.compile(r"\s*[万亿]?元(?:整|[^\w]|$)")
_SAYS_PHONE = r"(?:电话|電話|座机|传真|热线|手机|总机|Tel|TEL|tel|Fax|FAX|Phone|phone)(?:号码?)?\.?[\s:：(（]{0,3}"
_SAYS_PAPER = r"(?:护照|通行证|回乡证|台胞证|证件)(?:号码?)?[\s:：(（]{0,3}"


@dataclass(frozen=True)
class _Number:
    """How a kind of number is written (its group `n` holds what is masked), how many characters of it stay at its
    beginning and end, and what else must hold."""

    pattern: re.Pattern[str]
    first: int
    last: int
    holds: Callable[[re.Match[str], str], bool] = lambda _found, _digits: True

    def found_in(self, text: str) -> Iterator[re.Match[str]]:
        """Every such number; one that turns out to be none may hide another that begins inside it."""
        at = 0
        while (found := self.pattern.search(text, at)) is not None:
            if self.holds(found, _digits(found["n"])):
                yield found
                at = found.end()
            else:
                at = found.start() + 1

    def hidden(self, found: re.Match[str]) -> list[int]:
        """The places of the characters that are masked."""
        places = [at for at in range(*found.span("n")) if found.string[at].isalnum()]
        return places[self.first : len(places) - self.last]


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isalnum())


def _is_identity(_found: re.Match[str], number: str) -> bool:
    """Whether the day of birth is one; a credit code or any other number of that length is none."""
    birth = number[6:14] if len(number) == 18 else f"19{number[6:12]}"
    try:
        born = date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2100 and not (len(number) == 18 and uscc.is_valid(number))


def _is_mobile(found: re.Match[str], _number: str) -> bool:
    """No amount such as 13800000000元, and dots between all groups or none: 138.1234 5678 are two numbers."""
    joints = re.findall(_APART, found["n"])
    if not joints:
        return _AMOUNT.match(found.string, found.end()) is None
    dotted = [any(character in _DOTS for character in joint) for joint in joints]
    return all(dotted) or not any(dotted)


_NUMBERS = (
    _Number(
        re.compile(
            rf"(?<![0-9A-Za-z])(?P<n>[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx]|\d{{15}}|\d{{6}}{_APART}\d{{6}}{_APART}\d{{3}})"
            r"(?![0-9A-Za-z])"
        ),
        3,
        2,
        _is_identity,
    ),
    _Number(
        re.compile(
            r"(?<![\d¥￥$])"
            rf"(?:[(（]?(?:\+|00)?86[)）]?{_GAP})?"
            rf"(?P<n>1[3-9]\d{{9}}|1[3-9]\d(?:{_APART_PLAIN}\d{{8}}|{_APART}(?:\d{{4}}{_APART}\d{{4}}|\d{{3}}{_APART}\d{{5}}))"
            rf"|1[3-9]\d{{2}}{_APART}\d{{3}}{_APART}\d{{4}}|1[3-9]\d{{5}}{_APART_PLAIN}\d{{4}}"
            rf"|1[3-9]\d{{3}}{_APART_PLAIN}\d{{6}}|1{_APART}[3-9](?:{_APART}\d){{9}})(?!\d)"
        ),
        3,
        4,
        _is_mobile,
    ),
    _Number(
        re.compile(
            rf"(?<![0-9A-Za-z])(?P<n>[48]00(?:{_APART_PLAIN}\d{{7}}|{_APART}(?:\d{{3}}{_APART}\d{{4}}|\d{{4}}{_APART}\d{{3}})))"
            r"(?!\d)"
        ),
        3,
        2,
    ),
    _Number(re.compile(rf"(?<!\d)(?:{_AREA}{_GAP}|{_AREA_FROM_ABROAD}{_GAP})(?P<n>{_LOCAL})(?!\d)"), 0, 3),
    _Number(re.compile(rf"{_SAYS_PHONE}(?P<n>{_LOCAL}|[48]00\d{{7}})(?!\d)"), 0, 3),
    # Passports (E, G, D, S, P, K), 通行证 (C, W, T) and 回乡证 (H, M) by a letter; EA, DE, MA .. by two.
    *(
        _Number(re.compile(rf"(?<![0-9A-Za-z]){letters}{_GAP}(?P<n>{digits})(?![0-9A-Za-z])"), 0, 2)
        for letters, digits in (
            ("[EGDSPKHMCWT]", rf"\d{{8}}|\d{{4}}{_APART}\d{{4}}"),
            ("[HM]", r"\d{10}"),
            ("(?:E[A-Z]|DE|SE|PE|MA|KJ)", r"\d{7}"),
        )
    ),
    _Number(re.compile(rf"{_SAYS_PAPER}[A-Z]{{0,3}}(?P<n>\d{{6,12}})(?!\d)"), 0, 2),
)
_HOLDS_ANY = re.compile(r"[\d@＠]")
"""Without a digit, of any script, and without this sign a text holds no number and no address."""
_MAIL = re.compile(r"([\w.+-])[\w.+-]*(@[\w-]+(?:\.[\w-]+)+)?")
"""A row of signs, and what makes a mail address of it: one without is found as well, and so not read anew from each of
its signs, which takes a minute where there are ten thousand."""


def masked(text: str) -> str:
    """The text with every telephone and identity number and mail address in it masked; all else stays as it is."""
    if _HOLDS_ANY.search(text) is None:
        return text
    shown, folded = list(text), "".join(map(_narrow, text))
    for number in _NUMBERS:
        all_found = list(number.found_in(folded))
        for found in all_found:
            shown[slice(*found.span())] = found[0]
            for at in number.hidden(found):
                shown[at] = "*"
        if not all_found:
            continue
        folded = "".join("*" if one == "*" else narrow for one, narrow in zip(shown, folded, strict=True))
    pieces, at = [], 0
    for found in _MAIL.finditer(folded) if "@" in folded else ():
        if found[2]:
            pieces += [*shown[at : found.start()], found[1], "***", found[2]]
            at = found.end()
    return "".join([*pieces, *shown[at:]])


def _narrow(character: str) -> str:
    """A digit, letter or sign of a number in half width: a number typed wide is a number all the same."""
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if "！" <= character <= "～" and (narrow.isalnum() or narrow in "@+-._") else character
