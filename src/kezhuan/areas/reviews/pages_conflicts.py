"""Pages of the conflicts between a panel's experts and items: what was found, dismissed, and looked up."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.reviews.clearing import Clearing, clear_panel, find_conflict
from kezhuan.areas.reviews.dismissing_actions import dismiss_conflict, take_back_dismissal
from kezhuan.areas.reviews.forms_panel import DismissForm, LookUpForm, TakeBackForm
from kezhuan.areas.reviews.models import Dismissed, LookUp, Panel
from kezhuan.areas.reviews.pages_panels import ANY, panel_crumbs
from kezhuan.areas.reviews.pages_running import panel_run_by
from kezhuan.areas.reviews.panel_actions import look_up_parties
from kezhuan.areas.reviews.queries import may_be_asked
from kezhuan.engines.conflicts import Finding, Verdict
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Record
from kezhuan.web import faces
from kezhuan.web.components import Fact
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.templatetags.kezhuan import day

SHOWN = 200
"""Conflicts and parties that stand on the page; of more conflicts it says how many there are."""


@require_http_methods(ANY)
def panel_conflicts(request: Request, code: str) -> HttpResponseBase:
    """The conflicts between the pool and the items, and the parties of which nothing is known yet."""
    row = panel_run_by(request, code)
    experts = may_be_asked(row)
    clearing = clear_panel(row, experts)
    back, title = reverse("panel-conflicts", args=[code]), _("Conflicts of interest")
    parties = clearing.unknown_parties

    def act(form: LookUpForm) -> str:
        typed = form.cleaned_data
        look_up_parties(
            actor=request.actor, panel=row, parties=form.chosen, source=typed["source"], on=typed["on"],
            found=form.found,
        )  # fmt: skip
        return back

    verdicts = clearing.cleared.verdicts
    return action_page(
        request,
        lambda posted, _files: LookUpForm(
            posted, parties=[(one.pk, clearing.label(one)) for one in clearing.parties], unknown=parties
        ),
        act,
        title=title,
        intro=_("Looked for in employers, joint achievements and projects, contracts and what experts declared."),
        submit_label=_("Record the look-up"),
        back=faces.url_of(row.record),
        crumbs=panel_crumbs((code, faces.url_of(row.record)), title),
        done=_("The look-up is recorded."),
        template="reviews/conflicts.html",
        parties=parties,
        found=_conflicts(clearing, code),
        more=max(0, len(clearing.found) - SHOWN),
        dismissed=_dismissed(clearing, row),
        looked_up=_looked_up(clearing),
        clear=int((verdicts == Verdict.CLEAR).sum()),
        unknown=int((verdicts == Verdict.UNKNOWN).sum()),
        conflicts=int((verdicts == Verdict.CONFLICT).sum()),
        undeclared=[one for one in experts if one.declared_on is None],
    )


def _conflicts(clearing: Clearing, code: str) -> list[dict[str, Any]]:
    """The first conflicts that were found, in words, each with the way to dismiss it; one query."""
    shown = clearing.found[:SHOWN]
    back = _taken_back(one.key for _number, one in shown)
    return [_told(clearing, number, one, reverse("panel-dismiss", args=[code]), back) for number, one in shown]


def _told(clearing: Clearing, number: str, one: Finding, way: str, back: Mapping[str, list[str]]) -> dict[str, Any]:
    """A finding in words, with the way to judge it otherwise, if there is one, and its dismissals taken back."""
    return {
        "item": number,
        "expert": clearing.names.get(one.expert, ""),
        "said": clearing.say(number, one),
        "url": f"{way}?{urlencode({'key': one.key})}" if way else "",
        "back": back.get(one.key, ()),
    }


def _taken_back(keys: Iterable[str]) -> dict[str, list[str]]:
    """In words the dismissals of conflicts that were taken back, oldest first, by their keys; one query."""
    found: dict[str, list[str]] = {}
    rows = Dismissed.objects.filter(key__in=set(keys)).exclude(withdrawn_on=None)
    for one in rows.select_related("by__record", "withdrawn_by__record").order_by("pk"):
        found.setdefault(one.key, []).append(_line(one))
    return found


def _line(row: Dismissed) -> str:
    """A dismissal that counts no more, with both reasons, in a line."""
    assert row.withdrawn_by is not None  # it was taken back
    message = _("Dismissed by %(by)s on %(on)s: %(reason)s. Taken back by %(who)s on %(day)s: %(why)s")
    words = {"by": name_of(row.by.record), "on": day(row.on), "reason": row.reason.rstrip("。.")}
    return message % {
        **words, "who": name_of(row.withdrawn_by.record), "day": day(row.withdrawn_on), "why": row.withdrawn_why
    }  # fmt: skip


def _dismissed(clearing: Clearing, panel: Panel) -> list[dict[str, Any]]:
    """The first conflicts that were dismissed, each with who said that it is none, when and why, and, before the
    experts score, with the way to take that back."""
    way = reverse("panel-take-back", args=[panel.record.code]) if panel.record.stage == "prepared" else ""
    shown = clearing.dismissed[:SHOWN]
    back = _taken_back(finding.key for _number, finding, _one in shown)
    names = Record.objects.in_bulk({int(one.by) for _number, _finding, one in shown})
    return [
        _told(clearing, number, finding, way, back)
        | {"by": name_of(names[int(one.by)]), "on": one.on, "reason": one.reason}
        for number, finding, one in shown
    ]


def _looked_up(clearing: Clearing) -> list[Fact]:
    """Where and when the parties were looked up last, and by whom; one query."""
    rows = LookUp.objects.filter(party__in=[one.pk for one in clearing.parties[:SHOWN]])
    last = {one.party_id: one for one in rows.select_related("by__record").order_by("on", "pk")}
    return [
        Fact(clearing.label(one), " · ".join((found.source, day(found.on), name_of(found.by.record))))
        for one in clearing.parties
        if (found := last.get(one.pk)) is not None
    ]


@require_http_methods(ANY)
def panel_dismiss(request: Request, code: str) -> HttpResponseBase:
    """Dismiss a conflict that is none."""
    row, title = panel_run_by(request, code), _("Dismiss a conflict")
    return _judged(request, row, DismissForm, dismiss_conflict, title=title, done=_("The conflict is dismissed."))


@require_http_methods(ANY)
def panel_take_back(request: Request, code: str) -> HttpResponseBase:
    """Take back the dismissal of a conflict that is one after all."""
    row, title = panel_run_by(request, code, "prepared"), _("Take back a dismissal")
    done = _("The dismissal is taken back: the conflict counts again.")
    return _judged(request, row, TakeBackForm, take_back_dismissal, title=title, done=done, dismissed=True)


def _judged(
    request: Request,
    row: Panel,
    maker: type[forms.Form],
    settle: Callable[..., None],
    *,
    title: str,
    done: str,
    dismissed: bool = False,
) -> HttpResponseBase:
    """Whether a conflict, or one that was dismissed, counts is said with a reason."""
    code, key = row.record.code, request.GET.get("key", "")
    said, back = find_conflict(row, key, dismissed=dismissed), reverse("panel-conflicts", args=[code])
    if said is None:
        raise Missing(code)

    def act(form: forms.Form) -> str:
        settle(actor=request.actor, panel=row, key=key, reason=form.cleaned_data["reason"])
        return back

    return action_page(
        request,
        lambda posted, _files: maker(posted),
        act,
        title=title,
        intro=said,
        submit_label=title,
        back=back,
        crumbs=panel_crumbs((code, faces.url_of(row.record)), title),
        done=done,
    )
