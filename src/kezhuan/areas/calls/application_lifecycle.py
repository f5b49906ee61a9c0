"""An application is written, handed in, recommended where its call says so, checked, and decided with the call."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.checks import (
    WITH_RECOMMENDER,
    check_complete,
    check_in_time,
    check_letter,
    check_not_poster,
    check_not_with_recommender,
    check_recommender,
    check_window,
)
from kezhuan.areas.calls.choices import CHECKING, DECIDABLE
from kezhuan.areas.calls.draft_actions import BeginDraft, LeaveDraft
from kezhuan.areas.calls.eligibility import asks_figures, check_eligible, tiers_of
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.partnering_actions import KeepPartners
from kezhuan.areas.calls.permissions import (
    PROGRAMME,
    checks_form,
    is_past,
    is_recommender,
    is_sealed,
    leads_owner,
    list_readers,
)
from kezhuan.areas.calls.related import check_related
from kezhuan.areas.calls.sealing_actions import open_own
from kezhuan.areas.calls.storing_actions import Store
from kezhuan.areas.reviews.models import Scheme
from kezhuan.kernel import clocks, rulebook
from kezhuan.kernel.access import (
    Actor,
    Audiences,
    is_own_matter,
    is_system,
    officer_tokens,
    organisation_token,
    represents_owner,
)
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now


def application_audience(row: Application) -> Audiences:
    """An application is its unit's, once it is submitted that of the unit which recommends it, and then the officers'
    in charge of the call: no other applicant and no poster reads it. Of one that is sealed, which its unit and the one
    that recommends it read, or not recommended yet, the officers see no more than that it stands there. Of one that is
    chosen everybody who reads the list sees who it is and its summary, and the poster all of it."""
    record, call = row.record, row.item.call
    own = frozenset({organisation_token(record.owner_id)} if record.owner_id else ())
    if record.stage == DISCARDED:
        return Audiences.nested()
    if row.submitted_at is None:
        return Audiences.nested(inner=own)
    officers = officer_tokens(call.region, PROGRAMME)
    recommender = frozenset({organisation_token(row.recommender_id)} if row.recommender_id else ())
    if row.recommender_id is not None and row.letter_on is None:
        return Audiences.nested(title=own | officers | recommender, full=recommender, inner=own)
    if row.sealed:
        return Audiences.nested(title=own | officers, full=recommender, inner=own)
    if record.stage == "awarded":
        poster = {organisation_token(row.item.poster_id)} if row.item.poster_id is not None else set()
        return Audiences.nested(
            title=list_readers(call), public=list_readers(call), full=poster | recommender, inner=own | officers
        )
    return Audiences.nested(full=recommender, inner=own | officers)


# -- what follows a move -----------------------------------------------------------------------------------------------


def _stamp_submission(row: Application, _actor: Actor) -> None:
    if row.record.stage == CHECKING:  # not handed in yet
        return
    row.submitted_at = now()
    row.save(update_fields=["submitted_at"])


def _note_tiers(row: Application, _actor: Actor) -> None:
    """The record keeps which shares of R&D it was checked by."""
    if asks_figures(row.item.call):
        rulebook.stamp((row.record, one) for one in tiers_of(row.item.call))


def _first_reader(row: Application, _actor: Actor) -> str:
    """Who reads first what was submitted: the unit that recommends it, or the officers in charge."""
    return "offered" if row.recommender_id is not None else "submitted"


def _handed_in(row: Application, actor: Actor) -> str:
    """Where what somebody of a unit submits goes: to an administrator of the unit where the call asks for that."""
    checked = not row.item.call.unit_check or leads_owner.test(actor, row)
    return _first_reader(row, actor) if checked else CHECKING


def _waited_for(row: Application) -> Organisation | None:
    """The recommending unit while the application is with it, its own unit while that checks it; else the bureau."""
    if row.record.stage == CHECKING:
        return row.record.owner
    return row.recommender if row.record.stage == "offered" else None


ENDED = frozenset({"rejected", "refused", "missed", "lapsed", "withdrawn", DISCARDED})
"""Stages of applications that take the place of no other any more."""


class _End:
    """What ended takes the place of no other any more, however it came there."""

    def __call__(self, row: Application, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Application], _actor: Actor) -> None:
        """The same for many that came to one stage together."""
        ended = [row for row in rows if row.record.stage in ENDED and row.alive]
        if ended:
            Application.objects.filter(pk__in=[row.pk for row in ended]).update(alive=False)
        for row in ended:
            row.alive = False

    after_opening = after_moving


FORMALITY = (
    ("indicators", _("an indicator is not answered, or worse than asked")),
    ("conditions", _("a condition is not met or not shown")),
    ("documents", _("documents, seals or promises are missing")),
    ("amount", _("money or time beyond what the list says")),
    ("other", _("another reason, named in the note")),
)
"""Why an application does not pass the formality check."""

RETURNED = (
    ("incomplete", _("something is missing or not clear")),
    ("named", _("it names its unit or people in what experts read without names")),
)


def _reasons_of_return(row: Application, _actor: Actor) -> frozenset[str]:
    """Where experts do not know the applicants, that it names them is a reason to send it back; elsewhere words do."""
    blind = row.item.call.review_scheme in {Scheme.BLIND, Scheme.DOUBLE}
    return frozenset(code for code, _label in RETURNED) if blind else frozenset()


APPLICATION = Lifecycle(
    "application",
    "K",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft"), sealed=True),
        Stage(CHECKING, Phase.DRAFT, _("unit check (单位审核)"), aside=True, sealed=True),
        Stage("offered", Phase.REVIEWING, _("with the recommending unit"), aside=True),
        Stage("sent-back", Phase.SUBMITTED, _("sent back by the recommending unit"), aside=True),
        Stage("submitted", Phase.SUBMITTED, _("submitted")),
        Stage("returned", Phase.SUBMITTED, _("supplement asked for"), aside=True),
        Stage("qualified", Phase.REVIEWING, _("formality check passed")),
        Stage("shortlisted", Phase.REVIEWING, _("shortlisted for the final review (入围)"), aside=True),
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
            target=_handed_in,
            targets=(CHECKING, "offered", "submitted"),
            allowed=represents_owner,
            checks=(check_in_time, check_not_poster, check_related, check_complete, check_recommender),
            then=(_stamp_submission,),
            primary=True,
        ),
        Move(
            "confirm",
            _("Pass the unit check and submit"),
            source=frozenset({CHECKING}),
            target=_first_reader,
            targets=("offered", "submitted"),
            allowed=leads_owner,
            checks=(check_in_time, check_not_poster, check_related, check_complete, check_recommender),
            then=(_stamp_submission,),
            hint=_("It counts from this moment on."),
            primary=True,
        ),
        Move(
            "write-on",
            _("Give it back to be written on"),
            source=frozenset({CHECKING}),
            target="draft",
            allowed=represents_owner,
            note="optional",
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
            checks=(check_window, check_not_poster, check_related, check_complete, check_recommender),
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
            allowed=checks_form & ~is_sealed,
            note="required",
            reasons=RETURNED,
            open_reasons=_reasons_of_return,
        ),
        Move(
            "supplement",
            _("Hand in the supplement"),
            source=frozenset({"returned"}),
            target="submitted",
            allowed=represents_owner,
            checks=(check_not_poster, check_related, check_complete),
            primary=True,
        ),
        Move(
            "accept",
            _("Pass the formality check"),
            source=frozenset({"submitted"}),
            target="qualified",
            allowed=checks_form & ~is_sealed,
            checks=(check_eligible,),
            then=(_note_tiers,),
            primary=True,
        ),
        Move(
            "refuse",
            _("Refuse in the formality check"),
            source=frozenset({"submitted"}) | WITH_RECOMMENDER,
            target="refused",
            allowed=checks_form & (~is_sealed | is_past),
            checks=(check_not_with_recommender,),
            reasons=FORMALITY,
            note="required",
            danger=True,
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=frozenset({"submitted", "returned", *DECIDABLE}) | WITH_RECOMMENDER,
            target="withdrawn",
            allowed=represents_owner,
            note="required",
            danger=True,
        ),
        Move(
            "shortlist",
            _("Put on the shortlist"),
            source=frozenset({"qualified"}),
            target="shortlisted",
            allowed=is_system,
        ),
        Move(
            "take-off",
            _("Take off the shortlist"),
            source=frozenset({"shortlisted"}),
            target="qualified",
            allowed=is_system,
        ),
        Move("award", _("Choose"), source=frozenset(DECIDABLE), target="awarded", allowed=is_system),
        Move(
            "end-commission",
            _("The commission ended"),
            source=frozenset({"awarded"}),
            target="withdrawn",
            allowed=is_system,
            note="optional",
        ),
        Move(
            "pass-over",
            _("Do not choose"),
            source=frozenset(DECIDABLE),
            target="rejected",
            allowed=is_system,
        ),
        Move(
            "miss",
            _("The deadline has passed"),
            source=frozenset({"draft", CHECKING}),
            target="missed",
            allowed=is_system,
        ),
        Move(
            "lapse",
            _("The call was withdrawn"),
            source=frozenset({"draft", CHECKING, "submitted", "returned", *DECIDABLE}) | WITH_RECOMMENDER,
            target="lapsed",
            allowed=is_system,
        ),
    ),
    audience=application_audience,
    then=(
        _End(),
        Store(),
        KeepPartners(),
        LeaveDraft(),
        clocks.Restart(_waited_for, frozenset({"returned", "sent-back"}), as_a_rule=True),
        BeginDraft(),
    ),
)
