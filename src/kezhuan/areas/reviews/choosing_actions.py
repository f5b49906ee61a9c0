"""Choosing the experts of a panel: by lot from a committed seed, or by the best assignment; filling what is wanting."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.checks import check_criteria, check_days
from kezhuan.areas.reviews.choosing import problem_of, room_of
from kezhuan.areas.reviews.clearing import Clearing, clear_panel, month_rules
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.models import Choice, Draw, Expert, ExpertSort, Panel, PanelItem, Review, Sheet
from kezhuan.areas.reviews.permissions import GONE, runs
from kezhuan.areas.reviews.queries import candidates, drawn_this_year, on_panel
from kezhuan.engines import assignment, drawing
from kezhuan.kernel import journal, outbox, rulebook
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits, run_checks
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.models import Channel, Record, RuleValue
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import clean, language, listed, now, today

ASKED = "review.asked"
"""Name of the letter that asks an expert onto a panel."""
DRAW_CAP = "review.draws.most"
"""Code of the rule value: how often the lot may fall on an expert in a year; none ships, and then there is no cap."""
PASSED = "cap"
"""Why somebody who was drawn is not asked: they reached the cap after the draw was committed."""
ALTERNATES = 2
"""How many experts are named for each item who could stand in for those who were assigned."""
LIVE = frozenset({"prepared", "scoring"})


def begin_choosing(actor: Actor, panel: Panel, choice: str) -> Panel:
    """The panel, held, if the actor may choose its experts in this way now. Raises `NotAllowed`, `Conflict` or
    `Refused`."""
    if not runs.test(actor, panel):
        raise NotAllowed(_("A panel is run by the officers in charge or its agency, who neither judge nor are judged."))
    row: Panel = held(panel)
    if row.record.stage not in LIVE:
        raise Conflict(_("Experts are chosen before the scores are closed."))
    problems = run_checks(row, (check_criteria, check_days))
    if row.choice != choice:
        message = _("The experts of this panel are chosen otherwise: %(choice)s.")
        problems.append(Problem("panel-choice", message % {"choice": row.get_choice_display()}, "choice"))
    if problems:
        raise Refused(problems)
    return row


# -- by fit ------------------------------------------------------------------------------------------------------------


def assign_experts(*, actor: Actor, panel: Panel) -> Panel:
    """Choose by fit the experts that items still need, and ask them. Raises `NotAllowed`, `Conflict`, or `Refused`:
    with the smallest demands that cannot be met together when there is no assignment."""
    with journal.writing():
        row = begin_choosing(actor, panel, Choice.ASSIGNMENT)
        coming = on_panel(row).filter(guest=None)  # a guest judges what they were asked for
        on_it = {one.expert_id: one for one in coming if one.record.stage != "handed-in"}
        experts = [one.expert for one in on_it.values()] + list(candidates(row))
        _hold(experts)
        if not experts:
            raise Refused(
                Problem("experts-none", _("Nobody in the pool can be asked: enter experts first."), "experts")
            )
        clearing = clear_panel(row, experts)
        problem = problem_of(row, clearing)
        if not problem.need.any():
            raise Refused(Problem("panel-manned", _("Every item has its experts already."), "experts"))
        if row.most_certain is not None:
            row.seed = drawing.new_seed()
            row.save(update_fields=["seed"])
        try:
            made = assignment.assign(problem, seed=row.seed or None)
        except assignment.Blocked as blocked:
            raise Refused(Problem("assignment-blocked", _blocked(blocked, clearing), "experts")) from None
        _keep_pairs(actor, row, clearing, made, on_it)
        _stamp(row, month_rules(row).values())
        touch(PANEL, row, actor=actor, fields=["experts"], step="panel.assigned")
    return row


def _hold(experts: Sequence[Expert]) -> None:
    """Hold these experts until the transaction ends: of two panels that choose at once the second counts what the first
    gave them."""
    rows = Record.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[one.pk for one in experts])
    list(rows.order_by("pk").values_list("pk"))


def _blocked(blocked: assignment.Blocked, clearing: Clearing) -> str:
    """What cannot be met together; and, where nothing is known of parties, that this comes first."""
    said = assignment.say_blocking(blocked.blocking, language())
    for one in clearing.experts:
        said = said.replace(one.record.code, f"{one.person.record.title} {one.record.code}")
    if clearing.unknown_parties:
        message = _("The ties of %(number)s parties were not looked up yet, and what is not known is no clearance.")
        said = f"{message % {'number': len(clearing.unknown_parties)}} {said}"
    return said


def _keep_pairs(
    actor: Actor, row: Panel, clearing: Clearing, made: assignment.Assignment, on_it: Mapping[int, Review]
) -> None:
    why = {
        (one.item, one.expert): {tongue: assignment.say_reason(one, tongue) for tongue in ("zh", "en")}
        for one in assignment.reasons(made)
    }
    ready: dict[str, list[str]] = {}
    for one in assignment.alternates(made, ALTERNATES):
        ready.setdefault(one.item, []).append(one.expert)
    for item in clearing.items:
        item.alternates = ready.get(str(item.number), [])
    PanelItem.objects.bulk_update(clearing.items, ["alternates"])
    chosen = {expert for expert in range(len(clearing.experts)) if made.chosen[:, expert].any()}
    fresh = [clearing.experts[one] for one in sorted(chosen) if clearing.experts[one].pk not in on_it]
    reviews = dict(on_it) | {one.expert_id: one for one in _ask(actor, row, fresh)}
    Sheet.objects.bulk_create(
        Sheet(review=reviews[expert.pk], item=item, why=why[str(item.number), expert.record.code])
        for place, item in enumerate(clearing.items)
        for column, expert in enumerate(clearing.experts)
        if made.chosen[place, column]
    )


def _ask(actor: Actor, row: Panel, experts: Iterable[Expert], **more: Any) -> list[Review]:
    """Ask these experts onto the panel, each by a review of their own."""
    last = row.reviews.order_by("-number").values_list("number", flat=True).first() or 0
    made = []
    for number, expert in enumerate(experts, last + 1):
        review: Review = open_record(
            REVIEW,
            partial(_seat, panel=row, expert=expert, number=number, **more),
            actor=actor,
            title=row.record.title,
            title_en=row.record.title_en,
        )
        by = Channel.SMS if "drawn_on" in more else ""  # whoever the lot fell on is asked where they are
        outbox.tell(expert.person, ASKED, key=f"review:{review.pk}", content={"review": review.pk}, channel=by)
        made.append(review)
    return made


def _seat(record: Record, **columns: Any) -> Review:
    return Review(record=record, **columns)


def _stamp(row: Panel, used: Iterable[RuleValue]) -> None:
    rulebook.stamp([(row.record, rule) for rule in used])


# -- by lot ------------------------------------------------------------------------------------------------------------


def commit_draw(*, actor: Actor, panel: Panel, places: Mapping[str, int]) -> Draw:
    """Fix who can be drawn, how many of each sort, the yearly cap and a closed seed, and show the commitment to all of
    it. Whoever is drawn judges every item, so only those free of conflict with each, and of technical experts those who
    know the field of each, are in the draw. Raises `NotAllowed`, `Conflict` or `Refused`."""
    with journal.writing():
        row = begin_choosing(actor, panel, Choice.DRAW)
        if Draw.objects.filter(panel=row).exists():
            raise Conflict(_("The draw of this panel is committed already, and nobody changes it any more."))
        places = {sort: number for sort, number in places.items() if number}
        if set(places) - set(ExpertSort.values) or sum(places.values()) != row.per_item or min(places.values()) < 1:
            message = _("The places add up to the %(number)s reviews that each item gets.")
            raise Refused(Problem("draw-places", message % {"number": row.per_item}, "technical"))
        cap = rule_or_none(DRAW_CAP, on=today(), jurisdiction=row.region)
        pool, most = _pool(row), int(cap.value) if cap is not None else None
        _require_enough(pool, places, most)
        terms = {
            "name": row.record.code,
            "pool": [[one.record.code, one.sort, drawn] for one, drawn in pool],
            "places": places,
            "fields": sorted(_fields_of(row)),
            "cap": most,
        }
        seed = drawing.new_seed()
        committed = drawing.commitment(terms_of(terms), seed)
        draw = Draw.objects.create(panel=row, terms=terms, seed=seed, committed=committed, committed_at=now())
        _stamp(row, [*month_rules(row).values(), *([cap] if cap is not None else [])])
        touch(PANEL, row, actor=actor, fields=["draw"], step="panel.committed", committed=committed)
    return draw


def _pool(row: Panel) -> list[tuple[Expert, int]]:
    """Who can be drawn, with how often the lot fell on them this year."""
    experts = list(candidates(row))
    if not experts:
        return []
    _hold(experts)
    return _free(row, experts)


def may_be_drawn(row: Panel) -> Counter[str]:
    """By sort how many of the pool could be drawn by now, on whom the lot has not fallen as often as it may."""
    experts, cap = list(candidates(row)), rule_or_none(DRAW_CAP, on=today(), jurisdiction=row.region)
    free = _free(row, experts) if experts else []
    return Counter(one.sort for one, drawn in free if cap is None or drawn < int(cap.value))


def _free(row: Panel, experts: Sequence[Expert]) -> list[tuple[Expert, int]]:
    clearing, room, fields = clear_panel(row, experts), room_of(experts), _fields_of(row)
    free = [bool(one) for one in np.all(~clearing.cleared.barred, axis=0)]
    drawn = drawn_this_year([one.pk for one in experts])
    count = len(clearing.items)
    return [
        (one, drawn.get(one.pk, 0))
        for place, one in enumerate(experts)
        if free[place] and room[one.pk] >= count and (one.sort != ExpertSort.TECHNICAL or fields <= set(one.fields))
    ]


def _fields_of(row: Panel) -> set[str]:
    """The technical fields of a panel's items: of each of them a technical expert who is drawn knows."""
    told = judging.told_of(row.programme, list(row.items.values_list("record", flat=True)))
    return {one.field for one in told.values() if one.field}


