"""A race runs from gate to gate, and is over once what is left of its money is freed."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.permissions import list_readers
from kezhuan.areas.projects.checks import check_nothing_waits, check_unstarted
from kezhuan.areas.projects.following_actions import note_decision
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Race
from kezhuan.areas.projects.permissions import PROGRAMME, decides_race
from kezhuan.areas.projects.race_step_actions import append_step
from kezhuan.areas.projects.racing import state_of
from kezhuan.kernel.access import Actor, Audiences, officer_tokens, organisation_token
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage, hold_records, touch
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase

RACE_KIND = "race"


def race_audience(row: Race) -> Audiences:
    """Everybody who reads the list of the call sees which teams run, and who was asked to test at a gate that there is
    the race; figures and money the teams, the poster and the officers in charge read: all the same."""
    if row.record.stage == "void":
        return Audiences.nested()
    readers = list_readers(row.item.call)
    units = {*filter(None, (row.item.poster_id,)), *row.teams.values_list("project__leader", flat=True)}
    return Audiences.nested(
        title=readers | set(map(organisation_token, row.tests.values_list("tester", flat=True))),
        public=readers,
        full={organisation_token(one) for one in units},
        inner=officer_tokens(row.region, PROGRAMME),
    )


def _wind_up(row: Race, actor: Actor) -> None:
    """What is kept is freed, unless a gate that nobody passed has freed it already."""
    if not state_of(row).over:
        append_step(row, "wind-up", {}, actor=actor)
    for team in row.teams.select_related("project"):
        note_decision(team.project, actor, "wind-up", raced=True)


def _forget(row: Race, actor: Actor) -> None:
    """Its projects run alone again, with the whole of their awards; none is filed meanwhile."""
    hold_records(Record.objects.filter(project__race_team__race=row.pk))
    if problems := list(check_unstarted(row)):
        raise Refused(problems)
    for team in row.teams.select_related("project__application", "project__record"):
        project = team.project
        project.fiscal_fen = project.application.award_fen or 0
        project.save(update_fields=["fiscal_fen"])
        note_decision(project, actor, "race-void", raced=True)
        touch(PROJECT, project, actor=actor, fields=["fiscal_fen"])
    row.teams.all().delete()


RACE = Lifecycle(
    RACE_KIND,
    "M",
    stages=(
        Stage("running", Phase.ACTIVE, _("racing")),
        Stage("over", Phase.DONE, _("race over")),
        Stage("void", Phase.VOID, _("void")),
    ),
    moves=(
        Move(
            "wind-up",
            _("Close the race"),
            source=frozenset({"running"}),
            target="over",
            allowed=decides_race,
            checks=(check_nothing_waits,),
            then=(_wind_up,),
            hint=_("What is kept for those who go on is freed, and no gate is held any more."),
        ),
        Move(
            "void",
            _("Declare void"),
            source=frozenset({"running"}),
            target="void",
            allowed=decides_race,
            checks=(check_unstarted,),
            then=(_forget,),
            note="required",
            hint=_("Only for what was entered here by mistake."),
            danger=True,
        ),
    ),
    audience=race_audience,
)
