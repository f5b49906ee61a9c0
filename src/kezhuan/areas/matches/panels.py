"""What matches add to the pages of needs, achievements and organisations, and to the inbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kezhuan.areas.matches.apart import set_apart_from
from kezhuan.areas.matches.choosing import most_repeats
from kezhuan.areas.matches.meanings import MEANINGS, TOLD_BY
from kezhuan.areas.matches.missing import Missed, lacks_of, missed_in
from kezhuan.areas.matches.models import FOLLOWER, Introduction, Reason, Refusal, Suggestion
from kezhuan.areas.matches.permissions import consents, decides
from kezhuan.areas.matches.queries import (
    any_passed_over,
    every_suggestion,
    introductions_of,
    passed_over,
    sides_of,
    suggestions_for_supply,
)
from kezhuan.areas.matches.supply import RESULTS, introduced_kinds, is_offered, profiles, text_of
from kezhuan.areas.matches.under_line import just_below
from kezhuan.areas.matches.wording import PartLine, joined, language, looked_for, miss_line, part_lines
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import shown_text
from kezhuan.engines.matching import NearMiss
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view, represents_owner, visible_among
from kezhuan.kernel.disclosures import note_words
from kezhuan.kernel.errors import Text
from kezhuan.kernel.followers import has_seen
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.present import is_named
from kezhuan.web import faces
from kezhuan.web.components import LinkLine, MatchLine, NearMissLine, OpenMove, PartBar, Standing
from kezhuan.web.lists import stretches
from kezhuan.web.names import name_of

SHOWN = 10
"""So many suggestions stand with their reasons, on a page of all of them too; behind the first on a need's page stand
all others that are kept, in a line each."""
NEAR = 10
"""So many that stand just under the line are told of."""
BESIDES = 5
"""So many of each other kind stand beside results."""


def part_bars(parts: Iterable[PartLine]) -> tuple[PartBar, ...]:
    """A match's parts as bars with reasons."""
    return tuple(PartBar(one.name, one.label, one.value, one.because) for one in parts)


def note_seen(actor: Actor, records: Iterable[Record]) -> None:
    """The records of the other side stand on the page, with what fits of them: an inspector's look at them is noted,
    and everybody's at words that not everybody may read."""
    shown = list(records)
    note_views(actor, [record.pk for record in shown], "list")
    note_words(actor, shown)


def _standing_in(record: Record, text: str, parts: Iterable[PartLine]) -> tuple[Standing, ...]:
    """Where the words of a match's parts stand in the record shown."""
    found = []
    for one in parts:
        words, among = looked_for(record, text, one)
        if words and (html := stretches(words, among)):
            found.append(Standing(one.label, html))
    return tuple(found)


def match_line(
    rank: int, score: float, shown: Record, text: str, parts: Any, actions: tuple[OpenMove, ...] = ()
) -> MatchLine:
    """A match with a record, `text` of which stands beside its title, and with what can be done about it."""
    lines = part_lines(parts, language())
    return MatchLine(
        rank=rank,
        score=score,
        title=name_of(shown),
        url=faces.url_of(shown),
        code=shown.code,
        tags=(faces.stage_tag(shown),),
        meta=_owner(shown),
        parts=part_bars(lines),
        actions=actions,
        standing=_standing_in(shown, text, lines),
    )


def _match_line(actor: Actor, rank: int, row: Suggestion, shown: Record) -> MatchLine:
    text = text_of(shown) if shown.pk == row.supply_id else shown_text(row.need)
    actions = _decisions(actor, row) if decides(actor, row.need, row.supply) else ()
    return match_line(rank, row.score, shown, text, row.parts, actions)


def suggestion_lines(
    actor: Actor, rows: Sequence[Suggestion], before: int = 0, *, of_need: bool = True
) -> tuple[MatchLine, ...]:
    """Suggestions with their reasons and what the actor may do about each; so many stand `before` them. They are those
    `of_need`, or the needs of what is on offer."""
    return tuple(
        _match_line(actor, rank, row, row.supply if of_need else row.need.record)
        for rank, row in enumerate(rows, before + 1)
    )


def _further(rows: Sequence[Suggestion], shown: int) -> tuple[NearMissLine, ...]:
    """The suggestions after the first few that are shown, in a line each: why is told page by page."""
    told = _("No. %(rank)s, score %(score)s")
    lines = []
    for rank, row in enumerate(rows[shown:], shown + 1):
        said = (told % {"rank": rank, "score": f"{row.score:.2f}"}, *_owner(row.supply))
        lines.append(NearMissLine(name_of(row.supply), faces.url_of(row.supply), joined(said, language())))
    return tuple(lines)


def _page_url(record: Record, **asked: object) -> str:
    """Where all that is suggested to a record stands page by page, with its reasons."""
    return f"{reverse('suggested', args=[record.code])}?{urlencode(asked)}"