def _require_enough(pool: Sequence[tuple[Expert, int]], places: Mapping[str, int], most: int | None) -> None:
    """Raises `Refused` where fewer than the places of a sort can be drawn at all, or are below the yearly cap."""

    def short_of(there: Mapping[str, int]) -> list[Any]:
        return [ExpertSort(sort).label for sort, number in places.items() if there[sort] < number]

    if short := short_of(Counter(one.sort for one, _drawn in pool)):
        message = _(
            "Too few can be drawn of: %(sorts)s. In the draw are those of the pool with ties declared and time left who"
            " are clear of every item and, as technical experts, know its field; look up the ties of all parties first,"
            " or make a panel for each field."
        )
        raise Refused(Problem("draw-pool", message % {"sorts": listed(short)}, "experts"))
    if most is not None and (short := short_of(Counter(one.sort for one, drawn in pool if drawn < most))):
        message = _(
            "Too few can be drawn of: %(sorts)s. On the others of the pool the lot has fallen this year as often as the"
            " yearly cap allows (%(most)s)."
        )
        raise Refused(Problem("draw-capped", message % {"sorts": listed(short), "most": most}, "experts"))


def terms_of(kept: Mapping[str, Any]) -> drawing.Terms:
    """The terms of a draw as they were kept."""
    pool = tuple(drawing.Candidate(*one) for one in kept["pool"])
    return drawing.Terms(kept["name"], pool, kept["places"], kept["cap"])


