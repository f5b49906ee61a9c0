"""Notices before a move (公示): what must have been laid open, for how long, and whether an objection is open.

A kind says on its `Move` what a notice about it would tell (`notice=`). Whether one is required, and for how many days,
is a rule value `notice.<kind>.<move>`: without one in force the move needs none. Objections are taken for as many days
after the end as `notice.<kind>.<move>.objections` says.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Model, Q
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.kernel import rulebook, workdays
from kezhuan.kernel.access import PUBLIC, Actor, is_officer, predicate, reading, region_of, represents_owner
from kezhuan.kernel.errors import Problem, Text
from kezhuan.kernel.masking import masked
from kezhuan.kernel.models import Clock, Notice, NoticeChannel, Record, RuleValue
from kezhuan.kernel.models.notices import ChannelKind, NoticeAudience
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.predicates import Predicate, Rows
from kezhuan.kernel.text import clean, listed, today

LANGUAGE = "zh-hans"
"""Notices are official texts: what they tell is worded in Chinese, whoever prepares them."""
BETWEEN = "、"
"""Between the names that a fact tells."""
RUNNING, COMPLETED, RECEIVED, UPHELD = "running", "completed", "received", "upheld"
PLACES = "places"
"""Name of the term of a running notice until the last day of its next place."""
"""Stages of notices and objections that the moves of other records depend on."""


@dataclass(frozen=True)
class Content:
    """What a notice tells of a record: its name, facts with their labels, and a text."""

    subject: str
    facts: Sequence[tuple[Text, str]]
    text: str = ""


def content_of(maker: Any, row: Any, heading: Text = "") -> dict[str, Any]:
    """What a notice about the row would tell now, as it is kept: clean, personal numbers masked.

    Its facts are data of the record; labels and `heading` are words of the program, in Chinese, and may read otherwise
    in a later version.
    """
    with translation.override(LANGUAGE):
        content: Content = maker(row)
        return {
            "heading": masked(clean(str(heading))),
            "subject": masked(clean(content.subject)),
            "facts": [[str(label), masked(clean(value))] for label, value in content.facts if clean(value)],
            "text": masked(clean(content.text)),
        }


def tells_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two contents tell the same of the record, whatever the program's own words around it."""

    def told(content: dict[str, Any]) -> tuple[Any, ...]:
        return content["subject"], [value for _label, value in content["facts"]], content["text"]

    return told(one) == told(other)


def content_hash(content: dict[str, Any]) -> str:
    """The SHA-256 of a content in canonical form: sorted keys, no blanks, UTF-8."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def replace_name(notice: Notice, name: str, instead: str) -> bool:
    """Let the facts of a notice tell a name no more; returns whether they did. Its hash stays that of what was laid
    open."""
    facts = [
        [label, BETWEEN.join(instead if one == name else one for one in value.split(BETWEEN))]
        for label, value in notice.content["facts"]
    ]
    if facts == notice.content["facts"]:
        return False
    notice.content = {**notice.content, "facts": facts}
    notice.save(update_fields=["content"])
    return True


# -- who ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Keepers:
    """Who holds notices about records of an inner kind and decides on objections to them: some members of the unit, in
    the place of all of them and of the officers in charge. Objections are read in `roles`."""

    holds: Predicate
    roles: frozenset[str]


_kept: dict[str, tuple[type[Model], Keepers]] = {}


def keep_inside(kind: str, model: type[Model], keepers: Keepers) -> None:
    """Say who of its unit keeps the notices about an inner kind; called where the kind is registered."""
    _kept[kind] = (model, keepers)


def keepers_of(kind: str) -> Keepers | None:
    """Who of the unit keeps notices about records of a kind; None where all members and the officers in charge do."""
    found = _kept.get(kind)
    return found[1] if found is not None else None


@predicate
def is_kept(_actor: Actor, row: Any) -> bool:
    """Notices about it are kept by some members of its unit."""
    return row.record.kind in _kept


is_kept.beside(lambda _actor, rows: rows.every(any(model is rows.model for model, _one in _kept.values())))


@predicate
def keeps_notices(actor: Actor, row: Any) -> bool:
    """Is one of the members who keep notices about records of this kind."""
    keepers = keepers_of(row.record.kind)
    return keepers is not None and keepers.holds.test(actor, row)


@keeps_notices.beside
def _kept_by(actor: Actor, rows: Rows) -> Q:
    kept = next((one for model, one in _kept.values() if model is rows.model), None)
    return kept.holds.where(actor, rows) if kept is not None else rows.none


def kept_among(actor: Actor, about: Rows) -> tuple[Q, Q]:
    """Of records that notices are about: those of kinds with keepers, and of these whose notices the actor keeps."""
    mine = about.none
    for kind, (model, keepers) in _kept.items():
        field: Any = model._meta.get_field("record")
        mine |= about.where(kind=kind) & keepers.holds.where(actor, about.at(field.remote_field.related_name, model))
    return about.where(kind__in=sorted(_kept)), mine


_laid_open: set[str] = set()
_GONE = frozenset({Phase.DRAFT, Phase.WITHDRAWN, Phase.VOID})


def lay_open(kind: str) -> None:
    """Notices about records of a kind are held in public also where the public does not read the record itself: what
    has to be published the notice alone tells, as long as the record stands. Called where the kind is registered."""
    _laid_open.add(kind)


def is_open(record: Record) -> bool:
    """Whether a notice before the public may tell of a record; it is fetched with `public_to`."""
    return record.public_to.key == PUBLIC or (record.kind in _laid_open and record.phase not in _GONE)


may_hold_in_public = reading("public") & is_officer
"""Prepares a notice about a row before the public: officers in charge who see what it tells."""
may_hold_inside = reading("public") & (keeps_notices | ~is_kept & (represents_owner | is_officer))
"""Prepares one before the members of the unit: the same, and the owner's members; of an inner kind its keepers."""


