"""What is done to notices: prepared, recorded where they stand, objected to. The only writers of this area."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.notices.lifecycle import NOTICE, OBJECTION, PREPARED, count_anew
from kezhuan.areas.notices.permissions import may_object, runs, takes_paper
from kezhuan.kernel import journal, notices, registry, rulebook
from kezhuan.kernel.access import Actor, can_view, region_of
from kezhuan.kernel.checks import set_columns
from kezhuan.kernel.contents import SCANS
from kezhuan.kernel.documents import Upload, check_upload, keep_document
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused, Text
from kezhuan.kernel.lifecycle import Move, advance, held, open_record, touch
from kezhuan.kernel.models import Document, Notice, NoticeChannel, Objection, Record
from kezhuan.kernel.models.notices import ChannelKind, NoticeAudience
from kezhuan.kernel.notices import COMPLETED, RECEIVED, RUNNING
from kezhuan.kernel.text import clean, listed, today

LARGEST_FROM_VISITORS = 10 * 1024 * 1024
"""Bytes that somebody without an account may send as evidence."""
MOST_OPEN = 200
"""Open objections to one notice; more come on paper."""
_CONTACT = re.compile(r"(?=(?:\D*\d){7,15}\D*$)[\d+() -]{7,25}|[^@\s]+@[^@\s]+\.[^@\s]+")


def prepare_notice(
    *, actor: Actor, row: Any, move: str, audience: str, reception: str, channels: Sequence[str]
) -> Notice:
    """Prepare a notice about a row before one of its moves: what it tells is frozen, its days come from the rulebook.

    A notice that was prepared or runs with other words is stopped by it; one with the same words goes on. Where one is
    completed, another with the same words is held in other places alone.
    Raises `NotAllowed`, `Refused`, or `Conflict` when the record has moved on.
    """
    kind = registry.kind_of(row.record)
    step = kind.lifecycle.moves.get(move)
    if step is None or step.notice is None or actor.person is None or actor.organisation is None:
        raise NotAllowed(_("No notice is held before this step."))
    if audience not in NoticeAudience.values or not notices.may_hold(actor, row, audience):
        raise NotAllowed(_("Only the officers in charge, and the unit itself before its members, hold a notice."))
    with journal.writing():
        record = _held(row.record)
        row = registry.row_of(record)
        if record.stage not in step.source:
            raise Conflict(_("The record has moved on: no notice is held before this step now."))
        days, objections = notices.required_days(row, move), notices.objection_days(row, move)
        content = notices.content_of(step.notice, row, heading_of(kind, step, record))
        stood = _completed_places(record, move, content)
        problems = [*_problems(record, audience, reception, channels), *_place_problems(days, [*channels, *stood])]
        if days is None or problems:
            missing = _("No rule value says for how many days this notice stands: add one to the rulebook first.")
            raise Refused([*problems, *([Problem("notice-days", missing, "days")] if days is None else [])])
        digest = notices.content_hash(content)
        _replace(record, move, content, frozenset(channels), actor)
        notice: Notice = open_record(
            NOTICE,
            lambda opened: Notice(
                record=opened,
                about=record,
                move=move,
                region=region_of(row),
                issuer=actor.organisation,
                audience=audience,
                content=content,
                content_hash=digest,
                reception=clean(reception),
                days=days.value,
                day_kind=days.kind,
                objection_days=objections.value if objections else 0,
                objection_day_kind=rulebook.day_kind_of(objections) if objections else days.kind,
            ),
            actor=actor,
            title=content["heading"],
            summary=content["text"],
        )
        NoticeChannel.objects.bulk_create([NoticeChannel(notice=notice, kind=one) for one in dict.fromkeys(channels)])
        rulebook.stamp((record, used) for used in (days.rule, objections) if used is not None)
    return notice


def edit_notice(
    *, actor: Actor, notice: Notice, reception: str, channels: Sequence[str], expected_version: int | None = None
) -> Notice:
    """Change who takes objections and where a notice will stand, until it begins. What it tells is frozen: when that is
    wrong, the record is corrected and the notice prepared anew; from its first day on nothing of it changes.

    Raises `NotAllowed`, `Refused`, or `Conflict` when it has begun or somebody changed it meanwhile.
    """
    with journal.writing():
        row: Notice = held(notice)
        if not runs.test(actor, row):
            raise NotAllowed(_("Only those who hold the notice change it."))
        if row.record.stage != PREPARED:
            raise Conflict(_("The notice has begun or is over: nothing of it is changed any more."))
        problems, wanted = _problems(row.about, row.audience, reception, channels), list(dict.fromkeys(channels))
        stood = _completed_places(row.about, row.move, row.content)
        problems += _place_problems(notices.required_days(registry.row_of(row.about), row.move), [*channels, *stood])
        standing = {one.kind: one for one in row.channels.all()}
        if any(one.started_on is not None for kind, one in standing.items() if kind not in wanted):
            message = _("The notice stands in a place that you left out: its first day was recorded.")
            problems.append(Problem("notice-channels", message, "channels"))
        if problems:
            raise Refused(problems)
        changed = set_columns(row, {"reception": clean(reception)})
        if set(wanted) != set(standing):
            row.channels.exclude(kind__in=wanted).delete()
            fresh = [NoticeChannel(notice=row, kind=kind) for kind in wanted if kind not in standing]
            NoticeChannel.objects.bulk_create(fresh)
            changed.append("channels")
        row.save(update_fields=["reception"])
        touch(NOTICE, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def heading_of(kind: registry.Kind, move: Move, record: Record) -> Text:
    """The notice's own title; said in Chinese, like all of it."""
    words = {"kind": kind.label, "subject": record.title, "move": move.label}
    return format_lazy(move.notice_title or gettext_lazy("Notice on {kind} “{subject}”, before: {move}"), **words)


