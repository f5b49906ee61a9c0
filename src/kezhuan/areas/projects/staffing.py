"""牵头单位参与人员: the people of the leader who take part in a project, by name, with the share of their time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean

MOST_STAFF = 50


@dataclass(frozen=True)
class Staffer:
    """Somebody of the leader: name, part in the project, share of their time in basis points."""

    name: str
    part: str
    share_bp: int


def as_rows(staff: Sequence[Staffer]) -> list[list[Any]]:
    """As a project keeps them."""
    return [[clean(one.name), clean(one.part), one.share_bp] for one in staff]


def staff_of(row: Any) -> tuple[Staffer, ...]:
    """The leader's people in a project."""
    return tuple(Staffer(*one) for one in row.staff)


def in_words(rows: Sequence[Sequence[Any]]) -> str:
    """The people of a project, one a line, as they are typed."""
    return "\n".join(f"{name}，{part}，{share_bp / 100:g}%" for name, part, share_bp in rows)


def staff_problems(staff: Sequence[Staffer]) -> Iterator[Problem]:
    """What is wrong with the people as they are written; that there are some is asked when the task book is filed."""
    if len(staff) > MOST_STAFF:
        yield Problem("rows-many", _("At most %(most)s rows stand here.") % {"most": MOST_STAFF}, "staff")
    names = [clean(one.name) for one in staff]
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        yield Problem("staff-twice", _("%(name)s stands here twice.") % {"name": twice[0][:30]}, "staff")
    for one in staff:
        if not clean(one.name) or not clean(one.part) or not 0 < one.share_bp <= 10_000:
            message = _("Give of everybody the name, the part in the project, and a share of time up to 100 percent.")
            yield Problem("staff-incomplete", message, "staff")
            return


def check_staff(row: Any) -> Iterator[Problem]:
    """The leader takes part itself: at least one of its people is named with the share of their time."""
    if not row.staff:
        message = _("The leader takes part itself: name at least one of its people with the share of their time.")
        yield Problem("staff-missing", message, "staff")
