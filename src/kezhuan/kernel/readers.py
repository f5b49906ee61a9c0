"""What tells of a record follows who sees the record: notices about it, extracts that hold it."""

from collections.abc import Callable, Sequence

from kezhuan.kernel.access import PUBLIC, audience_ids
from kezhuan.kernel.models import Record

_steps: list[Callable[[Record, bool], None]] = []


def follow(step: Callable[[Record, bool], None]) -> None:
    """Call `step`, in the same transaction, with every record that others may see than before, and whether everybody
    saw until then what not everybody sees any more. Called from an area's `apps.py`."""
    _steps.append(step)


def tell(record: Record, before: Sequence[int], after: Sequence[int]) -> None:
    """Call the steps; `before` and `after` are the ids of the audiences of the four field groups."""
    everybody = audience_ids([PUBLIC])[PUBLIC]
    hidden = any(was == everybody != now for was, now in zip(before, after, strict=True))
    for step in _steps:
        step(record, hidden)
