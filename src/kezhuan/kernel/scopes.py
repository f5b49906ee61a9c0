"""How far a program's key reaches, inside what its owner may do."""

from dataclasses import dataclass

EVERYTHING = "*"
"""In a scope: every kind and whatever else is named, also what comes later."""


@dataclass(frozen=True)
class Scope:
    """How far a program's key reaches: what it reads and what it changes, by kind (or another name of a scope)."""

    reads: frozenset[str] = frozenset({EVERYTHING})
    writes: frozenset[str] = frozenset({EVERYTHING})

    def lets_read(self, name: str) -> bool:
        """Whether what bears this name may be read; what may be changed may be read too."""
        return not {EVERYTHING, name}.isdisjoint(self.reads | self.writes)

    def lets_write(self, name: str) -> bool:
        """Whether what bears this name may be changed."""
        return not {EVERYTHING, name}.isdisjoint(self.writes)


UNLIMITED = Scope()
