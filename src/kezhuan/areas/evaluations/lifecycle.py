"""An evaluation is prepared inside its unit, handed in, judged, and ends in a report of which nothing changes."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evaluations.checks import (
    check_agency,
    check_agency_report,
    check_findings,
    check_heard,
    check_material,
    check_no_panel,
    check_novelty,
    check_once,
    least_experts,
)
from kezhuan.areas.evaluations.models import BY_EXPERTS, Evaluation
from kezhuan.areas.evaluations.papers import code_on_report, report_number, report_of, wording_of
from kezhuan.areas.evaluations.permissions import KIND, evaluates, is_numbered
from kezhuan.areas.evaluations.queries import weights_of, whole_of
from kezhuan.areas.filings.actions import file_record
from kezhuan.kernel import audiences, clocks, rulebook
from kezhuan.kernel.access import (
    GROUPS,
    Actor,
    Audiences,
    organisation_token,
    region_of,
    represents_owner,
)
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import now, today


def evaluation_audience(row: Evaluation) -> Audiences:
    """A draft is its unit's; what is handed in, its evaluators' too. Nobody else reads any of it: a report is shown to
    whoever has its number and code. With an agency the evaluators are its members, and no officer."""
    owner, record = row.record.owner_id, row.record
    own = frozenset({organisation_token(owner)} if owner else ())
    if row.agency_id is None or record.stage == DISCARDED or record.phase == Phase.DRAFT:
        return audiences.handed_in(row, own)
    return Audiences.nested(full=own | {organisation_token(row.agency_id)}, inner=own)


# -- what follows a move -----------------------------------------------------------------------------------------------


def hand_in(row: Evaluation, actor: Actor) -> None:
    """The unit files the case as it stands, with its files, to the evaluators: that is what is judged. To an agency of
    its choice it files nothing with the bureau."""
    if row.agency_id is not None:
        return
    files = documents_of(row.record, GROUPS).values_list("pk", flat=True)
    file_record(actor=actor, row=row, region=region_of(row), programme=KIND, files=list(files))


def accept(row: Evaluation, _actor: Actor) -> None:
    """From now on a panel may judge, and none from before counts."""
    row.accepted_at = now()
    row.save(update_fields=["accepted_at"])


def deliver(row: Evaluation, _actor: Actor) -> None:
    """The report is frozen with its hash, and with it the maturity of the whole; the rule values used are noted."""
    whole = whole_of(row)[0]
    row.level = whole.level if whole is not None else None
    row.delivered_on = today()
    row.report = [list(one) for one in report_of(row, today())]
    row.wording = wording_of(row.report)
    row.save(update_fields=["level", "delivered_on", "report", "wording"])
    used = list(weights_of(row).values())
    if row.method in BY_EXPERTS:
        least = rulebook.rule_or_none(least_experts(row.method), on=today(), jurisdiction=region_of(row))
        used += [least] if least is not None else []
    rulebook.stamp((row.record, one) for one in used)


def set_aside(row: Evaluation, _actor: Actor) -> None:
    """The report holds no more: whoever checks it is told so. Another panel judges."""
    row.earlier = [*row.earlier, [report_number(row), code_on_report(row)]]
    row.report, row.wording, row.delivered_on, row.level = [], "", None, None
    row.accepted_at = now()
    row.save(update_fields=["earlier", "report", "wording", "delivered_on", "level", "accepted_at"])


_BEFORE = frozenset({"submitted", "evaluating"})

EVALUATION = Lifecycle(
    KIND,
    "Y",
    stages=(
        Stage("draft", Phase.DRAFT, _("draft")),
        Stage("submitted", Phase.SUBMITTED, _("handed in")),
        Stage("evaluating", Phase.REVIEWING, _("being evaluated")),
        Stage("delivered", Phase.ACTIVE, _("report delivered")),
        Stage("registered", Phase.DONE, _("registered")),
        Stage("rejected", Phase.FAILED, _("not evaluated")),
        Stage("withdrawn", Phase.WITHDRAWN, _("withdrawn")),
        Stage(DISCARDED, Phase.VOID, _("discarded")),
    ),
    moves=(
        Move(
            "submit",
            _("Hand in for evaluation"),
            source=frozenset({"draft"}),
            target="submitted",
            allowed=represents_owner,
            checks=(check_material, check_novelty, check_agency),
            then=(hand_in,),
            hint=_("The officers in charge of evaluations read the case and its files from now on."),
            primary=True,
        ),
        discarding(represents_owner),
        Move(
            "return",
            _("Return to the unit"),
            source=_BEFORE,
            target="draft",
            allowed=evaluates,
            checks=(check_no_panel,),
            note="required",
            hint=_("Say what is missing; handed in again, it is filed anew."),
        ),
        Move(
            "reject",
            _("Do not evaluate"),
            source=_BEFORE,
            target="rejected",
            allowed=evaluates,
            checks=(check_no_panel,),
            note="required",
            danger=True,
        ),
        Move(
            "accept",
            _("Accept for evaluation"),
            source=frozenset({"submitted"}),
            target="evaluating",
            allowed=evaluates,
            checks=(check_material, check_novelty),
            then=(accept,),
            primary=True,
        ),
        Move(
            "deliver",
            _("Deliver the report"),
            source=frozenset({"evaluating"}),
            target="delivered",
            allowed=evaluates,
            checks=(
                check_no_panel,
                check_material,
                check_novelty,
                check_heard,
                check_findings,
                check_agency_report,
            ),
            then=(deliver,),
            hint=_("The report is locked by its hash: nothing of it changes afterwards."),
            primary=True,
        ),
        Move(
            "appeal",
            _("Appeal: have it judged anew"),
            source=frozenset({"delivered"}),
            target="evaluating",
            allowed=represents_owner,
            checks=(check_once,),
            then=(set_aside,),
            note="required",
            hint=_("Once. The report holds no more, and another panel judges."),
            danger=True,
        ),
        Move(
            "register",
            _("Registered at the registry"),
            source=frozenset({"delivered"}),
            target="registered",
            allowed=represents_owner & is_numbered,
        ),
        Move(
            "withdraw",
            _("Withdraw"),
            source=_BEFORE,
            target="withdrawn",
            allowed=represents_owner,
            checks=(check_no_panel,),
            note="required",
            danger=True,
        ),
    ),
    audience=evaluation_audience,
    then=(clocks.restart(lambda row: row.agency, as_a_rule=True),),
)