def _held(record: Record) -> Record:
    """The record, locked until the transaction ends."""
    # Alone: joined to its audiences, PostgreSQL would find no row when whoever held it gave it new ones.
    Record.objects.select_for_update(no_key=True).get(pk=record.pk)
    return Record.objects.select_related("owner__record", "public_to", "title_to").get(pk=record.pk)


def _problems(record: Record, audience: str, reception: str, channels: Sequence[str]) -> list[Problem]:
    found = []
    if audience == NoticeAudience.PUBLIC and not notices.is_open(record):
        message = _("This record is not open to the public: hold the notice inside the unit.")
        found.append(Problem("notice-not-public", message, "audience"))
    if audience == NoticeAudience.UNIT and record.owner_id is None:
        found.append(Problem("notice-no-unit", _("Nobody owns this record: hold the notice in public."), "audience"))
    if not clean(reception):
        message = _("Say who takes objections: office, address, telephone or mail.")
        found.append(Problem("notice-reception", message, "reception"))
    if not channels or not set(channels) <= set(ChannelKind.values):
        found.append(Problem("notice-channels", _("Choose at least one place where the notice stands."), "channels"))
    return found


def _place_problems(term: notices.Term | None, channels: Sequence[str]) -> list[Problem]:
    """A notice stands at least where the record itself promises it."""
    missing = [kind for kind in ChannelKind if term is not None and kind in term.places and kind not in channels]
    if not missing:
        return []
    message = _("The record says that the notice stands here too: %(places)s. Choose it as well.")
    return [Problem("notice-places", message % {"places": listed(str(one.label) for one in missing)}, "channels")]


def _completed_places(record: Record, move: str, content: dict[str, Any]) -> list[str]:
    """Where completed notices that tell the same have stood."""
    held = notices.notices_before(record, move).filter(record__stage=COMPLETED)
    same = [one for one in held if notices.tells_the_same(one.content, content)]
    return list(NoticeChannel.objects.filter(notice__in=same).values_list("kind", flat=True))


