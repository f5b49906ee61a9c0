"""Pages of tokens: those one has, making one, ending one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kezhuan.areas.people.queries import tokens_of
from kezhuan.areas.people.token_actions import end_token, last_expiry, make_token, require_organisation
from kezhuan.kernel import tokens
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Token
from kezhuan.kernel.scopes import EVERYTHING
from kezhuan.kernel.text import listed, today
from kezhuan.web import exports
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import Tag
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import page, trail

USUAL = timedelta(days=90)
"""How long a token is valid unless another day is chosen."""


def _choices() -> list[tuple[str, Any]]:
    return [(EVERYTHING, _("everything, also what comes later")), *_labels()]


def _labels() -> list[tuple[str, Any]]:
    return [(name, label) for name, label in tokens.scopes().items()]


class TokenForm(forms.Form):
    """What a token is for, what it may do, and until when."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        help_text=gettext_lazy("Such as: nightly copy to our research system."),
    )
    reads = forms.MultipleChoiceField(
        label=gettext_lazy("May read"), required=False, choices=_choices, widget=forms.CheckboxSelectMultiple
    )
    writes = forms.MultipleChoiceField(
        label=gettext_lazy("May also change"),
        required=False,
        choices=_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Leave this empty for a program that only reads."),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Valid until"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    seed = forms.CharField(widget=forms.HiddenInput, min_length=40, max_length=60)


@dataclass(frozen=True)
class TokenLine:
    """One token in the list."""

    row: Token
    state: Tag
    organisation: str
    reads: str
    writes: str

    @property
    def is_valid(self) -> bool:
        """Whether it can still be ended."""
        return self.row.ended_at is None and self.row.expires_on >= today()


def _line(row: Token) -> TokenLine:
    if row.ended_at is not None:
        state = Tag(_("ended"), "no")
    elif row.expires_on < today():
        state = Tag(_("expired"), "no")
    else:
        state = Tag(_("valid"), "ok")
    return TokenLine(row, state, name_of(row.organisation.record), _scope(row.reads), _scope(row.writes))


def _scope(names: list[str]) -> str:
    labels = dict(_choices())
    return listed(labels.get(name, name) for name in names)


@never_cache
@takes_a_list
def token_list(request: Request) -> HttpResponse:
    """The tokens one has made, with their last use."""
    actor = request.actor
    if actor.person is None:
        return sign_in_first(request)
    lines = [_line(row) for row in tokens_of(actor.person)]
    if exports.asks_for_file(request):
        return _file(request, lines)
    return page(
        request,
        "people/tokens.html",
        title=capfirst(_("tokens")),
        crumbs=trail((_("Home"), "/"), (_("Your account"), reverse("account")), capfirst(_("tokens"))),
        lines=lines,
        endings=tuple(exports.MEDIA) if lines else (),
    )


def _file(request: Request, lines: list[TokenLine]) -> HttpResponse:
    """The tokens without their secrets, which nobody keeps."""
    headers = (_("What it is for"), _("Organisation"), _("State"), _("Valid until"), _("May read"), _("May change"),
               _("Last use"), _("Made"))  # fmt: skip
    rows = [
        (one.row.name, one.organisation, str(one.state.label), one.row.expires_on, one.reads, one.writes,
         exports.local(one.row.used_at), exports.local(one.row.made_at))
        for one in lines
    ]  # fmt: skip
    return exports.table_file(request, headers, rows, name="tokens", title=capfirst(_("tokens")))


@never_cache
@require_http_methods(["GET", "POST"])
def token_new(request: Request) -> HttpResponseBase:
    """Make a token; its secret is shown on the answer and never again."""
    actor = request.actor
    if actor.person is None:
        return sign_in_first(request)
    organisation = name_of(require_organisation(actor).record)
    start = {
        "reads": [EVERYTHING],
        "expires_on": min(today() + USUAL, last_expiry()),
        "seed": tokens.new_seed(),
    }
    title, tokens_title = _("New token"), capfirst(_("tokens"))
    crumbs = trail((_("Home"), "/"), (_("Your account"), reverse("account")), (tokens_title, reverse("tokens")), title)

    def act(form: TokenForm) -> HttpResponse:
        made, secret = make_token(actor=actor, **form.cleaned_data)
        return page(request, "people/token_made.html", title=title, crumbs=crumbs, line=_line(made), secret=secret)

    return action_page(
        request,
        lambda posted, _files: TokenForm(posted, initial=start),
        act,
        title=title,
        intro=_("A program that shows this token acts in your name for %(organisation)s, and never more than you may.")
        % {"organisation": organisation},
        submit_label=_("Make the token"),
        back=reverse("tokens"),
        crumbs=crumbs,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def token_end(request: Request, number: int) -> HttpResponseBase:
    """End a token at once, after asking once."""
    row = tokens_of(request.actor.person).filter(pk=number).first() if request.actor.person is not None else None
    if row is None:
        raise Missing(str(number))
    title, tokens_title = _("End the token “%(name)s”") % {"name": row.name}, capfirst(_("tokens"))

    def act() -> None:
        end_token(actor=request.actor, number=number)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("A program that still sends it is refused from this moment on; it cannot be brought back."),
        submit_label=_("End the token"),
        back=reverse("tokens"),
        crumbs=trail(
            (_("Home"), "/"), (_("Your account"), reverse("account")), (tokens_title, reverse("tokens")), title
        ),
        done=_("The token was ended."),
    )
