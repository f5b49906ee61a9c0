"""Audiences that several kinds share: of what is kept inside a unit, and of what it hands in."""

from collections.abc import Iterable
from typing import Any

from kezhuan.kernel.access import Audiences, officer_tokens, region_of
from kezhuan.kernel.lifecycle import DISCARDED
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import role_tokens


def inside(record: Record, roles: Iterable[str], others: Iterable[str] = ()) -> Audiences:
    """The members of the record's unit in these roles, and who holds one of the tokens `others`. No officer, and no
    other member; of a discarded record nobody."""
    if record.stage == DISCARDED or record.owner_id is None:
        return Audiences.nested()
    return Audiences.nested(inner=role_tokens(record.owner_id, roles).union(others))


def handed_in(row: Any, own: frozenset[str]) -> Audiences:
    """A draft is its unit's, for who holds one of the tokens `own`; what is handed in, the officers' in charge too. Of
    a discarded one nobody's."""
    record = row.record
    if record.stage == DISCARDED:
        return Audiences.nested()
    if record.phase == Phase.DRAFT:
        return Audiences.nested(inner=own)
    officers = officer_tokens(region_of(row), record.kind)
    return Audiences.nested(full=own | officers, inner=own or officers)
