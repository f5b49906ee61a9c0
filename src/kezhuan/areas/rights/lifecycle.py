"""A grant of rights is applied for, cleared, signed by its team, decided by a meeting, laid open, agreed, and lives."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.bonds import check_free
from kezhuan.areas.contracts.models import REGISTERED
from kezhuan.areas.evidence.actions import Freeze
from kezhuan.areas.notices.lifecycle import NOTICE, PREPARED
from kezhuan.areas.notices.permissions import runs
from kezhuan.areas.rights.checks import (
    STANDING,
    UNDER_WAY,
    check_agreement,
    check_alone,
    check_converted,
    check_cured,
    check_eligible,
    check_run_out,
    check_signed_by_all,
    check_team,
    check_terms,
    check_title,
    rules_used,
    unsigned,
)
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.areas.rights.papers import noticed, terms_of, told_as_evidence, wording_of
from kezhuan.areas.rights.permissions import is_completer, keeps, writes
from kezhuan.kernel import audiences, clocks, outbox, rulebook
from kezhuan.kernel.access import SYSTEM, Actor, Audiences, is_system, person_token
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, advance, discarding, hold_records
from kezhuan.kernel.models import Approval, ApprovalStep, Notice, Record
from kezhuan.kernel.models.approvals import Outcome
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import RUNNING, must_be_ruled
from kezhuan.kernel.roles import PAPERS
from kezhuan.kernel.text import listed, today

KIND = "grant"
MILESTONE = "milestone"
"""Name of the term until the next milestone."""
CURE = "cure"
"""Name of the term in which it is to be put right."""
TO_SIGN = "grant.to-sign"
"""Letter: the receiver is to sign the split and the terms."""
_ENDED = STANDING - {"warned"}


def people_of(row: RightsGrant) -> list[int]:
    """The completers with an account here."""
    return [one for one in row.members.values_list("person", flat=True) if one is not None] if row.pk else []


def grant_audience(row: RightsGrant) -> Audiences:
    """The members of the unit who keep its papers of rights, and the team: their own matter. No officer, and no other
    member; of a discarded one nobody."""
    return audiences.inside(row.record, PAPERS, map(person_token, people_of(row)))


# -- what follows a move -----------------------------------------------------------------------------------------------


def freeze_terms(row: RightsGrant, _actor: Actor) -> None:
    """The text as it stands is what is signed, decided on, laid open and agreed; who signed this very text before has
    signed it. The rule values that it was measured by are noted."""
    hold_records(Record.objects.filter(pk=row.achievement_id))
    if problems := [*check_alone(row), *check_free(row.achievement)]:  # somebody else was faster
        raise Refused(problems)
    row.terms = [list(one) for one in terms_of(row)]
    row.wording = wording_of(row.terms)
    row.save(update_fields=["terms", "wording"])
    rulebook.stamp((row.record, one) for one in rules_used(row))


def ask_to_sign(row: RightsGrant, _actor: Actor) -> None:
    """Every completer with an account is written to who has not signed this text."""
    for one in row.members.exclude(signed=row.wording).select_related("person"):
        if one.person is not None:
            key = f"{TO_SIGN}:{row.pk}:{row.wording[:16]}:{one.person_id}"
            outbox.tell(one.person, TO_SIGN, key=key, content={"grant": row.pk})


def refuse_own_votes(row: RightsGrant, _actor: Actor) -> None:
    """Whoever it is granted to was not there when it was decided; raises `Refused` where the minutes name them."""
    names = [one.name for one in row.members.all()]
    refuse_votes(row, "decide", names, _say("It is granted to them: %(names)s. They are recused and do not attend."))


def refuse_votes(row: Any, move: str, names: Iterable[str], message: str) -> None:
    """Raise `Refused` with the message where the minutes of a move's meeting name some of these people as present."""
    spent = Approval.objects.filter(about=row.record, move=move).exclude(spent_on=None)
    approval = spent.order_by("-spent_on", "-pk").first()
    steps = ApprovalStep.objects.filter(approval=approval, outcome=Outcome.DECIDED)
    there = {name for attended in steps.values_list("attended", flat=True) for name in attended}
    if own := [one for one in names if one in there]:
        raise Refused(Problem("grant-own-vote", message % {"names": listed(own)}, "attended"))


