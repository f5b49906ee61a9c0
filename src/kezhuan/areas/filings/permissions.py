"""Who hands a unit's filings over to a bureau's own instance, and who takes them in there."""

from kezhuan.kernel.access import Actor
from kezhuan.kernel.models.parties import Role


def hands_over(actor: Actor) -> bool:
    """Acts for a unit as its administrator, who reads whatever it files; not as a deputy of one programme."""
    return actor.organisation is not None and not actor.programme and Role.ADMINISTRATOR in actor.roles


def takes_in(actor: Actor) -> bool:
    """Is an officer in charge of something: which packages they take in follows from whom these are for."""
    return bool(actor.charges)
