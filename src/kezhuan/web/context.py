"""What stands around every page: banner, navigation, account, inbox count, state of the index."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kezhuan import __version__
from kezhuan.exchange.permissions import kinds_importable_by
from kezhuan.kernel import registry
from kezhuan.kernel.access import VISITOR, Actor
from kezhuan.kernel.audit import may_audit
from kezhuan.kernel.deputies import represented_by
from kezhuan.kernel.history import in_place_of
from kezhuan.kernel.models.parties import OrganisationKind, Role
from kezhuan.kernel.outbox.webhooks import may_have_webhooks
from kezhuan.kernel.overseeing import oversees_jobs
from kezhuan.kernel.roles import MONEY, PAPERS
from kezhuan.kernel.search import live_index
from kezhuan.web import inbox
from kezhuan.web.components import Account, ActingChoice, Crumb, NavItem
from kezhuan.web.names import name_of

NAVIGATION = ("need", "achievement", "call", "organisation", "introduction")
"""Kinds that the main navigation leads to, in this order, as far as they are registered."""


def site(request: HttpRequest) -> dict[str, Any]:
    """The context processor of the shell."""
    actor: Actor = getattr(request, "actor", VISITOR)
    mine = reverse("mine")
    # An office watches over the records of others and has none of its own.
    keeps = actor.is_signed_in and not actor.is_officer
    own = (NavItem(_("Our records"), mine, request.path == mine),) if keeps else ()
    around = still(request.path)
    return {
        **around,
        "navigation": (*around["navigation"], *own),
        "account": account_of(actor),
        "here": request.get_full_path() if request.method in {"GET", "HEAD"} else came_from_here(request) or "/",
        "inbox_count": inbox.count(actor) if actor.is_signed_in else 0,
        "index_state": index_state(),
    }


def came_from_here(request: HttpRequest) -> str:
    """The page of this site from which the reader came; empty when they came from elsewhere or it is not known."""
    came_from = request.headers.get("Referer", "")
    return came_from if url_has_allowed_host_and_scheme(came_from, {request.get_host()}) else ""


def still(path: str) -> dict[str, Any]:
    """The part that needs no database, so that even an error page has it."""
    return {
        "demo_city": getattr(settings, "DEMO_CITY", False),
        "city_name": getattr(settings, "CITY_NAME", ""),
        "code_version": __version__,
        "navigation": navigation(path),
    }


def navigation(path: str) -> tuple[NavItem, ...]:
    """The entries of the main navigation, the one the path lies under marked."""
    home = reverse("home")
    items = [NavItem(_("Home"), home, path == home)]
    known = {kind.slug: kind for kind in registry.kinds() if kind.list_page}
    for kind in (known[slug] for slug in NAVIGATION if slug in known):
        try:
            url = reverse(kind.list_page)
        except NoReverseMatch:
            continue
        items.append(NavItem(capfirst(str(kind.plural)), url, path.startswith(url)))
    return tuple(items)


def account_of(actor: Actor) -> Account | None:
    """Who is signed in and for whom they may act; None for a visitor."""
    if actor.person is None:
        return None
    acting = actor.organisation.pk if actor.organisation and actor.deputy is None else None
    name, represented = name_of(actor.person.record), actor.represented
    own = [
        ActingChoice(str(organisation.pk), name_of(organisation.record), organisation.pk == acting)
        for organisation in actor.choices
    ]
    places = [
        ActingChoice(
            f"deputy:{one.pk}",
            _("%(organisation)s, for %(represented)s")
            % {"organisation": name_of(one.organisation.record), "represented": name_of(one.represented.record)},
            one.pk == actor.deputy,
        )
        for one in represented_by(actor.person)
    ]
    return Account(
        name=in_place_of(name, name_of(represented.record) if represented is not None else ""),
        acting_for=name_of(actor.organisation.record) if actor.organisation else "",
        links=_own_pages(actor),
        choices=(*own, *places),
    )


_BROKERING = frozenset(
    {
        OrganisationKind.AGENCY,
        OrganisationKind.UNIVERSITY,
        OrganisationKind.INSTITUTE,
        OrganisationKind.ASSOCIATION,
        OrganisationKind.GOVERNMENT,
    }
)
"""Kinds of organisations that usually have brokers; those of others find their queue by what waits for them."""


def _of_brokers(actor: Actor) -> list[Crumb]:
    """One's own queue of pairs, and the queues that one fills."""
    links = []
    if actor.organisation is not None and actor.organisation.kind in _BROKERING:
        links.append(Crumb(_("My queue of pairs"), reverse("my-queue")))
    if actor.is_officer or Role.ADMINISTRATOR in actor.roles:
        links.append(Crumb(capfirst(_("technology brokers")), reverse("brokers")))
    return links


