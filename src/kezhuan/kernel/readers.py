"""What tells of records follows who sees them: notices about them, extracts that hold them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kezhuan.kernel.access import GROUPS, PUBLIC, audience_ids
from kezhuan.kernel.models import Record


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
