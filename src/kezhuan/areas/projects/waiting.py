"""What of projects and races waits without a term: for the units that undertake, pose and use them, and for the
officers in charge."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.models import Application
from kezhuan.areas.projects.models import (
    Evidence,
    EvidenceKind,
    Member,
    Milestone,
    Payment,
    PaymentState,
    Project,
    Race,
    Source,
)
from kezhuan.areas.projects.permissions import (
    LIVING,
    PAYING,
    decides,
    decides_race,
    opens,
    pays_own,
    uses_first,
)
from kezhuan.kernel.access import Actor, represents_owner
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from kezhuan.web import inbox

SETTLED_NEXT = ("failed", "terminated")


def register_inbox() -> None:
    """The area's share of what waits."""
    stages = {"project": {"filed", "suspended", *PAYING, *SETTLED_NEXT}}
    inbox.add_source(inbox.source_of(_of_units, matters=_matters, standing=stages))
    inbox.add_source(inbox.source_of(_of_officers, matters=_matters, standing=stages))
    inbox.add_source(inbox.source_of(_chosen, _("chosen: open the project")))
    inbox.add_source(inbox.source_of(_races, matters=_matters_of_races, standing={"race": ("running",)}))


def _due(source: Source) -> QuerySet[Payment]:
    """Payments that are due."""
    due = Payment.objects.filter(state=PaymentState.DUE, source=source)
    return due.filter(inbox.at("project", PAYING, "project__record"))


def _not_passed() -> QuerySet[Milestone]:
    return Milestone.objects.exclude(passed=True)


def _signed_by_all() -> Q:
    """Its task book was filed, and every member and the poster have signed it as it stands."""
    members = Member.objects.filter(inbox.at("project", ["filed"], "project__record"), state__in=LIVING)
    unsigned = members.exclude(signed=F("project__wording")).values("project")
    takes_part = members.filter(organisation=F("project__poster")).values("project")
    poster = Q(poster_signed=F("wording")) | Q(pk__in=takes_part)
    return inbox.at("project", ["filed"]) & poster & ~Q(pk__in=unsigned)


def _of_units(actor: Actor) -> QuerySet[Record]:
    """The leader begins the work, puts right and asks for acceptance; the poster pays its own; the first user
    reports."""
    if actor.organisation is None or actor.is_officer:
        return Record.objects.none()
    rows = Project.objects.filter(inbox.at("project", (*PAYING, "suspended")))
    here = Q(leader=actor.organisation.pk) | Q(poster=actor.organisation.pk) | Q(user=actor.organisation.pk)
    rows = rows.filter(here)
    ready = Q(record__stage="running") & ~Q(pk__in=_not_passed().values("project"))
    leads = represents_owner.among(actor, rows).filter(Q(record__stage__in=("signed", "rectifying")) | ready)
    reported = Evidence.objects.filter(kind=EvidenceKind.FIRST_USER)
    uses = uses_first.among(actor, rows.filter(record__stage="accepting")).exclude(pk__in=reported.values("project"))
    pays = pays_own.among(actor, rows).filter(pk__in=_due(Source.FIRM).values("project"))
    waiting = Q(pk__in=leads.values("pk")) | Q(pk__in=uses.values("pk")) | Q(pk__in=pays.values("pk"))
    return inbox.told_by_no_term(actor, Record.objects.filter(waiting))


def _of_officers(actor: Actor) -> QuerySet[Record]:
    """The officers in charge sign, accept, pay and settle; changes and milestones are told beside."""
    if not actor.is_officer:
        return Record.objects.none()
    asked = Q(record__stage__in=("accepting", *SETTLED_NEXT))
    asked |= Q(pk__in=_due(Source.FISCAL).values("project")) | _signed_by_all()
    stages = {"filed", *PAYING, *SETTLED_NEXT}
    rows = decides.among(actor, Project.objects.filter(inbox.at("project", stages), asked))
    return inbox.told_by_no_term(actor, Record.objects.filter(pk__in=rows.values("pk")))


