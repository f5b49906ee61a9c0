"""A call is prepared, published, closed by the clock and decided.

What a decision does to the applications it does in the same transaction: each is chosen or told why not.
"""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.awarding import check_notice_term, rule_in_words
from kezhuan.areas.calls.checks import (
    WITH_RECOMMENDER,
    applications_of,
    check_checked,
    check_dates,
    check_elsewhere,
    check_judged,
    check_list,
    check_none_left,
    check_over,
    check_proposed,
    check_recommending,
    check_said,
    check_seals,
    check_tested,
    shortest_rule,
)
from kezhuan.areas.calls.choices import CHECKING, DECIDABLE, AwardRule
from kezhuan.areas.calls.eligibility import check_tiers
from kezhuan.areas.calls.inviting import check_invited
from kezhuan.areas.calls.limiting import hold_units, limit_problems, most_directions_code, rules_of
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.permissions import PROGRAMME, is_by_invitation, is_over, list_readers, proposes, title_readers
from kezhuan.areas.calls.related import ties_of
from kezhuan.areas.calls.staging import check_stages
from kezhuan.areas.calls.staging_actions import BeginStage, LeaveStage
from kezhuan.areas.calls.telling_actions import tell_invited
from kezhuan.kernel import clocks, jobs, rulebook
from kezhuan.kernel.access import SYSTEM, Actor, Audiences, is_officer, is_system, officer_tokens
from kezhuan.kernel.bulk import advance_records
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models import RuleValue
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import Content
from kezhuan.kernel.text import listed, wan_from_fen

CLOSE = "calls.close"
"""The job that closes a call when its time is over."""
HIDDEN = frozenset({"draft", "void"})


def call_audience(row: Call) -> Audiences:
    """A draft is the officers' in charge; what was published stays in sight, also after it was withdrawn."""
    officers = officer_tokens(row.region, PROGRAMME)
    if row.record.stage == DISCARDED:
        return Audiences.nested()
    if row.record.stage in HIDDEN:
        return Audiences.nested(inner=officers)
    return Audiences.nested(title=title_readers(row), public=list_readers(row), inner=officers)


# -- what follows a move -----------------------------------------------------------------------------------------------


def _close_in_time(row: Call, _actor: Actor) -> None:
    """The clock closes it, whoever is at work then."""
    if (rule := shortest_rule(row)) is not None:
        rulebook.stamp([(row.record, rule)])
    assert row.deadline is not None
    jobs.enqueue(CLOSE, key=row.record.code, run_at=row.deadline + timedelta(seconds=1), code=row.record.code)


def _tell_invited(row: Call, _actor: Actor) -> None:
    """Who is invited learns of it as it opens."""
    if is_by_invitation.test(SYSTEM, row):
        tell_invited(row, row.invited.all())


def _all_to(row: Call, move: str, *stages: str) -> None:
    rows = applications_of(row).select_related("item__call").filter(record__stage__in=stages)
    advance_records(APPLICATION, list(rows), move, actor=SYSTEM)


def _miss(row: Call, _actor: Actor) -> None:
    """What nobody submitted in time, or no administrator of its unit confirmed, is told as such."""
    _all_to(row, "miss", "draft", CHECKING)


def _lapse(row: Call, _actor: Actor) -> None:
    _all_to(row, "lapse", "draft", CHECKING, "submitted", "returned", *DECIDABLE, *WITH_RECOMMENDER)


def _keep_limits(row: Call, _actor: Actor) -> None:
    """No limit is passed by two decisions at once: the units are held until the transaction ends, then asked again."""
    pairs = [
        (one, one.proposal) for one in applications_of(row).filter(record__stage__in=DECIDABLE, proposal__awarded=True)
    ]
    rules = rules_of(row)
    if (directions := rules.get(most_directions_code(row.call_kind))) is not None:
        list(RuleValue.objects.select_for_update(no_key=True).filter(pk=directions.pk))
    hold_units(one.applicant_id for one, _proposal in pairs)
    if problems := list(limit_problems(row, pairs)):
        raise Refused(problems)
    rulebook.stamp((row.record, rule) for rule in rules.values())


def _decide(row: Call, _actor: Actor) -> None:
    """Each application is chosen or not, with the reason that was proposed, in the transaction of the decision."""
    rows = list(applications_of(row).select_related("item__call").filter(record__stage__in=DECIDABLE))
    ties = ties_of([one for one in rows if not one.related])
    for one in rows:
        proposal = one.proposal
        one.related = one.related or listed(ties.get(one.pk, ()))
        one.verdict = proposal.reason
        one.award_fen = proposal.award_fen if proposal.awarded else None
        one.passed_on_fen = proposal.passed_on_fen if proposal.awarded else 0
    Application.objects.bulk_update(rows, ["verdict", "award_fen", "passed_on_fen", "related"], batch_size=200)
    advance_records(APPLICATION, [one for one in rows if one.proposal.awarded], "award", actor=SYSTEM)
    advance_records(APPLICATION, [one for one in rows if not one.proposal.awarded], "pass-over", actor=SYSTEM)