def _own_pages(actor: Actor) -> tuple[Crumb, ...]:
    links = [
        Crumb(_("Your account"), reverse("account")),
        Crumb(_("Deputies"), reverse("deputies")),
        Crumb(_("Messages to you"), reverse("preferences")),
        Crumb(_("Searches and records you follow"), reverse("watches")),
        Crumb(_("Word templates"), reverse("templates")),
    ]
    # Whoever is asked as an expert may act for nobody.
    links.append(Crumb(capfirst(str(registry.kind_of("review").plural)), reverse("reviews")))
    if actor.is_officer or (actor.organisation is not None and actor.organisation.kind == OrganisationKind.AGENCY):
        links.append(Crumb(capfirst(str(registry.kind_of("panel").plural)), reverse("panels")))
    if actor.regions_of("expert"):
        links.append(Crumb(capfirst(str(registry.kind_of("expert").plural)), reverse("experts")))
    if actor.organisation is not None:
        links.append(Crumb(capfirst(str(registry.kind_of("approval").plural)), reverse("approvals")))
        links.append(Crumb(capfirst(str(registry.kind_of("filing").plural)), reverse("filings")))
        links.append(Crumb(capfirst(str(registry.kind_of("application").plural)), reverse("applications")))
        links.append(Crumb(capfirst(str(registry.kind_of("project").plural)), reverse("projects")))
        links.append(Crumb(capfirst(str(registry.kind_of("team").plural)), reverse("teams")))
        links.append(Crumb(capfirst(str(registry.kind_of("offer").plural)), reverse("offers")))
        links.append(Crumb(capfirst(str(registry.kind_of("task").plural)), reverse("tasks")))
    links += _of_brokers(actor)
    if not actor.is_officer and actor.roles & (MONEY | PAPERS):
        links.append(Crumb(capfirst(str(registry.kind_of("dossier").plural)), reverse("dossiers")))
        links.append(Crumb(capfirst(str(registry.kind_of("agreement").plural)), reverse("agreements")))
        links.append(Crumb(capfirst(str(registry.kind_of("licence").plural)), reverse("licences")))
    if actor.regions_of("contract") or (not actor.is_officer and actor.roles & PAPERS):
        links.append(Crumb(capfirst(str(registry.kind_of("contract").plural)), reverse("contracts")))
    if actor.regions_of("evaluation") or (actor.organisation is not None and not actor.is_officer):
        links.append(Crumb(capfirst(str(registry.kind_of("evaluation").plural)), reverse("evaluations")))
    if actor.organisation is not None and not actor.is_officer:
        links.append(Crumb(_("What we posed"), reverse("posed")))
        links.append(Crumb(_("Improvement lists"), reverse("missed")))
        links.append(Crumb(capfirst(str(registry.kind_of("grant").plural)), reverse("grants")))
        links.append(Crumb(_("My share, my money"), reverse("my-share")))
        links.append(Crumb(capfirst(str(registry.kind_of("exemption").plural)), reverse("exemptions")))
    if not actor.is_officer and actor.roles & MONEY:
        links.append(Crumb(capfirst(str(registry.kind_of("distribution").plural)), reverse("distributions")))
        links.append(Crumb(capfirst(str(registry.kind_of("price").plural)), reverse("prices")))
        links.append(Crumb(capfirst(str(registry.kind_of("ledger").plural)), reverse("ledger")))
    if actor.regions_of("project"):
        links.append(Crumb(_("Payment list"), reverse("payments")))
        links.append(Crumb(capfirst(str(registry.kind_of("race").plural)), reverse("races")))
    if kinds_importable_by(actor):
        links.append(Crumb(_("Imports"), reverse("imports")))
    if actor.admitted or actor.is_city_officer or Role.ADMINISTRATOR in actor.roles:
        links.append(Crumb(capfirst(_("inspections")), reverse("inspections")))
    if may_have_webhooks.test(actor, None):
        links.append(Crumb(_("Webhooks"), reverse("webhooks")))
    if oversees_jobs.test(actor, None):
        links += [Crumb(_("Background jobs"), reverse("jobs")), Crumb(_("Outbox"), reverse("messages"))]
    if actor.is_officer:
        links.append(Crumb(_("Matching where room is short"), reverse("precise")))
    if actor.is_officer or may_audit.test(actor, None):
        links.append(Crumb(_("How suggestions spread"), reverse("exposure")))
        links.append(Crumb(_("Weights of the parts"), reverse("weightings")))
    if may_audit.test(actor, None):
        links.append(Crumb(_("Audit"), reverse("audit")))
    return tuple(links)


def index_state() -> str:
    """How far the search index is behind the records, in words; empty when the next search takes in what it lacks."""
    behind = live_index().status().backlog
    said = ngettext("search index: %(behind)s change behind", "search index: %(behind)s changes behind", behind)
    return said % {"behind": f"{behind:,}"} if behind else ""