def hold_draw(*, actor: Actor, panel: Panel, word: str, witness: str) -> Draw:
    """Open the seed with the word that a witness said, draw, and ask who was drawn. Raises `NotAllowed`, `Conflict` or
    `Refused`."""
    problems = []
    word = " ".join(clean(word).split())
    if not word or not word.isprintable():
        message = _("Enter the word that the witness said after the commitment was shown.")
        problems.append(Problem("draw-word", message, "word"))
    if not clean(witness):
        problems.append(Problem("draw-witness", _("Name the witness."), "witness"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        row = begin_choosing(actor, panel, Choice.DRAW)
        draw = Draw.objects.select_for_update().filter(panel=row).first()
        if draw is None or draw.drawn_at is not None:
            raise Conflict(_("A draw is held once, after it was committed."))
        draw.word, draw.witness, draw.drawn_at = word, clean(witness), now()
        require_fits(draw)
        draw.save(update_fields=["word", "witness", "drawn_at"])
        _ask_drawn(actor, row, draw)
        touch(PANEL, row, actor=actor, fields=["draw"], step="panel.drawn", committed=draw.committed)
    return draw


def replace_drawn(*, actor: Actor, panel: Panel) -> Draw:
    """Ask who comes next in the order of the draw in the place of everybody who declined or was released. Raises
    `NotAllowed`, `Conflict`, or `Refused` when nobody has, or nobody is left."""
    with journal.writing():
        row = begin_choosing(actor, panel, Choice.DRAW)
        draw = Draw.objects.filter(panel=row).first()
        if draw is None or draw.drawn_at is None:
            raise Conflict(_("A draw is held first."))
        if not _ask_drawn(actor, row, draw):
            open_places = drawing_of(draw).open_places
            if not open_places:
                raise Refused(Problem("panel-manned", _("Nobody has declined."), "experts"))
            sorts = listed(ExpertSort(sort).label for sort in open_places)
            message = _("Nobody is left in the draw of: %(sorts)s. Withdraw the panel and draw anew.")
            raise Refused(Problem("draw-exhausted", message % {"sorts": sorts}, "experts"))
        touch(PANEL, row, actor=actor, fields=["experts"], step="panel.replaced")
    return draw


def declined_in(draw: Draw) -> list[drawing.Decline]:
    """Who was drawn and does not come, or is not asked, having reached the cap meanwhile; in the order in which that
    became known: whoever comes next stands in for the first of them."""
    gone = Review.objects.filter(panel=draw.panel_id, record__stage__in=GONE, drawn_on__isnull=False)
    rows = gone.order_by("record__changed_at", "pk").values_list("expert__record__code", "record__stage")
    found = [drawing.Decline(*one) for one in rows]
    for code, known in draw.passed:
        found.insert(known, drawing.Decline(code, PASSED))
    return found


def drawing_of(draw: Draw) -> drawing.Drawing:
    """The draw as it stands: with everybody who declined replaced by the next, in the order in which they did."""
    terms = terms_of(draw.terms)
    return drawing.draw(terms, draw.seed, draw.word, committed=draw.committed, declined=declined_in(draw))


def unasked_in(draw: Draw, held: drawing.Drawing) -> list[str]:
    """The codes of those who are drawn, as the draw stands, and were not asked yet: who comes next is asked only when
    replacements are drawn."""
    asked = set(Review.objects.filter(panel=draw.panel_id).values_list("expert__record__code", flat=True))
    return [code for own in held.drawn.values() for code in own if code not in asked]


def _ask_drawn(actor: Actor, row: Panel, draw: Draw) -> int:
    """Ask those who are drawn and were not asked yet, onto every item; how many they are.

    The lot of other panels may have fallen on them since the draw was committed: the cap is counted again, among
    experts who are held, and whoever has reached it is passed over."""
    cap, codes = draw.terms["cap"], [one[0] for one in draw.terms["pool"]]
    rows = Expert.objects.filter(record__code__in=codes).select_related("record", "person__record")
    pool = {one.record.code: one for one in rows}
    _hold(list(pool.values()))
    often = drawn_this_year([one.pk for one in pool.values()])
    while True:
        fresh = unasked_in(draw, drawing_of(draw))
        full = [code for code in fresh if cap is not None and often.get(pool[code].pk, 0) >= cap]
        if not full:
            break
        known = len(declined_in(draw))
        draw.passed += [[code, known + turn] for turn, code in enumerate(full)]
        draw.save(update_fields=["passed"])
    reviews = _ask(actor, row, [pool[code] for code in fresh], drawn_on=today())
    items: list[PanelItem] = list(row.items.all())
    Sheet.objects.bulk_create(Sheet(review=review, item=item) for review in reviews for item in items)
    return len(reviews)
