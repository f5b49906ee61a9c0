"""The words of the registration form in the reader's language: labels of its columns, entries of its code tables."""

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.engines import contracts as engine
from kezhuan.engines.findings import Words
from kezhuan.kernel.text import language


def say(words: Words) -> str:
    """Words of an engine in the reader's language."""
    return words.say(language())


def column_label(name: str) -> str:
    """How a column of the form is called in the reader's language."""
    return engine.label_of(name, language())


label: Any = lazy(column_label, str)
"""The same, asked for when it is read."""
_said: Any = lazy(say, str)


def choices(table: str) -> list[tuple[str, Any]]:
    """The entries of a code table."""
    return [(code, _said(words)) for code, words in engine.tables()[table].codes.items()]


def entry(table: str, code: str) -> str:
    """The words of an entry; what stands in no table speaks for itself."""
    return say(engine.tables()[table].say(code)) if code else ""


DIMENSION_WORDS: dict[str, Any] = {
    "field": _("technical field"),
    "rights": _("intellectual property"),
    "goal": _("socio-economic goal"),
    "plan": _("plan"),
    "seller_kind": _("kind of seller"),
    "buyer_kind": _("kind of buyer"),
    "buyer_place": _("buyer's province"),
    "flow": _("in and out of the city"),
}
"""What the yearly tables tell apart."""
TABLE_WORDS: dict[str, Any] = {**DIMENSION_WORDS, "month": _("month"), "place": _("seller's district")}
"""The same, and what each of the yearly tables may be by."""
MEASURE_WORDS: dict[str, Any] = {
    "turnover": _("turnover (成交额)"),
    "technology": _("technology amount (技术交易额)"),
    "contracts": _("number of contracts"),
}
"""What they measure."""
