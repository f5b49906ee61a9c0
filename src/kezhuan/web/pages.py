"""The shell's own pages: home, search, inbox, signing in and out, acting for, and the style guide."""

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kezhuan.kernel import registry, search
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.web import faces, inbox
from kezhuan.web.components import Figure
from kezhuan.web.examples import pages as examples
from kezhuan.web.lists import list_page
from kezhuan.web.middleware import ACTING_FOR, Request
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail

NEWEST_SHOWN = 5


@require_safe
def home(request: Request) -> HttpResponse:
    """The front page: search, three figures that open their lists, what is new."""
    results = {kind: _newest(request, kind) for kind in ("need", "achievement", "organisation")}
    figures = tuple(
        Figure(f"{found.total:,}", capfirst(str(kind.plural)), resolve_url(kind.list_page))
        for kind, found in ((registry.kind_of(slug), found) for slug, found in results.items())
    )
    return page(
        request,
        "home.html",
        figures=figures,
        newest_needs=faces.lines(request.actor, results["need"].records),
        newest_achievements=faces.lines(request.actor, results["achievement"].records),
        needs_url=resolve_url("needs"),
        achievements_url=resolve_url("achievements"),
        match_url=resolve_url("match"),
    )


def _newest(request: Request, kind: str) -> search.Results:
    return search.search(request.actor, search.Asked(kinds=(kind,), order=search.NEWEST, size=NEWEST_SHOWN))


@require_safe
def search_page(request: Request) -> HttpResponse:
    """Search over everything the reader may see, all kinds together."""
    kinds = tuple(kind.slug for kind in registry.kinds())
    return list_page(
        request, title=_("Search"), kinds=kinds, facets=("kind", "field", "region"), template="search.html"
    )


@require_safe
def inbox_page(request: Request) -> HttpResponse:
    """What waits for the signed-in person."""
    if not request.actor.is_signed_in:
        return redirect("sign-in")
    crumbs = trail((_("Home"), resolve_url("home")), _("To do"))
    return page(request, "inbox.html", title=_("To do"), crumbs=crumbs, lines=inbox.lines(request.actor))


class SignInForm(forms.Form):
    """Mail address and password."""

    email = forms.EmailField(
        label=_("Mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponseBase:
    """Sign in with mail address and password, then go where the reader wanted to go."""
    wanted = request.POST.get("next") or request.GET.get("next", "")

    def act(form: SignInForm) -> str:
        typed = form.cleaned_data
        user = authenticate(request, username=typed["email"].lower(), password=typed["password"])
        if user is None:
            sentence = _("Mail address and password do not belong together. Check both and try again.")
            raise Refused(Problem("sign-in-wrong", sentence))
        login(request, user)
        return _own_address(request, wanted)

    return action_page(
        request,
        SignInForm,
        act,
        title=_("Sign in"),
        submit_label=_("Sign in"),
        back=resolve_url("home"),
        crumbs=(),
        template="sign_in.html",
        next=wanted,
    )


@require_POST
def sign_out(request: Request) -> HttpResponse:
    """Sign out and go home."""
    logout(request)
    return redirect("home")


@require_POST
def act_for(request: Request) -> HttpResponse:
    """Act for another of one's organisations; one that is not one's own changes nothing."""
    chosen = whole_number(request.POST.get("organisation", ""), 0)
    if request.actor.is_signed_in and chosen:
        request.session[ACTING_FOR] = chosen
    return HttpResponseRedirect(_own_address(request, request.POST.get("next", "")))


def _own_address(request: HttpRequest, wanted: str) -> str:
    """The wanted address when it lies on this site, else home."""
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own else resolve_url(settings.LOGIN_REDIRECT_URL)


@require_safe
def styleguide(request: Request) -> HttpResponse:
    """Every component with an example."""
    crumbs = trail((_("Home"), resolve_url("home")), _("Style guide"))
    return page(request, "styleguide.html", crumbs=crumbs, **examples.components())


@require_safe
def styleguide_page(request: Request, name: str) -> HttpResponse:
    """One whole example page."""
    found = examples.PAGES.get(name)
    if found is None:
        raise Http404(name)
    template, make = found
    context = {
        "crumbs": trail((_("Home"), resolve_url("home")), (_("Style guide"), resolve_url("styleguide")), name),
        **make(),
    }
    return page(request, template, **context)
