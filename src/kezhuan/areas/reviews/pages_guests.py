"""Guests: asked in by whoever runs a panel; and, behind the address that they were sent, everything that they do."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.reviews.choosing_actions import LIVE
from kezhuan.areas.reviews.desk import reads_items, titles_read_by
from kezhuan.areas.reviews.forms_guest import AddressForm, DeclineForm, GuestForm
from kezhuan.areas.reviews.guest_actions import invite_guest, renew_address, withdraw_address
from kezhuan.areas.reviews.guests import guest_of, review_at
from kezhuan.areas.reviews.lifecycle import REVIEW
from kezhuan.areas.reviews.models import Choice, Expert, Guest, Panel, Review
from kezhuan.areas.reviews.pages_asking import ask_page
from kezhuan.areas.reviews.pages_experts import ties_page
from kezhuan.areas.reviews.pages_fees import account_page
from kezhuan.areas.reviews.pages_panels import panel_crumbs
from kezhuan.areas.reviews.pages_reviews import (
    WHOLE,
    Way,
    give_back_page,
    item_file,
    item_page,
    review_crumbs,
    table_of_items,
)
from kezhuan.areas.reviews.permissions import runs
from kezhuan.areas.reviews.queries import EXPERT_TOLD, PANEL_TOLD
from kezhuan.kernel.access import Actor, actor_for, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.disclosures import note_shown
from kezhuan.kernel.errors import Missing, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.web import faces
from kezhuan.web.components import Crumb, Fact, ProblemLine
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import page
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]
Answer = Callable[..., HttpResponseBase]

# -- for whoever runs a panel ------------------------------------------------------------------------------------------


@require_http_methods(ANY)
def panel_guest(request: Request, code: str) -> HttpResponseBase:
    """Ask somebody without an account onto a panel whose experts are not drawn."""
    row = get_visible(request.actor, Panel, code, related=("about", *PANEL_TOLD[1:3]))
    must_allow(
        lambda actor, panel: panel.choice == Choice.ASSIGNMENT and runs.test(actor, panel),
        request.actor,
        row,
        _("Guests are asked by whoever runs a panel whose experts are not drawn, before it closes."),
        stages=LIVE,
    )
    back, title = faces.url_of(row.record), _("Ask a guest reviewer")

    def act(form: GuestForm) -> str:
        made = invite_guest(actor=request.actor, panel=row, facts=form.facts)
        return faces.url_of(made.record)

    return action_page(
        request,
        lambda posted, _files: GuestForm(posted, initial={"until": row.due_on}),
        act,
        title=title,
        intro=_("Somebody without an account: they are sent one address for this panel, and nobody else sees it."),
        submit_label=title,
        back=back,
        crumbs=panel_crumbs((code, back), title),
        done=_("The address was sent to the guest."),
    )


def _guest_review(request: Request, code: str) -> tuple[Review, Guest]:
    """A guest's review, for whoever runs its panel."""
    row = get_visible(request.actor, Review, code, related=WHOLE)
    guest = guest_of(row)
    if guest is None:
        raise Missing(code)
    if not runs.test(request.actor, row):
        raise NotAllowed(_("A panel is run by the officers in charge or its agency, who neither judge nor are judged."))
    return row, guest


@require_http_methods(ANY)
def review_address(request: Request, code: str) -> HttpResponseBase:
    """Send a guest a new address in place of the one they have."""
    row, guest = _guest_review(request, code)
    back, title = faces.url_of(row.record), _("Send a new address")

    def act(form: AddressForm) -> str:
        renew_address(actor=request.actor, review=row, until=form.cleaned_data["until"])
        return back

    return action_page(
        request,
        lambda posted, _files: AddressForm(posted, initial={"until": guest.until}),
        act,
        title=title,
        intro=_("The address before opens nothing any more."),
        submit_label=title,
        back=back,
        crumbs=review_crumbs((code, back), title),
        conflict_at="until",
        done=_("The address was sent to the guest."),
    )


@require_http_methods(ANY)
def review_address_end(request: Request, code: str) -> HttpResponseBase:
    """Take a guest's address back."""
    row, _guest = _guest_review(request, code)
    back, title = faces.url_of(row.record), _("Take the address back")

    def act() -> None:
        withdraw_address(actor=request.actor, review=row)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("From now on it opens nothing. What the guest has scored stays."),
        submit_label=title,
        back=back,
        crumbs=review_crumbs((code, back), title),
        done=_("The address was taken back."),
    )


# -- behind the address ------------------------------------------------------------------------------------------------


def _behind(view: Answer) -> Answer:
    """A page behind an address: for its guest, whoever is signed in in the same browser; no browser keeps it."""

    @wraps(view)
    @require_http_methods(ANY)
    def answered(request: Request, token: str, **more: Any) -> HttpResponseBase:
        row = review_at(token)
        answer = view(request, actor_for(row.expert.person), row, _way(token), **more)
        answer["Cache-Control"] = "private, no-store"
        answer["X-Robots-Tag"] = "noindex"
        return answer

    return answered


