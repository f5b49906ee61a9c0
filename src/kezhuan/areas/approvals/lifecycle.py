"""An approval goes through its steps until its move is taken, or is returned, withdrawn, or overtaken by a change."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.approvals.permissions import looks_after, open_steps_of, signs_now
from kezhuan.areas.approvals.waiting_actions import tell_asker
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, Audiences, is_system, organisation_token
from kezhuan.kernel.approvals import COMPLETED, KIND, RUNNING
from kezhuan.kernel.inspecting import BUREAU, inspectors_of
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Approval, ApprovalStep, Clock, Organisation
from kezhuan.kernel.models.approvals import Bar, Outcome
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now, today


def approval_audience(row: Approval) -> Audiences:
    """The office that asks, and the offices whose posts are on the way: never whose own matter it is, unless the route
    is the unit's own. And whoever inspects the record it is about, as far as the side that admitted them sees it."""
    offices = set(ApprovalStep.objects.filter(approval=row).values_list("post__organisation", flat=True))
    own = set(row.bars.filter(why=Bar.OWN).values_list("party", flat=True))
    readers = {*(offices - own), row.office_id}
    return Audiences.nested(inner={*map(organisation_token, readers), *_inspectors(row, readers)})


def _inspectors(row: Approval, readers: set[int]) -> Iterator[str]:
    about = row.about
    if registry.kind_of(about).lifecycle.stages[about.stage].sealed or not (held := inspectors_of(about)):
        return
    bureau = Organisation.objects.filter(pk__in=readers, kind=OrganisationKind.GOVERNMENT).exists()
    for side, token in held:
        if bureau if side == BUREAU else about.owner_id in readers:
            yield token


def close_returned(row: Approval, actor: Actor) -> None:
    """The step in whose name it is returned ends with that."""
    own = open_steps_of(actor).filter(approval=row).order_by("position", "pk").values_list("pk", flat=True)
    ApprovalStep.objects.filter(pk__in=list(own[:1])).update(
        closed_at=now(), outcome=Outcome.RETURNED, signer=actor.person, signed_for=actor.represented, signed_on=today()
    )


def wait_no_more(row: Approval, actor: Actor) -> None:
    """At its end nobody is waited for any more, and whoever asked is told."""
    if row.record.stage == RUNNING:
        return
    ApprovalStep.objects.filter(approval=row, closed_at=None).update(opened_on=None)
    Clock.objects.filter(record=row.record, ended_on=None).update(ended_on=today())
    if actor.person is None or actor.person.pk != row.asked_by_id:
        tell_asker(row)


APPROVAL = Lifecycle(
    KIND,
    "S",
    stages=(
        Stage(RUNNING, Phase.REVIEWING, _("on its way")),
        Stage(COMPLETED, Phase.DONE, _("approved")),
        Stage("returned", Phase.FAILED, _("returned")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage("overtaken", Phase.FAILED, _("overtaken by a change")),
    ),
    moves=(
        Move(
            "complete",
            _("Approve"),
            source=frozenset({RUNNING}),
            target=COMPLETED,
            allowed=is_system,
        ),
        Move(
            "return",
            _("Return with opinion"),
            source=frozenset({RUNNING}),
            target="returned",
            allowed=signs_now,
            then=(close_returned,),
            note="required",
            hint=_("It goes back to the office that asked; the applicant does not read the opinion."),
        ),
        Move(
            "withdraw",
            _("Withdraw the approval"),
            source=frozenset({RUNNING}),
            target="withdrawn",
            allowed=looks_after,
            note="optional",
            danger=True,
        ),
        Move(
            "overtake",
            _("End: the record has changed"),
            source=frozenset({RUNNING}),
            target="overtaken",
            allowed=is_system,
        ),
    ),
    audience=approval_audience,
    then=(wait_no_more,),
)