def _owner(shown: Record) -> tuple[Text, ...]:
    return (name_of(shown.owner.record),) if shown.owner else ()


@cache
def _reasons(_language: str | None, *, offered: bool, written: bool) -> tuple[tuple[str, str], ...]:
    """The reasons of a refusal in the language of the moment, said once for all matches. Nobody's maturity is too low
    and nobody's price too high but of what is offered, and no text leaves out what nobody could add."""
    meant = ((one, MEANINGS[one]) for one in Reason)
    return tuple(
        (one.value, str(one.label))
        for one, meaning in meant
        if (offered or not meaning.facts) and (written or not meaning.text)
    )


def refusing(actor: Actor, need: Need, supply: Record) -> OpenMove:
    """Saying that a pair does not fit, as it is offered to whoever decides on it."""
    inside = represents_owner(actor, need.record) or represents_owner(actor, supply)
    accepted = profiles()[supply.kind].introduced
    lacks = lacks_of(actor, need, supply)
    return OpenMove(
        "refuse",
        _("Does not fit"),
        reverse("refuse", args=[need.record.code, supply.code]),
        expected_stage=need.record.stage,
        note="optional" if accepted else "none",
        reasons=_reasons(get_language(), offered=accepted, written=bool(lacks)),
        lacks=tuple((one.value, one.label) for one in lacks),
        lacks_reason=Reason.INFORMATION,
        hint=_("Your words stay with your unit and the officers; the other side learns the reason alone.")
        if inside
        else _("Both sides may read your words.")
        if accepted
        else _("The firm that asks is told nothing; the expert may read the reason."),
    )


def _decisions(actor: Actor, row: Suggestion) -> tuple[OpenMove, ...]:
    refuse = refusing(actor, row.need, row.supply)
    if not profiles()[row.supply.kind].introduced:
        return (refuse,)
    introduce = reverse("introduce", args=[row.need.record.code, row.supply.code])
    stage = row.need.record.stage
    return (OpenMove("introduce", _("Introduce"), introduce, expected_stage=stage, primary=True), refuse)


@dataclass(frozen=True)
class OfKind:
    """The best records of a kind beside results, under its heading, and what else is suggested; of what can be
    introduced also those just under the line, that one change would lift, and that several would."""

    kind: str
    heading: Text
    lines: tuple[MatchLine, ...]
    further: tuple[NearMissLine, ...] = ()
    further_url: str = ""
    misses: tuple[NearMissLine, ...] = ()
    several: tuple[NearMissLine, ...] = ()


def need_panel(actor: Actor, need: Need) -> registry.Panel | None:
    """The best results for a need, and what stands just under the line; then the best of every other kind."""
    if need.record.phase != Phase.PUBLIC or not can_view(actor, need.record, "public"):
        return None
    best: dict[str, list[Suggestion]] = {kind: [] for kind in profiles()}
    apart = set_apart_from(need)
    for row in every_suggestion(actor, need, apart):
        best[row.supply.kind].append(row)
    note_seen(actor, [row.supply for rows in best.values() for row in rows])
    rows = best.pop(RESULTS)
    lines = suggestion_lines(actor, rows[:SHOWN])
    limits = {kind.slug: NEAR if kind.slug == RESULTS else BESIDES for kind in introduced_kinds()}
    below = just_below(actor, need, limits, apart)
    others = [_of_kind(actor, need, kind, found, below.get(kind, ())) for kind, found in best.items()]
    one, several, beyond = near_misses(actor, below[RESULTS])
    waiting = not rows and not has_seen(FOLLOWER, need.record)
    introduced = not rows and introductions_of(actor, need.record).filter(supply__kind=RESULTS).exists()
    return registry.Panel(
        "matches/need_panel.html",
        {
            "lines": lines,
            "further": _further(rows, SHOWN),
            "further_url": _page_url(need.record, page=2),
            "others": tuple(one for one in others if one.lines or one.misses or one.several),
            "misses": one,
            "several": several,
            "beyond": beyond,
            "passed": passed_over_lines(actor, need),
            "matched_at": rows[0].made_at if rows else None,
            "waiting": waiting,
            "introduced": introduced,
            "none_near": not one and not several and not waiting,
        },
    )


def _of_kind(actor: Actor, need: Need, kind: str, found: Sequence[Suggestion], below: Sequence[NearMiss]) -> OfKind:
    one, several, _beyond = near_misses(actor, below)
    lines, further = suggestion_lines(actor, found[:BESIDES]), _further(found, BESIDES)
    return OfKind(kind, profiles()[kind].heading, lines, further, _page_url(need.record, kind=kind), one, several)