def _replace(record: Record, move: str, content: dict[str, Any], places: frozenset[str], actor: Actor) -> None:
    """Stop notices for the same move that tell something else; one that tells the same goes on instead. Beside a
    completed one another is held in places where it did not stand."""
    for earlier in notices.notices_before(record, move).filter(record__stage__in=(PREPARED, RUNNING, COMPLETED)):
        if notices.tells_the_same(earlier.content, content):
            held = earlier.channels.values_list("kind", flat=True)
            if earlier.record.stage == COMPLETED and places.isdisjoint(held):
                continue
            code = earlier.record.code
            raise Refused(Problem("notice-held", _("The notice %(code)s tells the same already.") % {"code": code}))
        if earlier.record.stage != COMPLETED:
            advance(NOTICE, earlier, "stop", actor=actor, note=_("The record changed: the notice is held again."))


# -- where it stands ---------------------------------------------------------------------------------------------------


def record_start(
    *, actor: Actor, channel: NoticeChannel, on: date, address: str, proof: Upload | None = None
) -> NoticeChannel:
    """Record on which day a notice began in a place outside this site, where that is, and the proof of it."""
    return _record_day(actor, channel, on, proof, address=address)


def record_end(*, actor: Actor, channel: NoticeChannel, on: date, proof: Upload | None = None) -> NoticeChannel:
    """Record a notice's last day in a place outside this site, with the proof of it."""
    return _record_day(actor, channel, on, proof, address=None)


def _record_day(
    actor: Actor, channel: NoticeChannel, on: date, proof: Upload | None, *, address: str | None
) -> NoticeChannel:
    """`address` is given for the first day only."""
    start = address is not None
    with journal.writing():
        record = _held(channel.notice.record)
        notice = Notice.objects.select_related("about__public_to", "about__owner", "issuer").get(pk=record.pk)
        notice.record = record
        if not runs.test(actor, notice):
            raise NotAllowed(_("Only those who hold the notice record where it stands."))
        held = NoticeChannel.objects.get(pk=channel.pk)
        begun, ended = held.started_on is not None, held.ended_on is not None
        if record.stage not in {PREPARED, RUNNING} or (begun if start else ended or not begun):
            raise Conflict(_("This day was recorded before, or the notice is over."))
        if held.kind == ChannelKind.SITE:
            raise Refused(Problem("notice-here", _("On this site the notice begins and ends by itself."), "on"))
        earliest = record.opened_on if start else held.started_on
        assert earliest is not None
        problems = []
        if not earliest <= on <= today():
            message = _("Give a day from %(first)s to %(last)s.")
            days = {"first": earliest.isoformat(), "last": today().isoformat()}
            problems.append(Problem("notice-day", message % days, "on"))
        if start and not clean(address or ""):
            problems.append(Problem("notice-address", _("Give the address of the page, or the place."), "address"))
        if proof is None:
            message = _("Add a screenshot, a photograph or a scan that shows the notice there on that day.")
            problems.append(Problem("notice-proof", message, "file"))
        if proof is None or problems:
            raise Refused(problems)
        document = keep_document(actor=actor, record=record, upload=proof, kind="notice-proof", types=SCANS)
        _write_day(held, on, document, address)
        count_anew(notice, actor)
        touch(NOTICE, notice, actor=actor, fields=["started_on" if start else "ended_on"])
    return held


def _write_day(channel: NoticeChannel, on: date, proof: Document, address: str | None) -> None:
    if address is None:
        channel.ended_on, channel.end_proof = on, proof
    else:
        channel.started_on, channel.start_proof, channel.address = on, proof, clean(address)[:500]
    channel.save()


# -- objections --------------------------------------------------------------------------------------------------------


