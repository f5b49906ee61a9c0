"""Pages of leaving a post: what is open and who takes it over, and afterwards what passed and what ended."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.areas.people.handover_actions import Line, hand_over, open_lines, require_may_hand_over, successors_of
from kezhuan.areas.people.pages_members import held_membership
from kezhuan.kernel.access import can_view, get_visible
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Entry, Membership, Organisation
from kezhuan.web import exports, faces
from kezhuan.web.fields import PersonChoice
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail


class HandoverForm(forms.Form):
    """Who takes it over."""

    def __init__(self, *arguments: Any, membership: Membership) -> None:
        super().__init__(*arguments)
        self.fields["successor"] = PersonChoice(successors_of(membership), label=gettext_lazy("Successor"))
        self.fields["successor"].required = True


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: Request, code: str, number: int) -> HttpResponseBase:
    """What is open of somebody who leaves, and to whom it passes in one action."""
    row, held = held_membership(request, code, number)
    require_may_hand_over(request.actor, held)
    back = faces.url_of(row.record)

    def act(form: HandoverForm) -> str:
        hand_over(actor=request.actor, membership=held, successor=form.cleaned_data["successor"])
        entries = Entry.objects.filter(record=row.pk, kind="organisation.handover", actor=request.actor.person)
        return reverse("handed-over", args=[code, entries.latest("seq").pk])

    title = _("Hand over the post of %(name)s") % {"name": name_of(held.person.record)}
    return action_page(
        request,
        lambda posted, _files: HandoverForm(posted, membership=held),
        act,
        title=title,
        intro=_(
            "All of this passes to the successor at once; then %(name)s no longer acts for %(organisation)s, and tokens"
            " and sessions of the post end."
        )
        % {"name": name_of(held.person.record), "organisation": name_of(row.record)},
        submit_label=_("Hand over and end the membership"),
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.record), back), _("Hand over")),
        template="people/handover.html",
        lines=open_lines(held),
    )


@takes_a_list
def handed_over(request: Request, code: str, seq: int) -> HttpResponse:
    """What passed and what ended, for the organisation's own people, and whoever did it."""
    row = get_visible(request.actor, Organisation, code)
    entries = Entry.objects.filter(pk=seq, record=row.pk, kind="organisation.handover").select_related("text")
    entry = entries.first()
    did = entry is not None and request.actor.person is not None and entry.actor_id == request.actor.person.pk
    if entry is None or not (did or can_view(request.actor, row.record, "inner")):
        raise Missing(str(seq))
    text = getattr(entry, "text", None)
    content = text.content if text is not None else {}
    lines, title = [Line(*one) for one in content.get("lines", [])], _("Handed over")
    if exports.asks_for_file(request):
        headers = (_("Open item"), _("Kind"), _("What becomes of it"))
        rows = [(one.text, one.label, _("ends") if one.ends else _("passes to the successor")) for one in lines]
        return exports.table_file(request, headers, rows, name="handover", title=title)
    return page(
        request,
        "people/handed_over.html",
        title=_("Handed over: %(whom)s") % {"whom": content.get("whom", "")},
        lines=lines,
        endings=tuple(exports.MEDIA) if lines else (),
        crumbs=trail((_("Home"), "/"), (name_of(row.record), faces.url_of(row.record)), title),
    )
