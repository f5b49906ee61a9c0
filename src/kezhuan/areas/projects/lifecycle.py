"""A project is drafted, its task book filed and signed, it runs, is accepted or ends: the stages of its life and its
moves."""

# long: one life from task book to evaluation, with what follows each of its moves

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.application_actions import keep_of_award
from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.limiting import hold_units, rules_of, signing_problems
from kezhuan.areas.calls.permissions import list_readers
from kezhuan.areas.projects.book_actions import carry_out_change, fix_wording, refuse_change
from kezhuan.areas.projects.changing import check_change
from kezhuan.areas.projects.checks import (
    BOOK,
    check_advised,
    check_evaluation,
    check_evidence,
    check_landed,
    check_milestones_passed,
    check_no_change,
    check_panel,
    check_settled,
    check_signed,
)
from kezhuan.areas.projects.milestone_actions import count_milestones
from kezhuan.areas.projects.models import RESERVED, Change, Decision, MemberState, Milestone, PaymentState, Project
from kezhuan.areas.projects.permissions import CHANGING, LIVING, PROGRAMME, decides, is_changing
from kezhuan.areas.projects.queries import members_of, sides_of, wording_of
from kezhuan.areas.projects.terms import check_terms
from kezhuan.kernel import clocks, rulebook
from kezhuan.kernel.access import (
    Actor,
    Audiences,
    is_officer,
    is_system,
    officer_tokens,
    organisation_token,
    represents_owner,
)
from kezhuan.kernel.errors import Refused, Text
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import Content
from kezhuan.kernel.text import listed, now, today, wan_from_fen


def project_audience(row: Project) -> Audiences:
    """The task book is read by the leader, its members and those asked to be one, the poster, and the officers in
    charge; once it is filed everybody who reads the list of the call sees that there is a project, of whom and for
    what money."""
    record = row.record
    if record.stage == "void":
        return Audiences.nested()
    units = {
        *filter(None, (row.poster_id, row.user_id)),
        *row.members.filter(state__in=LIVING).values_list("organisation", flat=True),
    }
    units |= set(
        Change.objects.filter(project=row.pk, approved=None, joining__isnull=False).values_list("joining", flat=True)
    )
    own = frozenset({organisation_token(record.owner_id)} if record.owner_id else ())
    readers = list_readers(row.application.item.call) if record.stage != "drafted" else frozenset()
    return Audiences.nested(
        title=readers,
        public=readers,
        full={organisation_token(one) for one in units},
        inner=own | officer_tokens(row.region, PROGRAMME),
    )  # fmt: skip


# -- what follows a move -----------------------------------------------------------------------------------------------


def _file(row: Project, _actor: Actor) -> None:
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


def note_decision(row: Project, actor: Actor, what: str, about: int | None = None) -> None:
    """Keep who decided, and which units' people were barred from it then."""
    barred = [list(one) for one in sides_of(row)]
    Decision.objects.create(project=row, what=what, about=about, by=actor.person, at=now(), barred=barred)


def _decided(what: str) -> Callable[[Project, Actor], None]:
    def note(row: Project, actor: Actor) -> None:
        note_decision(row, actor, what)

    return note


def make_due(row: Project, occasion: str, milestone: Milestone | None = None) -> None:
    """What waited for this is due from today."""
    waiting = row.payments.filter(state=PaymentState.PLANNED, occasion=occasion)
    if milestone is not None:
        waiting = waiting.filter(milestone=milestone)
    waiting.update(state=PaymentState.DUE, due_on=today())


def _free(row: Project, _actor: Actor) -> None:
    """What is not paid is not needed any more."""
    row.payments.filter(state__in=RESERVED).update(state=PaymentState.FREED)


def _drop_change(row: Project, _actor: Actor) -> None:
    """Nobody joins or leaves any more."""
    row.changes.filter(approved=None).update(approved=False, decided_on=today())


def _ask(row: Project, _actor: Actor) -> None:
    row.asked_at = now()
    row.save(update_fields=["asked_at"])


