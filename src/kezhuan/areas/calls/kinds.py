"""Registers calls and applications with the kernel."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.actions import close_in_time
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.awarding import notice_term
from kezhuan.areas.calls.checks import SHORTEST_DAYS, applications_of
from kezhuan.areas.calls.eligibility import LEAST, MIDDLE_UP_TO, SMALL_BELOW
from kezhuan.areas.calls.lifecycle import CALL, CLOSE
from kezhuan.areas.calls.limiting import KINDS, most_directions_code, most_received_code, most_undertaken_code
from kezhuan.areas.calls.models import Application, Call, CallItem, Opened
from kezhuan.areas.calls.opened_actions import forget_opened
from kezhuan.areas.calls.pages_facts import public_facts
from kezhuan.areas.calls.pages_outside import outside_panel, outside_results
from kezhuan.areas.calls.panels import calls_panel, reviews_panel, scores_panel
from kezhuan.areas.calls.papers import APPLICATION_HANDLED, CALL_HANDLED, LAID_OPEN, PAPER
from kezhuan.areas.calls.permissions import PROGRAMME
from kezhuan.areas.calls.queries import application_documents, call_documents, kept_back
from kezhuan.areas.calls.reviewing import JUDGING
from kezhuan.areas.calls.sheets import CALLS
from kezhuan.areas.calls.staging_actions import TERM
from kezhuan.areas.calls.tables import ROWS
from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.pages_asking import questions_panel
from kezhuan.exchange import kinds as exchange
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.printing import put_beside, put_on_paper
from kezhuan.kernel import access, holdings, jobs, notices, registry, roles, rulebook
from kezhuan.kernel.holdings import Holding
from kezhuan.kernel.models.rules import Unit


def concerned_in_call(row: Any) -> Iterable[int]:
    """Whose own matter a call is: its applicants', of those who take part and its posters', who decide nothing about
    it."""
    made = applications_of(row).order_by() if row.pk else Application.objects.none()
    rows = made.values_list("applicant", flat=True).union(
        made.filter(partners__isnull=False).values_list("partners", flat=True)
    )
    return {*rows, *row.items.filter(poster__isnull=False).values_list("poster", flat=True)}


def concerned_in_application(row: Any) -> Iterable[int]:
    """Whose own matter an application is, beside its unit: its poster's."""
    return (row.item.poster_id,) if row.item.poster_id is not None else ()


def _declare_limits() -> None:
    """The limits of each kind of call, and the shares of R&D by revenue, which a city may set."""
    for kind in KINDS:
        for code, label, unit in (
            (most_undertaken_code, _("Projects a unit undertakes in a year at most: {kind}"), Unit.COUNT),
            (most_received_code, _("Fiscal money a unit receives in a year at most: {kind}"), Unit.FEN),
            (most_directions_code, _("Directions funded in a year at most: {kind}"), Unit.COUNT),
        ):
            rulebook.declare(rulebook.Rule(code(kind.value), format_lazy(label, kind=kind.label), (unit,)))
    for tier, label, unit in (
        (SMALL_BELOW, _("R&D by revenue: small below"), Unit.FEN),
        (MIDDLE_UP_TO, _("R&D by revenue: of middle size up to"), Unit.FEN),
        (LEAST["small"], _("Least share of R&D of a small unit"), Unit.BASIS_POINTS),
        (LEAST["middle"], _("Least share of R&D of a unit of middle size"), Unit.BASIS_POINTS),
        (LEAST["large"], _("Least share of R&D of a large unit"), Unit.BASIS_POINTS),
    ):
        rulebook.declare(rulebook.Rule(tier, label, (unit,)))


def register() -> None:
    """Called once when Django has loaded the models."""
    rulebook.declare(rulebook.Rule(SHORTEST_DAYS, _("Least time for applications to a call"), (Unit.CALENDAR_DAYS,)))
    _declare_limits()
    registry.register(
        registry.Kind(
            slug=PROGRAMME,
            is_programme=True,
            label=_("call"),
            plural=_("calls"),
            model=Call,
            lifecycle=CALL,
            page="call",
            list_page="calls",
            documents=call_documents,
            public_facts=public_facts,
            dated={TERM: _("review is to be over")},
            concerned=concerned_in_call,
        )
    )
    registry.register(
        registry.Kind(
            slug="application",
            label=_("application"),
            plural=_("applications"),
            model=Application,
            lifecycle=APPLICATION,
            page="application",
            list_page="applications",
            documents=application_documents,
            concerned=concerned_in_application,
            confidential=kept_back,
        )
    )
    holdings.hold(
        Holding(_("application forms opened"), Opened, "person", ("application__record__code", "at"), forget_opened)
    )
    words = _("change applications to calls before they are submitted")
    roles.tell(roles.Right("write-application", words, access.ACTING))
    judging.register(PROGRAMME, JUDGING)
    notices.let_rows_say(PROGRAMME, "decide", notice_term)
    notices.lay_open(PROGRAMME)
    registry.add_panel("application", questions_panel)
    registry.add_panel("need", calls_panel, (CallItem, "need"))
    registry.add_panel("call", reviews_panel)
    registry.add_panel("call", outside_results)
    registry.add_panel("application", scores_panel)
    registry.add_panel("application", outside_panel)
    sheets.register(CALLS)
    put_on_paper("application", PAPER)
    put_beside(PROGRAMME, LAID_OPEN, CALL_HANDLED)
    put_beside("application", APPLICATION_HANDLED)
    exchange.register(ROWS)
    jobs.register(CLOSE, close_in_time, label=_("close a call in time"))
