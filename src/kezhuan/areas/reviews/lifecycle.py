"""An expert is asked and agrees; a panel is prepared, scores, and concludes; a review is accepted and handed in."""

from datetime import date

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.reviews.checks import (
    check_complete,
    check_criteria,
    check_days,
    check_declared,
    check_free,
    check_guest_declared,
    check_manned,
    check_met,
    check_scored,
)
from kezhuan.areas.reviews.guests import guest_of, items_free_for
from kezhuan.areas.reviews.models import Expert, Panel, PanelItem, Review, Sheet
from kezhuan.areas.reviews.permissions import POOL, is_themselves, runs
from kezhuan.areas.reviews.results import counted, score_items
from kezhuan.kernel import clocks, holdings, outbox, rulebook
from kezhuan.kernel.access import (
    SYSTEM,
    Actor,
    Audiences,
    is_officer,
    is_system,
    officer_tokens,
    organisation_token,
    person_token,
)
from kezhuan.kernel.bulk import advance_records
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Person, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now, today
from kezhuan.kernel.workdays import add_days


def expert_audience(row: Expert) -> Audiences:
    """An expert is read by themselves, and by the officers in charge of the pool."""
    return Audiences.nested(full={person_token(row.person_id)}, inner=officer_tokens(row.region, POOL))


def running_tokens(panel: Panel) -> frozenset[str]:
    """Who may read what belongs to a panel: the officers in charge of its programme, and its agency."""
    agency = frozenset({organisation_token(panel.agency_id)} if panel.agency_id else ())
    return officer_tokens(panel.region, panel.programme) | agency


def panel_audience(row: Panel) -> Audiences:
    """A panel is read by who runs it. Experts read their own review and never the panel, applicants neither."""
    return Audiences.nested(inner=running_tokens(row))


def review_audience(row: Review) -> Audiences:
    """A review is read by its expert, and by who runs its panel."""
    return Audiences.nested(full={person_token(row.expert.person_id)}, inner=running_tokens(row.panel))


ANSWER = "clock.expert.asked"
"""Code of the rule value: in how many days somebody who was asked to join the pool answers; none ships."""


def _answer_term(row: Expert) -> date | None:
    value = rulebook.rule_or_none(ANSWER, on=today(), jurisdiction=row.region) if row.record.stage == "asked" else None
    if value is None:
        return None
    rulebook.stamp([(row.record, value)])
    return add_days(today(), int(value.value), rulebook.day_kind_of(value))


GUEST = "guest"
"""Stage of whoever judges for one panel without an account, outside the pool (see `guests`)."""

EXPERT = Lifecycle(
    "expert",
    "E",
    stages=(
        Stage("asked", Phase.SUBMITTED, _("asked to join")),
        Stage("active", Phase.ACTIVE, _("in the pool")),
        Stage("refused", Phase.FAILED, _("does not join")),
        Stage("left", Phase.WITHDRAWN, _("left the pool")),
        Stage(GUEST, Phase.ACTIVE, _("guest of a panel"), aside=True),
    ),
    moves=(
        Move(
            "consent",
            _("Join the pool"),
            source=frozenset({"asked"}),
            target="active",
            allowed=is_themselves,
            checks=(check_declared,),
            primary=True,
        ),
        Move("refuse", _("Do not join"), source=frozenset({"asked"}), target="refused", allowed=is_themselves),
        Move(
            "as-guest",
            _("Judge as a guest of a panel"),
            source=frozenset({"asked"}),
            target=GUEST,
            allowed=is_system,
        ),
        Move(
            "leave",
            _("Leave the pool"),
            source=frozenset({"active", GUEST}),
            target="left",
            allowed=is_themselves | is_officer,
            note="optional",
            danger=True,
        ),
        Move(
            "ask-again",
            _("Ask again"),
            source=frozenset({"refused", "left"}),
            target="asked",
            allowed=is_officer & ~is_themselves,
        ),
    ),
    audience=expert_audience,
    then=(clocks.Personal(lambda row: row.person, _answer_term),),
)


def forget_experts(rows: QuerySet[Expert], person: Person, actor: Actor) -> None:
    """Nothing in the pool, nor a search in it, says any more who somebody was; what they judged stays, by their
    number."""
    for row in rows.select_related("record"):
        row.topics, row.bank, row.account = [], "", ""
        row.save(update_fields=["topics", "bank", "account"])
        row.ties.all().delete()
        forgotten = {"title": holdings.NAME, "title_en": holdings.NAME_EN, "changed_at": now()}
        Record.objects.filter(pk=row.pk).update(**forgotten, version=F("version") + 1)
        holdings.note_left(row.record, person, actor)


OPENED = "review.opened"
"""Name of the letter that tells experts that they can score."""


def _tell_experts(row: Panel, _actor: Actor) -> None:
    for review in _reviews(row, "accepted"):
        outbox.tell(review.expert.person, OPENED, key=f"review:{review.pk}:opened", content={"review": review.pk})


def _release_all(row: Panel, _actor: Actor) -> None:
    advance_records(REVIEW, _reviews(row, "invited", "accepted"), "end", actor=SYSTEM)