def _accept(row: Project, _actor: Actor) -> None:
    row.accepted_on = today()
    row.save(update_fields=["accepted_on"])
    make_due(row, Occasion.ACCEPTANCE)


def _sign(row: Project, _actor: Actor) -> None:
    row.signed_on = today()
    row.save(update_fields=["signed_on"])
    make_due(row, Occasion.SIGNING)


class _End:
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


def told_before_signing(row: Project) -> Content:
    """What a notice before the signing tells: who undertakes what for whom, with which members and money."""
    members = [one.organisation.record.title for one in members_of(row) if one.state == MemberState.ACCEPTED]
    item = row.application.item
    facts = (
        (_("Challenge") if row.poster is not None else _("Direction or field"), f"{item.number} {item.title}"),
        *([(_("Poster"), row.poster.record.title)] if row.poster is not None else []),
        (_("Consortium"), listed(members)),
        (_("Fiscal money"), f"{wan_from_fen(row.fiscal_fen)} 万元"),
    )
    return Content(subject=row.record.title, facts=facts, text=row.record.summary)


ENDED = (
    ("goal", _("the goal cannot be reached")),
    ("poster", _("the poster has given up, or does not pay")),
    ("breach", _("the task book was broken")),
    ("other", _("another reason, named in the note")),
)
"""Why a project is ended before its time."""


def _note_change(row: Project, actor: Actor, what: str) -> None:
    """Before anything changes: who leaves is barred from the decision, and so is who joins."""
    number = row.changes.aggregate(last=Max("number"))["last"]
    note_decision(row, actor, what, number)


def _carry_out(row: Project, actor: Actor) -> None:
    _note_change(row, actor, "approve-change")
    carry_out_change(row, actor)
    keep_limits(row, actor)


def _refuse(row: Project, actor: Actor) -> None:
    _note_change(row, actor, "refuse-change")
    refuse_change(row, actor)


def _stays(row: Project, _actor: Actor) -> str:
    stage: str = row.record.stage
    return stage


def _answer_to_change(name: str, label: Text, then: Callable[[Project, Actor], None], **more: Any) -> Move:
    """An officer answers what was asked and says why; the project stays at its stage."""
    return Move(
        name,
        label,
        source=CHANGING,
        target=_stays,
        targets=tuple(sorted(CHANGING)),
        allowed=decides & is_changing,
        then=(then,),
        note="required",
        **more,
    )


consortium_followers: list[Callable[[Project, Actor], None]] = []
"""Steps of higher areas after each move of a project: who is of its consortium may have changed."""


def _tell_consortium(row: Project, actor: Actor) -> None:
    for follow in consortium_followers:
        follow(row, actor)


def _waits_for(row: Project) -> Organisation | None:
    return row.leader if row.record.stage in {"drafted", "running", "rectifying"} else None


