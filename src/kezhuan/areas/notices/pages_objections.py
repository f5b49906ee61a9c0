"""Pages of objections: sending one, and one as the officers in charge and its sender see it."""

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.notices.actions import object_to_notice
from kezhuan.areas.notices.forms import ObjectionForm, upload_of
from kezhuan.areas.notices.permissions import may_object, takes_paper
from kezhuan.kernel.access import Actor, can_view, get_visible, visible_to
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.models import Notice, Objection
from kezhuan.web import faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import Fact, ResultLine
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day

TOLD = ("notice__record", "record__title_to", "record__full_to")


def register_face() -> None:
    """How objections stand in lists."""
    faces.register("objection", faces.Face(_rows, _line))


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Objection]:
    return list(visible_to(actor, Objection.objects.filter(pk__in=ids).select_related(*TOLD)))


def _line(actor: Actor, row: Objection, words: str) -> ResultLine:
    inside = (row.name, row.unit) if can_view(actor, row.record, "full") else ()
    return faces.plain_line(
        row.record,
        meta=tuple(one for one in (row.notice.record.code, *inside) if one),
        snippet_html=snippet(words, row.record.summary),
        on=row.received_on,
    )


@takes_a_list
def objection_list(request: Request) -> HttpResponseBase:
    """The objections that the reader sent, or decides on."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    return list_page(
        request,
        title=capfirst(_("objections")),
        kinds=("objection",),
        facets=("stage", "region"),
        lead=_("An objection is sent on the page of the notice."),
        empty=_("You have sent no objection and decide on none."),
    )


@require_http_methods(["GET", "POST"])
def objection_new(request: Request, code: str) -> HttpResponseBase:
    """Object to a notice, with or without an account; an officer in charge enters one that came on paper."""
    row = get_visible(request.actor, Notice, code, related=("about", "issuer__record"))
    asked_for_paper = "paper" in request.GET or "received_on" in request.POST
    on_paper = asked_for_paper and bool(takes_paper.test(request.actor, row))
    if not on_paper and not may_object(request.actor, row):
        raise Conflict(_("The time for objections is over."))
    back = faces.url_of(row.record)

    def act(form: ObjectionForm) -> HttpResponse:
        given, file = form.cleaned_data, upload_of(form)
        made = object_to_notice(
            actor=request.actor,
            notice=row,
            name=given["name"],
            unit=given["unit"],
            contact=given["contact"],
            text=given["text"],
            evidence=[file] if file else [],
            received_on=given.get("received_on"),
        )
        return page(
            request,
            "notices/objection_sent.html",
            title=_("Your objection has been received"),
            sent=made.record.code,
            notice=row,
            back=back,
            url=faces.url_of(made.record) if can_view(request.actor, made.record) else "",
            crumbs=trail((_("Home"), "/"), (capfirst(_("notices")), reverse("notices")), (code, back), _("Objection")),
        )

    return action_page(
        request,
        lambda posted, files: ObjectionForm(posted, files, on_paper=on_paper),
        act,
        title=_("Object to a notice"),
        intro=_("%(notice)s. While an objection is open the step is not taken; you are told of the decision.")
        % {"notice": row.record.title},
        multipart=True,
        submit_label=_("Send the objection"),
        back=back,
        crumbs=trail((_("Home"), "/"), (capfirst(_("notices")), reverse("notices")), (code, back), _("Objection")),
    )


@require_safe
def objection_page(request: Request, code: str) -> HttpResponse:
    """An objection: its words and evidence; who sent it before the officers in charge alone."""
    row = get_visible(request.actor, Objection, code, related=("notice__record", "notice__about__owner"))
    inside = can_view(request.actor, row.record, "full")
    facts = [
        Fact(_("Notice"), row.notice.record.title, faces.url_of(row.notice.record)),
        Fact(_("Received"), day(row.received_on)),
    ]
    if inside:
        facts += [Fact(_("Sent by"), row.name), Fact(_("Unit"), row.unit), Fact(_("Telephone or mail"), row.contact)]
    return record_page(request, row, "notices/objection.html", facts=facts)