def _reviews(row: Panel, *stages: str) -> list[Review]:
    rows = row.reviews.filter(record__stage__in=stages).select_related("record", "expert__person", "panel__about")
    return list(rows.order_by("pk"))


def _close(row: Panel, _actor: Actor) -> None:
    """What is not in by now counts no more; the results are kept as they are at this moment."""
    _release_all(row, _actor)
    _keep_results(row)


def _keep_results(row: Panel) -> None:
    """Write onto each item what came of it; the meeting takes them in the order of their ranks, equals in that of their
    numbers."""
    found = score_items(row, list(counted(row)))
    items = list(row.items.all())
    for one in items:
        one.result = found[one.pk]
    for place, one in enumerate(sorted(items, key=lambda each: (each.rank, each.number)), start=1):
        one.place = place
    PanelItem.objects.bulk_update(items, ["result", "place"])


def _seat_guest(row: Review, _actor: Actor) -> None:
    """A guest who accepts judges what they are clear of; whoever has an account was given their items before."""
    guest = guest_of(row)
    if guest is None:
        return
    items = items_free_for(row, guest.items)
    if not items:
        message = _("You are clear of none of these items as far as is known: tell whoever asked you, or decline.")
        raise Refused(Problem("guest-items", message))
    why = {"zh": "受邀访客专家，与该项无利益冲突", "en": "asked as a guest, and clear of conflict"}
    Sheet.objects.bulk_create(Sheet(review=row, item=one, why=why) for one in items)


def _term(row: Review) -> date | None:
    return {"invited": row.panel.answer_by, "accepted": row.panel.due_on}.get(row.record.stage)


CANNOT = (
    ("conflict", _("a tie to an applicant")),
    ("time", _("no time")),
    ("field", _("not my field")),
    ("other", _("another reason, named in the note")),
)
"""Why an expert declines."""

PANEL = Lifecycle(
    "panel",
    "R",
    stages=(
        Stage("prepared", Phase.DRAFT, _("panel prepared")),
        Stage("scoring", Phase.REVIEWING, _("experts score")),
        Stage("scored", Phase.ACTIVE, _("scores closed")),
        Stage("concluded", Phase.DONE, _("panel concluded")),
        Stage("withdrawn", Phase.WITHDRAWN, _("panel withdrawn")),
    ),
    moves=(
        Move(
            "begin",
            _("Let the experts score"),
            source=frozenset({"prepared"}),
            target="scoring",
            allowed=runs,
            checks=(check_criteria, check_days, check_manned, check_free),
            then=(_tell_experts,),
            hint=_("Items and criteria stay as they are from then on."),
            primary=True,
        ),
        Move(
            "close",
            _("Close the scores"),
            source=frozenset({"scoring"}),
            target="scored",
            allowed=runs,
            checks=(check_scored,),
            then=(_close,),
            primary=True,
        ),
        Move(
            "conclude",
            _("Conclude the panel"),
            source=frozenset({"scored"}),
            target="concluded",
            allowed=runs,
            checks=(check_met,),
            hint=_("The department proposes on what the panel advises; the panel decides nothing."),
            primary=True,
        ),
        Move(
            "withdraw",
            _("Withdraw the panel"),
            source=frozenset({"prepared", "scoring", "scored"}),
            target="withdrawn",
            allowed=runs,
            then=(_release_all,),
            note="required",
            danger=True,
        ),
    ),
    audience=panel_audience,
    then=(clocks.restart(),),
)

REVIEW = Lifecycle(
    "review",
    "T",
    stages=(
        Stage("invited", Phase.SUBMITTED, _("expert asked")),
        Stage("accepted", Phase.REVIEWING, _("expert accepted")),
        Stage("handed-in", Phase.DONE, _("all scores in")),
        Stage("declined", Phase.WITHDRAWN, _("expert declined")),
        Stage("released", Phase.WITHDRAWN, _("expert released")),
    ),
    moves=(
        Move(
            "take-on",
            _("Accept"),
            source=frozenset({"invited"}),
            target="accepted",
            allowed=is_themselves,
            checks=(check_guest_declared,),
            then=(_seat_guest,),
            hint=_("You keep what you read to yourself, and say where you have a tie to an item."),
            primary=True,
        ),
        Move(
            "turn-down",
            _("Decline"),
            source=frozenset({"invited", "accepted"}),
            target="declined",
            allowed=is_themselves,
            reasons=CANNOT,
            note="optional",
            danger=True,
        ),
        Move(
            "release",
            _("Release the expert"),
            source=frozenset({"invited", "accepted"}),
            target="released",
            allowed=runs,
            note="required",
            danger=True,
        ),
        Move(
            "hand-in",
            _("Hand in"),
            source=frozenset({"accepted"}),
            target="handed-in",
            allowed=is_system,
            checks=(check_complete,),
        ),
        Move(
            "end",
            _("The scores were closed"),
            source=frozenset({"invited", "accepted"}),
            target="released",
            allowed=is_system,
        ),
    ),
    audience=review_audience,
    then=(clocks.Personal(lambda row: row.expert.person, _term),),
)