def stop_notices(row: Any, actor: Actor) -> None:
    """What is laid open tells of a text that is no more: it is held again, from its first day on."""
    waiting = Notice.objects.filter(about=row.record, record__stage__in=(PREPARED, RUNNING))
    for notice in waiting.select_related("record", "about"):
        by = actor if runs.test(actor, notice) else SYSTEM  # a completer withdraws, and holds no notice
        advance(NOTICE, notice, "stop", actor=by, note=row.said)


def agree(row: RightsGrant, _actor: Actor) -> None:
    """From this day on it stands; what was signed of the achievement at the same moment comes before."""
    hold_records(Record.objects.filter(pk=row.achievement_id))
    if problems := list(check_free(row.achievement)):
        raise Refused(problems)
    row.agreed_on = today()
    row.save(update_fields=["agreed_on"])


def warn(row: RightsGrant, _actor: Actor) -> None:
    """From this day on there is so much time to put it right."""
    row.warned_on = today()
    row.save(update_fields=["warned_on"])


def forgive(row: RightsGrant, _actor: Actor) -> None:
    """It was put right."""
    row.warned_on = None
    row.save(update_fields=["warned_on"])


def where_it_stood(row: RightsGrant, _actor: Actor) -> str:
    """The stage in which it was before the warning."""
    if row.contract is not None and row.contract.stage in REGISTERED:
        return "converted"
    return "titled" if row.title_changed_on is not None else "active"


def count_terms(row: RightsGrant, _actor: Actor | None = None) -> None:
    """Let the unit be reminded of the next milestone, and of the day until which a warning gives time."""
    stage = row.record.stage
    first = row.milestones.filter(reached_on=None).order_by("due_on", "number").first() if stage in STANDING else None
    clocks.let_run(row.record, MILESTONE, first.due_on if first is not None else None)
    warned = row.warned_on if stage == "warned" else None
    clocks.let_run(row.record, CURE, warned + timedelta(days=row.cure_days) if warned is not None else None)


_RECLAIM = (
    ("no-progress", _("no progress by the milestones")),
    ("breach", _("breach of the agreement")),
    ("insolvency", _("insolvency of the firm that uses it")),
    ("other", _("another condition of the agreement")),
)

