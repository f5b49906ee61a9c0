"""Pages on which somebody asks to speak for an organisation and is answered, and the area's share of the inbox."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from kezhuan.areas.people.checks import check_organisation_number
from kezhuan.areas.people.claim_actions import answer_claim, claim_organisation
from kezhuan.areas.people.permissions import is_led, may_admit, may_claim
from kezhuan.areas.people.queries import CLAIMS, claims_waiting_for, organisation_of_code
from kezhuan.kernel import clocks
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import Conflict, Missing, Refused
from kezhuan.kernel.models import Clock, Entry, Grant, Organisation
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.present import is_there
from kezhuan.web import faces, inbox
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import InboxLine, OpenMove
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import trail


def register_inbox() -> None:
    """The area's share of what waits: requests to speak for an organisation."""
    inbox.add_source(inbox.Source(_count_waiting, _keys_waiting, _waiting_lines, _clocks))


def _waiting(actor: Actor) -> QuerySet[Grant]:
    """Requests that the actor answers."""
    if not actor.roles & {Role.ADMINISTRATOR, Role.OFFICER}:
        return Grant.objects.none()
    if not is_there("SELECT 1 FROM kernel_grant WHERE role = %s AND until IS NULL LIMIT 1", CLAIMS):
        return Grant.objects.none()
    return claims_waiting_for(actor)


def _count_waiting(actor: Actor, most: int) -> int:
    return _waiting(actor)[:most].count()


def _clocks_of(claims: Iterable[int]) -> dict[int, Clock]:
    """By request the term of its answer, where a rule value sets one."""
    running = Clock.objects.filter(grant__in=list(claims), ended_on=None)
    named = running.select_related("record__owner__record", "record__public_to", "record__title_to")
    return {clock.grant_id: clock for clock in named if clock.grant_id is not None}


def _keys_waiting(actor: Actor, most: int) -> inbox.Keys:
    claims = list(_waiting(actor).order_by("pk").values_list("pk", flat=True)[:most])
    running = _clocks_of(claims)
    return [(running[pk].due_on if pk in running else None, pk) for pk in claims]


def _clocks(actor: Actor) -> list[Clock]:
    return list(_clocks_of(pk for _due, pk in _keys_waiting(actor, inbox.MOST)).values())


def _waiting_lines(actor: Actor, ids: Sequence[int]) -> dict[int, InboxLine]:
    running = _clocks_of(ids)
    left = dict(zip(running, clocks.remaining_on(list(running.values())), strict=True))
    label = _("asks to act for the organisation")
    return {
        pk: InboxLine(
            label=label,
            title=name_of(claim.record),
            url=faces.url_of(claim.record),
            code=claim.record.code,
            who=name_of(claim.party),
            clock=inbox.clock_line(label, running[pk], left[pk]) if pk in running else None,
        )
        for pk, claim in _waiting(actor).select_related("record", "party").in_bulk(ids).items()
    }


def last_words(row: Organisation, kind: str, **narrowed: Any) -> str:
    """The note of the organisation's newest entry of a kind."""
    entries = Entry.objects.filter(record=row.record, kind=kind, **narrowed).select_related("text").order_by("-seq")
    entry = entries.first()
    text = getattr(entry, "text", None)
    return str(text.content.get("note", "")) if text is not None else ""


def claims_shown(actor: Actor, row: Organisation) -> list[dict[str, Any]]:
    """The open requests to speak for the organisation, before those who answer them."""
    if not may_admit.test(actor, row):
        return []
    rows = Grant.objects.filter(record=row.record, role=CLAIMS, until=None).select_related("party__person__user")
    return [
        {
            "name": name_of(claim.party),
            "email": claim.party.person.user.email if hasattr(claim.party.person, "user") else "",
            "note": last_words(row, "organisation.claim", actor=claim.party_id),
            "moves": (
                _step(row, "admit", _("Admit"), f"claims/{claim.pk}/admit", note="none", primary=True),
                _step(row, "decline", _("Decline"), f"claims/{claim.pk}/decline", note="optional", danger=True),
            ),
        }
        for claim in rows.order_by("pk")
    ]


