"""What of projects and races waits without a term: for the units that undertake, pose and use them, and for the
officers in charge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.models import Application
from kezhuan.areas.projects.checks import EVALUATED_AFTER, EVALUATED_WITHIN
from kezhuan.areas.projects.models import (
    RESERVED,
    Evidence,
    EvidenceKind,
    Member,
    Milestone,
    Payment,
    PaymentState,
    Project,
    Race,
    RaceTeam,
    RaceTest,
    SelfEvaluation,
    Source,
)
from kezhuan.areas.projects.permissions import (
    CHANGING,
    LIVING,
    PAYING,
    STANDING,
    UNDER_WAY,
    decides,
    decides_race,
    evaluates_self,
    has_to_sign,
    is_asked_to_agree,
    is_changing,
    is_invited,
    is_reported,
    opens,
    pays_own,
    tests_gate,
    uses_first,
)
from kezhuan.engines.days import months_after
from kezhuan.kernel.access import Actor, represents_owner, seen_by
from kezhuan.kernel.errors import Text
from kezhuan.kernel.lifecycle import OVER
from kezhuan.kernel.models import Record
from kezhuan.kernel.predicates import Condition, Rows
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import today
from kezhuan.web import inbox


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_projects, matters=_matters_of_projects, standing={"project": WAITING}))
    inbox.add_source(inbox.source_of(_chosen, _("chosen: open the project"), standing={"application": ["awarded"]}))
    inbox.add_source(inbox.source_of(_races, matters=_matters_of_races, standing={"race": ("running",)}))


# -- projects: one line for each, with the first thing that is to be done ----------------------------------------------


@dataclass(frozen=True, slots=True)
class _Matter:
    """Something to be done, in words (none: as the stage is called), at some stages, where a condition holds.

    `by_stage`: the stage is what waits; where it has a term, the term tells it.
    """

    words: Text
    stages: Iterable[str]
    condition: Condition
    by_stage: bool = False

    def records(self, actor: Actor) -> QuerySet[Record]:
        """The records of the projects with which it is to be done."""
        rows = Project.objects.filter(inbox.at("project", self.stages), self.condition(actor, Rows(Project)))
        found = Record.objects.filter(pk__in=rows.values("pk"))
        return inbox.told_by_no_term(actor, found) if self.by_stage else found


def _every(_actor: Actor, rows: Rows) -> Q:
    return rows.all


def _signed_by_all(_actor: Actor, rows: Rows) -> Q:
    """Every member and the poster have signed the task book that was filed, as it stands."""
    members = Member.objects.filter(inbox.at("project", ["filed"], "project__record"), state__in=LIVING)
    unsigned = members.exclude(signed=F("project__wording")).values("project")
    takes_part = members.filter(organisation=F("project__poster")).values("project")
    poster = rows.where(poster_signed=F("wording")) | rows.where(pk__in=takes_part) | rows.where(poster=None)
    return poster & ~rows.where(pk__in=unsigned)


def _due(rows: Rows, source: Source) -> Q:
    due = Payment.objects.filter(state=PaymentState.DUE, source=source)
    return rows.where(pk__in=due.filter(inbox.at("project", PAYING, "project__record")).values("project"))


def _is_passed(actor: Actor, rows: Rows) -> Q:
    """The actor leads it, all of its milestones have passed, and no change waits for an answer."""
    left = Milestone.objects.filter(inbox.at("project", ["running"], "project__record")).exclude(passed=True)
    return (represents_owner & ~is_changing).where(actor, rows) & ~rows.where(pk__in=left.values("project"))


def _is_unreported(actor: Actor, rows: Rows) -> Q:
    """The actor uses it first, and has not said how."""
    told = Evidence.objects.filter(inbox.at("project", ["accepting"], "project__record"), kind=EvidenceKind.FIRST_USER)
    return uses_first.where(actor, rows) & ~rows.where(pk__in=told.values("project"))


def _is_unevaluated(actor: Actor, rows: Rows) -> Q:
    """The actor leads it, it was accepted, and the leader has not said what came of it."""
    told = SelfEvaluation.objects.filter(inbox.at("project", ["accepted"], "project__record"))
    return evaluates_self.where(actor, rows) & ~rows.where(pk__in=told.values("project"))


def _is_to_evaluate(_actor: Actor, rows: Rows) -> Q:
    """So many months have gone by since acceptance as a rule value of its place asks for; none asks for none."""
    return _accepted_before(rows, EVALUATED_AFTER, today(), 0)


def _is_evaluated_late(_actor: Actor, rows: Rows) -> Q:
    """More months have gone by since acceptance than a rule value of its place gives; without one none is late."""
    return _accepted_before(rows, EVALUATED_WITHIN, today() - timedelta(days=1), None)


def _accepted_before(rows: Rows, code: str, day: date, without: int | None) -> Q:
    """Accepted at least as many months before a day as the rule value of their place says, or as is said `without` one
    (None: then none is)."""
    accepted = Project.objects.filter(inbox.at("project", ["accepted"])).order_by()
    found = rows.none
    for place in accepted.values_list("region", flat=True).distinct():
        rule = rule_or_none(code, on=today(), jurisdiction=place)
        months = int(rule.value) if rule is not None else without
        if months is not None:
            found |= rows.where(region=place, accepted_on__lte=months_after(day, -months))
    return found


OFFICERS = (
    _Matter(_("change to be decided on"), CHANGING, is_changing.where),
    _Matter(_("milestone to be judged"), UNDER_WAY, is_reported.where),
    _Matter(_("task book to be signed"), {"filed"}, _signed_by_all, by_stage=True),
    _Matter("", {"accepting"}, _every, by_stage=True),
    _Matter(_("payment due"), PAYING, lambda _actor, rows: _due(rows, Source.FISCAL)),
    _Matter(_("money to be settled"), {"failed", "terminated"}, _every, by_stage=True),
    _Matter(_("performance evaluation late"), {"accepted"}, _is_evaluated_late),
    _Matter(_("performance to be evaluated"), {"accepted"}, _is_to_evaluate, by_stage=True),
)
"""For the officers who decide about it, the first thing first."""

UNITS = (
    _Matter(
        _("asked to agree or to sign"),
        STANDING | {"drafted", "filed"},
        (is_invited | is_asked_to_agree | has_to_sign).where,
    ),
    _Matter(
        _("own payment due"), PAYING, lambda actor, rows: pays_own.where(actor, rows) & _due(rows, Source.FIRM)
    ),
    _Matter(_("work to begin"), {"signed"}, represents_owner.where, by_stage=True),
    _Matter("", {"rectifying"}, represents_owner.where, by_stage=True),
    _Matter(_("first user to report"), {"accepting"}, _is_unreported),
    _Matter(_("acceptance to be asked for"), {"running"}, _is_passed, by_stage=True),
    _Matter(_("self-evaluation to be written"), {"accepted"}, _is_unevaluated, by_stage=True),
)  # fmt: skip
"""For the units that undertake, pose and use it, the first thing first."""

WAITING = frozenset(stage for one in (*OFFICERS, *UNITS) for stage in one.stages)


def _matters(actor: Actor) -> Sequence[_Matter]:
    return OFFICERS if actor.is_officer else UNITS


def _projects(actor: Actor) -> QuerySet[Record]:
    """The projects with which the actor has something to do."""
    if actor.organisation is None:
        return Record.objects.none()
    rows = Project.objects.filter(inbox.at("project", WAITING))
    if actor.is_officer:
        rows = decides.among(actor, rows)
    waits = Q(pk__in=())
    for one in _matters(actor):
        waits |= Q(pk__in=one.records(actor).values("pk"))
    return Record.objects.filter(waits, seen_by(actor, "title_to"), pk__in=rows.values("pk"))


def _matters_of_projects(actor: Actor, records: Sequence[Record]) -> Mapping[int, Text]:
    """By record in words what is to be done first."""
    ids, found = [one.pk for one in records], dict[int, Text]()
    for one in reversed(_matters(actor)):
        found |= dict.fromkeys(one.records(actor).filter(pk__in=ids).values_list("pk", flat=True), one.words)
    return found


def _chosen(actor: Actor) -> QuerySet[Record]:
    """The applications that were chosen, until their projects are opened."""
    if actor.organisation is None or actor.is_officer:
        return Record.objects.none()
    rows = opens.among(actor, Application.objects.filter(applicant=actor.organisation.pk))
    living = Project.objects.filter(alive=True).values("application")
    return Record.objects.filter(pk__in=rows.exclude(pk__in=living).values("pk"))


# -- races -------------------------------------------------------------------------------------------------------------


def _races(actor: Actor) -> QuerySet[Record]:
    """The races with which the actor has something to do."""
    return Record.objects.filter(pk__in=_matters_of_races(actor))


def _matters_of_races(actor: Actor, _records: Sequence[Record] = ()) -> Mapping[int, Text]:
    """By race in words what is to be done, asked of all that run in one query: the next gate is held once its day has
    come, while a team still runs; a race in which none does and nothing is left to be paid is closed."""
    if not actor.is_officer:
        asked = RaceTest.objects.filter(held_on=None, entered_at=None).values("race")
        rows = tests_gate.among(actor, Race.objects.filter(inbox.at("race", ["running"]), pk__in=asked))
        return dict.fromkeys(rows.values_list("pk", flat=True), _("figures of a gate to be entered"))
    entered = RaceTest.objects.filter(race=OuterRef("pk"), held_on=None, entered_at__isnull=False)
    teams = RaceTeam.objects.filter(race=OuterRef("pk"))
    unpaid = Payment.objects.filter(source=Source.FISCAL, state__in=RESERVED).values("project")
    rows = decides_race.among(actor, Race.objects.filter(inbox.at("race", ["running"]))).annotate(
        held=Count("steps", filter=Q(steps__kind="gate")),
        entered=Exists(entered),
        runs=Exists(teams.exclude(project__record__phase__in=OVER)),
        owed=Exists(teams.filter(project__in=unpaid)),
    )
    found: dict[int, Text] = {}
    for race, gates, held, runs, owed, told in rows.values_list("pk", "gates", "held", "runs", "owed", "entered"):
        if runs and told:
            found[race] = _("figures of a gate to be confirmed")
        elif runs and held < len(gates) and gates[held] <= today().isoformat():
            found[race] = _("gate to be held")
        elif held and not runs and not owed:
            found[race] = _("race to be closed")
    return found
