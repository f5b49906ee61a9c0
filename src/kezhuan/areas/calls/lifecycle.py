"""A call is prepared, published, closed by the clock and decided; an application is written, checked, decided with it.

What a decision does to the applications it does in the same transaction: each is chosen or told why not.
"""

# long: two lives that end together, each with its table of stages and moves

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.checks import (
    WITH_RECOMMENDER,
    applications_of,
    check_checked,
    check_complete,
    check_dates,
    check_in_time,
    check_judged,
    check_letter,
    check_list,
    check_none_left,
    check_not_poster,
    check_not_with_recommender,
    check_over,
    check_proposed,
    check_recommender,
    check_recommending,
    check_said,
    check_seals,
    check_tested,
    check_window,
    shortest_rule,
)
from kezhuan.areas.calls.draft_actions import BeginDraft, LeaveDraft
from kezhuan.areas.calls.limiting import hold_units, limit_problems, most_directions_code, rules_of
from kezhuan.areas.calls.models import Application, Call, ListDisclosure
from kezhuan.areas.calls.permissions import PROGRAMME, is_over, is_past, is_recommender, is_sealed, proposes
from kezhuan.areas.calls.sealing_actions import open_own
from kezhuan.kernel import clocks, jobs, rulebook
from kezhuan.kernel.access import (
    MEMBER,
    PUBLIC,
    SYSTEM,
    Actor,
    Audiences,
    is_officer,
    is_own_matter,
    is_system,
    officer_tokens,
    organisation_token,
    represents_owner,
)
from kezhuan.kernel.bulk import advance_records
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models import Organisation, RuleValue
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import Content
from kezhuan.kernel.text import now, wan_from_fen

CLOSE = "calls.close"
"""The job that closes a call when its time is over."""
HIDDEN = frozenset({"draft", "void"})


def list_readers(call: Call) -> frozenset[str]:
    """Who reads the list of a published call."""
    return frozenset({PUBLIC if call.disclosure == ListDisclosure.PUBLIC else MEMBER})


def call_audience(row: Call) -> Audiences:
    """A draft is the officers' in charge; what was published stays in sight, also after it was withdrawn."""
    officers = officer_tokens(row.region, PROGRAMME)
    if row.record.stage == DISCARDED:
        return Audiences.nested()
    if row.record.stage in HIDDEN:
        return Audiences.nested(inner=officers)
    return Audiences.nested(title={PUBLIC}, public=list_readers(row), inner=officers)


def application_audience(row: Application) -> Audiences:
    """An application is its unit's, once it is submitted that of the unit which recommends it, and then the officers'
    in charge of the call: no other applicant and no poster reads it. Of one that is sealed, or not recommended yet,
    the officers see no more than that it stands there. Of one that is chosen everybody who reads the list sees who it
    is and its summary, and the poster all of it."""
    record, call = row.record, row.item.call
    own = frozenset({organisation_token(record.owner_id)} if record.owner_id else ())
    if record.stage == DISCARDED:
        return Audiences.nested()
    if row.submitted_at is None:
        return Audiences.nested(inner=own)
    officers = officer_tokens(call.region, PROGRAMME)
    recommender = frozenset({organisation_token(row.recommender_id)} if row.recommender_id else ())
    if row.recommender_id is not None and not row.letter_no:
        return Audiences.nested(title=own | officers | recommender, full=recommender, inner=own)
    if row.sealed:
        return Audiences.nested(title=own | officers, inner=own)
    if record.stage == "awarded":
        poster = organisation_token(row.item.poster_id)
        return Audiences.nested(
            title=list_readers(call), public=list_readers(call), full={poster} | recommender, inner=own | officers
        )
    return Audiences.nested(full=recommender, inner=own | officers)


# -- what follows a move -----------------------------------------------------------------------------------------------


def _stamp_submission(row: Application, _actor: Actor) -> None:
    row.submitted_at = now()
    row.save(update_fields=["submitted_at"])


def _first_reader(row: Application, _actor: Actor) -> str:
    """Who reads first what was submitted: the unit that recommends it, or the officers in charge."""
    return "offered" if row.recommender_id is not None else "submitted"


def _waited_for(row: Application) -> Organisation | None:
    """The recommending unit while the application is with it; the bureau otherwise."""
    return row.recommender if row.record.stage == "offered" else None


