"""A project is drafted, its task book filed and signed, it runs, is accepted or ends: the stages of its life and its
moves."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.permissions import list_readers
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
from kezhuan.areas.projects.following_actions import (
    EndVoid,
    carry_out,
    decided,
    drop_change,
    file_book,
    free_payments,
    keep_limits,
    note_accepted,
    note_asked,
    note_returned,
    note_signed,
    refuse,
)
from kezhuan.areas.projects.milestone_actions import count_milestones
from kezhuan.areas.projects.models import Change, MemberState, Project
from kezhuan.areas.projects.permissions import CHANGING, LIVING, PROGRAMME, decides, is_changing
from kezhuan.areas.projects.queries import members_of
from kezhuan.areas.projects.terms import check_terms
from kezhuan.kernel import clocks
from kezhuan.kernel.access import (
    Actor,
    Audiences,
    is_system,
    officer_tokens,
    organisation_token,
    represents_owner,
)
from kezhuan.kernel.errors import Text
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import Content
from kezhuan.kernel.text import listed, wan_from_fen


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
            then=(file_book,),
            hint=_("You sign it with this; the members, the poster and then the bureau sign it as it stands."),
            primary=True,
        ),
        Move(
            "return",
            _("Send back to be changed"),
            source=frozenset({"filed"}),
            target="drafted",
            allowed=represents_owner | decides,
            then=(note_returned,),
            note="required",
        ),
        Move(
            "sign",
            _("Sign the task book"),
            source=frozenset({"filed"}),
            target="signed",
            allowed=decides,
            checks=(*BOOK, check_signed, check_landed),
            then=(keep_limits, note_signed, decided("sign")),
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
            carry_out,
            checks=(check_change,),
            hint=_("The task book becomes its next version, which members and poster sign."),
            primary=True,
        ),
        _answer_to_change("refuse-change", _("Refuse the change"), refuse),
        Move(
            "suspend",
            _("Suspend"),
            source=frozenset({"signed", "running"}),
            target="suspended",
            allowed=decides,
            then=(decided("suspend"),),
            note="required",
        ),
        Move(
            "resume",
            _("Resume the work"),
            source=frozenset({"suspended"}),
            target="running",
            allowed=decides,
            then=(decided("resume"),),
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
            then=(note_asked,),
            hint=_("The first user reports, and a panel of the bureau judges."),
            primary=True,
        ),
        Move(
            "rectify",
            _("Have it put right"),
            source=frozenset({"accepting"}),
            target="rectifying",
            allowed=decides,
            then=(decided("rectify"),),
            note="required",
        ),
        Move(
            "accept",
            _("Accept the result"),
            source=frozenset({"accepting"}),
            target="accepted",
            allowed=decides,
            checks=(check_evidence, check_panel, check_advised),
            then=(note_accepted, decided("accept")),
            primary=True,
        ),
        Move(
            "fail",
            _("Do not accept"),
            source=frozenset({"accepting"}),
            target="failed",
            allowed=decides,
            checks=(check_panel,),
            then=(free_payments, decided("fail")),
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
            then=(decided("evaluate"),),
            note="required",
        ),
        Move(
            "settle",
            _("Close the settlement"),
            source=frozenset({"failed", "terminated"}),
            target="settled",
            allowed=decides,
            checks=(check_settled,),
            then=(decided("settle"),),
            primary=True,
        ),
        Move(
            "terminate",
            _("Terminate"),
            source=frozenset({"filed", "signed", "running", "suspended", "rectifying"}),
            target="terminated",
            allowed=decides,
            checks=(check_no_change,),
            then=(free_payments, decided("terminate")),
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
            then=(free_payments, drop_change),
        ),
        Move(
            "void",
            _("Declare void"),
            source=frozenset({"drafted"}),
            target="void",
            allowed=decides,
            then=(decided("void"),),
            note="required",
            hint=_("Only for what was entered here by mistake."),
            danger=True,
        ),
    ),
    audience=project_audience,
    then=(EndVoid(), clocks.restart(_waits_for, returned={"drafted"}), count_milestones, _tell_consortium),
)