def object_to_notice(
    *,
    actor: Actor,
    notice: Notice,
    name: str,
    contact: str,
    text: str,
    unit: str = "",
    evidence: Sequence[Upload] = (),
    received_on: date | None = None,
) -> Objection:
    """Take a named objection with its evidence; from then on the move that the notice is held for is refused.

    Anybody before whom the notice is laid open objects while it runs, with or without an account. An officer in charge
    enters one that came on paper, with the day on which it was `received_on`, also later, until the move is taken.
    Raises `NotAllowed`, `Refused`, or `Conflict` when the time is over.
    """
    problems = _objection_problems(name, contact, text)
    if problems:
        raise Refused(problems)
    for file in evidence:
        check_upload(file)
        if actor.person is None and len(file.content) > LARGEST_FROM_VISITORS:
            message = _("“%(name)s” is larger than 10 MB. Send a smaller file, or sign in.") % {"name": file.name}
            raise Refused(Problem("file-too-large", message, "evidence"))
    with journal.writing():
        # In this order: the noticed record, then the notice. Whoever takes the move holds the first, whoever
        # completes the notice the second; each of them waits here or is waited for.
        about = _held(notice.about)
        record = _held(notice.record)
        row = Notice.objects.get(pk=record.pk)
        row.record, row.about = record, about
        if received_on is not None:
            _require_on_paper(actor, row, received_on)
        elif not can_view(actor, record, "public"):
            raise NotAllowed(_("This notice is not laid open before you."))
        elif not may_object(actor, row):
            raise Conflict(_("The time for objections is over."))
        _require_room(row, contact)
        objection: Objection = open_record(
            OBJECTION,
            lambda opened: Objection(
                record=opened,
                notice=row,
                region=row.region,
                name=clean(name),
                unit=clean(unit),
                contact=clean(contact),
                received_on=received_on or today(),
                person=actor.person if received_on is None else None,
                entered_by=None if received_on is None else actor.person,
            ),
            actor=actor,
            title=_title(record),
            summary=text,
        )
        for file in evidence:
            keep_document(actor=actor, record=objection.record, upload=file, kind="evidence", group="public")
    return objection


def _title(notice: Record) -> str:
    """What an objection is called; in Chinese, whoever sent it."""
    with translation.override(notices.LANGUAGE):
        return _("Objection to: %(notice)s") % {"notice": notice.title[:250]}


def _objection_problems(name: str, contact: str, text: str) -> list[Problem]:
    found = []
    if len(clean(name)) < 2:
        message = _("Give your full name: objections without a name are not admitted.")
        found.append(Problem("objection-name", message, "name"))
    if _CONTACT.fullmatch(clean(contact)) is None:
        message = _("Give a telephone number or a mail address under which you can be reached.")
        found.append(Problem("objection-contact", message, "contact"))
    if not clean(text):
        found.append(Problem("objection-text", _("Say what is wrong, and how you know."), "text"))
    return found


def _require_on_paper(actor: Actor, notice: Notice, received_on: date) -> None:
    """Raises unless the actor may enter an objection on paper and the day lies in its time."""
    if not takes_paper.test(actor, notice):
        raise NotAllowed(_("Only those who decide on objections enter one that came on paper."))
    move: Move = registry.kind_of(notice.about).lifecycle.moves[notice.move]
    decided = notice.spent_on is not None or notice.about.stage not in move.source
    if decided or notice.record.stage not in {RUNNING, COMPLETED}:
        raise Conflict(_("The matter has been decided, or the notice was stopped."))
    first = min((one.started_on for one in notice.channels.all() if one.started_on), default=today())
    last = min(notice.objections_until or today(), today())
    if not first <= received_on <= last:
        message = _("Objections are taken from %(first)s to %(last)s: give the day on which it came in.")
        days = {"first": first.isoformat(), "last": last.isoformat()}
        raise Refused(Problem("objection-late", message % days, "received_on"))


def _require_room(notice: Notice, contact: str) -> None:
    waiting = Objection.objects.filter(notice=notice, record__stage=RECEIVED)
    if waiting.filter(contact=clean(contact)).exists():
        message = _(
            "An objection under this contact is waiting to be decided. Add to it with the office that takes it."
        )
        raise Refused(Problem("objection-twice", message, "contact"))
    if waiting.count() >= MOST_OPEN:
        message = _("Very many objections are waiting to be decided. Send yours to the office named in the notice.")
        raise Refused(Problem("objection-many", message))
