"""What the minutes of a panel's meeting say: their text, and who was there."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kezhuan.areas.reviews.checks import SHOWN
from kezhuan.areas.reviews.models import Panel
from kezhuan.areas.reviews.queries import on_panel
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.text import clean, listed


@dataclass(frozen=True)
class Minutes:
    """What the minutes of a meeting say, which experts were there, by their numbers, and who else, in words."""

    text: str = ""
    attended: tuple[int, ...] = ()
    also_there: str = ""


def put_minutes(row: Panel, said: Minutes | None) -> None:
    """Write them onto a panel that the caller holds and saves. Raises `Refused` for an expert whom it does not have."""
    if said is None:
        return
    strangers = set(said.attended) - {one.number for one in on_panel(row)}
    if strangers:
        message = _("The panel has no experts %(numbers)s.") % {"numbers": listed(sorted(strangers)[:SHOWN])}
        raise Refused(Problem("attendance-unknown", message, "attended"))
    row.minutes, row.also_there = clean(said.text), clean(said.also_there)
    row.attended = sorted(set(said.attended))
