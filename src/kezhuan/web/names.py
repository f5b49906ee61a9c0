"""Names of records, places and rule values in the reader's language."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from kezhuan.engines.rules import EVERYWHERE
from kezhuan.engines.tables import places
from kezhuan.kernel import registry
from kezhuan.kernel.models import Record, RuleValue
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.rulebook import known_rules
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import CHAINS, REGIONS


def name_of(record: Record) -> str:
    """A record's title in the reader's language, as far as it has one."""
    if record.title_en and not (get_language() or "").startswith("zh"):
        return record.title_en
    return record.title


def frozen_facts(facts: Sequence[Sequence[str]], maker: Callable[[Any], Any] | None, about: Record) -> Sequence[Any]:
    """Facts that a notice or a filing has frozen with Chinese labels: these in the reader's language, as far as `maker`
    tells such facts of the record still."""
    if maker is None or (get_language() or "").startswith("zh"):
        return facts
    row = registry.row_of(about)
    own = [(str(label), str(value)) for label, value in maker(row).facts]
    with translation.override(LANGUAGE):
        frozen = [(str(label), str(value)) for label, value in maker(row).facts]
    words = dict(zip([label for label, _value in frozen], [label for label, _value in own], strict=False))
    # A value that still stands is told like its label: what it is a code of has a name in both languages.
    values = dict(zip(frozen, [value for _label, value in own], strict=False))
    return [(words.get(label, label), values.get((label, value), value)) for label, value in facts]


def place_name(code: str) -> str:
    """A place by its GB/T 2260 code; the city's province and what holds everywhere have names of their own."""
    if code == EVERYWHERE:
        return _("everywhere")
    if code == settings.CITY[:2] + "0000":
        return _("the province")
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return str(REGIONS.get(code) or places.place_name(code, language))


HOLIDAYS = {
    "元旦": gettext_lazy("New Year's Day"),
    "春节": gettext_lazy("Spring Festival"),
    "清明节": gettext_lazy("Qingming Festival"),
    "劳动节": gettext_lazy("Labour Day"),
    "端午节": gettext_lazy("Dragon Boat Festival"),
    "中秋节": gettext_lazy("Mid-Autumn Festival"),
    "国庆节": gettext_lazy("National Day"),
}
"""The public holidays of the whole country (全国年节及纪念日放假办法), as the yearly notices call them."""
_MAKE_UP = "调休"


def holiday_name(words: str) -> str:
    """A holiday or its make-up workday in the reader's language; several of one day too, other words as loaded."""
    names = [HOLIDAYS.get(one) for one in words.removesuffix(_MAKE_UP).split("、")]
    if None in names:
        return words
    said = listed(str(name) for name in names)
    return _("%(holiday)s: make-up workday") % {"holiday": said} if words.endswith(_MAKE_UP) else said


def chain_name(words: str) -> str:
    """An industry chain by its known name in the reader's language; any other words as somebody wrote them."""
    return str(CHAINS.get(words, words))


def rule_name(code: str) -> str:
    """What a rule decides, in words; its code when the program looks it up no more."""
    rule = known_rules().get(code)
    return str(rule.label) if rule is not None else code


_BOTH = re.compile(r"(.*[\u4e00-\u9fff》].*?[。）])\s+([A-Z][^\u4e00-\u9fff]*)", re.DOTALL)


def source_words(source: str) -> str:
    """The source of a rule value in the reader's language where it is told in Chinese and then English; else whole."""
    both = _BOTH.fullmatch(source)
    return both[1 if (get_language() or "").startswith("zh") else 2] if both else source


def value_in_words(version: RuleValue) -> str:
    """A value with what it counts: 5 working days, 200 万元, 70 %."""
    from kezhuan.web.templatetags.kezhuan import percent, wan  # inline: the tags import the components

    number = version.value
    if not isinstance(number, int):
        return f"{number} {version.unit}"
    match version.unit:
        case Unit.WORKING_DAYS:
            return ngettext("%(number)s working day", "%(number)s working days", number) % {"number": number}
        case Unit.CALENDAR_DAYS:
            return ngettext("%(number)s calendar day", "%(number)s calendar days", number) % {"number": number}
        case Unit.MONTHS:
            return ngettext("%(number)s month", "%(number)s months", number) % {"number": number}
        case Unit.FEN:
            return wan(number)
        case Unit.BASIS_POINTS:
            return percent(number)
    return f"{Decimal(number):,}"
