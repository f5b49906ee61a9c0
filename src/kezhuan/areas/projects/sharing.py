"""Money between the members of a consortium once its task book is signed: another share of a member, which the leader's
makes room for, so that together they stay the project's money to the fen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from kezhuan.areas.projects.models import Member, PaymentState, Project
from kezhuan.areas.projects.queries import members_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, wan_from_fen

SHARES = ("fiscal_fen", "own_fen")
"""What of a member an item changes."""


@dataclass(frozen=True)
class Moved:
    """The shares that a member beside the leader, by its code, shall have of fiscal and of own money (分); None: the
    same as before."""

    organisation: str
    fiscal_fen: int | None = None
    own_fen: int | None = None


def by_number(row: Project) -> dict[int, Member]:
    """The members of a project by their number."""
    return {one.number: one for one in members_of(row)}


def _others(row: Project) -> dict[str, Member]:
    """The members beside the leader, by code."""
    return {one.organisation.record.code: one for one in members_of(row) if one.organisation_id != row.leader_id}


def share_items(row: Project, wanted: Sequence[Moved]) -> list[dict[str, Any]]:
    """What differs between the shares as they stand and as they shall be: who gives first, as the leader may have none
    to give before."""
    members, found = _others(row), []
    for said in wanted:
        one = members.get(clean(said.organisation).upper())
        for what in SHARES if one is not None else ():
            new, old = getattr(said, what), getattr(one, what)
            if one is not None and new is not None and new != old:
                told = {"old": wan_from_fen(old), "new": wan_from_fen(new), "fen": new}
                found.append((new - old, {"what": what, "number": one.number, **told}))
    return [item for _more, item in sorted(found, key=itemgetter(0))]


def wanted_problems(row: Project, wanted: Sequence[Moved]) -> Iterator[Problem]:
    """Whose shares are asked for: members', each once, not the leader's own, which is what they leave."""
    codes, asked = _others(row), [clean(said.organisation).upper() for said in wanted]
    for code in dict.fromkeys(asked):
        if asked.count(code) > 1:
            yield Problem("change-share", _("%(name)s stands here twice.") % {"name": code[:30]}, "shares")
        if code not in codes:
            message = _("“%(code)s” is no member beside the leader, whose share is what the others leave.")
            yield Problem("change-share", message % {"code": code[:30]}, "shares")


def share_problems(row: Project, items: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """What stands against these shares: less than was paid to a member, or more than the leader has to give."""
    members = by_number(row)
    leader = next((one for one in members.values() if one.organisation_id == row.leader_id), None)
    for what in SHARES:
        asked = [one for one in items if one["what"] == what and one["number"] in members]
        given = sum(one["fen"] - getattr(members[one["number"]], what) for one in asked)
        if asked and (leader is None or given > getattr(leader, what)):
            message = _("The leader has %(fen)s 万元 of it to give to others.")
            fen = getattr(leader, what) if leader is not None else 0
            yield Problem("change-share", message % {"fen": wan_from_fen(fen)}, "shares")
        for one in asked:
            member = members[one["number"]]
            paid = paid_to(row, member) if what == "fiscal_fen" else 0
            if one["fen"] < paid:
                message = _("%(unit)s was paid %(paid)s 万元 already: its share is not less.")
                words = {"unit": member.organisation.record.title, "paid": wan_from_fen(paid)}
                yield Problem("change-share", message % words, "shares")


def burdened(row: Project, items: Sequence[Mapping[str, Any]]) -> list[Member]:
    """The members beside the leader to whose cost money moves: less fiscal money, or more of their own."""
    members = by_number(row)
    found: dict[int, Member] = {}
    for one in items:
        member = members.get(one["number"] or 0) if one["what"] in SHARES else None
        if member is None or member.organisation_id == row.leader_id:
            continue
        more = one["fen"] - getattr(member, one["what"])
        if more < 0 if one["what"] == "fiscal_fen" else more > 0:
            found[member.pk] = member
    return list(found.values())


def paid_to(row: Project, member: Member) -> int:
    """What was paid to a member itself."""
    rows = row.payments.filter(payee=member, state=PaymentState.PAID)
    return sum(rows.values_list("planned_fen", flat=True))


def share_place(row: Project, item: Mapping[str, Any]) -> str:
    """What an item changes, in words."""
    prefetch_related_objects([row], "members__organisation__record")  # once, however many items are told
    unit = next(one.organisation.record.title for one in row.members.all() if one.number == item["number"])
    words = {"fiscal_fen": _("Fiscal money of %(unit)s (万元)"), "own_fen": _("Own money of %(unit)s (万元)")}
    return words[item["what"]] % {"unit": unit}
