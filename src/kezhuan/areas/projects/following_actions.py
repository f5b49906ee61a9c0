"""What follows the moves of a project: limits asked again, payments due or freed, days and decisions kept."""

from collections.abc import Callable, Sequence

from django.db.models import Max

from kezhuan.areas.calls.application_actions import keep_of_award
from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.limiting import hold_units, rules_of, signing_problems
from kezhuan.areas.projects.book_actions import carry_out_change, fix_wording, refuse_change
from kezhuan.areas.projects.models import RESERVED, Decision, Milestone, PaymentState, Project
from kezhuan.areas.projects.permissions import LIVING, decides
from kezhuan.areas.projects.queries import members_of, rivals_of, sides_of, wording_of
from kezhuan.kernel import rulebook
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.text import now, today


def file_book(row: Project, _actor: Actor) -> None:
    """Whoever files the task book signs it for the leader; the others are asked to."""
    row.members.filter(organisation=row.leader, state__in=LIVING).update(signed=wording_of(row))
    fix_wording(row)


def keep_limits(row: Project, actor: Actor) -> None:
    """What stays with the leader by the shares of its members counts from now on: the leader is held until the
    transaction ends, then the limits of the call's kind and year are asked again."""
    application, call = row.application, row.application.item.call
    hold_units([row.leader_id])
    own = sum(one.fiscal_fen for one in members_of(row) if one.organisation_id == row.leader_id)
    if problems := list(signing_problems(application, own)):
        raise Refused(problems)
    keep_of_award(actor=actor, application=application, kept_fen=own)
    rulebook.stamp((row.record, rule) for rule in rules_of(call).values())


def note_decision(row: Project, actor: Actor, what: str, about: int | None = None, *, raced: bool = False) -> None:
    """Keep who decided, and which units' people were barred from it then: of what is decided in a race, all teams'."""
    barred = [list(one) for one in (*sides_of(row), *(rivals_of(row) if raced else ()))]
    Decision.objects.create(project=row, what=what, about=about, by=actor.person, at=now(), barred=barred)


def decided(what: str) -> Callable[[Project, Actor], None]:
    """The step that keeps who took this decision."""

    def note(row: Project, actor: Actor) -> None:
        note_decision(row, actor, what)

    return note


def note_returned(row: Project, actor: Actor) -> None:
    """That the bureau sends a task book back is its decision; that the leader takes it back is none."""
    if decides.test(actor, row):
        note_decision(row, actor, "return")


def make_due(row: Project, occasion: str, milestone: Milestone | None = None) -> None:
    """What waited for this is due from today."""
    waiting = row.payments.filter(state=PaymentState.PLANNED, occasion=occasion)
    if milestone is not None:
        waiting = waiting.filter(milestone=milestone)
    waiting.update(state=PaymentState.DUE, due_on=today())


def free_payments(row: Project, _actor: Actor) -> None:
    """What is not paid is not needed any more."""
    row.payments.filter(state__in=RESERVED).update(state=PaymentState.FREED)


def drop_change(row: Project, _actor: Actor) -> None:
    """Nobody joins or leaves any more."""
    row.changes.filter(approved=None).update(approved=False, decided_on=today())


def note_asked(row: Project, _actor: Actor) -> None:
    """The day and hour on which acceptance was asked for."""
    row.asked_at = now()
    row.save(update_fields=["asked_at"])


def note_accepted(row: Project, _actor: Actor) -> None:
    """The day of acceptance, from which what waited for it is due."""
    row.accepted_on = today()
    row.save(update_fields=["accepted_on"])
    make_due(row, Occasion.ACCEPTANCE)


def note_signed(row: Project, _actor: Actor) -> None:
    """The day of the signing, from which what waited for it is due."""
    row.signed_on = today()
    row.save(update_fields=["signed_on"])
    make_due(row, Occasion.SIGNING)


class EndVoid:
    """What is void, however it came there, takes the place of no other any more, and nothing is paid by it."""

    def __call__(self, row: Project, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Project], _actor: Actor) -> None:
        """The same for many that came to one stage together."""
        for row in rows:
            if row.record.stage == "void":
                row.alive = False
                row.save(update_fields=["alive"])
                row.payments.update(state=PaymentState.FREED, paid_on=None, voucher="")


def _note_change(row: Project, actor: Actor, what: str) -> None:
    """Before anything changes: who leaves is barred from the decision, and so is who joins."""
    number = row.changes.aggregate(last=Max("number"))["last"]
    note_decision(row, actor, what, number)


def carry_out(row: Project, actor: Actor) -> None:
    """The change that was asked for takes place, and the limits are asked again."""
    _note_change(row, actor, "approve-change")
    carry_out_change(row, actor)
    keep_limits(row, actor)


def refuse(row: Project, actor: Actor) -> None:
    """The change that was asked for does not take place."""
    _note_change(row, actor, "refuse-change")
    refuse_change(row, actor)
