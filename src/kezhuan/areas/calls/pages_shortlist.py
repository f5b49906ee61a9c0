"""Making the shortlist of a call with a final review."""

from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.checks import applications_of
from kezhuan.areas.calls.choices import StageKind
from kezhuan.areas.calls.forms import ShortlistForm
from kezhuan.areas.calls.models import Application, Call, CallStage
from kezhuan.areas.calls.pages_list import call_crumbs
from kezhuan.areas.calls.permissions import proposes
from kezhuan.areas.calls.queries import in_proposing_order
from kezhuan.areas.calls.shortlisting_actions import shortlist
from kezhuan.areas.calls.staging import has_final
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.areas.reviews.queries import advice_on
from kezhuan.kernel.access import Actor, get_visible, visible_among
from kezhuan.kernel.allowing import must_allow
from kezhuan.web import faces, feed_pages
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page


@require_http_methods(["GET", "HEAD", "POST"])
def call_shortlist(request: Request, code: str) -> HttpResponseBase:
    """Choose who goes into the final review, beginning with what the last panel advises."""
    row = get_visible(request.actor, Call, code)
    must_allow(
        lambda actor, call: has_final(call) and proposes.test(actor, call),
        request.actor,
        row,
        _("A shortlist is made of a call with a final review, once applications have closed."),
        stages={"closed"},
    )
    back, title, order = faces.url_of(row.record), _("Make the shortlist"), list(in_proposing_order(row))
    found = {one.pk: one for one in applications_of(row).filter(pk__in=order)}
    rows, advice = [found[pk] for pk in order if pk in found], advice_on(order)
    made = [one.record.code for one in rows if one.record.stage == "shortlisted"]
    begun = made or [one.record.code for one in rows if one.pk in advice and advice[one.pk].advised]

    def act(form: ShortlistForm) -> str:
        shortlist(actor=request.actor, call=row, applications=form.cleaned_data["applications"])
        return back

    def maker(posted: Any, _files: Any) -> ShortlistForm:
        choices = [(one.record.code, _words(one, advice.get(one.pk))) for one in rows]
        return ShortlistForm(posted, applications=choices, initial={"applications": begun})

    return action_page(
        request,
        maker,
        act,
        title=title,
        intro=_("%(call)s. What you choose alone is judged in the final review, and can be chosen.")
        % {"call": name_of(row.record)},
        submit_label=_("Keep the shortlist"),
        back=back,
        crumbs=call_crumbs(row, title),
        done=_("The shortlist is made: each of them reads it on its own page."),
    )


def register_reviews() -> None:
    """Put the days of final reviews into the calendars of those who are on a shortlist."""
    feed_pages.add_meetings(final_reviews)


def final_reviews(actor: Actor) -> list[feed_pages.Meeting]:
    """The final reviews of the applications of the actor's unit that are on a shortlist."""
    if actor.organisation is None or actor.is_officer:
        return []
    rows = Application.objects.filter(applicant=actor.organisation.pk, record__stage="shortlisted")
    stages = CallStage.objects.filter(kind=StageKind.FINAL, begins_on__isnull=False, call__items__applications__in=rows)
    found = {one.call_id: one for one in stages}
    seen = visible_among(actor, rows.filter(item__call__in=found).select_related("record", "item").order_by("pk"))
    return [
        feed_pages.Meeting(row.record, stage.begins_on, until=stage.ends_on, matter=stage.get_kind_display())
        for row in seen
        if (stage := found[row.item.call_id]).begins_on is not None
    ]


def _words(one: Application, said: PanelItem | None) -> str:
    told = [f"{one.item.number} {one.item.title}", name_of(one.applicant.record), one.record.code]
    if said is not None:
        told.append(_("score %(score)s, rank %(rank)s") % said.result)
    return " · ".join(told)
