"""A notice is prepared with frozen content, runs, and is completed or stopped; an objection is received and decided."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.notices.checks import (
    check_begun_somewhere,
    check_channels,
    check_current,
    check_objections,
    check_still_due,
    is_current,
)
from kezhuan.areas.notices.permissions import decides, runs
from kezhuan.kernel import clocks, journal, outbox, rulebook
from kezhuan.kernel.access import (
    OFFICER,
    PUBLIC,
    SYSTEM,
    Actor,
    Audiences,
    is_system,
    officer_tokens,
    organisation_token,
    person_token,
)
from kezhuan.kernel.lifecycle import OVER, Lifecycle, Move, Stage
from kezhuan.kernel.models import Clock, Notice, Objection, Organisation
from kezhuan.kernel.models.notices import ChannelKind, NoticeAudience
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.notices import (
    COMPLETED,
    RECEIVED,
    RUNNING,
    UPHELD,
    is_open,
    keepers_of,
    last_day,
    save_days,
    term_of,
)
from kezhuan.kernel.readers import Changed
from kezhuan.kernel.roles import role_tokens
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import add_days, move_ends

PREPARED, STOPPED = "prepared", "stopped"
CHANGED = "changed"
"""Name of the term of a running notice that does not tell of its record as it is now."""


def notice_audience(row: Notice) -> Audiences:
    """A public notice that runs or ran is everybody's as long as everybody sees what it is about, or its kind has to be
    laid open all the same; one inside a unit its members'. What was made confidential, withdrawn or void afterwards is
    told by no old notice.

    Officers see it when they see the public part of what it is about: of a trade secret they do not. Until it runs, and
    when it was stopped, it is the officers' and the unit's.
    """
    officers = officer_tokens(row.region, row.programme)
    unit = {organisation_token(row.about.owner_id)} if row.about.owner_id else set()
    seen = set(row.about.public_to.key.split("|"))
    inside = unit | (officers if seen & (officers | {PUBLIC}) else set())
    inside = inside or {OFFICER}
    if row.audience == NoticeAudience.PUBLIC and is_open(row.about) and row.record.phase in {Phase.PUBLIC, Phase.DONE}:
        return Audiences.nested(title={PUBLIC}, public={PUBLIC}, full=inside)
    return Audiences.nested(full=inside)


def objection_audience(row: Objection) -> Audiences:
    """Objections are the officers' in charge, or the members' who keep the notice; whoever sent one signed in sees what
    they sent and what became of it."""
    own = {person_token(row.person_id)} if row.person_id else set()
    about = row.notice.about
    if (keepers := keepers_of(about.kind)) is not None and about.owner_id is not None:
        return Audiences.nested(public=own, inner=role_tokens(about.owner_id, keepers.roles))
    return Audiences.nested(public=own, inner=officer_tokens(row.region, row.programme))


def decided_by(row: Objection) -> Organisation | None:
    """Who is waited for with an objection: the unit that keeps the notice itself, else the bureau."""
    about = row.notice.about
    return about.owner if keepers_of(about.kind) is not None else None


def follow_readers(changed: Changed) -> None:
    """The notices about records are seen by whom a changed class or stage lets see them."""
    about = Notice.objects.filter(about__in=changed.records)
    if not about.exists():  # as of most records, and all that belongs to a notice is long to ask for
        return
    rows = about.select_related("record", "about__owner", "about__public_to").order_by("pk")
    seen = [row for row in rows if NOTICE.refresh_audience(row)]
    if seen:
        # Without an entry the index would go on as before.
        journal.note("notice.readers", actor=SYSTEM, data={"uids": [str(row.record.uid) for row in seen]})


DECIDED = "objection.decided"
"""Name of the letter that tells whoever objected of the decision."""


def tell_objector(row: Objection, actor: Actor) -> None:
    """Whoever sent it signed in is written to when it is decided; everybody else is told by the officers."""
    if row.record.phase in OVER and row.person is not None:
        outbox.tell(row.person, DECIDED, key=f"{DECIDED}:{row.pk}", content={"objection": row.pk})


def begin_here(row: Notice, actor: Actor) -> None:
    """With the start the notice stands on this site, if it is to."""
    row.channels.filter(kind=ChannelKind.SITE, started_on=None).update(started_on=today())


def end_here(row: Notice, actor: Actor) -> None:
    """On this site a notice ends by itself when its days are over."""
    for channel in row.channels.filter(kind=ChannelKind.SITE, ended_on=None):
        channel.ended_on = last_day(row, channel)
        channel.save(update_fields=["ended_on"])


def count_anew(row: Notice, actor: Actor) -> None:
    """Write until when the notice runs, and let the bureau (or the unit that holds it) be reminded of what comes next
    by one term, which calendars know again when its day has moved. Once the record has changed it waits to be held
    again."""
    save_days(row)
    running = Clock.objects.filter(record=row.record, ended_on=None)
    if row.record.stage != RUNNING:
        running.update(ended_on=today())
        return
    name, due_on = term_of(row) if is_current(row) else (CHANGED, _again_by(row))
    held = running.first()
    if held is not None:
        if (held.name, name) != (CHANGED, CHANGED):  # it was told once, and by which day
            running.update(name=name)
            move_ends(running, due_on)
        return
    party = row.issuer if row.issuer_id == row.about.owner_id else None
    clocks.term(row.record, name, due_on, row.objection_day_kind, party=party).save(force_insert=True)


def _again_by(row: Notice) -> date:
    """By which day a notice whose record has changed is held again: as a rule value says, else the day after, on whose
    morning the reminder is written."""
    value = rulebook.rule_or_none(f"clock.notice.{CHANGED}", on=today(), jurisdiction=row.region)
    if value is None:
        return today() + timedelta(days=1)
    rulebook.stamp([(row.record, value)])
    return add_days(today(), int(value.value), rulebook.day_kind_of(value))


NOTICE = Lifecycle(
    "notice",
    "G",
    stages=(
        Stage(PREPARED, Phase.DRAFT, _("prepared")),
        Stage(RUNNING, Phase.PUBLIC, _("on display")),
        Stage(COMPLETED, Phase.DONE, _("completed")),
        Stage(STOPPED, Phase.WITHDRAWN, _("stopped")),
    ),
    moves=(
        Move(
            "start",
            _("Start the notice"),
            source=frozenset({PREPARED}),
            target=RUNNING,
            allowed=runs,
            checks=(check_still_due, check_current, check_begun_somewhere),
            then=(begin_here,),
            primary=True,
        ),
        Move(
            "complete",
            _("Complete the notice"),
            source=frozenset({RUNNING}),
            target=COMPLETED,
            allowed=runs,
            checks=(check_still_due, check_current, check_channels, check_objections),
            then=(end_here,),
            primary=True,
        ),
        Move(
            "stop",
            _("Stop the notice"),
            source=frozenset({PREPARED, RUNNING}),
            target=STOPPED,
            allowed=runs | is_system,
            note="required",
            danger=True,
        ),
    ),
    audience=notice_audience,
    then=(count_anew,),
)

OBJECTION = Lifecycle(
    "objection",
    "J",
    stages=(
        Stage(RECEIVED, Phase.SUBMITTED, _("received")),
        Stage(UPHELD, Phase.DONE, _("upheld")),
        Stage("dismissed", Phase.DONE, _("dismissed")),
        Stage("not-admitted", Phase.FAILED, _("not admitted")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
    ),
    moves=(
        Move(
            "uphold",
            _("Uphold"),
            source=frozenset({RECEIVED}),
            target=UPHELD,
            allowed=decides,
            note="required",
        ),
        Move(
            "dismiss",
            _("Dismiss"),
            source=frozenset({RECEIVED}),
            target="dismissed",
            allowed=decides,
            note="required",
        ),
        Move(
            "not-admit",
            _("Do not admit"),
            source=frozenset({RECEIVED}),
            target="not-admitted",
            allowed=decides,
            reasons=(
                ("anonymous", _("not named, or nobody answers under the contact given")),
                ("no-evidence", _("no evidence and nothing that could be looked into")),
                ("off-topic", _("not about what the notice tells")),
            ),
            note="optional",
        ),
        Move(
            "withdraw",
            _("Record its withdrawal"),
            source=frozenset({RECEIVED}),
            target="withdrawn",
            allowed=decides,
            note="required",
            danger=True,
        ),
    ),
    audience=objection_audience,
    then=(clocks.restart(decided_by, as_a_rule=True), tell_objector),
)