class _End:
    """A step after a move: what ended takes the place of no other any more."""

    def __call__(self, row: Application, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Application], _actor: Actor) -> None:
        """The same for many that ended together."""
        Application.objects.filter(pk__in=[row.pk for row in rows]).update(alive=False)
        for row in rows:
            row.alive = False


FORMALITY = (
    ("indicators", _("an indicator is not answered, or worse than asked")),
    ("conditions", _("a condition is not met or not shown")),
    ("documents", _("documents, seals or promises are missing")),
    ("amount", _("money or time beyond what the list says")),
    ("other", _("another reason, named in the note")),
)
"""Why an application does not pass the formality check."""

APPLICATION = Lifecycle(
    "application",
    "K",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage("offered", Phase.REVIEWING, _("with the recommending unit"), aside=True),
        Stage("sent-back", Phase.SUBMITTED, _("sent back by the recommending unit"), aside=True),
        Stage("submitted", Phase.SUBMITTED, _("submitted")),
        Stage("returned", Phase.SUBMITTED, _("supplement asked for"), aside=True),
        Stage("qualified", Phase.REVIEWING, _("formality check passed")),
        Stage("awarded", Phase.DONE, _("chosen")),
        Stage("rejected", Phase.FAILED, _("not chosen")),
        Stage("refused", Phase.FAILED, _("formality check not passed")),
        Stage("missed", Phase.WITHDRAWN, _("not submitted")),
        Stage("lapsed", Phase.WITHDRAWN, _("call withdrawn")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "submit",
            _("Submit"),
            source=frozenset({"draft"}),
            target=_first_reader,
            targets=("offered", "submitted"),
            allowed=represents_owner,
            checks=(check_in_time, check_not_poster, check_complete, check_recommender),
            then=(_stamp_submission,),
            primary=True,
        ),
        Move(
            "send-back",
            _("Send it back"),
            source=frozenset({"offered"}),
            target="sent-back",
            allowed=is_recommender & ~is_own_matter,
            checks=(check_window,),
            note="required",
        ),
        Move(
            "offer-again",
            _("Hand it in again"),
            source=frozenset({"sent-back"}),
            target="offered",
            allowed=represents_owner,
            checks=(check_window, check_not_poster, check_complete, check_recommender),
            primary=True,
        ),
        Move(
            "recommend",
            _("Recommend"),
            source=frozenset({"offered"}),
            target="submitted",
            allowed=is_recommender & ~represents_owner & ~is_own_matter,
            checks=(check_letter, check_window),
            hint=_("With a letter, for as many as it names at once: on the page of the call."),
        ),
        Move(
            "discard",
            _("Discard the draft"),
            source=frozenset({"draft"}),
            target=DISCARDED,
            allowed=represents_owner,
            then=(_End(),),
            hint=_("Nobody finds it afterwards, and it does not come back."),
            danger=True,
        ),
        Move(
            "open-own",
            _("Open our own application"),
            source=frozenset({"submitted"}),
            target="submitted",
            allowed=represents_owner & is_sealed & is_past,
            then=(open_own,),
            hint=_("For the case that the office has lost its opening code: the officers read yours from then on."),
        ),
        Move(
            "return",
            _("Ask for a supplement"),
            source=frozenset({"submitted"}),
            target="returned",
            allowed=is_officer & ~is_sealed,
            note="required",
        ),
        Move(
            "supplement",
            _("Hand in the supplement"),
            source=frozenset({"returned"}),
            target="submitted",
            allowed=represents_owner,
            checks=(check_not_poster, check_complete),
            primary=True,
        ),
        Move(
            "accept",
            _("Pass the formality check"),
            source=frozenset({"submitted"}),
            target="qualified",
            allowed=is_officer & ~is_sealed,
            primary=True,
        ),
        Move(
            "refuse",
            _("Refuse in the formality check"),
            source=frozenset({"submitted"}) | WITH_RECOMMENDER,
            target="refused",
            allowed=is_officer & (~is_sealed | is_past),
            checks=(check_not_with_recommender,),
            then=(_End(),),
            reasons=FORMALITY,
            note="required",
            danger=True,
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=frozenset({"submitted", "returned", "qualified"}) | WITH_RECOMMENDER,
            target="withdrawn",
            allowed=represents_owner,
            then=(_End(),),
            note="required",
            danger=True,
        ),
        Move("award", _("Choose"), source=frozenset({"qualified"}), target="awarded", allowed=is_system),
        Move(
            "pass-over",
            _("Do not choose"),
            source=frozenset({"qualified"}),
            target="rejected",
            allowed=is_system,
            then=(_End(),),
        ),
        Move(
            "miss",
            _("The deadline has passed"),
            source=frozenset({"draft"}),
            target="missed",
            allowed=is_system,
            then=(_End(),),
        ),
        Move(
            "lapse",
            _("The call was withdrawn"),
            source=frozenset({"draft", "submitted", "returned", "qualified"}) | WITH_RECOMMENDER,
            target="lapsed",
            allowed=is_system,
            then=(_End(),),
        ),
    ),
    audience=application_audience,
    then=(
        LeaveDraft(),
        clocks.Restart(_waited_for, frozenset({"returned", "sent-back"}), as_a_rule=True),
        BeginDraft(),
    ),
)


