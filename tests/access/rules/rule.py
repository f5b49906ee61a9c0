"""What a rule of an address says, and who is meant in many of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kezhuan.kernel.access import WRITERS, Actor, can_view

Allows = Callable[[Actor, Any], bool]


@dataclass(frozen=True)
class Rule:
    """`allows` says who gets an answer; `places` names the samples, without which the address takes no arguments.

    `by` is the method, `form` what is posted, if need be about the sample, with a `file` or without; a list is asked
    for its file beside. On the `way_in` everybody may be sent to the sign-in page.
    """

    allows: Allows
    places: str = ""
    by: str = "get"
    form: dict[str, Any] | Callable[[Any], dict[str, Any]] = field(default_factory=dict)
    way_in: bool = False
    file: bool = False

    def sends(self, subject: Any) -> dict[str, Any]:
        """What is posted about a sample."""
        return self.form(subject) if callable(self.form) else self.form


def everybody(_actor: Actor, _subject: Any) -> bool:
    """Visitors too."""
    return True


def nobody(_actor: Actor, _subject: Any) -> bool:
    """Nobody without the secret of the link."""
    return False


def signed_in(actor: Actor, _subject: Any) -> bool:
    """Who has an account."""
    return actor.is_signed_in


def writes(actor: Actor, _subject: Any) -> bool:
    """Who writes for an organisation."""
    return actor.organisation is not None and bool(actor.roles & WRITERS)


def sees(actor: Actor, row: Any) -> bool:
    """Who may know of the record."""
    return can_view(actor, row.record)


def both(*allowed: Any) -> Allows:
    """Who sees the row and is allowed by every one of these predicates."""
    return lambda actor, row: sees(actor, row) and all(bool(one(actor, row)) for one in allowed)


def named(*allowed: Any) -> Allows:
    """Who may begin something for the row that a body names; to whoever does not see it its code is an unknown one
    (422)."""
    asked = both(*allowed)
    return lambda actor, row: actor.is_signed_in and (not sees(actor, row) or asked(actor, row))


def at_stage(stage: str) -> Allows:
    """Whether a record is at a stage."""
    return lambda _actor, row: row.record.stage == stage


def own(actor: Actor, subject: Any) -> bool:
    """Whose it is."""
    return actor.person is not None and subject.person_id == actor.person.pk


def in_full(actor: Actor, row: Any) -> bool:
    """Who reads all of a record but its inner part."""
    return can_view(actor, row.record, "full")


EVERYBODY = Rule(everybody)
WAY_IN = Rule(everybody, way_in=True)
SIGNED_IN = Rule(signed_in)
WITHOUT_LINK = "links"