def _way(token: str) -> Way:
    back = reverse("guest", args=[token])
    return Way(
        back,
        lambda number: reverse("guest-item", args=[token, number]),
        lambda number: reverse("guest-give-back", args=[token, number]),
        lambda number: reverse("guest-ask", args=[token, number]),
        lambda number, file: reverse("guest-file", args=[token, number, file]),
        lambda *more: (Crumb(_("Review"), back), *(Crumb(str(one)) for one in more)),
    )


@_behind
def guest(request: Request, actor: Actor, row: Review, way: Way) -> HttpResponseBase:
    """What the guest is asked to judge, and what is to be done next."""
    if request.method == "POST":
        return _accept(request, actor, row, way)
    return _page(request, actor, row, way)


def _accept(request: Request, actor: Actor, row: Review, way: Way) -> HttpResponseBase:
    try:
        advance(REVIEW, row, "take-on", actor=actor)
    except Refused as refused:
        return _page(request, actor, row, way, problems=[ProblemLine(one.message) for one in refused.problems])
    messages.success(request, _("You judge these items. They are open to you once the panel scores."))
    return redirect(way.review)


def _page(
    request: Request, actor: Actor, row: Review, way: Way, problems: Sequence[ProblemLine] = ()
) -> HttpResponseBase:
    note_shown(actor, [row])
    panel, declared, base = row.panel, row.expert.declared_on, way.review
    facts = [
        Fact(_("Office that asks"), name_of(panel.office.record)),
        Fact(_("Who knows of whom"), panel.get_scheme_display()),
        Fact(_("Answer until"), day(panel.answer_by)),
        Fact(_("Score until"), day(panel.due_on)),
        Fact(_("This address opens until"), day(row.guest.until)),
        Fact(_("Ties declared on"), day(declared) if declared else _("not yet")),
    ]
    return page(
        request,
        "reviews/guest.html",
        status=422 if problems else 200,
        title=name_of(row.record),
        problems=problems,
        stage=faces.stage_tag(row.record),
        about=panel.record.summary,
        facts=[one for one in facts if one.value],
        criteria=panel.criteria,
        invited=row.record.stage == "invited",
        may_decline=row.record.stage in {"invited", "accepted"},
        declared=declared is not None,
        items=table_of_items(row, titles_read_by(actor, row), way) if reads_items(actor, row) else None,
        waits=row.record.stage == "accepted" and panel.record.stage == "prepared",
        links={name: f"{base}{name}/" for name in ("ties", "decline", "account")},
        crumbs=way.crumbs(),
    )


@_behind
def guest_ties(request: Request, actor: Actor, row: Review, way: Way) -> HttpResponseBase:
    """Declare the ties one has, or that there is none."""
    expert = Expert.objects.select_related(*EXPERT_TOLD[:2], "record").get(pk=row.expert_id)
    return ties_page(request, actor, expert, back=way.review, crumbs=way.crumbs(_("Declare ties")))


@_behind
def guest_decline(request: Request, actor: Actor, row: Review, way: Way) -> HttpResponseBase:
    """Decline, with the reason."""
    if row.record.stage not in {"invited", "accepted"}:
        raise NotAllowed(_("You may not take this step."))
    title = _("Decline")

    def act(form: DeclineForm) -> str:
        advance(REVIEW, row, "turn-down", actor=actor, **form.cleaned_data)
        return way.review

    return action_page(
        request,
        lambda posted, _files: DeclineForm(posted),
        act,
        title=title,
        submit_label=title,
        back=way.review,
        crumbs=way.crumbs(title),
        done=_("You have declined."),
    )


@_behind
def guest_account(request: Request, actor: Actor, row: Review, way: Way) -> HttpResponseBase:
    """Write where one's fees go."""
    expert = Expert.objects.select_related(*EXPERT_TOLD[:2], "record").get(pk=row.expert_id)
    return account_page(request, actor, expert, back=way.review, crumbs=way.crumbs(_("Where my fees go")))


@_behind
def guest_item(request: Request, actor: Actor, row: Review, way: Way, number: int) -> HttpResponseBase:
    """Read an item and score it."""
    return item_page(request, actor, row, number, way)


@_behind
def guest_file(request: Request, actor: Actor, row: Review, way: Way, number: int, file: int) -> HttpResponseBase:
    """Open a file of an item."""
    return item_file(actor, row, number, file)


@_behind
def guest_give_back(request: Request, actor: Actor, row: Review, way: Way, number: int) -> HttpResponseBase:
    """Give an item back that one does not judge."""
    return give_back_page(request, actor, row, number, way)


@_behind
def guest_ask(request: Request, actor: Actor, row: Review, way: Way, number: int) -> HttpResponseBase:
    """Ask the applicant about an item that one judges."""
    return ask_page(request, actor, row, number, way)