GRANT = Lifecycle(
    KIND,
    "Q",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("checking", Phase.SUBMITTED, _("rights being cleared")),
        Stage("signing", Phase.REVIEWING, _("to be signed by the team")),
        Stage("decided", Phase.REVIEWING, _("decided, to be laid open")),
        Stage("agreeing", Phase.REVIEWING, _("agreement to be signed")),
        Stage("active", Phase.ACTIVE, _("rights granted")),
        Stage("titled", Phase.ACTIVE, _("title changed"), aside=True),
        Stage("converted", Phase.ACTIVE, _("converted by a contract")),
        Stage("warned", Phase.ACTIVE, _("to be put right"), aside=True),
        Stage("expired", Phase.DONE, _("run out")),
        Stage("reclaimed", Phase.FAILED, _("reclaimed")),
        Stage("terminated", Phase.WITHDRAWN, _("terminated")),
        Stage("refused", Phase.FAILED, _("not granted")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "submit",
            _("Apply for the grant"),
            source=frozenset({"draft"}),
            target="checking",
            allowed=writes,
            checks=(check_eligible, check_team, check_terms),
            then=(freeze_terms,),
            hint=_("The text is frozen: it is what the team signs, the meeting decides on and the notice tells."),
            primary=True,
        ),
        discarding(writes),
        Move(
            "return",
            _("Return for correction"),
            source=frozenset({"checking", "signing"}),
            target="draft",
            allowed=keeps,
            note="required",
        ),
        Move(
            "clear",
            _("Rights are clear"),
            source=frozenset({"checking"}),
            target="signing",
            allowed=keeps,
            checks=(check_eligible, check_team, check_terms),
            then=(ask_to_sign,),
            note="required",
            hint=_("Say what was looked at: title, contracts, terms of the funds it came from."),
            primary=True,
        ),
        Move(
            "decide",
            _("Decide together on the grant"),
            source=frozenset({"signing"}),
            target="decided",
            allowed=keeps,
            checks=(check_eligible, check_terms, check_signed_by_all),
            then=(refuse_own_votes, Freeze("decide", told_as_evidence)),
            collective=True,
            primary=True,
        ),
        Move(
            "refuse",
            _("Do not grant"),
            source=frozenset({"signing", "decided"}),
            target="refused",
            allowed=keeps,
            then=(stop_notices, Freeze("refuse", told_as_evidence)),
            note="required",
            danger=True,
        ),
        Move(
            "conclude",
            _("The notice is over: go on to the agreement"),
            source=frozenset({"decided"}),
            target="agreeing",
            allowed=keeps,
            checks=(must_be_ruled("conclude"),),
            notice=noticed,
            notice_title=_("Notice on {kind} “{subject}” before its agreement"),
            primary=True,
        ),
        Move(
            "revise",
            _("Change the text: begin anew"),
            source=frozenset({"decided", "agreeing"}),
            target="draft",
            allowed=keeps,
            then=(stop_notices,),
            note="required",
            hint=_("A changed text is signed, decided on and laid open again, from the first day on."),
            danger=True,
        ),
        Move(
            "agree",
            _("The agreement is signed"),
            source=frozenset({"agreeing"}),
            target="active",
            allowed=keeps,
            checks=(check_eligible, check_agreement),
            then=(agree, Freeze("agree", told_as_evidence)),
            primary=True,
        ),
        Move(
            "retitle",
            _("The title is changed"),
            source=frozenset({"active"}),
            target="titled",
            allowed=keeps,
            checks=(check_title,),
            primary=True,
        ),
        Move(
            "convert",
            _("Converted by a contract"),
            source=frozenset({"active", "titled"}),
            target="converted",
            allowed=keeps,
            checks=(check_converted,),
        ),
        Move(
            "warn",
            _("Ask to put it right"),
            source=frozenset({"active", "titled", "converted"}),
            target="warned",
            allowed=keeps,
            then=(warn,),
            note="required",
            hint=_("Say which condition of the agreement is not kept. It is reclaimed only after the time it gives."),
            danger=True,
        ),
        Move(
            "cured",
            _("It was put right"),
            source=frozenset({"warned"}),
            target=where_it_stood,
            targets=("active", "titled", "converted"),
            allowed=keeps,
            then=(forgive,),
            note="required",
        ),
        Move(
            "reclaim",
            _("Reclaim what was granted"),
            source=frozenset({"warned"}),
            target="reclaimed",
            allowed=keeps,
            checks=(check_cured,),
            then=(Freeze("reclaim", told_as_evidence),),
            reasons=_RECLAIM,
            note="required",
            collective=True,
            danger=True,
        ),
        Move(
            "terminate",
            _("End it by agreement"),
            source=_ENDED,
            target="terminated",
            allowed=keeps,
            then=(Freeze("terminate", told_as_evidence),),
            note="required",
            collective=True,
            danger=True,
        ),
        Move(
            "expire",
            _("Run out"),
            source=STANDING,
            target="expired",
            allowed=is_system,
            checks=(check_run_out,),
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=UNDER_WAY,
            target="withdrawn",
            allowed=is_completer | keeps,
            then=(stop_notices,),
            note="required",
            danger=True,
        ),
    ),
    audience=grant_audience,
    then=(clocks.restart(lambda row: row.record.owner), count_terms),
    inner=True,
    named=people_of,
)


def names_to_sign(row: RightsGrant) -> str:
    """Who has still to sign, in words; empty when nobody."""
    return listed(unsigned(row)) if row.record.stage == "signing" else ""
