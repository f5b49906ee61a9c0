"""What a panel that another system held found of an application (外部评审): scores by the number of each expert, mean
and rank. It is kept and shown as that, and no check of ours rests on it: panels that judge here are `areas.reviews`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.permissions import reads_outside
from kezhuan.engines.tables import Column
from kezhuan.exchange.sheets import SheetColumn, Writer
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, today

JUDGED_AFTER = frozenset({"closed", "decided"})
"""Stages of a call to whose applications such results come."""
_SCORE = re.compile(r"([0-9A-Za-z][0-9A-Za-z-]{0,9})\s*[:：]\s*(\d{1,3}(?:\.\d{1,2})?)")
_MOST = Decimal(100)

PANEL = Column("outside_panel", ("outside_panel", "外部评审组", "原系统评审组", "outside panel"))
ON = Column("outside_on", ("outside_on", "外部评审日期", "原系统评审日期", "judged elsewhere on"), kind="date")
SCORES = Column(
    "outside_scores", ("outside_scores", "外部专家评分", "原系统专家评分", "scores of outside experts"), kind="texts"
)
MEAN = Column("outside_mean", ("outside_mean", "外部平均分", "原系统平均分", "mean of outside scores"), kind="number")
RANK = Column(
    "outside_rank", ("outside_rank", "外部排名", "原系统排名", "rank elsewhere"), kind="integer", low=1, high=100_000
)
COLUMNS = (PANEL, ON, SCORES, MEAN, RANK)
NAMES = frozenset(one.name for one in COLUMNS)


def outside_of(values: Mapping[str, Any], source: str) -> dict[str, Any]:
    """What a row says of it, as it is kept; empty where it says nothing. `source` names the file."""
    if not _says(values):
        return {}
    mean, on = values[MEAN.name], values[ON.name]
    return {
        "panel": clean(values[PANEL.name] or ""),
        "on": on.isoformat() if on is not None else "",
        "scores": [[expert, str(score)] for expert, score in _scores(values[SCORES.name])],
        "mean": str(_rounded(mean)) if mean is not None else "",
        "rank": values[RANK.name],
        "source": source,
    }


def problems_of_outside(values: Mapping[str, Any], call: Call) -> Iterator[Problem]:
    """What is wrong with what a row says of it."""
    if not _says(values):
        return
    scores, mean, on = _scores(values[SCORES.name]), values[MEAN.name], values[ON.name]
    if call.record.stage not in JUDGED_AFTER:
        message = _("Results of a panel come once applications to %(code)s are closed.")
        yield Problem("outside-early", message % {"code": call.record.code}, PANEL.name)
    if not clean(values[PANEL.name] or ""):
        yield Problem("outside-unnamed", _("Name the panel that judged elsewhere (外部评审组)."), PANEL.name)
    if on is not None and on > today():
        yield Problem("day-later", _("This day lies in the future."), ON.name)
    if not scores and mean is None and values[RANK.name] is None:
        yield Problem("outside-empty", _("Say what the panel found: scores, their mean or a rank."), SCORES.name)
    given = [score for _expert, score in scores]
    if len(given) < len(values[SCORES.name] or ()) or any(one > _MOST for one in given):
        message = _("Write scores as 1:86.5;2:90: the number of each expert, not the name, and 0 to 100.")
        yield Problem("outside-scores", message, SCORES.name)
    elif len({expert for expert, _score in scores}) < len(scores):
        yield Problem("outside-twice", _("An expert gives one score; a number stands here twice."), SCORES.name)
    if mean is not None and not (min(given, default=Decimal(0)) <= _rounded(mean) <= max(given, default=_MOST)):
        message = _("A mean lies between the lowest and the highest score, from 0 to 100.")
        yield Problem("outside-mean", message, MEAN.name)


def told_outside(actor: Actor, row: Any) -> dict[str, Any]:
    """What an outside panel found of an application, for the officers in charge, and once that is decided its unit."""
    said: dict[str, Any] = row.judged_elsewhere
    if not said or not can_view(actor, row.record, "inner") or not reads_outside.test(actor, row):
        return {}
    return said


def scores_in_words(said: Mapping[str, Any]) -> str:
    """The score of each expert, as a cell has them."""
    return "；".join(f"{expert}：{score}" for expert, score in said.get("scores", ()))


def sheet_columns() -> tuple[SheetColumn, ...]:
    """The columns in which it stands in a spreadsheet: the only ones of an application that a file changes here."""
    judged_by = ("在其他系统评审的评审组", "The panel that judged in another system")
    numbered = (
        "专家序号：分数，以分号隔开，如 1：86.5；2：90；不写姓名",
        "Number of each expert and score, such as 1:86.5;2:90; no names",
    )
    nothing = ("", "")
    told: tuple[tuple[Column, str, str, Writer, tuple[str, str]], ...] = (
        (PANEL, "外部评审组", "Outside panel", _written("panel"), judged_by),
        (ON, "外部评审日期", "Judged elsewhere on", _written("on"), nothing),
        (SCORES, "外部专家评分", "Scores of outside experts", _scores_written, numbered),
        (MEAN, "外部平均分", "Mean of outside scores", _mean, nothing),
        (RANK, "外部排名", "Rank elsewhere", _written("rank"), nothing),
    )
    fills = ("judged_elsewhere",)
    return tuple(SheetColumn(zh, en, write, "inner", column, fills, hint) for column, zh, en, write, hint in told)


def _scores_written(actor: Actor, row: Any) -> str:
    return scores_in_words(told_outside(actor, row))


def _written(name: str) -> Writer:
    return lambda actor, row: told_outside(actor, row).get(name)


def _mean(actor: Actor, row: Any) -> float | None:
    mean = told_outside(actor, row).get("mean")
    return float(mean) if mean else None


def _says(values: Mapping[str, Any]) -> bool:
    return any(values.get(name) not in (None, "", ()) for name in NAMES)


def _scores(parts: Sequence[str] | None) -> list[tuple[str, Decimal]]:
    """The scores that can be read, each with the number of its expert."""
    found = [_SCORE.fullmatch(clean(one)) for one in parts or ()]
    return [(one[1], Decimal(one[2])) for one in found if one is not None]


def _rounded(mean: float) -> Decimal:
    return Decimal(str(mean)).quantize(Decimal("0.01"))