def passed_over_lines(actor: Actor, need: Need) -> tuple[NearMissLine, ...]:
    """What is good enough and not suggested, because so many of their supplier are, as the page shows them."""
    cap = most_repeats() if any_passed_over(need) else None
    if cap is None:
        return ()
    rows = list(passed_over(actor, need)[:SHOWN])
    note_seen(actor, [row.supply for row in rows])
    why = ngettext(
        "good enough (%(score)s), but %(count)d of the same supplier is suggested already",
        "good enough (%(score)s), but %(count)d of the same supplier are suggested already",
        cap,
    )
    return tuple(
        NearMissLine(name_of(row.supply), faces.url_of(row.supply), why % {"score": f"{row.score:.2f}", "count": cap})
        for row in rows
    )


def near_misses(actor: Actor, missed: Sequence[NearMiss]) -> tuple[tuple[NearMissLine, ...], ...]:
    """Results just under the line as the page shows them: those that one change would lift, those that several would,
    those that none would."""
    rows = Record.objects.filter(pk__in=[int(one.supply) for one in missed]).select_related("public_to")
    records = {row.pk: row for row in visible_among(actor, rows, "public")}
    note_seen(actor, records.values())
    lines: tuple[list[NearMissLine], ...] = ([], [], [])
    for miss in missed:
        if (record := records.get(int(miss.supply))) is not None:
            place = (min(len(miss.changes), 2) or 3) - 1
            lines[place].append(NearMissLine(name_of(record), faces.url_of(record), miss_line(miss, language())))
    return tuple(map(tuple, lines))


def supply_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The needs that a record on offer may meet."""
    record: Record = row.record
    if not is_offered(record) or not can_view(actor, record, "public"):
        return None
    named = is_named(Suggestion, "supply", record.pk)  # most are suggested for no need
    found = list(suggestions_for_supply(actor, record)[: SHOWN + 1]) if named else []
    rows = found[:SHOWN]
    note_seen(actor, [one.need.record for one in rows])
    more = _page_url(record, page=2) if len(found) > SHOWN else ""
    return registry.Panel(
        "matches/supply_panel.html", {"lines": suggestion_lines(actor, rows, of_need=False), "more_url": more}
    )


def introductions_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The introductions of a need or result that the actor may see; the other side is named to whoever may see it."""
    lines = []
    for one in introductions_of(actor, row.record)[:SHOWN]:
        need, supply = sides_of(actor, one)
        other = supply if one.need_id == row.pk else need
        lines.append(
            LinkLine(
                role=registry.kind_of("introduction").lifecycle.stages[one.record.stage].label,
                code=one.record.code,
                title=name_of(other.record) if other.record is not None else _("not shown before both sides agree"),
                url=faces.url_of(one.record),
                kind_label=_("introduction"),
            )
        )
    return registry.Panel("matches/introductions_panel.html", {"lines": tuple(lines)}) if lines else None


@dataclass(frozen=True)
class MissedLine:
    """A reason why the other side did not take it, as the own one reads it: `label` with the number of needs or
    results, what they say of it, and those of them that are known as `lines`."""

    label: str
    asked: str
    last: date
    lines: tuple[LinkLine, ...]
    hidden: int
    mends: str
    """What the reader may say was added; nothing where it is no information, or not theirs to say."""


def missed_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The improvement list of a result, or of a need."""
    missed = missed_in(actor, row)
    if not missed:
        return None
    of_need = isinstance(row, Need)
    own = bool(consents.test(actor, row))
    lines = tuple(_missed_line(one, own=own) for one in missed)
    return registry.Panel(
        "matches/missed_panel.html",
        {"missed": lines, "of_need": of_need, "code": row.record.code, "mends": any(one.mends for one in lines)},
    )


def _missed_line(one: Missed, *, own: bool) -> MissedLine:
    lines = tuple(
        LinkLine(
            role=faces.stage_tag(other.record).label,
            code=other.record.code,
            title=name_of(other.record),
            url=faces.url_of(other.record),
            kind_label=registry.kind_of(other.record.kind).label,
        )
        for other in one.shown[:SHOWN]
    )
    mends = one.lack.value if own and one.lack is not None and one.lack not in TOLD_BY else ""
    return MissedLine(one.sentence, one.asked, one.last, lines, one.others - len(lines), mends)


def register() -> None:
    """Add the panels; called once when Django has loaded the models."""
    registry.add_panel("need", need_panel, (Refusal, "need"), (Introduction, "need"))
    registry.add_panel("need", introductions_panel)
    registry.add_panel("need", missed_panel)
    for kind in profiles():
        named = [(model, "supply") for model in (Suggestion, Refusal, Introduction)]
        registry.add_panel(kind, supply_panel, *named)
    for one in introduced_kinds():
        registry.add_panel(one.slug, introductions_panel)
    registry.add_panel(RESULTS, missed_panel)
