"""How a file is to be read, and the counts of what became of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation

COUNTS = ("read", "created", "updated", "unchanged", "rejected")
"""What is counted of an import's rows."""
OnMatch = Literal["create", "update", "forbid"]
LONGEST_SOURCE = 60
REGISTERS = frozenset({"uscc", "moe", "stock", "technology-contract"})
"""Schemes of numbers that registries give; no file's ids may pass for them."""


@dataclass(frozen=True)
class Settings:
    """How a file is to be read and what happens to a row whose record is there already.

    `source` is the scheme of the rows' ids (by default the file's name without endings), `shown_source` what records
    say of it when that is something else. `mapping` says which column a header stands for. `match_key` is `id`,
    `title` or a column of the kind's `match_keys`. Records enter at `stage` (by default the kind's own); `reason` is
    why, where that is beyond an approval or a notice (补录). Who `is_trusted` acts on the machine itself and is asked
    for no rights.
    """

    actor: Actor
    source: str = ""
    sheet: str | None = None
    owner: Organisation | None = None
    match_key: str = "id"
    on_match: OnMatch = "update"
    dry_run: bool = False
    language: Literal["zh", "en"] = "zh"
    shown_source: str | None = None
    mapping: Mapping[str, str] | None = None
    stage: str = ""
    reason: str = ""
    is_trusted: bool = True

    @property
    def options(self) -> dict[str, Any]:
        """The settings as they are kept with the import: codes and numbers."""
        owner = self.owner.pk if self.owner else None
        return {"sheet": self.sheet, "owner": owner, "match_key": self.match_key, "on_match": self.on_match}

    def stage_of(self, kind: Any, facts: Any) -> str:
        """The stage at which a row's record enters: the row's own where rows say it, else that of the whole file."""
        found: str = kind.stage_of(facts) or self.stage or kind.stage
        return found


@dataclass
class Counts:
    """What became of the rows."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def add(self, other: "Counts") -> None:
        """Add the counts of another file."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