def _matters(actor: Actor, records: Sequence[Record]) -> Mapping[int, Text]:
    """By record in words what is to be done, the first thing first."""
    ids = [one.pk for one in records]
    at = {
        name: set(rows.filter(project__in=ids).values_list("project", flat=True))
        for name, rows in (
            ("due", _due(Source.FISCAL if actor.is_officer else Source.FIRM)),
            ("open", _not_passed()),
        )
    }
    posed = set(Project.objects.filter(pk__in=ids, poster=actor.organisation).values_list("pk", flat=True))
    found: dict[int, Text] = {}
    for one in records:
        words = _officers_matter(one, at) if actor.is_officer else _units_matter(one, at, posed)
        if words:
            found[one.pk] = words
    return found


def _officers_matter(one: Record, at: Mapping[str, set[int]]) -> Text:
    if one.stage in SETTLED_NEXT:
        return _("money to be settled")
    if one.stage == "filed":
        return _("task book to be signed")
    return _("payment due") if one.pk in at["due"] and one.stage != "accepting" else ""


def _units_matter(one: Record, at: Mapping[str, set[int]], posed: set[int]) -> Text:
    if one.pk in at["due"] and one.pk in posed:
        return _("own payment due")
    if one.stage == "signed":
        return _("work to begin")
    if one.stage == "accepting":
        return _("first user to report")
    return _("acceptance to be asked for") if one.stage == "running" and one.pk not in at["open"] else ""


def _chosen(actor: Actor) -> QuerySet[Record]:
    """The applications that were chosen, until their projects are opened."""
    if actor.organisation is None or actor.is_officer:
        return Record.objects.none()
    rows = opens.among(actor, Application.objects.filter(applicant=actor.organisation.pk))
    living = Project.objects.filter(alive=True).values("application")
    return Record.objects.filter(pk__in=rows.exclude(pk__in=living).values("pk"))


# -- races -------------------------------------------------------------------------------------------------------------


def _races(actor: Actor) -> QuerySet[Record]:
    """The races whose next gate is to be held, or in which nothing is left to be paid."""
    if not actor.is_officer:
        return Record.objects.none()
    running = Record.objects.filter(kind="race", stage="running")
    rows = decides_race.among(actor, Race.objects.filter(pk__in=running.values("pk")))
    waiting = [one.pk for one in rows.annotate(held=Count("steps", filter=Q(steps__kind="gate"))) if _waits(one)]
    return Record.objects.filter(pk__in=waiting)


def _waits(race: Race) -> bool:
    held: int = race.held  # type: ignore[attr-defined]  # annotated
    return _gate_is_due(race, held) or (held > 0 and not _unpaid(race))


def _gate_is_due(race: Race, held: int) -> bool:
    """The day of its next gate has come, while a team still runs."""
    ended = (*SETTLED_NEXT, "settled", "accepted", "evaluated", "void")
    runs = race.teams.exclude(project__record__stage__in=ended).exists()
    return runs and held < len(race.gates) and date.fromisoformat(race.gates[held]) <= today()


def _unpaid(race: Race) -> bool:
    """Something is still to be paid in it, or a project in it is still under way."""
    waits = Q(project__payments__source=Source.FISCAL)
    waits &= Q(project__payments__state__in=(PaymentState.PLANNED, PaymentState.DUE))
    on_the_way = Q(project__record__stage__in=("drafted", "filed", "signed", "running", "suspended", "rectifying"))
    return race.teams.filter(waits | on_the_way | Q(project__record__stage="accepting")).exists()


def _matters_of_races(_actor: Actor, records: Sequence[Record]) -> Mapping[int, Text]:
    rows = Race.objects.filter(pk__in=[one.pk for one in records])
    counted = rows.annotate(held=Count("steps", filter=Q(steps__kind="gate")))
    return {one.pk: _("gate to be held") if _gate_is_due(one, one.held) else _("race to be closed") for one in counted}