PROJECT = Lifecycle(
    PROGRAMME,
    "X",
    stages=(
        Stage("drafted", Phase.DRAFT, _("task book being written")),
        Stage("filed", Phase.SUBMITTED, _("task book filed")),
        Stage("signed", Phase.ACTIVE, _("task book signed")),
        Stage("running", Phase.ACTIVE, _("under way")),
        Stage("suspended", Phase.ACTIVE, _("suspended"), aside=True),
        Stage("accepting", Phase.ACTIVE, _("acceptance asked for")),
        Stage("rectifying", Phase.ACTIVE, _("being put right"), aside=True),
        Stage("accepted", Phase.DONE, _("accepted (验收)")),
        Stage("evaluated", Phase.DONE, _("performance evaluated")),
        Stage("failed", Phase.FAILED, _("not accepted")),
        Stage("terminated", Phase.FAILED, _("terminated")),
        Stage("settled", Phase.FAILED, _("settled")),
        Stage("void", Phase.VOID, _("void")),
    ),
    moves=(
        Move(
            "file",
            _("File the task book"),
            source=frozenset({"drafted"}),
            target="filed",
            allowed=represents_owner,
            checks=(*BOOK, check_terms),
            then=(_file,),
            hint=_("You sign it with this; the members, the poster and then the bureau sign it as it stands."),
            primary=True,
        ),
        Move(
            "return",
            _("Send back to be changed"),
            source=frozenset({"filed"}),
            target="drafted",
            allowed=represents_owner | decides,
            note="required",
        ),
        Move(
            "sign",
            _("Sign the task book"),
            source=frozenset({"filed"}),
            target="signed",
            allowed=decides,
            checks=(*BOOK, check_signed, check_landed),
            then=(keep_limits, _sign, _decided("sign")),
            notice=told_before_signing,
            hint=_("For the bureau, after everybody else. The limits of the leader are asked again."),
            primary=True,
        ),
        Move(
            "begin",
            _("Begin the work"),
            source=frozenset({"signed"}),
            target="running",
            allowed=represents_owner,
            primary=True,
        ),
        _answer_to_change(
            "approve-change",
            _("Approve the change"),
            _carry_out,
            checks=(check_change,),
            hint=_("The task book becomes its next version, which members and poster sign."),
            primary=True,
        ),
        _answer_to_change("refuse-change", _("Refuse the change"), _refuse),
        Move(
            "suspend",
            _("Suspend"),
            source=frozenset({"signed", "running"}),
            target="suspended",
            allowed=decides,
            then=(_decided("suspend"),),
            note="required",
        ),
        Move(
            "resume",
            _("Resume the work"),
            source=frozenset({"suspended"}),
            target="running",
            allowed=decides,
            then=(_decided("resume"),),
            note="required",
            primary=True,
        ),
        Move(
            "ask-acceptance",
            _("Ask for acceptance"),
            source=frozenset({"running", "rectifying"}),
            target="accepting",
            allowed=represents_owner,
            checks=(check_milestones_passed, check_no_change, check_signed),
            then=(_ask,),
            hint=_("The first user reports, and a panel of the bureau judges."),
            primary=True,
        ),
        Move(
            "rectify",
            _("Have it put right"),
            source=frozenset({"accepting"}),
            target="rectifying",
            allowed=decides,
            then=(_decided("rectify"),),
            note="required",
        ),
        Move(
            "accept",
            _("Accept the result"),
            source=frozenset({"accepting"}),
            target="accepted",
            allowed=decides,
            checks=(check_evidence, check_panel, check_advised),
            then=(_accept, _decided("accept")),
            primary=True,
        ),
        Move(
            "fail",
            _("Do not accept"),
            source=frozenset({"accepting"}),
            target="failed",
            allowed=decides,
            checks=(check_panel,),
            then=(_free, _decided("fail")),
            note="required",
            danger=True,
        ),
        Move(
            "evaluate",
            _("Evaluate the performance (绩效评价)"),
            source=frozenset({"accepted"}),
            target="evaluated",
            allowed=decides,
            checks=(check_evaluation,),
            then=(_decided("evaluate"),),
            note="required",
        ),
        Move(
            "settle",
            _("Close the settlement"),
            source=frozenset({"failed", "terminated"}),
            target="settled",
            allowed=decides,
            checks=(check_settled,),
            then=(_decided("settle"),),
            primary=True,
        ),
        Move(
            "terminate",
            _("Terminate"),
            source=frozenset({"filed", "signed", "running", "suspended", "rectifying"}),
            target="terminated",
            allowed=decides,
            checks=(check_no_change,),
            then=(_free, _decided("terminate")),
            reasons=ENDED,
            note="required",
            danger=True,
        ),
        Move(
            "leave-race",
            _("Leave the race"),
            source=frozenset({"drafted", "filed", "signed", "running", "suspended", "rectifying", "accepting"}),
            target="terminated",
            allowed=is_system,
            then=(_free, _drop_change),
        ),
        Move(
            "void",
            _("Declare void"),
            source=frozenset({"drafted"}),
            target="void",
            allowed=is_officer,
            note="required",
            hint=_("Only for what was entered here by mistake."),
            danger=True,
        ),
    ),
    audience=project_audience,
    then=(_End(), clocks.restart(_waits_for, returned={"drafted"}), count_milestones, _tell_consortium),
)
