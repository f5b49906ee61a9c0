"""What becomes of a signed task book: a change that was approved is carried out, its version is renewed, and everybody
who has signed is asked to sign it anew."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kezhuan.areas.calls.telling_actions import tell_writers
from kezhuan.areas.projects.changing import TASK
from kezhuan.areas.projects.models import RESERVED, Change, MemberState, Project
from kezhuan.areas.projects.queries import commitments_of, members_of, next_number, open_change, wording_of
from kezhuan.areas.projects.sharing import SHARES, by_number, paid_to
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today

INVITED = "project.invited"
"""Letter: the receiver's unit is asked into a consortium, or to agree to a change."""
TO_SIGN = "project.to-sign"
"""Letter: the receiver's unit has a task book to sign as it stands."""
TOPIC = "projects"


def tell_unit(unit: Organisation, letter: str, *, key: str, content: Mapping[str, Any]) -> None:
    """Write to everybody who writes for a unit."""
    tell_writers({unit: content}, letter, key=key, topic=TOPIC)


def fix_wording(row: Project) -> None:
    """Keep the hash of the task book as it stands, and ask everybody who has not signed it to do so."""
    row.wording = wording_of(row)
    row.save(update_fields=["wording"])
    units = {one.organisation_id: one.organisation for one in members_of(row) if one.signed != row.wording}
    if (
        row.poster is not None
        and row.poster_signed != row.wording
        and not row.members.filter(organisation=row.poster, signed=row.wording).exists()
    ):
        units[row.poster.pk] = row.poster
    for unit in units.values():
        if unit.pk != row.leader_id or row.signed_on is not None:
            tell_unit(unit, TO_SIGN, key=f"{TO_SIGN}:{row.pk}:{row.wording[:16]}", content={"project": row.pk})


def renew_book(row: Project) -> None:
    """A signed task book has changed: it is its next version from now on."""
    row.book_version += 1
    row.save(update_fields=["book_version"])
    fix_wording(row)


def carry_out_change(row: Any, _actor: Actor) -> None:
    """Do what the open change says; the leader, who has asked for it, has signed the new version with that."""
    change = open_change(row)
    assert change is not None
    _carry_out_items(row, change)
    if change.leaving is not None:
        _change_members(row, change)
    elif change.joining is not None:
        task = next(one["new"] for one in change.items if one["what"] == TASK)
        row.members.create(
            number=row.members.count() + 1, organisation=change.joining, state=MemberState.ACCEPTED, task=task,
            since=today(),
        )  # fmt: skip
    row.members.filter(organisation=row.leader, state=MemberState.ACCEPTED).update(signed=wording_of(row))
    renew_book(row)
    _close(change, row, approved=True)


def refuse_change(row: Any, _actor: Actor) -> None:
    """Everything stays as it is."""
    change = open_change(row)
    assert change is not None
    _close(change, row, approved=False)


def _close(change: Change, row: Any, *, approved: bool) -> None:
    change.approved, change.verdict, change.decided_on = approved, row.said, today()
    change.version = row.book_version if approved else None
    change.save(update_fields=["approved", "verdict", "decided_on", "version"])


def _carry_out_items(row: Project, change: Change) -> None:
    said = list(commitments_of(row))
    for one in change.items:
        what, number, new = one["what"], one["number"], one["new"]
        if what == "ends_on":
            row.ends_on = date.fromisoformat(new)
        elif what == "staff":
            row.staff = one["rows"]
        elif what == "commitment":
            said[number - 1] = new
            row.commitments = said
        elif what == "removed":
            row.milestones.filter(number=number).delete()
        elif what == "added":
            _add_milestone(row, number, one["rows"])
        elif what in SHARES:
            _move_share(row, number, what, one["fen"])
        elif what != TASK:
            row.milestones.filter(number=number).update(**{what: date.fromisoformat(new) if what == "due_on" else new})
    row.save(update_fields=["ends_on", "commitments", "staff"])


def _move_share(row: Project, number: int, what: str, fen: int) -> None:
    """Give a member this share; the leader's makes room for it, and what the member is to be paid above it the leader
    is paid instead."""
    members = by_number(row)
    member, leader = members[number], next(one for one in members.values() if one.organisation_id == row.leader_id)
    setattr(leader, what, getattr(leader, what) + getattr(member, what) - fen)
    setattr(member, what, fen)
    for changed in (member, leader):
        changed.save(update_fields=[what])
    unpaid = list(row.payments.filter(payee=member, state__in=RESERVED).order_by("-number"))
    over = sum(one.planned_fen for one in unpaid) + paid_to(row, member) - member.fiscal_fen
    for one in unpaid:
        part = min(over, one.planned_fen)
        if part <= 0:
            break
        over -= part
        if part == one.planned_fen:
            one.payee = None
            one.save(update_fields=["payee"])
            continue
        one.planned_fen -= part
        one.save(update_fields=["planned_fen"])
        row.payments.create(
            number=next_number(row), part_of=one.part_of, source=one.source, occasion=one.occasion,
            milestone=one.milestone, planned_fen=part, state=one.state, due_on=one.due_on,
        )  # fmt: skip


def _add_milestone(row: Project, number: int, told: Mapping[str, str]) -> None:
    member = row.members.get(organisation__record__code=told["organisation"], state=MemberState.ACCEPTED)
    day = date.fromisoformat(told["due_on"])
    row.milestones.create(
        number=number, indicator=told["indicator"], due_on=day, method=told["method"], member=member
    )  # fmt: skip


def _change_members(row: Project, change: Change) -> None:
    """Task, shares and milestones of who leaves are from now on those of who comes, or of the leader; its people leave
    with it."""
    gone = change.leaving
    assert gone is not None
    gone.state, gone.until = MemberState.LEFT, today()
    gone.save(update_fields=["state", "until"])
    row.staff = [one for one in row.staff if one[3:] != [gone.organisation.record.code]]
    row.save(update_fields=["staff"])
    if change.joining is not None:
        heir = row.members.create(
            number=row.members.count() + 1, organisation=change.joining, state=MemberState.ACCEPTED, task=gone.task,
            fiscal_fen=gone.fiscal_fen, own_fen=gone.own_fen, since=today(), property_bp=gone.property_bp,
            benefit_bp=gone.benefit_bp,
        )  # fmt: skip
    else:
        heir = row.members.get(organisation=row.leader, state=MemberState.ACCEPTED)
        heir.fiscal_fen += gone.fiscal_fen
        heir.own_fen += gone.own_fen
        heir.property_bp += gone.property_bp
        heir.benefit_bp += gone.benefit_bp
        heir.save(update_fields=["fiscal_fen", "own_fen", "property_bp", "benefit_bp"])
    gone.milestones.update(member=heir)
    unpaid = row.payments.filter(payee=gone, state__in=RESERVED)
    unpaid.update(payee=heir if change.joining is not None else None)
