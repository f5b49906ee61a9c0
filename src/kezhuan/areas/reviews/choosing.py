"""Who can judge what on a panel: affinities, conflicts and loads as the assignment and the draw take them."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.checks import live_sheets
from kezhuan.areas.reviews.clearing import Clearing
from kezhuan.areas.reviews.models import Expert, ExpertSort, Panel, Sheet
from kezhuan.areas.reviews.queries import still_counted, taken_this_year
from kezhuan.engines import assignment
from kezhuan.kernel.text import fold
from kezhuan.kernel.vocabulary import Field

OF_FIELD, OF_TOPICS, TOPICS_ENOUGH = 0.5, 0.5, 3
"""What makes a pair fit: the expert's field counts half, and their topics in the words of the item the other half;
three of them are enough."""
APART = 0.001
"""Pairs that fit equally well are told apart by chance, by less than any difference that counts: nobody can arrange
themselves with an applicant, and the solver has not to weigh thousands of equals (2,000 items, 400 experts: 0.8 s
instead of 20). The chance is the panel's own, so that the same panel is always assigned alike."""
OUTSIDE = "enterprise or finance"
"""The group of the mix of which each item has somebody."""


def _affinities(panel: Panel, clearing: Clearing) -> assignment.problem.Floats:
    """How well each expert fits each item, from 0 to 1 and equals a little apart; items by experts."""
    told = judging.told_of(panel.programme, [one.record_id for one in clearing.items])
    topics = [[topic for one in expert.topics if (topic := fold(one))] for expert in clearing.experts]
    fields = {value: np.array([value in one.fields for one in clearing.experts]) for value in Field.values}
    nobody = np.zeros(len(clearing.experts), dtype=bool)
    affinity = APART * np.random.default_rng(int(panel.record.uid)).random((len(clearing.items), len(clearing.experts)))
    every = sorted({topic for own in topics for topic in own})
    for row, item in enumerate(clearing.items):
        matter = told[item.record_id]
        words = fold("\n".join((matter.title, *(text for _label, text in matter.sections))))
        spoken = {topic for topic in every if topic in words}
        found = np.array([sum(topic in spoken for topic in own) for own in topics])
        affinity[row] += OF_FIELD * fields.get(matter.field, nobody)
        affinity[row] += OF_TOPICS * np.minimum(found, TOPICS_ENOUGH) / TOPICS_ENOUGH
    return affinity


def room_of(experts: Sequence[Expert]) -> dict[int, int]:
    """By expert how many more items they can take in this year."""
    taken = taken_this_year([one.pk for one in experts])
    return {one.pk: max(0, one.capacity - taken.get(one.pk, 0)) for one in experts}


def problem_of(panel: Panel, clearing: Clearing) -> assignment.Problem:
    """The assignment of what is still wanting to these experts: items are called by number, experts by code."""
    experts, items = clearing.experts, clearing.items
    live = dict(live_sheets(panel.items.all()).values_list("pk", "live"))
    need = np.array([max(0, one.needed - live[one.pk]) for one in items], dtype=np.int64)
    affinity = _affinities(panel, clearing)
    against = clearing.cleared.barred.copy()
    at_item = {one.pk: row for row, one in enumerate(items)}
    at_expert = {one.pk: column for column, one in enumerate(experts)}
    counts: dict[int, set[int]] = defaultdict(set)
    asked = Sheet.objects.filter(item__panel=panel.pk)
    for item_id, expert_id in asked.filter(review__expert__in=at_expert).values_list("item", "review__expert"):
        against[at_item[item_id], at_expert[expert_id]] = True
    for item_id, expert_id in still_counted(asked).values_list("item", "review__expert"):
        counts[item_id].add(expert_id)
    load = Counter(expert for own in counts.values() for expert in own)
    room = room_of(experts)
    most = np.array([max(0, min(room[one.pk], panel.max_load - load[one.pk])) for one in experts], dtype=np.int64)
    # Whoever is asked in somebody's place later need not reach the least load.
    least = panel.min_load if panel.min_load is not None and not asked.exists() else 0
    clear = (~against[need > 0]).sum(axis=0)  # whoever is clear of few items gets no more than those
    return assignment.Problem.of(
        affinity,
        conflicts=against,
        need=need,
        max_load=most,
        min_load=np.minimum(np.minimum(most, clear), least),
        max_probability=1.0 if panel.most_certain is None else panel.most_certain / 100,
        items=[str(one.number) for one in items],
        experts=[one.record.code for one in experts],
        groups=_groups(panel, experts, [counts[one.pk] for one in items], need),
        fair=True,
    )


def _groups(
    panel: Panel, experts: Sequence[Expert], judged_by: Sequence[set[int]], need: assignment.problem.Ints
) -> list[assignment.Group]:
    """The rules of the mix, less who is on an item already."""
    found = []
    everybody = Expert.objects.in_bulk(set().union(*judged_by)) | {one.pk: one for one in experts}
    if panel.mixed:
        outside = {pk for pk, one in everybody.items() if one.sort != ExpertSort.TECHNICAL}
        wanting = np.array([0 if own & outside else 1 for own in judged_by], dtype=np.int64)
        members = np.array([one.pk in outside for one in experts])
        found.append(assignment.Group(OUTSIDE, members, np.minimum(wanting, need), need.copy()))
    if panel.per_employer is not None:
        of_employer: dict[int, set[int]] = defaultdict(set)
        for pk, one in everybody.items():
            if one.employer_id is not None:
                of_employer[one.employer_id].add(pk)
        for employer, own_ones in sorted(of_employer.items()):
            members = np.array([one.pk in own_ones for one in experts])
            if members.sum() and len(own_ones) > panel.per_employer:
                held = np.array([len(own & own_ones) for own in judged_by], dtype=np.int64)
                most = np.minimum(np.maximum(panel.per_employer - held, 0), need)
                found.append(assignment.Group(str(employer), members, np.zeros_like(need), most))
    return found
