"""What experts of a blind panel read: the words of an item without those by which an applicant would be known."""

import re
import unicodedata
from collections.abc import Iterable

from kezhuan.areas.reviews.judging import Matter
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.kernel.masking import masked

HIDDEN = "〔＊＊＊〕"
SHORTEST = 2
"""Characters that a name has at least to be hidden."""
_SIGN = "[A-Za-z0-9_-]"
_LOCAL = "[A-Za-z0-9_.+*-]"
_WAY = "[A-Za-z0-9/%?&=#_.~:+-]*"
_ENDS = "com|cn|net|org|edu|gov|ac|hk|mo|tw|io|tech|info"
_ADDRESS = (
    rf"(?:(?<!{_LOCAL}){_LOCAL}++|{_LOCAL}{{1,64}})@{_SIGN}+(?:\.{_SIGN}+)+"
    rf"|(?:https?://|www\.){_WAY}"
    rf"|(?<![A-Za-z0-9_.-])(?:{_SIGN}+\.)+(?:{_ENDS})(?!{_SIGN})(?:[/:?#]{_WAY})?"
)
"""Mail and web addresses: their ends name the unit, or lead to it. Before its sign a mail address is read
from its first letter, or, behind a name, as far as such a part may be long: no long row is read anew from each sign."""


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Finds each name however it is set, in either case and with blanks between its characters; and each address."""
    plain = {"".join(unicodedata.normalize("NFKC", one).split()) for one in names}
    kept = sorted((one for one in plain if len(one) >= SHORTEST), key=len, reverse=True)
    words = (r"\s*".join(re.escape(character) for character in one) for one in kept)
    return re.compile("|".join([_ADDRESS, *words]), re.IGNORECASE)


def without_names(text: str, names: Iterable[str]) -> str:
    """The text with every one of these names and every mail and web address hidden, and telephone numbers masked."""
    return _without(text, _pattern(names))


def _without(text: str, pattern: re.Pattern[str]) -> str:
    # Folded character by character, so that what is no name stays as it was written.
    pieces = [unicodedata.normalize("NFKC", character) for character in text]
    origin = [place for place, piece in enumerate(pieces) for _character in piece]
    shown, at = [], 0
    for found in pattern.finditer("".join(pieces)):
        first, last = origin[found.start()], origin[found.end() - 1] + 1
        shown += [text[at:first], HIDDEN]
        at = max(at, last)
    return masked("".join([*shown, text[at:]]))


def as_read(item: PanelItem, matter: Matter, *, blind: bool) -> Matter:
    """An item as its experts read it: of a blind panel without names, parties and field of anybody."""
    if not blind:
        return matter
    pattern = _pattern((*matter.names, *item.hidden))
    return Matter(
        title=_without(matter.title, pattern),
        field=matter.field,
        sections=tuple((label, _without(words, pattern)) for label, words in matter.sections),
        names=(),
        parties={},
    )


def title_as_read(item: PanelItem, matter: Matter, *, blind: bool) -> str:
    """The title alone of an item as its experts read it."""
    return without_names(matter.title, (*matter.names, *item.hidden)) if blind else matter.title