def may_hold(actor: Actor, row: Any, audience: str) -> bool:
    """Whether the actor prepares a notice about a row before this audience."""
    return (may_hold_inside if audience == NoticeAudience.UNIT else may_hold_in_public).test(actor, row)


# -- how long ----------------------------------------------------------------------------------------------------------


def days_code(kind: str, move: str) -> str:
    """Code of the rule value that says for how many days a notice stands before this move."""
    return f"notice.{kind}.{move}"


def objections_code(kind: str, move: str) -> str:
    """Code of the rule value that says for how many days after its end objections are taken."""
    return f"notice.{kind}.{move}.objections"


def declare_rules(kind: str, kind_label: Text, move: str, move_label: Text) -> None:
    """Make the two numbers known to the rulebook."""
    words = {"kind": kind_label, "move": move_label}
    days = format_lazy(gettext_lazy("Notice before “{move}”, {kind}: days"), **words)
    objections = format_lazy(gettext_lazy("Notice before “{move}”, {kind}: days for objections after its end"), **words)
    rulebook.declare(rulebook.Rule(days_code(kind, move), days, rulebook.DAYS))
    rulebook.declare(rulebook.Rule(objections_code(kind, move), objections, rulebook.DAYS))


@dataclass(frozen=True)
class Term:
    """For how many days of which kind a notice stands, by which source or version of a rule value, and at which places
    at least."""

    value: int
    kind: str
    source: str = ""
    rule: RuleValue | None = None
    places: frozenset[str] = frozenset()


_own: dict[tuple[str, str], Callable[[Any], Term]] = {}


def let_rows_say(kind: str, move: str, said: Callable[[Any], Term]) -> None:
    """Rows of a kind may say themselves for how long a notice stands before a move: the longer of theirs and the rule
    value's counts, a term of no day says nothing of that; called where the kind is registered."""
    _own[kind, move] = said


def ruled_days(row: Any, move: str) -> Term | None:
    """What the rule value in force today asks for before this move of the row; None where none is."""
    rule = rulebook.rule_or_none(days_code(row.record.kind, move), on=today(), jurisdiction=region_of(row))
    return Term(int(rule.value), rulebook.day_kind_of(rule), rule.source, rule) if rule is not None else None


def is_shorter(one: Term, other: Term) -> bool:
    """Whether a notice that began today would end earlier by the one term than by the other."""
    ends = [workdays.add_days(today(), term.value, term.kind) for term in (one, other)]
    return ends[0] < ends[1]


def required_days(row: Any, move: str) -> Term | None:
    """For how long a notice stands before this move of the row: by the rule value in force today, or by what the row
    says itself; None where neither asks for one."""
    ruled, said = ruled_days(row, move), _own.get((row.record.kind, move))
    own = said(row) if said is not None else None
    if own is None:
        return ruled
    if ruled is None:
        return own if own.value else None
    return replace(ruled if not own.value or is_shorter(own, ruled) else own, places=own.places)


def objection_days(row: Any, move: str) -> RuleValue | None:
    """The rule value for the days of objections after the end; None: objections are taken until the end alone."""
    return rulebook.rule_or_none(objections_code(row.record.kind, move), on=today(), jurisdiction=region_of(row))


def last_day(notice: Notice, channel: NoticeChannel) -> date | None:
    """The day until which a channel must stand; the day it began does not count (民法典 art. 201). None before."""
    if channel.started_on is None:
        return None
    return workdays.add_days(channel.started_on, notice.days, notice.day_kind)


