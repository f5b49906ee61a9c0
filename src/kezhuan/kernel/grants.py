"""Grants: access to one record that membership does not give, to a person or an organisation, for a time or for good.

A grant with days is a token of its own, which its party holds in these days alone: where they end, access ends by
itself. One without days stands in the audience by its party's own token, and ends when somebody takes it back.
"""

from datetime import date, timedelta

from django.db.models import Q, QuerySet

from kezhuan.kernel.access import grant_token, organisation_token, person_token
from kezhuan.kernel.models import Grant, Record
from kezhuan.kernel.present import is_there
from kezhuan.kernel.text import today


def grant(record: Record, party: Record, role: str, until: date | None = None, since: date | None = None) -> bool:
    """Give a party access to a record in a role; giving it twice is giving it once. Returns whether it is new, or had
    ended meanwhile."""
    held = _in_force(Grant.objects.filter(record=record, party=party, role=role)).exists()
    Grant.objects.update_or_create(record=record, party=party, role=role, defaults={"until": until, "since": since})
    return not held


def end_grant(record: Record, party: Record, role: str) -> bool:
    """Take back what `grant` gave, from this moment on. Returns whether anything was in force."""
    held = _in_force(Grant.objects.filter(record=record, party=party, role=role))
    return held.update(until=today() - timedelta(days=1)) > 0


def _in_force(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    return grants.filter(Q(until=None) | Q(until__gte=today()))


def granted_tokens(record: Record, role: str) -> frozenset[str]:
    """Tokens of those who hold a grant of this role on the record, today or from a later day on."""
    if not is_there("SELECT 1 FROM kernel_grant WHERE record_id = %s AND role = %s LIMIT 1", record.pk, role):
        return frozenset()
    rows = _in_force(Grant.objects.filter(record=record, role=role)).select_related("party")
    return frozenset(token_of(one) for one in rows)


def token_of(one: Grant) -> str:
    """By which token a grant gives access: its own while it has days, else that of its party."""
    if one.since is not None or one.until is not None:
        return grant_token(one.pk)
    return organisation_token(one.party_id) if one.party.kind == "organisation" else person_token(one.party_id)
