"""The pages on which a side of an agreement agrees that it is counted in the call that it came from, and no longer."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.agreements.counting import is_asked, said_of, says_call, side_of
from kezhuan.areas.agreements.counting_actions import agree_to_count, take_back_count
from kezhuan.areas.agreements.forms import CountedForm
from kezhuan.areas.agreements.models import Agreement
from kezhuan.areas.agreements.queries import TOLD
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Fact
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import confirm_page, entry_page
from kezhuan.web.records import record_trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]


def _asked(request: Request, code: str) -> Agreement:
    row = get_visible(request.actor, Agreement, code, related=TOLD)
    if not says_call(request.actor, row):
        raise NotAllowed(
            _("Whoever keeps the contracts of a side of a signed agreement says in which call it is counted.")
        )
    return row


@require_http_methods(ANY)
def agreement_counted(request: Request, code: str) -> HttpResponseBase:
    """Agree, for one's own side, that it is counted in a call."""
    row = _asked(request, code)
    said = said_of(row)
    initial = {"call": said.call.record.code, "on_site": said.on_site} if said is not None else {}

    def act(form: Any) -> object:
        return agree_to_count(actor=request.actor, agreement=row, **form.cleaned_data)

    return entry_page(
        request,
        row,
        lambda posted, _files: CountedForm(posted, initial=initial),
        act,
        title=_("Agree to be counted in a call"),
        submit_label=_("Our side agrees"),
        intro=_(
            "Once every side that has an account here agrees, the officers of the call count this agreement and, like"
            " whoever inspects the call, read its sides, sort, amount, day of signing, stage and later registration,"
            " and nothing else of it. You can take that back at any time."
        ),
    )


@require_http_methods(ANY)
def agreement_uncounted(request: Request, code: str) -> HttpResponseBase:
    """Take it back."""
    row = _asked(request, code)
    said, side = said_of(row), side_of(request.actor, row)
    asked = is_asked(request.actor, row)
    if said is None or (getattr(said, side) is None and not asked):
        raise NotAllowed(_("Your side has not agreed to that."))
    title, back = _("Our side does not agree") if asked else _("Be counted no longer"), faces.url_of(row.record)

    def act() -> HttpResponseBase:
        take_back_count(actor=request.actor, agreement=row)
        return redirect(back)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("Nobody reads anything of this agreement at the call, and no figure there counts it.")
        if asked
        else _("From now on nobody reads anything of this agreement at the call, and no figure there counts it."),
        submit_label=title,
        back=back,
        crumbs=record_trail(row.record, title),
    )


def counted_facts(actor: Actor, row: Agreement) -> list[Fact]:
    """In which call its sides let it be counted."""
    said = said_of(row)
    if said is None:
        return []
    sides = (
        (said.owner_on, _("who provides agreed on %(day)s"), _("who provides answered on %(day)s: not agreed")),
        (said.party_on, _("the other side agreed on %(day)s"), _("the other side answered on %(day)s: not agreed")),
    )
    told = [words % {"day": day(on)} for on, words, _no in sides if on is not None]
    told += [words % {"day": day(said.refused_on)} for on, _yes, words in sides if on is None and said.refused_on]
    return [
        faces.linked_fact(actor, _("Counted in the call"), said.call.record),
        Fact(_("Agreed to be counted"), "；".join([*told, *([_("signed on site")] if said.on_site else [])])),
    ]


def counting_buttons(actor: Actor, row: Agreement) -> list[ButtonLink]:
    """The way to agree to that, or to take it back."""
    if not says_call(actor, row):
        return []
    said, code = said_of(row), row.record.code
    if said is not None and getattr(said, side_of(actor, row)) is not None:
        return [ButtonLink(_("Be counted no longer"), reverse("agreement-uncounted", args=[code]))]
    agrees = ButtonLink(_("Agree to be counted in a call"), reverse("agreement-counted", args=[code]))
    if not is_asked(actor, row):
        return [agrees]
    return [agrees, ButtonLink(_("Our side does not agree"), reverse("agreement-uncounted", args=[code]))]
