"""What tells of records follows who sees them: notices about them, extracts that hold them. And who may see what is
inner at all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kezhuan.kernel.access import GROUPS, PUBLIC, Audiences, audience_ids, person_token
from kezhuan.kernel.models import Record
from kezhuan.kernel.roles import is_token_of


@dataclass(frozen=True)
class Changed:
    """Records that others may see than before; `hidden`: everybody saw until then what not everybody sees any more."""

    records: Sequence[Record]
    hidden: bool


_steps: list[Callable[[Changed], None]] = []


def follow(step: Callable[[Changed], None]) -> None:
    """Call `step`, in the same transaction, with what changed. Called from an area's `apps.py`."""
    _steps.append(step)


def seen_by(record: Record) -> tuple[int, ...]:
    """The ids of the audiences of a record's four field groups."""
    return tuple(getattr(record, f"{group}_to_id") for group in GROUPS)


def tell(records: Sequence[Record], before: Sequence[tuple[int, ...]]) -> bool:
    """Call the steps for those of the records whose audiences are no longer `before`; whether there are any."""
    changed = [
        (record, was, now) for record, was in zip(records, before, strict=True) if was != (now := seen_by(record))
    ]
    if not changed:
        return False
    everybody = audience_ids([PUBLIC])[PUBLIC]
    hidden = any(one == everybody != other for _, was, now in changed for one, other in zip(was, now, strict=True))
    for step in _steps:
        step(Changed([record for record, _, _ in changed], hidden))
    return True


People = Callable[[Any], Iterable[int]]
"""The ids of people who are named in a row."""


def inside(audience: Callable[[Any], Audiences], named: People) -> Callable[[Any], Audiences]:
    """The audience of an inner kind; raises `ValueError` when it names anybody who does not act for the owner and is
    none of the people named in the row."""

    def of(row: Any) -> Audiences:
        found, owner = audience(row), row.record.owner_id
        people = {person_token(one) for one in named(row)}
        for token in frozenset().union(*(getattr(found, group) for group in GROUPS)) - people:
            if owner is None or not is_token_of(token, owner):
                raise ValueError(f"{row.record.kind} is an inner record of its unit, {token!r} is not of it")
        return found

    return of
