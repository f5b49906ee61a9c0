"""Readiness of rights (权属状况): whether what somebody asks to take over or to use can be given as it stands.

Which states there are follows what offices ask of a result before its rights are granted or handed over: whether the
right is granted (已授权), and what encumbers it (权利负担): licence, pledge, dispute, co-owners who have not agreed.
What follows from a state is for the two sides to settle; the program counts what is still open and says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .records import Facts

SETTLED = ("clear_title", "right_granted")
"""States in which nothing is to be settled: free of encumbrances, co-owners agreed; granted or registered."""
OPEN = ("not_granted", "co_owners_open", "exclusively_licensed", "pledged", "in_dispute")
"""States of which each is to be settled first; 独占 and 排他许可 are both exclusive."""
STATES = (*SETTLED, *OPEN)
ASKING = frozenset({"transfer", "licence", "equity"})
"""Modes of cooperation that hand rights over or give leave to use them; the others work without."""


def asks(need: Facts, modes: Collection[str]) -> bool:
    """Whether a need asks a record of these modes for its rights: it does unless a mode that both sides have in common
    (or, with none in common, one that is asked for) does without."""
    return (need.modes.intersection(modes) or need.modes) <= need.rights


def still_open(states: Collection[str]) -> tuple[str, ...] | None:
    """What has to be settled before rights that stand so can be handed over or used; empty when they are ready, None
    when the states say neither."""
    return among(OPEN, states) or (() if among(SETTLED, states) else None)


def among(states: Iterable[str], said: Collection[str]) -> tuple[str, ...]:
    """Those of some states that are said, in the order of the list."""
    return tuple(one for one in states if one in said)
