"""How a broker fits a pair, and why a pair found none, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kezhuan.areas.matches.wording import code_label, part_label
from kezhuan.kernel.text import listed

NOBODY: Mapping[str, Any] = {
    "fit": gettext_lazy("nobody works in its field and district"),
    "read": gettext_lazy("whoever works in its field and district may not read both sides"),
    "tied": gettext_lazy("whoever fits is tied to one of the two sides"),
    "returned": gettext_lazy("whoever fits has handed it back before"),
    "room": gettext_lazy("no room is left with whoever fits"),
}
"""Why a pair is given to no broker, in the order in which it is found out."""


def fit_line(why: Sequence[Mapping[str, Any]]) -> str:
    """Why a broker fits a pair, part by part, each with its share of the fit."""
    return listed(f"{_label(one)} {one['value']:.2f}" for one in why if one["value"])


def _label(one: Mapping[str, Any]) -> str:
    if one["name"] == "past":
        count = one["count"]
        said = ngettext(
            "brought %(count)s earlier pair of theirs to a contract",
            "brought %(count)s earlier pairs of theirs to a contract",
            count,
        )
        return said % {"count": count}
    named = listed(code_label(code) for code in one["codes"])
    if not named:
        named = _("whole city") if one["name"] == "region" else _("not named")
    return _("%(part)s: %(words)s") % {"part": part_label(one["name"]), "words": named}
