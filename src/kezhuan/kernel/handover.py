"""What passes to a successor when somebody leaves a post: each area names its share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Organisation, Person


@dataclass(frozen=True)
class Share:
    """One sort of open item: what there is of it, each in a line, and how it passes on inside the open `writing()`.

    `items` takes the person and the organisation of the post; `pass_on` the same, the successor (who acts for the same
    organisation) and whoever hands over. What only ends with the post passes to nobody: `ends` says so.
    """

    label: Text
    items: Callable[[Person, Organisation], Sequence[str]]
    pass_on: Callable[[Person, Organisation, Person, Actor], None]
    ends: bool = False


_shares: list[Share] = []


def share(*shares: Share) -> None:
    """Name an area's share; called once when Django has loaded the models."""
    _shares.extend(shares)


def shares() -> tuple[Share, ...]:
    """Every share, in the order in which they were named."""
    return tuple(_shares)