def _close_in_time(row: Call, _actor: Actor) -> None:
    """The clock closes it, whoever is at work then."""
    if (rule := shortest_rule(row)) is not None:
        rulebook.stamp([(row.record, rule)])
    assert row.deadline is not None
    jobs.enqueue(CLOSE, key=row.record.code, run_at=row.deadline + timedelta(seconds=1), code=row.record.code)


def _all_to(row: Call, move: str, *stages: str) -> None:
    rows = applications_of(row).select_related("item__call").filter(record__stage__in=stages)
    advance_records(APPLICATION, list(rows), move, actor=SYSTEM)


def _miss(row: Call, _actor: Actor) -> None:
    """What nobody submitted in time is told as such."""
    _all_to(row, "miss", "draft")


def _lapse(row: Call, _actor: Actor) -> None:
    _all_to(row, "lapse", "draft", "submitted", "returned", "qualified", *WITH_RECOMMENDER)


def _keep_limits(row: Call, _actor: Actor) -> None:
    """No limit is passed by two decisions at once: the units are held until the transaction ends, then asked again."""
    pairs = [
        (one, one.proposal) for one in applications_of(row).filter(record__stage="qualified", proposal__awarded=True)
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
    rows = list(applications_of(row).select_related("item__call").filter(record__stage="qualified"))
    for one in rows:
        proposal = one.proposal
        one.verdict = proposal.reason
        one.award_fen = proposal.award_fen if proposal.awarded else None
        one.passed_on_fen = proposal.passed_on_fen if proposal.awarded else 0
    Application.objects.bulk_update(rows, ["verdict", "award_fen", "passed_on_fen"], batch_size=200)
    advance_records(APPLICATION, [one for one in rows if one.proposal.awarded], "award", actor=SYSTEM)
    advance_records(APPLICATION, [one for one in rows if not one.proposal.awarded], "pass-over", actor=SYSTEM)


def told_before_decision(row: Call) -> Content:
    """What the notice before a decision tells: who is to be chosen for which challenge of which poster, with which
    fiscal money (拟立项公示)."""
    facts = []
    rows = applications_of(row).filter(record__stage="qualified", proposal__awarded=True)
    for one in rows.select_related("item__poster__record"):
        words = (
            f"{one.item.number} {one.item.title}",
            one.item.poster.record.title,
            one.applicant.record.title,
            f"{one.record.code} {one.record.title}",
            f"{wan_from_fen(one.proposal.award_fen or 0)} 万元",
        )
        facts.append((_("Proposed: challenge, poster, applicant, project, fiscal money"), "；".join(words)))
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
            checks=(check_said, check_dates, check_list, check_tested, check_seals, check_recommending),
            then=(_close_in_time,),
            primary=True,
        ),
        discarding(is_officer),
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
            hint=_("Everybody sees who was chosen; each of the others is told why not."),
            primary=True,
        ),
        Move(
            "fail",
            _("Declare that nobody applied"),
            source=frozenset({"closed"}),
            target="unclaimed",
            allowed=is_officer,
            checks=(check_none_left,),
            note="optional",
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=frozenset({"published", "closed"}),
            target="withdrawn",
            allowed=is_officer,
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
    then=(clocks.restart(),),
)
