"""A refusal is lifted when what its reason spoke of has changed since and misses no longer: the pair may be suggested
again. The refusal stays as it was said, for learning and for the improvement list."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from kezhuan.areas.matches.meanings import MEANINGS, has_more_room, is_lifted, may_be_missed
from kezhuan.areas.matches.missing import is_mended, mended_of
from kezhuan.areas.matches.models import Introduction, Refusal
from kezhuan.areas.matches.room import room_left
from kezhuan.areas.matches.supply import facts_of, own_rows, related_rows
from kezhuan.areas.needs.queries import matching_facts
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.registry import own_row
from kezhuan.kernel.text import batches, now

_AFTER_CHANGE = tuple(reason for reason, meaning in MEANINGS.items() if meaning.facts)
_FOR_ROOM = tuple(reason for reason, meaning in MEANINGS.items() if meaning.room)
_OF_TEXT = tuple(reason for reason, meaning in MEANINGS.items() if meaning.text)


def lift_refusals(changed: Sequence[int], *, anew: bool) -> int:
    """Lift what the changed needs and results have answered, or look at all refusals; returns how many were lifted."""
    of_facts = Q(reason__in=_AFTER_CHANGE + _FOR_ROOM) & ~Q(stood={})
    standing = Refusal.objects.filter(of_facts | Q(reason__in=_OF_TEXT), lifted_at=None)
    if not anew and not changed:
        return 0
    ids = (
        set(standing.values_list("pk", flat=True))
        if anew
        else {
            pk
            for batch in batches(changed, 500)
            for pk in standing.filter(Q(need__in=batch) | Q(supply__in=batch)).values_list("pk", flat=True)
        }
    )
    return sum(_lift(batch) for batch in batches(sorted(ids), 200))


def lift_for_room(supplies: Collection[int] | None = None) -> int:
    """Lift refusals for want of room where these records, or any, have more of it than they had then; returns how many
    were lifted."""
    standing = Refusal.objects.filter(reason__in=_FOR_ROOM, lifted_at=None).exclude(stood={})
    rows = standing if supplies is None else standing.filter(supply__in=supplies)
    return sum(_lift(batch) for batch in batches(sorted(rows.values_list("pk", flat=True)), 200))


def follow_room(changed: Collection[int], anew: bool) -> None:
    """An introduction that ends leaves room to the record that was introduced."""
    if anew:
        lift_for_room()
    for batch in batches(() if anew else changed, 500):
        lift_for_room(set(Introduction.objects.filter(pk__in=batch).values_list("supply", flat=True)))


def _lacking(row: Refusal) -> int:
    """The record in which something was missed; officers speak of what is offered."""
    return row.need_id if row.side == "supply" else row.supply_id


def _is_answered(row: Refusal, mended: Mapping[tuple[int, str], datetime], left: Mapping[int, int]) -> bool:
    if MEANINGS[row.reason].room:
        return has_more_room(row.stood, left.get(row.supply_id))
    if not MEANINGS[row.reason].text:
        return is_lifted(row.reason, row.stood, matching_facts(row.need), facts_of(row.supply))
    untold = may_be_missed(row.need if row.side == "supply" else own_row(row.supply))
    return not any(lack in untold and not is_mended(mended, _lacking(row), lack, row.at) for lack in row.lacks)


def _lift(ids: Sequence[int]) -> int:
    with journal.writing():
        rows = Refusal.objects.filter(pk__in=ids).select_related("need__record", *own_rows("supply__"))
        rows = rows.prefetch_related(*related_rows("supply__"))
        mended = mended_of({_lacking(row) for row in rows if row.lacks})
        left = room_left(list({row.supply_id: row.supply for row in rows if MEANINGS[row.reason].room}.values()))
        pairs = [row for row in rows if _is_answered(row, mended, left)]
        # Whoever refuses anew meanwhile makes a row of their own.
        lifted = {row.pk for row in pairs if Refusal.objects.filter(pk=row.pk, lifted_at=None).update(lifted_at=now())}
        for row in pairs:
            if row.pk in lifted:
                for record, other in ((row.need.record, row.supply), (row.supply, row.need.record)):
                    journal.note(
                        "match.lift",
                        record=record,
                        actor=SYSTEM,
                        data={"other": str(other.uid), "side": row.side, "reason": row.reason},
                    )
    return len(lifted)