def own_claim(actor: Actor, row: Organisation) -> dict[str, Any]:
    """Where the reader's own request stands, and the form to ask when nobody speaks for the organisation."""
    if actor.person is None or not may_claim.test(actor, row):
        return {}
    held = Grant.objects.filter(record=row.record, party=actor.person.pk, role=CLAIMS).first()
    if held is not None and held.until is None:
        return {"asked": True}
    hint = _("Say what you do there and how an officer can check it. The officer sees your name and mail address.")
    step = _step(row, "claim", _("I act for this organisation"), "claims", note="required", hint=hint)
    uid = str(actor.person.record.uid)
    declined = last_words(row, "organisation.claim-declined", data__claimant=uid)
    return {"claim": (step,), "declined": held is not None, "declined_words": declined}


def _step(row: Organisation, name: str, label: str, end: str, **more: Any) -> OpenMove:
    """A step of a request, drawn and sent like a move."""
    url = f"{reverse('organisation', args=[row.record.code])}{end}/"
    return OpenMove(name=name, label=label, url=url, expected_stage=row.record.stage, **more)


class CodeForm(forms.Form):
    """The number by which an organisation is known everywhere."""

    number = forms.CharField(
        label=gettext_lazy("Unified social credit code"),
        max_length=60,
        help_text=gettext_lazy("18 characters on the licence."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def claim_by_code(request: Request) -> HttpResponseBase:
    """Find the organisation one acts for by its 统一社会信用代码: claim it, or register it when nobody has."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)

    def act(form: CodeForm) -> str:
        normal, problems = check_organisation_number(form.cleaned_data["number"], "uscc")
        if problems:
            raise Refused(problems)
        row = organisation_of_code(normal)
        if row is None:
            return f"{reverse('organisation-new')}?{urlencode({'number': normal})}"
        if not can_view(request.actor, row.record):
            # Somebody has registered it and waits for an officer: nobody else learns more of it.
            sentence = _("Somebody registered %(number)s already and an officer is checking it: ask your officers.")
            raise Conflict(sentence % {"number": normal})
        if is_led(row) and not may_claim.test(request.actor, row):
            sentence = _("Somebody speaks for this organisation already. Ask its administrator to invite you.")
            messages.info(request, sentence)
        return faces.url_of(row.record)

    title = _("Your organisation")
    return action_page(
        request,
        lambda posted, _files: CodeForm(posted),
        act,
        title=title,
        intro=_("Enter its code: if it is known here you ask to act for it, else you register it."),
        submit_label=_("Go on"),
        back=reverse("organisations"),
        crumbs=trail((_("Home"), "/"), (capfirst(_("organisations")), reverse("organisations")), title),
        conflict_at="number",
        template="people/claim.html",
    )


@require_POST
def claim_new(request: Request, code: str) -> HttpResponse:
    """Ask to speak for an organisation of the public list."""
    row = get_visible(request.actor, Organisation, code)
    claim_organisation(actor=request.actor, organisation=row, note=request.POST.get("note", ""))
    messages.success(request, _("Your request was sent; an officer will answer it."))
    return redirect(faces.url_of(row.record))


@require_POST
def claim_answer(request: Request, code: str, number: int, answer: str) -> HttpResponse:
    """Admit or decline whoever asked."""
    row = get_visible(request.actor, Organisation, code)
    claim = Grant.objects.filter(pk=number, record=row.record, role=CLAIMS).first()
    if claim is None or answer not in {"admit", "decline"}:
        raise Missing
    answer_claim(actor=request.actor, claim=claim, admits=answer == "admit", note=request.POST.get("note", ""))
    messages.success(request, _("Your answer was kept; whoever asked sees it."))
    return redirect(faces.url_of(row.record))
