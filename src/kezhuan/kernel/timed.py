"""Grants that have days: whoever holds one sees by it on these days, and nobody does anything. Inspections are such."""

from django.db.models import Q

from kezhuan.kernel.models import Grant
from kezhuan.kernel.present import is_there
from kezhuan.kernel.text import today

GRANT = "grant"


def grant_token(grant_id: int) -> str:
    """The token of a grant that has days: its party holds it in these days alone, without anybody's doing."""
    return f"{GRANT}:{grant_id}"


INSPECTION = "inspection-"
"""Beginning of the roles of grants by which somebody inspects; they end with the number of the inspection."""


def held_by(person: int, organisation: int | None = None) -> tuple[frozenset[str], frozenset[tuple[str, int]]]:
    """The tokens of the grants with days that somebody holds today, or the organisation they act for, and which
    inspection gives which of them."""
    statement = "SELECT 1 FROM kernel_grant WHERE party_id IN (%s, %s) AND until IS NOT NULL LIMIT 1"
    parties = person, organisation or person
    if not is_there(statement, *parties):
        return frozenset(), frozenset()
    day = today()
    rows = Grant.objects.filter(party__in=parties, until__gte=day).filter(Q(since=None) | Q(since__lte=day))
    held = [(grant_token(pk), role) for pk, role in rows.values_list("pk", "role")]
    admitted = {(token, int(role.rpartition(":")[2])) for token, role in held if role.startswith(INSPECTION)}
    return frozenset(token for token, _role in held), frozenset(admitted)
