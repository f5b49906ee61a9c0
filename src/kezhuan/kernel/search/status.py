"""How far an index has followed the journal."""

from __future__ import annotations

from dataclasses import dataclass

AT_ONCE = 400
"""So many changed records are indexed before a search answers; more are taken in by a thread while searches go on."""


@dataclass(frozen=True)
class Status:
    """How far the index is: entry reached, number and hash of the journal's head, and how many documents it holds."""

    reached: int
    as_of: tuple[int, str]
    documents: int

    @property
    def behind(self) -> int:
        """Entries that are in the journal and not yet in the index."""
        return max(0, self.as_of[0] - self.reached)

    @property
    def backlog(self) -> int:
        """The same when it is more than a search takes in before it answers, otherwise 0."""
        return self.behind if self.behind > AT_ONCE else 0
