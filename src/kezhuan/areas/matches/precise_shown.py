"""What is told of a plan on its page, in its file and in the API."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.matches.precise import Line, Plan, reasons_of
from kezhuan.areas.matches.wording import joined, language, part_lines
from kezhuan.kernel.access import Actor
from kezhuan.kernel.disclosures import note_words
from kezhuan.kernel.inspecting import note_views
from kezhuan.web.exports import Columns
from kezhuan.web.names import name_of

FILE = "precise"
"""Name of a plan's file in the journal."""


def note_plan(actor: Actor, plan: Plan, way: str) -> None:
    """What a plan shows is noted as on a need's page; `way` is how it was looked at."""
    rows = [*(line.row for line in plan.lines), *plan.tied]
    records = [one for row in rows for one in (row.need.record, row.supply)]
    shown = list({one.pk: one for one in (*records, *(need.record for need in plan.without))}.values())
    note_views(actor, [one.pk for one in shown], way)
    note_words(actor, shown)


def with_reasons(plan: Plan) -> list[tuple[Line, str]]:
    """Each line with why its pair was matched, or what a first wish that was not granted would cost."""
    parts = reasons_of(plan.met)
    return [(line, _why(line, parts.get(line.row.pk, ()))) for line in plan.lines]


def _why(line: Line, parts: Any) -> str:
    if line.lost is None or line.loser is None:
        return joined((one.because for one in part_lines(parts, language()) if one.because), language())
    said = _("no room is left: here it would gain %(gain)s, and cost %(other)s at least %(loss)s")
    figures = {"gain": f"{line.lost.gain:.2f}", "loss": f"{line.lost.loss:.2f}"}
    return said % {**figures, "other": line.loser.record.code}


def outcome_of(line: Line) -> str:
    """What became of a wish, in words."""
    return _("meets") if line.lost is None else _("wish not granted")


def columns_of(plan: Plan) -> Columns:
    """A plan as the rows of a file."""
    headers = (
        _("Need"), _("Name of the need"), _("Outcome"), _("Wish"), _("Matched with"), _("Name of the record"),
        _("Organisation"), _("Score"), _("Why"),
    )  # fmt: skip
    rows: list[Sequence[Any]] = []
    for line, why in with_reasons(plan):
        need, supply = line.row.need.record, line.row.supply
        owner = str(name_of(supply.owner.record)) if supply.owner else ""
        named = (need.code, str(name_of(need)), outcome_of(line), line.wish, supply.code, str(name_of(supply)), owner)
        rows.append((*named, round(line.row.score, 4), why))
    return Columns(headers, (24,) * len(headers), iter(rows))
