"""How an evaluation is graded: levels moved by linked evidence, and what those who evaluate find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import (
    HIGHEST_ADVANCEMENT,
    Evaluation,
    EvidenceSort,
    Innovation,
    LevelMove,
    ResultStanding,
    Value,
    WorkEvidence,
    WorkItem,
)
from kezhuan.areas.evaluations.permissions import evaluates, reports
from kezhuan.areas.evaluations.queries import AGENCY_REPORT, agency_report, leaves_of, problem_of
from kezhuan.engines import maturity
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import GROUPS, Actor, can_view, represents_owner
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.contents import SCANS
from kezhuan.kernel.documents import Upload, documents_of, keep_proof
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.text import clean, listed, today

AT_WORK = frozenset({"dossier", "project", "race", "contract", "agreement"})
LINKED = {
    EvidenceSort.CONTRACT: frozenset({"contract", "agreement"}),
    **dict.fromkeys((EvidenceSort.TEST, EvidenceSort.PROOF, EvidenceSort.PILOT), AT_WORK),
}
"""Kinds of record that are evidence of a sort: what the achievement claims of itself is none."""
HIGHEST_MARK = 10_000
"""100 points, in hundredths."""


@dataclass(frozen=True)
class EvidenceFacts:
    """What shows a level of an item: the file of the case (its hash) or the record (its code) that it is."""

    kind: str
    reference: str
    issuer: str
    on: date | None
    level: int | None
    file: str = ""
    code: str = ""


def _held_for_levels(actor: Actor, evaluation: Evaluation, code: str) -> tuple[Evaluation, WorkItem]:
    """The case and an item of it, held, if the actor says what is shown of it now: the unit while it is a draft, and
    those who evaluate while they do."""
    row: Evaluation = held(evaluation)
    inside, judging = represents_owner.test(actor, row), evaluates.test(actor, row)
    if not inside and (not judging or row.record.stage == "draft"):
        raise NotAllowed(_("Only the unit and those who evaluate link evidence."))
    if not ((inside and row.record.stage == "draft") or (judging and row.record.stage == "evaluating")):
        raise Conflict(_("Evidence is linked by the unit while it prepares the case, and by those who evaluate it."))
    item = row.items.filter(code=code).first()
    if item is None:
        raise Missing(code)
    if code not in leaves_of(row):
        message = _("There are items below it: its level follows from theirs.")
        raise Refused(Problem("level-above", message, "level"))
    return row, item


def link_evidence(
    *, actor: Actor, evaluation: Evaluation, item: str, facts: EvidenceFacts, moves: bool = False
) -> WorkEvidence:
    """Link what shows a level of an item; with `moves` the item's level moves there on that day. Raises `Missing`,
    `NotAllowed`, `Conflict`, or `Refused`."""
    with journal.writing():
        row, work = _held_for_levels(actor, evaluation, item)
        document, linked = _source(actor, row, facts)
        problems = [*_evidence_problems(row, work, facts), *_kind_problems(facts, linked)]
        if (document is None) == (linked is None):
            message = _(
                "Choose the file of this case, or name the record by its code, which it is: one of the two. A file is"
                " added to the case first."
            )
            problems.append(Problem("evidence-source", message, "file"))
        if problems or facts.on is None or facts.level is None:
            raise Refused(problems)
        made = WorkEvidence(
            item=work, kind=facts.kind, reference=clean(facts.reference), issuer=clean(facts.issuer), on=facts.on,
            level=facts.level, document=document, linked=linked,
        )  # fmt: skip
        require_fits(made)
        refuse_marked(made)
        made.save()
        if moves:
            _move(row, work, facts.level, facts.on, (made.reference,))
        touch(EVALUATION, row, actor=actor, fields=["evidence", *(["level"] if moves else [])])
    return made


def _source(actor: Actor, row: Evaluation, facts: EvidenceFacts) -> tuple[Document | None, Record | None]:
    document = documents_of(row.record, GROUPS).filter(stored=facts.file).first() if facts.file else None
    linked = Record.objects.filter(code=clean(facts.code).upper()).first() if clean(facts.code) else None
    return document, linked if linked is not None and linked.pk != row.pk and can_view(actor, linked) else None


def _kind_problems(facts: EvidenceFacts, linked: Record | None) -> Sequence[Problem]:
    """A record shows a level only where it is of a kind that is such evidence."""
    kinds = LINKED.get(EvidenceSort(facts.kind)) if facts.kind in EvidenceSort.values else None
    if linked is None or kinds is None or linked.kind in kinds:
        return []
    message = _(
        "A record of this kind is no %(kind)s: name one of these, or add the report as a file of the case: %(kinds)s."
    )
    told = listed(sorted(str(registry.kind_of(one).label) for one in kinds))
    return [Problem("evidence-kind", message % {"kind": EvidenceSort(facts.kind).label, "kinds": told}, "code")]


def _evidence_problems(row: Evaluation, item: WorkItem, facts: EvidenceFacts) -> Sequence[Problem]:
    found = []
    scale = maturity.scales()[row.scale]
    if facts.kind not in EvidenceSort.values:
        found.append(Problem("choice-unknown", _("Choose from the list."), "kind"))
    for name, text in (("reference", facts.reference), ("issuer", facts.issuer)):
        if not clean(text):
            message = _("Give the number of the report or contract, and who issued it.")
            found.append(Problem("evidence-reference", message, name))
    if item.evidence.filter(reference=clean(facts.reference)).exists():
        message = _("This item has evidence of that number already.")
        found.append(Problem("evidence-twice", message, "reference"))
    if facts.on is None or facts.on > today():
        found.append(Problem("day-later", _("Give the day of the evidence: today or earlier."), "on"))
    if facts.level is None or not scale.holds(facts.level):
        message = _("The level lies between 1 and %(most)s on this scale.")
        found.append(Problem("level-range", message % {"most": scale.highest}, "level"))
    return found


def move_level(
    *, actor: Actor, evaluation: Evaluation, item: str, level: int | None, on: date | None, evidence: Sequence[str]
) -> WorkItem:
    """Move an item's level on a day by evidence of these references, which shows it and moved nothing before. Raises
    `Missing`, `NotAllowed`, `Conflict`, or `Refused`."""
    with journal.writing():
        row, work = _held_for_levels(actor, evaluation, item)
        if level is None or on is None or on > today():
            message = _("Give the level, and the day from which it holds: today or earlier.")
            raise Refused(Problem("level-move", message, "level" if level is None else "on"))
        _move(row, work, level, on, [clean(one) for one in evidence])
        touch(EVALUATION, row, actor=actor, fields=["level"])
    return work


def _move(row: Evaluation, work: WorkItem, level: int, on: date, evidence: Sequence[str]) -> None:
    """What the engine of maturity says of moves holds here too."""
    known = [
        maturity.Evidence(one.reference, one.kind, work.code, row.scale, one.level, one.on)
        for one in work.evidence.all()
    ]
    moved = list(work.moves.all())
    move = maturity.Move(work.code, row.scale, work.level, level, on, tuple(evidence))
    used = [reference for one in moved for reference in one.evidence]
    problems = [problem_of(one) for one in maturity.refused_move(move, known, used)]
    if moved and on < moved[-1].on:
        message = _("Its level moved on %(day)s already: give that day or a later one.")
        problems.append(Problem("level-order", message % {"day": moved[-1].on.isoformat()}, "on"))
    if problems:
        raise Refused(problems)
    LevelMove.objects.create(item=work, before=work.level, after=level, on=on, evidence=list(move.evidence))
    work.level = level
    work.save(update_fields=["level"])


# -- findings ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Findings:
    """What those who evaluate find; marks by value, in hundredths of a point."""

    conclusion: str
    limits: str
    valid_to: date | None
    innovation: int | None = None
    advancement: int | None = None
    standing: str = ""
    marks: Mapping[str, int] | None = None
    marks_why: str = ""
    chair: str = ""


def check_marks(facts: Findings) -> list[Problem]:
    """What is wrong with findings even before the report is complete."""
    found = []
    if facts.innovation is not None and facts.innovation not in Innovation.values:
        found.append(Problem("choice-unknown", _("Choose from the list."), "innovation"))
    if facts.advancement is not None and not 1 <= facts.advancement <= HIGHEST_ADVANCEMENT:
        message = _("The grade of advancement lies between 1 and %(most)s.")
        found.append(Problem("evaluation-advancement", message % {"most": HIGHEST_ADVANCEMENT}, "advancement"))
    if facts.standing not in {"", *ResultStanding.values}:
        found.append(Problem("choice-unknown", _("Choose from the list."), "standing"))
    for name, mark in (facts.marks or {}).items():
        if name not in Value.values or not 0 <= mark <= HIGHEST_MARK:
            found.append(Problem("evaluation-mark", _("A mark lies between 0 and 100."), f"mark_{name}"))
    return found


def enter_findings(
    *, actor: Actor, evaluation: Evaluation, facts: Findings, expected_version: int | None = None
) -> Evaluation:
    """Enter what was found, before the report is delivered. Raises `NotAllowed`, `Refused` or `Conflict`."""
    with journal.writing():
        row: Evaluation = held(evaluation)
        if not evaluates.test(actor, row):
            raise NotAllowed(_("Only those who evaluate enter what was found."))
        if row.record.stage != "evaluating":
            raise Conflict(_("Findings are entered while the case is evaluated."))
        problems = check_marks(facts)
        if facts.advancement is not None and not row.metrics.exists():
            message = _("A grade of advancement rests on metrics: the case has none.")
            problems.append(Problem("evaluation-advancement", message, "advancement"))
        elif facts.advancement == HIGHEST_ADVANCEMENT and not any(one.is_better for one in row.metrics.all()):
            message = _("Grade %(most)s says better than the best there is: no metric of the case is better.")
            found = Problem("evaluation-advancement", message % {"most": HIGHEST_ADVANCEMENT}, "advancement")
            problems.append(found)
        if problems:
            raise Refused(problems)
        values = {
            "innovation": facts.innovation, "advancement": facts.advancement, "standing": facts.standing,
            "marks": dict(sorted((facts.marks or {}).items())), "chair": clean(facts.chair),
            "marks_why": clean(facts.marks_why),
            "conclusion": clean(facts.conclusion), "limits": clean(facts.limits), "valid_to": facts.valid_to,
        }  # fmt: skip
        changed = set_columns(row, values)
        require_fits(row)
        row.save(update_fields=list(values))
        touch(EVALUATION, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def keep_agency_report(*, actor: Actor, evaluation: Evaluation, file: Upload | None) -> Evaluation:
    """Keep the agency's signed report, which nobody takes back: its hash stands in the report that is delivered.
    Raises `NotAllowed`, `Refused` or `Conflict`."""
    if file is None:
        raise Refused(Problem("evaluation-agency-report", _("Add the file of the report."), "file"))
    with journal.writing():
        row: Evaluation = held(evaluation)
        if not reports.test(actor, row):
            raise NotAllowed(_("Only the agency that the unit has chosen adds its report."))
        if row.record.stage != "evaluating":
            raise Conflict(_("The report is added while the case is evaluated."))
        kept = keep_proof(actor=actor, record=row.record, upload=file, kind=AGENCY_REPORT, types=SCANS)
        if kept != agency_report(row):  # one of before an appeal, or before a newer one
            message = _("This file is there already, as “%(name)s”.") % {"name": kept.name}
            raise Refused(Problem("file-held", message, "file"))
        touch(EVALUATION, row, actor=actor, fields=["documents"])
    return row
