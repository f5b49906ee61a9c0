"""Who can judge what on a panel: affinities, conflicts and loads as the assignment and the draw take them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.checks import live_sheets
from kezhuan.areas.reviews.clearing import Clearing
from kezhuan.areas.reviews.judging import Matter
from kezhuan.areas.reviews.models import Expert, ExpertSort, Panel, Sheet
from kezhuan.areas.reviews.queries import taken_this_year
from kezhuan.engines import assignment
from kezhuan.kernel.text import fold

OF_FIELD, OF_TOPICS, TOPICS_ENOUGH = 0.5, 0.5, 3
"""What makes a pair fit: the expert's field counts half, and their topics in the words of the item the other half;
three of them are enough."""
OUTSIDE = "enterprise or finance"
"""The group of the mix of which each item has somebody."""


def affinity_of(expert: Expert, matter: Matter, words: str) -> float:
    """How well an expert fits an item, from 0 to 1; `words` are the item's, folded."""
    fits = OF_FIELD if matter.field in expert.fields else 0.0
    found = sum(1 for topic in expert.topics if fold(topic) and fold(topic) in words)
    return fits + OF_TOPICS * min(found, TOPICS_ENOUGH) / TOPICS_ENOUGH


def room_of(panel: Panel, experts: Sequence[Expert]) -> dict[int, int]:
    """By expert how many more items they can take: of this panel, and of their year."""
    ids = [one.pk for one in experts]
    taken = taken_this_year(ids)
    rows = Sheet.objects.filter(review__panel=panel.pk, review__expert__in=ids, recused="")
    here: dict[int, int] = defaultdict(int)
    for expert in rows.values_list("review__expert", flat=True):
        here[expert] += 1
    return {one.pk: max(0, min(panel.max_load - here[one.pk], one.capacity - taken.get(one.pk, 0))) for one in experts}


def problem_of(panel: Panel, clearing: Clearing) -> assignment.Problem:
    """The assignment of what is still wanting to these experts: items are called by number, experts by code."""
    experts, items = clearing.experts, clearing.items
    live = dict(live_sheets(panel.items.all()).values_list("pk", "live"))
    need = np.array([max(0, panel.per_item - live[one.pk]) for one in items], dtype=np.int64)
    told = judging.told_of(panel.programme, [one.record_id for one in items])
    affinity = np.zeros((len(items), len(experts)))
    for row, item in enumerate(items):
        matter = told[item.record_id]
        words = fold("\n".join((matter.title, *(text for _label, text in matter.sections))))
        for column, expert in enumerate(experts):
            affinity[row, column] = affinity_of(expert, matter, words)
    against = clearing.cleared.barred.copy()
    on_item: dict[int, set[int]] = defaultdict(set)
    counts: dict[int, set[int]] = defaultdict(set)
    for item_id, expert_id, recused in Sheet.objects.filter(item__panel=panel.pk).values_list(
        "item", "review__expert", "recused"
    ):
        on_item[item_id].add(expert_id)
        if not recused:
            counts[item_id].add(expert_id)
    for row, item in enumerate(items):
        for column, expert in enumerate(experts):
            if expert.pk in on_item[item.pk]:
                against[row, column] = True
    room = room_of(panel, experts)
    return assignment.Problem.of(
        affinity,
        conflicts=against,
        need=need,
        max_load=np.array([room[one.pk] for one in experts], dtype=np.int64),
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
    everybody: Mapping[int, Expert] = {
        one.pk: one for one in Expert.objects.filter(pk__in=set().union(*judged_by)) if judged_by
    } | {one.pk: one for one in experts}
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
