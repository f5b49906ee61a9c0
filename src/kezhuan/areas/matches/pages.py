"""Pages of matches: introductions, decisions on suggestions, and matching of a need that is only typed."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.matches.actions import introduce, parts_as_data, refuse_suggestion
from kezhuan.areas.matches.forms import MeetingForm
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.meeting_actions import PLANNED_IN, plan_meeting
from kezhuan.areas.matches.mending_actions import mend
from kezhuan.areas.matches.models import WORTH, Introduction
from kezhuan.areas.matches.panels import BESIDES, OfKind, match_line, part_bars, refusing
from kezhuan.areas.matches.permissions import oversees, plans
from kezhuan.areas.matches.queries import (
    Side,
    contacts_of,
    factors_in_force,
    introductions_visible_to,
    meetings_of,
    sides_of,
    suggestions_visible_to,
    supplies_for_typed,
    was_brought,
)
from kezhuan.areas.matches.supply import RESULTS, own_rows, profiles, text_of
from kezhuan.areas.matches.wording import language, part_lines
from kezhuan.areas.needs.models import Need
from kezhuan.engines.matching import Item, Match
from kezhuan.kernel import registry, search
from kezhuan.kernel.access import Actor, get_visible, visible_to
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.disclosures import note_words
from kezhuan.kernel.errors import Conflict, Missing, Refused, Text
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Record
from kezhuan.kernel.search.meaning import attribution_in_use
from kezhuan.web import faces, feed_pages
from kezhuan.web.components import ButtonLink, Fact, MatchLine, ProblemLine, ResultLine
from kezhuan.web.errors import error_page, refused_step
from kezhuan.web.lists import list_page, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day, moment

LONGEST_NEED = 5000
BEST = 10
"""Results shown for a typed need."""
RELATED = (
    "broker__record",
    *(f"{side}_agreed_by__record" for side in ("need", "supply")),
    *(f"{side}__{group}_to" for side in ("need__record", "supply") for group in ("title", "public")),
    *(f"{side}__{party}__record" for side in ("need__record", "supply") for party in ("owner", "contact")),
)


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Introduction]:
    return list(introductions_visible_to(actor).filter(pk__in=ids))


def _line(actor: Actor, row: Introduction, words: str) -> ResultLine:
    sides = sides_of(actor, row)
    return faces.plain_line(
        row.record,
        title=_title(sides),
        kind_label=_("introduction"),
        meta=tuple(name_of(side.owner.record) for side in sides if side.owner is not None),
        on=row.record.opened_on,
    )


def _title(sides: tuple[Side, Side]) -> str:
    """What the two sides are called, as far as the reader may know it."""
    return " × ".join(_name(side) for side in sides)


def _name(side: Side) -> str:
    return name_of(side.record) if side.record is not None else _("not shown before both sides agree")


def register_face() -> None:
    """How introductions stand in lists."""
    faces.register("introduction", faces.Face(_rows, _line, lambda actor, row: _title(sides_of(actor, row))))


@takes_a_list
def introduction_list(request: Request) -> HttpResponse:
    """The introductions the reader takes part in, or watches over."""
    return list_page(
        request,
        title=capfirst(_("introductions")),
        kinds=("introduction",),
        facets=("stage",),
        lead=_("An accepted suggestion: both sides agree, meet, and sign or say why not."),
        empty="" if request.actor.is_signed_in else _("Sign in to see the introductions of your organisation."),
    )


@require_safe
def introduction_page(request: Request, code: str) -> HttpResponse:
    """One introduction."""
    row = get_visible(request.actor, Introduction, code, related=RELATED)
    sides = sides_of(request.actor, row)
    found = suggestions_visible_to(request.actor).filter(need=row.need_id, supply=row.supply_id).first()
    parts = part_bars(part_lines(found.parts, language())) if found else ()
    offered = capfirst(str(registry.kind_of(row.supply).label))
    to_plan = row.record.stage == PLANNED_IN and plans.test(request.actor, row)
    if found:
        note_words(request.actor, [row.need.record, row.supply])
    return record_page(
        request,
        row,
        "matches/introduction.html",
        facts=_meeting_facts(row),
        broker=name_of(row.broker.record) if row.broker is not None else "",
        brought=_list_facts(request.actor, row) if was_brought(row) else [],
        buttons=[ButtonLink(_("Plan the meeting"), reverse("meeting", args=[code]))] if to_plan else (),
        title=_title(sides),
        sides=[
            {
                "label": label,
                "title": _name(side),
                "url": faces.url_of(side.record) if side.record is not None else "",
                "owner": name_of(side.owner.record) if side.owner is not None else "",
                "agreed_on": side.agreed_on,
            }
            for label, side in zip((_("Need"), offered), sides, strict=True)
        ],
        contacts=contacts_of(request.actor, row),
        parts=parts,
        stretches=MatchLine(1, found.score if found else 0, "", "", parts=parts).stretches,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_page(request: Request, code: str) -> HttpResponseBase:
    """Plan the meeting of an introduction."""
    row = get_visible(request.actor, Introduction, code, related=RELATED)
    must_allow(plans, request.actor, row, stages={PLANNED_IN})
    start = {"minutes": row.meets_minutes, "where": row.meets_where}
    if row.meets_at is not None:
        held = localtime(row.meets_at)
        start |= {"on": held.date(), "time": held.time()}

    def act(form: MeetingForm) -> str:
        given = form.cleaned_data
        plan_meeting(actor=request.actor, introduction=row, at=form.at, minutes=given["minutes"], where=given["where"])
        return back

    back, title = faces.url_of(row.record), _("Plan the meeting")
    return action_page(
        request,
        lambda posted, files: MeetingForm(posted, files, initial=start),
        act,
        title=title,
        intro=_("Both sides see it here and in their calendars. A later plan replaces this one."),
        submit_label=_("Save"),
        back=back,
        crumbs=trail((_("Home"), "/"), (capfirst(_("introductions")), reverse("introductions")), (code, back), title),
    )


def register_meetings() -> None:
    """Put planned meetings into the calendars of both sides."""
    feed_pages.add_meetings(_meetings)


def _meetings(actor: Actor) -> list[feed_pages.Meeting]:
    rows = meetings_of(actor)
    return [
        feed_pages.Meeting(row.record, row.meets_at, row.meets_minutes, row.meets_where) for row in rows if row.meets_at
    ]


def _meeting_facts(row: Introduction) -> list[Fact]:
    if row.meets_at is None:
        return []
    return [
        Fact(_("Begins at"), moment(row.meets_at)),
        Fact(_("Minutes"), str(row.meets_minutes)),
        Fact(_("Meeting place"), row.meets_where),
    ]


def _list_facts(actor: Actor, row: Introduction) -> list[Fact]:
    """What the list said that brought it; its own remarks are for the officers in charge."""
    days = [Fact(_("Introduced on"), day(row.introduced_on)), Fact(_("Met on"), day(row.met_on))]
    extra = row.extra.items() if oversees.test(actor, row) else ()
    return [*days, *(Fact(name, str(value)) for name, value in extra)]


def _pair(request: Request, need_code: str, supply_code: str) -> tuple[Need, Record]:
    return get_visible(request.actor, Need, need_code), get_visible(request.actor, Record, supply_code)


@require_POST
def introduce_page(request: Request, need: str, supply: str) -> HttpResponse:
    """Accept a suggestion."""
    first, second = _pair(request, need, supply)
    made = introduce(actor=request.actor, need=first, supply=second)
    stage = INTRODUCTION.stages[made.record.stage].label
    messages.success(request, _("The introduction was made; it is now: %(stage)s.") % {"stage": stage})
    return redirect(faces.url_of(made.record))


@require_POST
def refuse_page(request: Request, need: str, supply: str) -> HttpResponse:
    """Say why a suggestion does not fit."""
    first, second = _pair(request, need, supply)
    reason, words = request.POST.get("reason", ""), request.POST.get("note", "")
    lacks = request.POST.getlist("lacks")
    try:
        refuse_suggestion(actor=request.actor, need=first, supply=second, reason=reason, words=words, lacks=lacks)
    except Refused as refused:
        lines = [ProblemLine(one.message) for one in refused.problems]
        return refused_step(request, lines, refusing(request.actor, first, second))
    except Conflict as conflict:  # somebody was faster: what was written is shown, as of any move
        return error_page(request, 409, sentence=str(conflict), words=words)
    messages.success(request, _("Noted that the two do not fit."))
    return redirect(f"{faces.url_of(first.record)}#matches")


@require_POST
def mend_page(request: Request, code: str) -> HttpResponse:
    """Say that what was missed in a result or a need was added."""
    row = registry.row_of(get_visible(request.actor, Record, code))
    if not isinstance(row, Need | Achievement):
        raise Missing(code)
    mend(actor=request.actor, row=row, lack=request.POST.get("lack", ""))
    messages.success(request, _("Noted that it was added; who missed it before is no longer counted."))
    return redirect(faces.url_of(row.record))


@require_http_methods(["GET", "HEAD", "POST"])
def match_page(request: Request) -> HttpResponse:
    """The best results for a need that is typed and not kept: it travels in the body, never in an address or a log."""
    text = request.POST.get("text", "").strip()
    message: Text | None = None
    if has_classification_mark(text):
        text, message = "", secrets_problem().message  # and nothing of it is repeated
    elif request.method == "POST" and not text:
        message = _("Describe your need first, in a few words at least.")
    text = text[:LONGEST_NEED]
    found = matches_for_text(request.actor, text, {kind: BEST if kind == RESULTS else BESIDES for kind in profiles()})
    best = found.pop(RESULTS)
    return page(
        request,
        "matches/match.html",
        status=200 if message is None else 422,
        title=_("Match a need"),
        crumbs=trail((_("Home"), "/"), _("Match a need")),
        text=text,
        asked=bool(text),
        unit=request.actor.organisation,
        attribution=attribution_in_use(),
        problems=() if message is None else (ProblemLine(message, "id_text"),),
        lines=_worth(best),
        weak=tuple(one for one in best if one.score < WORTH),
        others=tuple(
            OfKind(kind, profiles()[kind].heading, worth) for kind, lines in found.items() if (worth := _worth(lines))
        ),
    )


def _worth(lines: tuple[MatchLine, ...]) -> tuple[MatchLine, ...]:
    """Those that would be suggested for a need that is posed."""
    return tuple(one for one in lines if one.score >= WORTH)


def matches_for_text(actor: Actor, text: str, limits: Mapping[str, int]) -> dict[str, tuple[MatchLine, ...]]:
    """By kind the best of its records that the actor may see for words only, as many as its limit, without what their
    own unit offers; nothing of any without words."""
    if not text:
        return dict.fromkeys(limits, ())
    index, factors, typed = search.live_index(), factors_in_force(), Item("typed", text=text)
    index.catch_up()
    supplies = supplies_for_typed(actor, limits)
    found = {kind: index.nearest([typed], limit, supplies[kind], factors)[0] for kind, limit in limits.items()}
    rows = visible_to(actor, Record.objects.select_related("owner__record", "public_to", *own_rows("")), "public")
    records = rows.in_bulk([int(match.supply) for matches in found.values() for match in matches])
    note_views(actor, list(records), "list")
    note_words(actor, records.values())
    return {kind: _lines_of(matches, records) for kind, matches in found.items()}


def _lines_of(matches: Sequence[Match], records: Mapping[int, Record]) -> tuple[MatchLine, ...]:
    seen = [(match, records[int(match.supply)]) for match in matches if int(match.supply) in records]
    return tuple(
        match_line(rank, match.score, record, text_of(record), parts_as_data(match))
        for rank, (match, record) in enumerate(seen, 1)
    )