def count_days(notice: Notice, channels: Sequence[NoticeChannel]) -> None:
    """Set until when each channel must stand, when the notice ends and until when objections are taken (not saved).

    It ends with the last channel. Neither is known before every channel has begun.
    """
    for channel in channels:
        channel.stands_until = last_day(notice, channel)
    ends = [channel.ended_on or channel.stands_until for channel in channels]
    known = [day for day in ends if day is not None]
    if not known or len(known) < len(ends):
        notice.ends_on = notice.objections_until = None
        return
    notice.ends_on = max(known)
    notice.objections_until = workdays.add_days(notice.ends_on, notice.objection_days, notice.objection_day_kind)


def save_days(notice: Notice) -> None:
    """Count a notice's days by the calendar as it is loaded now, and keep them."""
    channels = list(notice.channels.all())
    count_days(notice, channels)
    notice.save(update_fields=["ends_on", "objections_until"])
    NoticeChannel.objects.bulk_update(channels, ["stands_until"])


def term_of(notice: Notice) -> tuple[str, date]:
    """What a running notice waits for next, by the name of the term, and until when: a place elsewhere is looked at on
    its last day, for its proof; then the days for objections end."""
    places = [one for one in notice.channels.all() if one.kind != ChannelKind.SITE and one.ended_on is None]
    last_days = [one.stands_until for one in places if one.stands_until is not None]
    return (PLACES, min(last_days)) if last_days else (RUNNING, notice.objections_until or today())


def _count_running_anew() -> int:
    """Count the days of all notices that run; returns how many now end on another day."""
    moved = 0
    for notice in Notice.objects.filter(record__stage=RUNNING).prefetch_related("channels"):
        before = (notice.ends_on, notice.objections_until)
        save_days(notice)
        moved += before != (notice.ends_on, notice.objections_until)
        clocks = Clock.objects.filter(record=notice.pk, name__in=(RUNNING, PLACES), ended_on=None)
        workdays.move_ends(clocks, term_of(notice)[1])
    return moved


workdays.when_loaded(_count_running_anew)


# -- before a move -----------------------------------------------------------------------------------------------------


def notices_before(record: Record, move: str) -> Any:
    """Notices about a record that were held for this move and not yet spent on it, newest first; stopped ones too."""
    held = Notice.objects.filter(about=record, move=move, spent_on=None)
    return held.select_related("record").order_by("-record_id")


def check_notice(row: Any, move: str, maker: Any) -> Iterable[Problem]:
    """What stands against a move that may need a notice: none held, still running, changed since, or objected to."""
    held = list(notices_before(row.record, move))
    open_ones = Record.objects.filter(objection__notice__in=held, stage=RECEIVED).order_by("pk")
    if codes := list(open_ones.values_list("code", flat=True)[:5]):
        message = _("An objection is open (%(codes)s): decide on it first.") % {"codes": listed(codes)}
        yield Problem("objection-open", message, "notice")
        return
    standing = [one for one in held if one.record.phase not in {Phase.WITHDRAWN, Phase.DRAFT}]
    latest = standing[0] if standing else None
    if latest is not None and latest.record.stage == RUNNING:
        message = _("The notice %(code)s is running: complete it first.") % {"code": latest.record.code}
        yield Problem("notice-running", message, "notice")
        return
    right = Record.objects.filter(objection__notice=latest, stage=UPHELD).order_by("pk")
    if codes := list(right.values_list("code", flat=True)[:5]):
        message = _("An objection was upheld (%(codes)s): correct the record and hold the notice again.")
        yield Problem("objection-upheld", message % {"codes": listed(codes)}, "notice")
        return
    rule = required_days(row, move)
    if rule is None:
        return
    if latest is None:
        message = _("A notice must be held before this step: prepare it first.")
        yield Problem("notice-missing", message, "notice", rule.source)
    elif not tells_the_same(latest.content, content_of(maker, row)):
        message = _("What the notice %(code)s told has changed since: hold it again.") % {"code": latest.record.code}
        yield Problem("notice-changed", message, "notice", rule.source)


def must_be_ruled(move: str, source: Text = "") -> Callable[[Any], Iterable[Problem]]:
    """A check of a move that nobody is to be passed over by: for how long it is laid open is said by a rule value, and
    where none is in force it waits for one, for then nothing would ask for a notice. `source` asks for the notice and
    leaves the days to others."""

    def check_ruled(row: Any) -> Iterable[Problem]:
        if required_days(row, move) is None:
            message = _(
                "This is laid open in the unit first, and no rule value says for how many days: have the city's"
                " officers enter %(code)s under “rule values” with its day and source, such as the unit's own rules;"
                " then hold the notice."
            )
            code = days_code(row.record.kind, move)
            yield Problem("notice-unruled", message % {"code": code}, "notice", str(source))

    return check_ruled


def spend(record: Record, move: str) -> None:
    """Note that the move was taken on the strength of its completed notices: for another time new ones are held."""
    Notice.objects.filter(about=record, move=move, spent_on=None, record__stage=COMPLETED).update(spent_on=today())
