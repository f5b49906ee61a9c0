"""A refusal is lifted when what its reason spoke of has changed since and misses no longer: the pair may be suggested
again. The refusal stays as it was said, for learning and for the improvement list."""

from collections.abc import Sequence

from django.db.models import Q

from kezhuan.areas.matches.meanings import MEANINGS, is_lifted
from kezhuan.areas.matches.models import Refusal
from kezhuan.areas.matches.supply import facts_of, own_rows, related_rows
from kezhuan.areas.needs.queries import matching_facts
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.text import batches, now

_AFTER_CHANGE = tuple(reason for reason, meaning in MEANINGS.items() if meaning.facts)


def lift_refusals(changed: Sequence[int], *, anew: bool) -> int:
    """Lift what the changed needs and results have answered, or look at all refusals; returns how many were lifted."""
    standing = Refusal.objects.filter(lifted_at=None, reason__in=_AFTER_CHANGE).exclude(stood={})
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


def _lift(ids: Sequence[int]) -> int:
    with journal.writing():
        rows = Refusal.objects.filter(pk__in=ids).select_related("need__record", *own_rows("supply__"))
        rows = rows.prefetch_related(*related_rows("supply__"))
        facts = ((row, matching_facts(row.need), facts_of(row.supply)) for row in rows)
        pairs = [row for row, need, supply in facts if is_lifted(row.reason, row.stood, need, supply)]
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
