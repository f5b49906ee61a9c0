"""A case of exemption: an event, its evidence collected, reviewed by those who did not decide, heard, found, told."""

from typing import Any

from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evidence.actions import Freeze
from kezhuan.areas.exemptions.checks import check_collected, check_decisions, check_finding, check_heard
from kezhuan.areas.exemptions.models import ExemptionCase
from kezhuan.areas.exemptions.papers import noticed, told_as_evidence
from kezhuan.areas.exemptions.permissions import examines
from kezhuan.areas.rights.lifecycle import refuse_votes, stop_notices
from kezhuan.kernel import audiences, clocks, rulebook
from kezhuan.kernel.access import Actor, Audiences, person_token
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.roles import PAPERS

KIND = "exemption"
HEARD = frozenset({"proposed", "found", "told"})
"""Stages in which whoever took part in the decisions reads the case, and is heard."""


def people_of(row: ExemptionCase) -> list[int]:
    """Those with an account here who took part in the decisions."""
    return [one for one in row.people.values_list("person", flat=True) if one is not None] if row.pk else []


def exemption_audience(row: ExemptionCase) -> Audiences:
    """The members of the unit who keep its papers; from the proposal on also those who took part. No officer, and no
    other member; of a discarded one nobody."""
    people = people_of(row) if row.record.stage in HEARD else ()
    return audiences.inside(row.record, PAPERS, map(person_token, people))


def refuse_own_votes(row: ExemptionCase, _actor: Actor) -> None:
    """Whoever took part in the decision does not decide on it; raises `Refused` where the minutes name them."""
    names = list(row.people.values_list("name", flat=True))
    refuse_votes(row, "find", names, _say("They took part in the decision: %(names)s. They do not attend."))


def cite(row: ExemptionCase, _actor: Actor) -> None:
    """The clause that was used stays with the case, whatever becomes of the rule."""
    if row.clause is not None:
        rulebook.stamp([(row.record, row.clause)])


EXEMPTION = Lifecycle(
    KIND,
    "EX",
    stages=(
        Stage("draft", Phase.DRAFT, _("event entered"), sealed=True),
        Stage("collecting", Phase.ACTIVE, _("evidence being collected")),
        Stage("reviewing", Phase.REVIEWING, _("reviewed by those who did not decide")),
        Stage("proposed", Phase.REVIEWING, _("finding proposed, those who took part are heard")),
        Stage("found", Phase.ACTIVE, _("found, to be told")),
        Stage("told", Phase.DONE, _("finding told")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "collect",
            _("Open the case"),
            source=frozenset({"draft"}),
            target="collecting",
            allowed=examines,
            checks=(check_decisions,),
            primary=True,
        ),
        discarding(examines),
        Move(
            "review",
            _("The evidence is collected"),
            source=frozenset({"collecting"}),
            target="reviewing",
            allowed=examines,
            checks=(check_decisions, check_collected),
            primary=True,
        ),
        Move(
            "propose",
            _("Propose the finding"),
            source=frozenset({"reviewing"}),
            target="proposed",
            allowed=examines,
            checks=(check_collected, check_finding),
            note="required",
            hint=_("Say the reasons. Those who took part read the case from now on, and are heard."),
            primary=True,
        ),
        Move(
            "reconsider",
            _("Collect more"),
            source=frozenset({"reviewing", "proposed"}),
            target="collecting",
            allowed=examines,
            note="required",
        ),
        Move(
            "find",
            _("Decide together on the finding"),
            source=frozenset({"proposed"}),
            target="found",
            allowed=examines,
            checks=(check_collected, check_finding, check_heard),
            then=(refuse_own_votes, cite, Freeze("find", told_as_evidence)),
            collective=True,
            primary=True,
        ),
        Move(
            "tell",
            _("The finding was told"),
            source=frozenset({"found"}),
            target="told",
            allowed=examines,
            notice=noticed,
            notice_title=_("Notice on {kind} “{subject}”: the finding"),
            note="optional",
            primary=True,
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=frozenset({"collecting", "reviewing", "proposed"}),
            target="withdrawn",
            allowed=examines,
            then=(stop_notices,),
            note="required",
            danger=True,
        ),
    ),
    audience=exemption_audience,
    then=(clocks.restart(lambda row: row.record.owner),),
    inner=True,
    named=people_of,
)


def heard_now(row: Any) -> bool:
    """Whether statements are taken now."""
    return bool(row.record.stage == "proposed")
