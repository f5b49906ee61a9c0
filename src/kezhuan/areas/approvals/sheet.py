"""呈批表: one approval with all its opinions as the rows of a sheet, for the printed page and for Word templates."""

from dataclasses import dataclass
from datetime import date

from kezhuan.kernel import registry
from kezhuan.kernel.approvals import StepTold, steps_told
from kezhuan.kernel.errors import Text
from kezhuan.kernel.history import asker_name, signer_name
from kezhuan.kernel.models import Approval
from kezhuan.kernel.models.approvals import Outcome, StepMode


@dataclass(frozen=True)
class SheetRow:
    """One step: the post and its office, who closed it and how, on which day, with which opinion.

    Of a meeting: its name, the number of its minutes, who attended and who was recused.
    """

    post: str
    office: str
    mode: Text
    outcome: Text
    signer: str
    signed_on: date | None
    opinion: str
    meeting: str = ""
    minutes_no: str = ""
    attended: tuple[str, ...] = ()
    recused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """What stands on the sheet; `content_hash` is the SHA-256 of what was approved."""

    code: str
    title: str
    stage: Text
    office: str
    asked_by: str
    asked_on: date
    kind: Text
    about_code: str
    about_title: str
    move: Text
    reason: Text
    note: str
    considered: str
    document_no: str
    content_hash: str
    rows: tuple[SheetRow, ...]


def sheet_of(approval: Approval) -> Sheet:
    """The sheet of an approval, for a reader who may see it; words of the program in the language of the moment."""
    record, about = approval.record, approval.about
    kind = registry.kind_of(about)
    move = kind.lifecycle.moves[approval.move]
    return Sheet(
        code=record.code,
        title=record.title,
        stage=registry.kind_of(record).lifecycle.stages[record.stage].label,
        office=approval.office.record.title,
        asked_by=asker_name(approval),
        asked_on=record.opened_on,
        kind=kind.label,
        about_code=about.code,
        about_title=about.title,
        move=move.label,
        reason=dict(move.reasons).get(approval.reason, approval.reason),
        note=approval.note,
        considered=approval.considered,
        document_no=approval.document_no,
        content_hash=approval.content_hash,
        rows=tuple(_row(told) for told in steps_told(approval)),
    )


def _row(told: StepTold) -> SheetRow:
    step = told.step
    return SheetRow(
        post=step.post.name,
        office=step.post.organisation.record.title,
        mode=StepMode(step.mode).label,
        outcome=Outcome(step.outcome).label if step.outcome else "",
        signer=signer_name(step),
        signed_on=step.signed_on,
        opinion=told.opinion,
        meeting=step.meeting,
        minutes_no=step.minutes_no,
        attended=tuple(step.attended),
        recused=tuple(step.recused),
    )
