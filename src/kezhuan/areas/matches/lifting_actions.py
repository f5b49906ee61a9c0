"""A refusal is lifted when what its reason spoke of has changed since and misses no longer: the pair may be suggested
again. The refusal stays as it was said, for learning and for the improvement list."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from kezhuan.areas.matches.meanings import MEANINGS, is_lifted, may_be_missed
from kezhuan.areas.matches.missing import is_mended, mended_of
from kezhuan.areas.matches.models import Refusal
from kezhuan.areas.matches.supply import facts_of, own_rows, related_rows
from kezhuan.areas.needs.queries import matching_facts
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.registry import own_row
from kezhuan.kernel.text import batches, now

_AFTER_CHANGE = tuple(reason for reason, meaning in MEANINGS.items() if meaning.facts)
_OF_TEXT = tuple(reason for reason, meaning in MEANINGS.items() if meaning.text)


def lift_refusals(changed: Sequence[int], *, anew: bool) -> int:
    """Lift what the changed needs and results have answered, or look at all refusals; returns how many were lifted."""
    of_facts = Q(reason__in=_AFTER_CHANGE) & ~Q(stood={})
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


def _lacking(row: Refusal) -> int:
    """The record in which something was missed; officers speak of what is offered."""
    return row.need_id if row.side == "supply" else row.supply_id


def _is_answered(row: Refusal, mended: Mapping[tuple[int, str], datetime]) -> bool:
    if not MEANINGS[row.reason].text:
        return is_lifted(row.reason, row.stood, matching_facts(row.need), facts_of(row.supply))
    untold = may_be_missed(row.need if row.side == "supply" else own_row(row.supply))
    return not any(lack in untold and not is_mended(mended, _lacking(row), lack, row.at) for lack in row.lacks)


def _lift(ids: Sequence[int]) -> int:
    with journal.writing():
        rows = Refusal.objects.filter(pk__in=ids).select_related("need__record", *own_rows("supply__"))
        rows = rows.prefetch_related(*related_rows("supply__"))
        mended = mended_of({_lacking(row) for row in rows if row.lacks})
        pairs = [row for row in rows if _is_answered(row, mended)]
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
