"""What is told of a plan on its page, in its file and in the API."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.matches.actions import asking_needs
from kezhuan.areas.matches.models import WORTH, Suggestion
from kezhuan.areas.matches.precise import Line, Plan, reasons_of
from kezhuan.areas.matches.queries import factors_in_force, open_supply, suggestions_visible_to
from kezhuan.areas.matches.wording import joined, language, part_lines
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.kernel.access import Actor
from kezhuan.kernel.disclosures import note_words
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.search import live_index
from kezhuan.web.exports import Columns
from kezhuan.web.names import name_of

FILE = "precise"
"""Name of a plan's file in the journal."""


def note_plan(actor: Actor, plan: Plan, way: str) -> None:
    """What a plan shows is noted as on a need's page; `way` is how it was looked at."""
    rows = [*(line.row for line in plan.lines), *plan.tied, *plan.full, *plan.barred]
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


def why_without(actor: Actor, kind: str, needs: Sequence[Need]) -> list[tuple[Need, str]]:
    """Why nothing of a kind is suggested to needs; two queries, and a look at the index for each that was suggested
    nothing ever."""
    rows = suggestions_visible_to(actor).filter(need__in=needs, supply__kind=kind)
    settled = set(rows.values_list("need", flat=True))
    asking = asking_needs([need.pk for need in needs if need.pk not in settled])
    found = live_index().nearest(
        [matching_item(need) for need in asking], 1, open_supply(actor, kind), factors_in_force()
    )
    nearest = {need.pk: matches[0].score if matches else 0.0 for need, matches in zip(asking, found, strict=True)}
    return [(need, _why_without(nearest.get(need.pk))) for need in needs]


def _why_without(nearest: float | None) -> str:
    """In words; `nearest` is the score of what comes nearest, None where something was suggested."""
    if nearest is None:
        return _("what was suggested is refused, introduced or given to a broker already, or passed over")
    if nearest == 0:
        return _("none shares a word with it")
    if nearest < WORTH:
        figures = {"score": f"{nearest:.2f}", "line": f"{WORTH:.2f}"}
        return _("the nearest scores %(score)s, a suggestion %(line)s at least") % figures
    return _("what comes nearest is set apart, or is being matched")


def outcome_of(line: Line) -> str:
    """What became of a wish, in words."""
    return _("meets") if line.lost is None else _("wish not granted")


def columns_of(actor: Actor, kind: str, plan: Plan) -> Columns:
    """A plan as the rows of a file: who meets, then whom a tie or want of room leaves out, then to which needs nothing
    is suggested."""
    headers = (
        _("Need"), _("Name of the need"), _("Outcome"), _("Wish"), _("Matched with"), _("Name of the record"),
        _("Organisation"), _("Room for needs"), _("Score"), _("Why"),
    )  # fmt: skip
    rows = [_in_file(line.row, outcome_of(line), line.wish, line.room, why) for line, why in with_reasons(plan)]
    tied_to = _("the expert is tied to whoever poses the need")
    rows += [_in_file(row, _("barred by a tie"), "", "", tied_to) for row in plan.tied]
    taken = _("all that it can take is taken")
    rows += [_in_file(row, _("no room left"), "", 0, taken) for row in plan.full]
    for need, why in why_without(actor, kind, plan.without):
        rows.append((need.record.code, str(name_of(need.record)), _("nothing suggested"), *[""] * 6, why))
    return Columns(headers, (24,) * len(headers), iter(rows))


def _in_file(row: Suggestion, outcome: str, wish: int | str, room: int | str, why: str) -> tuple[Any, ...]:
    need, supply = row.need.record, row.supply
    owner = str(name_of(supply.owner.record)) if supply.owner else ""
    named = (need.code, str(name_of(need)), outcome, wish, supply.code, str(name_of(supply)), owner)
    return (*named, room, round(row.score, 4), why)
