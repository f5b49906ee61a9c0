"""Pages of notices: the public list, a notice, preparing one, and where it stands."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.notices import pages_objections
from kezhuan.areas.notices.actions import edit_notice, prepare_notice, record_end, record_start
from kezhuan.areas.notices.checks import is_current
from kezhuan.areas.notices.forms import DayForm, NoticeChangeForm, NoticeForm, upload_of
from kezhuan.areas.notices.lifecycle import PREPARED
from kezhuan.areas.notices.papers import paste_ready, word_file
from kezhuan.areas.notices.permissions import may_object, runs, takes_paper
from kezhuan.areas.notices.queries import TOLD, notices_visible_to, objections_visible_to
from kezhuan.kernel import notices, registry
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Notice, NoticeChannel, Record
from kezhuan.kernel.models.notices import ChannelKind, NoticeAudience
from kezhuan.kernel.notices import COMPLETED, RUNNING
from kezhuan.kernel.rulebook import day_kind_of
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import days_in_words
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Fact, ResultLine, Tag
from kezhuan.web.exports import file_answer
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import frozen_facts, name_of
from kezhuan.web.record_forms import RecordForm, Rows, action_page, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def register_face() -> None:
    """How notices stand in lists."""
    faces.register("notice", faces.Face(_rows, _line))
    pages_objections.register_face()


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Notice]:
    return list(notices_visible_to(actor).filter(pk__in=ids))


def _line(actor: Actor, row: Notice, words: str) -> ResultLine:
    until = [_("objections until %(day)s") % {"day": day(row.objections_until)}] if row.objections_until else []
    return faces.plain_line(
        row.record,
        meta=(name_of(row.issuer.record), *until),
        snippet_html=snippet(words, row.content["text"]),
        on=row.record.opened_on,
    )


@takes_a_list
def notice_list(request: Request) -> HttpResponse:
    """All notices the reader may see, running and past."""
    objections = [ButtonLink(capfirst(_("objections")), reverse("objections"))] if request.actor.is_signed_in else []
    return list_page(
        request,
        title=capfirst(_("notices")),
        kinds=("notice",),
        facets=("stage", "region"),
        lead=_("What is laid open before a step is taken, and until when objections are taken."),
        buttons=(ButtonLink("RSS", reverse("notice-feed")), *objections),
        empty=_("No notice has been held yet."),
    )


def _notice(request: Request, code: str) -> Notice:
    return get_visible(request.actor, Notice, code, related=(*TOLD, "about__owner", "about__public_to"))


@require_safe
def notice_page(request: Request, code: str) -> HttpResponse:
    """A notice: what it tells, where it stands, who objected as far as that is open, and what is to be done."""
    row = _notice(request, code)
    actor, stage = request.actor, row.record.stage
    holds = bool(runs.test(actor, row))
    buttons = []
    if may_object(actor, row):
        buttons.append(ButtonLink(_("Object"), reverse("objection-new", args=[code])))
    elif takes_paper.test(actor, row) and stage in {RUNNING, COMPLETED} and row.spent_on is None:
        buttons.append(ButtonLink(_("Enter an objection on paper"), reverse("objection-new", args=[code]) + "?paper=1"))
    if holds:
        buttons.append(ButtonLink(_("Text for other places"), reverse("notice-text", args=[code])))
    if holds and stage == PREPARED:
        buttons.append(ButtonLink(_("Edit"), reverse("notice-edit", args=[code])))
    stages = list(row.objections.values_list("record__stage", flat=True))
    return record_page(
        request,
        row,
        "notices/notice.html",
        tags=(Tag(NoticeAudience(row.audience).label),),
        meta=(name_of(row.issuer.record),),
        buttons=buttons,
        facts=_facts(actor, row),
        told=frozen_facts(row.content["facts"], _maker(row), row.about),
        channels=_channels(row, holds and stage in {PREPARED, RUNNING}, can_view(actor, row.record, "full")),
        objections=[
            {"record": one.record, "tag": faces.stage_tag(one.record)} for one in objections_visible_to(actor, row)
        ],
        objections_received=len(stages),
        objections_open=stages.count(notices.RECEIVED),
        changed=holds and stage in {PREPARED, RUNNING} and not is_current(row),
    )


def _maker(row: Notice) -> Any:
    """What tells the content of such notices, if the step still asks for one."""
    return registry.kind_of(row.about).lifecycle.moves[row.move].notice


def _facts(actor: Actor, row: Notice) -> list[Fact]:
    about = row.about
    seen = can_view(actor, about)
    move = registry.kind_of(about).lifecycle.moves[row.move]
    tail = days_in_words(row.objection_days, row.objection_day_kind) if row.objection_days else _("until the end")
    open_yet = _("known once it has begun in every place")
    return [
        Fact(_("About"), name_of(about) if seen else "", faces.url_of(about) if seen else ""),
        Fact(_("Held before the step"), move.label),
        Fact(_("Stands for"), days_in_words(row.days, row.day_kind)),
        Fact(_("Ends on"), day(row.ends_on) or open_yet),
        Fact(_("Objections after its end"), tail),
        Fact(_("Objections are taken until"), day(row.objections_until) or open_yet),
        Fact(_("Who takes objections"), row.reception),
        Fact(_("Hash of the content (SHA-256)"), row.content_hash),
    ]


def _channels(row: Notice, may_record: bool, inside: bool) -> list[dict[str, Any]]:
    found = []
    for one in row.channels.select_related("start_proof", "end_proof"):
        here = one.kind == ChannelKind.SITE
        end = "start" if one.started_on is None else "end" if one.ended_on is None else ""
        found.append(
            {
                "channel": one,
                "label": ChannelKind(one.kind).label,
                "link": one.address if one.address.startswith(("http://", "https://")) else "",
                "until": one.ended_on or one.stands_until,
                "proofs": [proof for proof in (one.start_proof, one.end_proof) if proof is not None and inside],
                "record": reverse("notice-channel", args=[row.record.code, one.pk, end])
                if may_record and end and not here
                else "",
            }
        )
    return found


@require_http_methods(["GET", "POST"])
def notice_new(request: Request, code: str, move: str) -> HttpResponseBase:
    """Prepare a notice about a record before one of its moves."""
    row = registry.row_of(get_visible(request.actor, Record, code))
    step = registry.kind_of(row.record).lifecycle.moves.get(move)
    if step is None or step.notice is None:
        raise Missing(move)
    if not any(notices.may_hold(request.actor, row, audience) for audience in NoticeAudience.values):
        raise NotAllowed
    days, tail = notices.required_days(row, move), notices.objection_days(row, move)

    def act(form: NoticeForm) -> str:
        made = prepare_notice(actor=request.actor, row=row, move=move, **form.cleaned_data)
        return reverse("notice", args=[made.record.code])

    back = faces.url_of(row.record)
    places = sorted({"site", *(days.places if days is not None else ())})
    return action_page(
        request,
        lambda posted, _files: NoticeForm(posted, initial={"channels": places}),
        act,
        title=_("Prepare a notice"),
        intro=f"{name_of(row.record)} · {step.label}",
        template="notices/notice_new.html",
        content=notices.content_of(step.notice, row, name_of(row.record)),
        days=days_in_words(days.value, days.kind) if days else "",
        tail=days_in_words(tail.value, day_kind_of(tail)) if tail else "",
        submit_label=_("Prepare the notice"),
        back=back,
        crumbs=trail((_("Home"), "/"), (row.record.code, back), _("Prepare a notice")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def notice_edit(request: Request, code: str) -> HttpResponse:
    """Change who takes objections and where the notice will stand, until it begins."""
    row = _notice(request, code)
    must_allow(
        runs, request.actor, row, _("A notice is changed by those who hold it, until it begins."), stages={PREPARED}
    )
    back, version, title = reverse("notice", args=[code]), row.record.version, _("Edit")
    start = {"reception": row.reception, "channels": list(row.channels.values_list("kind", flat=True))}

    def save(form: NoticeChangeForm, _rows: Rows) -> Notice:
        seen = expected_version(request, version)
        return edit_notice(actor=request.actor, notice=row, **form.cleaned_data, expected_version=seen)

    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: NoticeChangeForm(posted, initial=start),
            groups=((name_of(row.record), ("channels", "reception")),),
            rows={},
            initial_rows={},
            save=save,
            crumbs=trail((_("Home"), "/"), (capfirst(_("notices")), reverse("notices")), (code, back), title),
            back=back,
            version=version,
            row=row,
        ),
    )


@require_http_methods(["GET", "POST"])
def notice_channel(request: Request, code: str, number: int, end: str) -> HttpResponseBase:
    """Record the first or the last day of a notice in a place outside this site."""
    row = _notice(request, code)
    channel = NoticeChannel.objects.filter(pk=number, notice=row).select_related("notice__record").first()
    if channel is None or end not in {"start", "end"}:
        raise Missing
    if not runs.test(request.actor, row):
        raise NotAllowed
    start = end == "start"

    def act(form: DayForm) -> str:
        given = form.cleaned_data
        if start:
            record_start(
                actor=request.actor,
                channel=channel,
                on=given["on"],
                address=given["address"],
                proof=upload_of(form),
            )
        else:
            record_end(actor=request.actor, channel=channel, on=given["on"], proof=upload_of(form))
        return back

    back = reverse("notice", args=[code])
    title = _("Record the first day") if start else _("Record the last day")
    return action_page(
        request,
        lambda posted, files: DayForm(posted, files, start=start, initial={"on": today()}),
        act,
        title=title,
        intro=ChannelKind(channel.kind).label,
        multipart=True,
        submit_label=_("Record"),
        back=back,
        crumbs=trail((_("Home"), "/"), (capfirst(_("notices")), reverse("notices")), (code, back), title),
    )


@require_safe
def notice_text(request: Request, code: str) -> HttpResponse:
    """The text to paste into another website, and the Word file."""
    row = _notice(request, code)
    if not runs.test(request.actor, row):
        raise NotAllowed
    back = reverse("notice", args=[code])
    return page(
        request,
        "notices/text.html",
        title=_("Text for other places"),
        row=row,
        html=paste_ready(row, request.build_absolute_uri(back), today()),
        word_url=reverse("notice-word", args=[code]),
        crumbs=trail((_("Home"), "/"), (capfirst(_("notices")), reverse("notices")), (code, back), _("Text")),
    )


@require_safe
def notice_word(request: Request, code: str) -> HttpResponse:
    """The text as a Word file."""
    row = _notice(request, code)
    if not runs.test(request.actor, row):
        raise NotAllowed
    address = request.build_absolute_uri(reverse("notice", args=[code]))
    return file_answer(f"{code}.docx", word_file(row, address, today()), WORD)
