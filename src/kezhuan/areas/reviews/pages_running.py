"""What is done with a panel on pages of its own: choosing experts, hidden words, the meeting."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.blinding import as_read
from kezhuan.areas.reviews.choosing_actions import (
    LIVE,
    assign_experts,
    commit_draw,
    drawing_of,
    hold_draw,
    may_be_drawn,
    replace_drawn,
)
from kezhuan.areas.reviews.forms_panel import (
    CommitForm,
    HiddenForm,
    HoldForm,
    MeetingForm,
    ReviewsForm,
)
from kezhuan.areas.reviews.item_actions import ask_reviews, hide_words
from kezhuan.areas.reviews.models import Choice, Draw, ExpertSort, Panel, PanelItem
from kezhuan.areas.reviews.pages_panels import ITEMS, panel_crumbs
from kezhuan.areas.reviews.panel_actions import record_meeting
from kezhuan.areas.reviews.papers import draw_record
from kezhuan.areas.reviews.permissions import runs
from kezhuan.areas.reviews.queries import PANEL_TOLD
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.contents import WORD
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.text import listed
from kezhuan.web import faces
from kezhuan.web.exports import file_answer
from kezhuan.web.lists import pager_at
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import action_page, confirm_page, expected_version

ANY = ["GET", "HEAD", "POST"]


def panel_run_by(request: Request, code: str, *stages: str) -> Panel:
    """A panel that the reader runs, at one of these stages; raises `NotAllowed` for anybody else."""
    row = get_visible(request.actor, Panel, code, related=("about", *PANEL_TOLD[1:3]))
    said = _("A panel is run by the officers in charge or its agency, who neither judge nor are judged.")
    must_allow(runs, request.actor, row, said, stages=stages or LIVE)
    return row


@require_http_methods(ANY)
def panel_assign(request: Request, code: str) -> HttpResponseBase:
    """Choose by fit the experts that items still need."""
    row = panel_run_by(request, code)
    title = _("Assign experts")

    def act() -> None:
        assign_experts(actor=request.actor, panel=row)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_(
            "Choose the best assignment of the pool to the items that still need experts, free of conflict and within"
            " the rules of the panel, and ask them? Why each was chosen stands on their review."
        ),
        submit_label=title,
        back=faces.url_of(row.record),
        crumbs=panel_crumbs((code, faces.url_of(row.record)), title),
        done=_("The experts are asked."),
        grave=False,
    )


@require_http_methods(ANY)
def panel_draw(request: Request, code: str) -> HttpResponseBase:
    """Commit to a draw, hold it, or draw who stands in for those who do not come."""
    row = panel_run_by(request, code)
    if row.choice != Choice.DRAW:
        raise NotAllowed(_("The experts of this panel are not drawn."))
    draw = Draw.objects.filter(panel=row).first()
    if draw is None:
        return _commit(request, row)
    if draw.drawn_at is None:
        return _hold(request, row, draw)
    title = _("Draw replacements")

    def act() -> None:
        replace_drawn(actor=request.actor, panel=row)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("Ask who comes next in the order of the draw in the place of those who do not come?"),
        submit_label=title,
        back=faces.url_of(row.record),
        crumbs=panel_crumbs((code, faces.url_of(row.record)), title),
        done=_("The experts are asked."),
        grave=False,
    )


def _commit(request: Request, row: Panel) -> HttpResponseBase:
    title, back = _("Commit to a draw"), faces.url_of(row.record)

    def act(form: CommitForm) -> str:
        commit_draw(actor=request.actor, panel=row, places=form.cleaned_data)
        return back

    return action_page(
        request,
        lambda posted, _files: CommitForm(posted, ready=may_be_drawn(row)),
        act,
        title=title,
        intro=_(
            "Who can be drawn, how many of each sort and a closed seed are fixed now, and a commitment to all of it is"
            " shown. The places add up to %(number)s."
        )
        % {"number": row.per_item},
        submit_label=title,
        back=back,
        crumbs=panel_crumbs((row.record.code, back), title),
        done=_("The draw is committed. Show the commitment to the witness, then hold it."),
    )


def _hold(request: Request, row: Panel, draw: Draw) -> HttpResponseBase:
    title, back = _("Hold the draw"), faces.url_of(row.record)

    def act(form: HoldForm) -> str:
        messages.success(request, _held(hold_draw(actor=request.actor, panel=row, **form.cleaned_data)))
        return back

    return action_page(
        request,
        lambda posted, _files: HoldForm(posted),
        act,
        title=title,
        intro=_("Commitment: %(hash)s. The witness says a word now, which nobody knew when it was made.")
        % {"hash": draw.committed},
        submit_label=title,
        back=back,
        crumbs=panel_crumbs((row.record.code, back), title),
    )


def _held(draw: Draw) -> str:
    """What is said of a draw that was held: also of places for which nobody is left, all others having reached the cap
    since it was committed."""
    if not (places := drawing_of(draw).open_places):
        return _("The experts are drawn and asked.")
    message = _("The draw is held, but nobody is left in it of: %(sorts)s. Withdraw the panel and draw anew.")
    return message % {"sorts": listed(ExpertSort(sort).label for sort in places)}


@require_safe
def panel_draw_record(request: Request, code: str) -> HttpResponse:
    """抽取记录表: the record of a draw as a Word file."""
    row = get_visible(request.actor, Panel, code, related=("about", *PANEL_TOLD[1:3]))
    draw = Draw.objects.filter(panel=row, drawn_at__isnull=False).first()
    if draw is None or not runs.test(request.actor, row):
        raise Missing(code)
    return file_answer(f"{code}-抽取记录表.docx", draw_record(row, draw), WORD)


@require_http_methods(ANY)
def panel_hidden(request: Request, code: str, number: int) -> HttpResponseBase:
    """See an item as its experts read it, and hide further words."""
    row = panel_run_by(request, code)
    item: PanelItem | None = row.items.select_related("record").filter(number=number).first()
    if item is None or not row.is_blind:
        raise Missing(code)
    back, title = faces.url_of(row.record), _("As experts read item %(number)s") % {"number": number}
    matter = judging.told_of(row.programme, [item.record_id])[item.record_id]

    def act(form: HiddenForm) -> str:
        hide_words(actor=request.actor, panel=row, number=number, words=form.cleaned_data["words"])
        return reverse("panel-hidden", args=[code, number])

    return action_page(
        request,
        lambda posted, _files: HiddenForm(posted, initial={"words": item.hidden}),
        act,
        title=title,
        intro=item.record.code,
        submit_label=_("Hide these words"),
        back=back,
        crumbs=panel_crumbs((code, back), title),
        done=_("Experts read the item without these words."),
        template="reviews/hidden.html",
        matter=as_read(item, matter, blind=True),
        blind=True,
    )


@require_http_methods(ANY)
def panel_meeting(request: Request, code: str) -> HttpResponseBase:
    """Record the meeting: its order, what it advises of each item, and its minutes."""
    row = panel_run_by(request, code, "scored")
    back, title, version = faces.url_of(row.record), _("Record the panel's meeting"), row.record.version
    at, total = max(1, whole_number(request.GET.get("page", ""), 1)), row.items.count()
    ids = row.items.order_by("place", "number").values_list("pk", flat=True)[(at - 1) * ITEMS : at * ITEMS]
    rows = row.items.filter(pk__in=list(ids)).select_related("record__owner__record")
    items, pager = list(rows.order_by("place", "number")), pager_at(request.GET, at, ITEMS, total)

    def act(form: MeetingForm) -> str:
        typed = form.cleaned_data
        record_meeting(
            actor=request.actor,
            panel=row,
            minutes_no=typed["minutes_no"],
            met_on=typed["met_on"],
            advice=form.advice,
            minutes=form.said,
            expected_version=expected_version(request, version),
        )
        return f"{request.path}{pager.next_url}" if pager.next_url else back

    def maker(posted: Any, _files: Any) -> MeetingForm:
        return MeetingForm(posted, panel=row, items=items, legends={one.number: _legend(one) for one in items})

    return action_page(
        request,
        maker,
        act,
        title=title,
        intro=_("In the order of their scores; the department proposes on what the panel advises."),
        submit_label=_("Keep and go on") if pager.next_url else _("Keep the meeting"),
        back=back,
        pager=pager,
        done=_("The meeting is kept."),
        crumbs=panel_crumbs((code, back), title),
        template="reviews/meeting.html",
        carried=[("version", str(version))],
    )


@require_http_methods(ANY)
def panel_reviews(request: Request, code: str) -> HttpResponseBase:
    """Say of each item how many reviews it gets, where that differs."""
    row = panel_run_by(request, code)
    if row.choice != Choice.ASSIGNMENT:
        raise NotAllowed(_("Whoever is drawn judges every item: all of them get as many reviews."))
    back, title = faces.url_of(row.record), _("Reviews of each item")
    at, total = max(1, whole_number(request.GET.get("page", ""), 1)), row.items.count()
    rows = row.items.select_related("record").order_by("number")[(at - 1) * ITEMS : at * ITEMS]
    items, pager = list(rows), pager_at(request.GET, at, ITEMS, total)
    legends = {one.number: f"{one.number} · {one.record.code} {name_of(one.record)}" for one in items}

    def act(form: ReviewsForm) -> str:
        ask_reviews(actor=request.actor, panel=row, asked=form.asked)
        return f"{request.path}{pager.next_url}" if pager.next_url else back

    return action_page(
        request,
        lambda posted, _files: ReviewsForm(posted, panel=row, items=items, legends=legends),
        act,
        title=title,
        intro=_("Each item gets %(number)s reviews unless you say otherwise here.") % {"number": row.per_item},
        submit_label=_("Keep and go on") if pager.next_url else _("Keep"),
        back=back,
        pager=pager,
        done=_("The numbers are kept: experts are assigned by them."),
        crumbs=panel_crumbs((code, back), title),
    )


def _legend(one: PanelItem) -> str:
    owner = f" · {name_of(one.record.owner.record)}" if one.record.owner is not None else ""
    score = _("score %(score)s, rank %(rank)s") % one.result
    return f"{one.number} · {one.record.code} {name_of(one.record)}{owner} · {score}"
