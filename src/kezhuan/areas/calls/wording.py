"""What calls of each kind begin with, and the moments of a call in words."""

import tomllib
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kezhuan.kernel.notices import required_days
from kezhuan.kernel.text import SHANGHAI


@cache
def _patterns() -> dict[str, Any]:
    return tomllib.loads((files("kezhuan.areas.calls") / "patterns.toml").read_text(encoding="utf-8"))


def pattern_of(kind: str) -> dict[str, Any]:
    """Terms, conditions, questions and the directions or fields that a call of this kind begins with, in the reader's
    language."""
    found = _patterns()[str(kind)]
    tongue = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return {
        "readers": found["readers"],
        "most_per_unit": found.get("most_per_unit"),
        **{name: found.get("begins_projects", True) for name in ("begins_projects", "keeps_library", "awaits_budget")},
        **{
            name: found.get(name, True)
            for name in ("unit_check", "asks_recommending", "needs_approval", "holds_notice")
        },
        "related_rule": found.get("related_rule", "disclose"),
        "award_rule": found.get("award_rule", "item"),
        "notice_places": found.get("notice_places", ["site"]),
        "review_scheme": found.get("review_scheme", ""),
        "review_choice": found.get("review_choice", ""),
        "review_per_item": found.get("review_per_item"),
        "stages": [{"kind": one} for one in found.get("stages", ())],
        "criteria": [
            {"name": one[tongue], "weight": one["weight"] * 100, "anchors": ""} for one in found.get("criteria", ())
        ],
        "places": [one[tongue] for one in found.get("places", ())],
        "conditions": [
            {"words": one[tongue], "evidence": one["evidence"], "rule": one.get("rule", "")}
            for one in found["conditions"]
        ],
        "questions": [
            {
                "words": one[tongue],
                "kind": one["kind"],
                "required": one["required"],
                "most": one["most"],
                **_columns(one, tongue),
            }
            for one in found["questions"]
        ],
    }


def _columns(question: dict[str, Any], tongue: str) -> dict[str, Any]:
    rows = question.get("columns")
    return {"columns": [{"words": one[tongue], "kind": one["kind"]} for one in rows]} if rows else {}


def moment_in_words(at: datetime | None) -> str:
    """A moment to the second with its zone; the clock that counts is the server's."""
    if at is None:
        return ""
    return _("%(moment)s (Beijing time, UTC+8)") % {"moment": f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"}


def question_in_words(row: dict[str, Any]) -> str:
    """A question with what it is answered by, where that is more than a text."""
    choices = [*row.get("options", ()), *(one["words"] for one in row.get("columns", ()))]
    return f"{row['words']} [{' / '.join(choices)}]" if choices else str(row["words"])


def indicator_in_words(row: dict[str, str]) -> str:
    """An indicator in one line."""
    operator = "" if row["operator"] == "range" else row["operator"]
    return " ".join(part for part in (row["name"], operator, row["value"], row["unit"]) if part)


def letter_in_words(row: Any) -> str:
    """Number and day of the letter by which an application was recommended; empty while it was not."""
    on = formats.date_format(row.letter_on, "Y-m-d") if row.letter_on is not None else ""
    return " · ".join(filter(None, (row.letter_no, on)))


def period(begins: date | None, ends: date | None) -> str:
    """From day to day; empty where neither is known."""
    days = [f"{one:%Y-%m-%d}" for one in (begins, ends) if one is not None]
    return " – ".join(dict.fromkeys(days))


def steps_in_words(call: Any) -> str:
    """The steps that a call goes through, in the city's order, without those that it leaves away."""
    steps = (
        (_("unit check"), call.unit_check),
        (_("recommending unit"), call.asks_recommending or call.recommend_until is not None),
        (_("formality check"), True),
        (_("expert review"), bool(call.criteria or call.review_scheme)),
        (_("proposal"), True),
        (_("approval with a collective decision"), call.needs_approval),
        (_("notice"), call.holds_notice or required_days(call, "decide") is not None),
        (_("decision"), True),
        (_("project library (项目库)"), call.begins_projects and call.keeps_library),
        (_("budget document"), call.begins_projects and call.awaits_budget),
        (_("project"), call.begins_projects),
    )
    return " → ".join(str(name) for name, stands in steps if stands)
