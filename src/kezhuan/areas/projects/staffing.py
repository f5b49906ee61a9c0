"""参与人员: the people who take part in a project, by name, with the share of their time: of its leader (牵头单位), and
of members, among which a chain's leader names some in every project of its chain."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.projects.queries import members_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, listed

MOST_STAFF = 50
chain_leaders: list[Callable[[Any], Iterable[int]]] = []
"""Filled by the area of chains: whose tasks a project does, by the ids of the organisations."""


@dataclass(frozen=True)
class Staffer:
    """Somebody who takes part: name, part in the project, share of their time in basis points; the code of the member
    whose they are (none: the leader's)."""

    name: str
    part: str
    share_bp: int
    organisation: str = ""


def as_rows(staff: Sequence[Staffer], leader: str) -> list[list[Any]]:
    """As a project keeps them, of whose leader this is the code: what is the leader's own names no organisation."""
    found = []
    for one in staff:
        code = clean(one.organisation).upper()
        found.append([clean(one.name), clean(one.part), one.share_bp, *([code] if code and code != leader else [])])
    return found


def staff_of(row: Any) -> tuple[Staffer, ...]:
    """The people in a project."""
    return tuple(Staffer(*one) for one in row.staff)


def units_of_staff(row: Any) -> dict[str, Any]:
    """The records of the organisations whose people stand in a project, by the code that stands with them."""
    found = {one.organisation.record.code: one.organisation.record for one in members_of(row)}
    return {"": row.leader.record, **found}


def in_words(rows: Sequence[Sequence[Any]]) -> str:
    """The people of a project, one a line, as they are typed."""
    return "\n".join(
        "，".join((name, part, f"{share_bp / 100:g}%", *unit)) for name, part, share_bp, *unit in rows
    )  # fmt: skip


def staff_problems(staff: Sequence[Staffer], members: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the people as they are written, of members with these codes; that there are some is asked when
    the task book is filed."""
    if len(staff) > MOST_STAFF:
        yield Problem("rows-many", _("At most %(most)s rows stand here.") % {"most": MOST_STAFF}, "staff")
    names = [(clean(one.name), clean(one.organisation).upper()) for one in staff]
    if twice := sorted({name for name, code in names if name and names.count((name, code)) > 1}):
        yield Problem("staff-twice", _("%(name)s stands here twice.") % {"name": twice[0][:30]}, "staff")
    if strangers := sorted({code for _name, code in names if code and code not in members}):
        message = _("%(codes)s: people are of the leader or of a member, by its code.")
        yield Problem("staff-member", message % {"codes": listed(one[:30] for one in strangers)}, "staff")
    for one in staff:
        if not clean(one.name) or not clean(one.part) or not 0 < one.share_bp <= 10_000:
            message = _("Give of everybody the name, the part in the project, and a share of time up to 100 percent.")
            yield Problem("staff-incomplete", message, "staff")
            return


def _asked_of(row: Any) -> set[int]:
    """Whose chain's tasks a project does, beside its own leader."""
    return {unit for told in chain_leaders for unit in told(row)} - {row.leader_id}


def leaders_of_chains(row: Any) -> set[int]:
    """The members of a project whose chain's tasks it does, beside its own leader: each names people of its own."""
    asked = _asked_of(row)
    return {one.organisation_id for one in members_of(row) if one.organisation_id in asked} if asked else set()


def missing_staff(row: Any, rows: Sequence[Sequence[Any]]) -> Iterator[Problem]:
    """Whose people are missing among these rows of a project: the leader takes part itself, and so does the leader of
    the chain whose task it does: of each at least one is named with the share of their time."""
    codes = {unit[0] if unit else "" for _name, _part, _share, *unit in rows}
    if "" not in codes:
        message = _("The leader takes part itself: name at least one of its people with the share of their time.")
        yield Problem("staff-missing", message, "staff")
    asked = leaders_of_chains(row)
    for one in members_of(row) if asked else ():
        if one.organisation_id in asked and one.organisation.record.code not in codes:
            message = _("%(unit)s leads the chain and takes part itself: name at least one of its people, with its code"
                        " %(code)s.")  # fmt: skip
            words = {"unit": one.organisation.record.title, "code": one.organisation.record.code}
            yield Problem("staff-missing", message % words, "staff")


def check_staff(row: Any) -> Iterator[Problem]:
    """The leader, and the leader of its chain, take part themselves with people who are named."""
    yield from missing_staff(row, row.staff)
    if absent := _asked_of(row) - {one.organisation_id for one in members_of(row)}:
        names = Organisation.objects.filter(pk__in=absent).values_list("record__title", flat=True)
        message = _("%(units)s leads the chain whose task this is and takes part in every project: add it as a member.")
        yield Problem("chain-leader-absent", message % {"units": listed(names)}, "shares")