UNPOSED = _("Proposed: direction or field, applicant, project, fiscal money")


def told_before_decision(row: Call) -> Content:
    """What the notice before a decision tells: who is to be chosen for which challenge of which poster, or in which
    direction or field, with which fiscal money (拟立项公示)."""
    facts = []
    found = applications_of(row).filter(record__stage__in=DECIDABLE, proposal__awarded=True)
    rows = list(found.select_related("item__poster__record"))
    ties = ties_of(rows)
    for one in rows:
        poster = one.item.poster
        words = (
            f"{one.item.number} {one.item.title}",
            *([poster.record.title] if poster is not None else []),
            one.applicant.record.title,
            f"{one.record.code} {one.record.title}",
            f"{wan_from_fen(one.proposal.award_fen or 0)} 万元",
            *([f"与发榜单位的关联关系：{listed(ties[one.pk])}"] if one.pk in ties else []),
        )
        posed = _("Proposed: challenge, poster, applicant, project, fiscal money")
        facts.append((posed if poster is not None else UNPOSED, "；".join(words)))
    if row.award_rule != AwardRule.ITEM:
        facts.insert(0, (_("Who is chosen"), "；".join(filter(None, (rule_in_words(row), row.award_note)))))
    return Content(subject=row.record.title, facts=facts, text=row.record.summary)


CALL = Lifecycle(
    "call",
    "B",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("published", Phase.PUBLIC, _("open for applications")),
        Stage("closed", Phase.ACTIVE, _("applications closed")),
        Stage("decided", Phase.DONE, _("decided")),
        Stage("unclaimed", Phase.FAILED, _("nobody applied (流榜)")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage("void", Phase.VOID, _("void")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "publish",
            _("Publish"),
            source=frozenset({"draft"}),
            target="published",
            allowed=is_officer,
            checks=(
                check_said,
                check_dates,
                check_list,
                check_tested,
                check_seals,
                check_recommending,
                check_invited,
                check_stages,
                check_tiers,
                check_notice_term,
            ),
            then=(_close_in_time, _tell_invited),
            primary=True,
        ),
        discarding(is_officer),
        Move(
            "enter-closed",
            _("Enter as closed elsewhere"),
            source=frozenset({"draft"}),
            target="closed",
            allowed=is_officer,
            checks=(check_said, check_elsewhere, check_list, check_invited),
            note="required",
            hint=_("For a call of another system: its applications are imported, and it goes on here."),
        ),
        Move(
            "enter-decided",
            _("Enter as decided elsewhere"),
            source=frozenset({"draft"}),
            target="decided",
            allowed=is_officer,
            checks=(check_said, check_elsewhere, check_list, check_invited),
            note="required",
            hint=_("For a call of another system: its results are imported, and its projects go on here."),
        ),
        Move(
            "close",
            _("Close applications"),
            source=frozenset({"published"}),
            target="closed",
            allowed=(is_officer & is_over) | is_system,
            checks=(check_over,),
            then=(_miss,),
            primary=True,
        ),
        Move(
            "decide",
            _("Decide"),
            source=frozenset({"closed"}),
            target="decided",
            allowed=proposes,
            checks=(check_checked, check_judged, check_proposed),
            then=(_keep_limits, _decide),
            notice=told_before_decision,
            notice_title=_("Notice on {kind} “{subject}”: who is to be chosen"),
            collective=lambda row: bool(row.needs_approval),
            hint=_("Everybody sees who was chosen; each of the others is told why not."),
            primary=True,
        ),
        Move(
            "fail",
            _("Declare that nobody applied"),
            source=frozenset({"closed"}),
            target="unclaimed",
            allowed=proposes,
            checks=(check_none_left,),
            note="optional",
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=frozenset({"published", "closed"}),
            target="withdrawn",
            allowed=proposes,
            then=(_lapse,),
            note="required",
            danger=True,
        ),
        Move(
            "void",
            _("Declare void"),
            source=frozenset({"withdrawn"}),
            target="void",
            allowed=is_officer,
            note="required",
            hint=_("Only for what was entered here by mistake."),
            danger=True,
        ),
    ),
    audience=call_audience,
    then=(LeaveStage(), clocks.restart(), BeginStage()),
)
