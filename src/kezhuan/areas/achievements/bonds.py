"""What an achievement is bound by: the contracts, agreements and equity here tell it, and nobody disposes of it beside
them."""

import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import listed


@dataclass(frozen=True)
class Bond:
    """A deal that binds an achievement, known by any of its `codes`, and said in the reader's language. When it is
    `gone` the unit has nothing left to dispose of; else somebody has the use of it alone."""

    codes: tuple[str, ...]
    gone: bool
    text: str


Tell = Callable[[Record], Iterable[Bond]]
_tells: list[Tell] = []


def tell_bonds_by(tell: Tell) -> None:
    """Register what tells bonds of an achievement of a unit: the kinds that bind stand above achievements."""
    if tell not in _tells:
        _tells.append(tell)


def bonds_of(achievement: Record, besides: Collection[str] = ()) -> list[Bond]:
    """What binds the achievement of its unit today, but for the deals of these codes."""
    return [one for tell in _tells for one in tell(achievement) if not set(one.codes) & set(besides)]


def check_free(
    achievement: Record, *, besides: Collection[str] = (), said: str | None = None, field: str = "achievement"
) -> Iterable[Problem]:
    """What is given away is not disposed of again; beside an exclusive licence only where what is `said` names it by
    its code, and nowhere without words of its own."""
    bonds = bonds_of(achievement, besides)
    if gone := [one.text for one in bonds if one.gone]:
        message = _("The unit has given this achievement away: %(what)s. It is not granted, priced or licensed again.")
        yield Problem("achievement-gone", message % {"what": listed(gone)}, field)
        return
    words = None if said is None else _folded(said)
    shut = [one.text for one in bonds if words is None or not any(_folded(code) in words for code in one.codes)]
    if shut:
        message = _("Somebody has the use of this achievement alone: %(what)s. End that first, or wait until it ends.")
        if said is not None:
            message = _(
                "Somebody has the use of this achievement alone: %(what)s. Say in words, with that code, how this"
                " stands beside it."
            )
        yield Problem("achievement-exclusive", message % {"what": listed(shut)}, field)


def _folded(words: str) -> str:
    """A code is the same in small letters and in wide ones."""
    return unicodedata.normalize("NFKC", words).casefold()
