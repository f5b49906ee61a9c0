"""Where a record came from that a file opened: told beside it, so that nothing done elsewhere seems to be done here."""

from typing import Any

from kezhuan.exchange.models import State
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record

ORIGINS = "record__imports__of"
"""What lists prefetch beside their rows to tell it."""


def brought_from(record: Record) -> str:
    """The source of the import that opened a record; empty for one that was opened here, or whose import was undone."""
    found = [one.of.source for one in record.imports.all() if one.is_new and one.of.state != State.UNDONE]
    return found[0] if found else ""


def origin(_actor: Actor, row: Any) -> str:
    """The same of an own row, as a column of a sheet."""
    return brought_from(row.record)
