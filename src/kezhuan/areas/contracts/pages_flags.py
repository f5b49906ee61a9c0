"""The list of what should be looked at twice in the register, for its registrars."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kezhuan.areas.contracts.flags import Flagged, flags_seen, said_by, told, years_flagged
from kezhuan.areas.contracts.forms import FlagsForm, LookForm
from kezhuan.areas.contracts.looking_actions import may_note, note_look
from kezhuan.areas.contracts.models import Flag
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.wording import say
from kezhuan.engines import contracts as engine
from kezhuan.engines.findings import Words
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.web import exports, faces
from kezhuan.web.components import Fact
from kezhuan.web.lists import SIZE, pager_at, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day


@takes_a_list
def contract_flags(request: Request) -> HttpResponse:
    """Everything that the register should be looked at twice for, of a kind, a year or a district."""
    actor = request.actor
    if not actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the registrars in charge see what should be looked at twice."))
    form = FlagsForm(request.GET, years=years_flagged())
    rows, title = flags_seen(actor, **form.asked), _("To be looked at twice")
    if exports.asks_for_file(request):
        lines = [_line(one) for one in told(actor, list(rows[: exports.MOST_LINES + 1]))]
        filters = {name: [str(value)] for name, value in form.asked.items() if value not in ("", None)}
        return exports.table_file(request, _heads(), lines, name="contract-flags", title=title, filters=filters)
    total = rows.count()
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // SIZE)))
    return page(
        request,
        "contracts/flags.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (capfirst(_("technology contracts")), reverse("contracts")), title),
        form=form,
        flags=shown_flags(told(actor, list(rows[(at - 1) * SIZE : at * SIZE]))),
        flags_from=say(engine.CHOSEN),
        pager=pager_at(request.GET, at, SIZE, total),
        total=total,
        endings=tuple(exports.MEDIA) if total else (),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def contract_flag_looked(request: Request, number: int) -> HttpResponseBase:
    """Note that a hint was looked at, and what was found."""
    flag = Flag.objects.filter(pk=number, pk__in=flags_seen(request.actor).values("pk")).first()
    if flag is None or not request.actor.regions_of(PROGRAMME):
        raise Missing(str(number))
    if not may_note(request.actor, flag):
        raise NotAllowed(_("Only a registrar in charge of every contract of a hint notes what was found of it."))
    title, back = _("Note what was found"), reverse("contract-flags")

    def act(form: LookForm) -> str:
        given = form.cleaned_data
        note_look(actor=request.actor, flag=flag, finding=given["finding"], sha256=given["sha256"])
        return back

    return action_page(
        request,
        lambda posted, _files: LookForm(posted, initial={"sha256": said_by(flag)}),
        act,
        title=title,
        intro=say(Words(flag.zh, flag.en)),
        submit_label=title,
        back=back,
        done=_("What was found stands with the hint."),
        crumbs=trail((_("Home"), "/"), (_("To be looked at twice"), back), title),
    )


def shown_flags(flags: Sequence[Flagged]) -> list[dict[str, Any]]:
    """Flags as pages show them."""
    return [
        {
            "said": say(engine.KINDS[one.kind]),
            "why": one.why,
            "on": day(one.found_at),
            "others": [Fact(other.code, name_of(other), faces.url_of(other)) for other in one.contracts],
            "more": _more(one.more),
            "unseen": one.unseen,
            "looked": _looked(one),
            "url": reverse("contract-flag-looked", args=[one.number]) if not one.unseen else "",
        }
        for one in flags
    ]


def _looked(one: Flagged) -> str:
    """Who looked at it, when, and, where the sentence is told too, what was found."""
    if one.look is None:
        return ""
    words = {"name": name_of(one.look.by.record), "day": day(one.look.at), "finding": one.look.finding}
    if one.unseen:
        return _("Looked at by %(name)s on %(day)s.") % words
    return _("Looked at by %(name)s on %(day)s: %(finding)s") % words


def _more(count: int) -> str:
    return ngettext("and %(count)s more", "and %(count)s more", count) % {"count": count} if count else ""


def _heads() -> list[str]:
    looked = (_("Looked at"), _("By"), _("What was found of it"))
    return [_("Kind"), _("Why"), _("Contracts"), _("Not yours to read"), _("Found on"), *looked]


def _line(one: Flagged) -> list[Any]:
    codes = ", ".join(other.code for other in one.contracts)
    listed = " ".join(filter(None, (codes, _more(one.more))))
    look, told_too = one.look, not one.unseen
    found = (
        [exports.local(look.at), name_of(look.by.record), look.finding if told_too else ""]
        if look is not None
        else ["", "", ""]
    )
    return [say(engine.KINDS[one.kind]), one.why, listed, one.unseen, exports.local(one.found_at), *found]
