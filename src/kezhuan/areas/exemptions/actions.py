"""What is done with cases of exemption: begun, given evidence files, conditions, a finding and statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.evidence.actions import EVIDENCE, told_in
from kezhuan.areas.exemptions.lifecycle import EXEMPTION, heard_now
from kezhuan.areas.exemptions.models import (
    DiligenceDuty,
    DutyState,
    ExemptionBar,
    ExemptionCase,
    ExemptionCondition,
    ExemptionDecision,
    ExemptionEvent,
    ExemptionFinding,
    ExemptionPerson,
)
from kezhuan.areas.exemptions.permissions import examines, is_self
from kezhuan.areas.exemptions.queries import clauses_for, evidence_for, shown_by, took_part_in
from kezhuan.areas.rights.permissions import keeps_for
from kezhuan.engines.money import MOST_FEN
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.documents import Upload, is_attachment, keep_document, read_document
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Document, Organisation
from kezhuan.kernel.text import SHANGHAI, clean, today

MOST_DECISIONS = 20
PROOF = "exemption-proof"
"""The kind of a document that shows a condition."""


@dataclass(frozen=True)
class CaseFacts:
    """What is entered of a case; the loss in 分, None while nobody has worked it out. `decisions` are the SHA-256 of
    evidence files, taken when it is begun; others are added later."""

    title: str
    event: str
    event_on: date | None
    source: str
    loss_fen: int | None = None
    summary: str = ""
    decisions: Sequence[str] = ()


def not_allowed() -> NotAllowed:
    """Whoever does not keep the unit's papers, or took part in a decision."""
    return NotAllowed(_("Only members who keep the unit's papers and took no part in the decision examine it."))


def check_facts(facts: CaseFacts) -> list[Problem]:
    """What cannot even be kept as a draft."""
    found = []
    if not 2 <= len(clean(facts.title)) <= 200:
        found.append(Problem("title-length", _("Give a title of 2 to 200 characters."), "title"))
    if facts.event not in ExemptionEvent.values:
        found.append(Problem("choice-unknown", _("Choose from the list."), "event"))
    if facts.event_on is None or facts.event_on > today():
        found.append(Problem("exemption-day", _("Give the day of the event, today or before."), "event_on"))
    if not 2 <= len(clean(facts.source)) <= 300:
        message = _("Say who found or told it, and by which paper, in 2 to 300 characters.")
        found.append(Problem("exemption-source", message, "source"))
    if facts.loss_fen is not None and not 0 <= facts.loss_fen <= MOST_FEN:
        found.append(Problem("exemption-loss", _("A loss is not below zero; leave it empty while unknown."), "loss"))
    return found


def _columns(facts: CaseFacts) -> dict[str, Any]:
    return {
        "event": facts.event,
        "event_on": facts.event_on,
        "source": clean(facts.source),
        "loss_fen": facts.loss_fen,
    }


def begin_case(*, actor: Actor, owner: Organisation, facts: CaseFacts) -> ExemptionCase:
    """Enter an event, with the evidence files of the decisions that it is about. Raises `NotAllowed` or `Refused`: also
    where the actor took part in one of them."""
    if not keeps_for(actor, owner.pk):
        raise not_allowed()
    if problems := check_facts(facts):
        raise Refused(problems)
    with journal.writing():
        row: ExemptionCase = open_record(
            EXEMPTION,
            lambda record: ExemptionCase(record=record, **_columns(facts)),
            actor=actor,
            title=facts.title,
            summary=facts.summary,
            owner=owner,
            contact=actor.person,
        )
        ExemptionCondition.objects.bulk_create([ExemptionCondition(case=row, duty=one) for one in DiligenceDuty.values])
        for sha256 in dict.fromkeys(facts.decisions):
            row = attach_decision(actor=actor, row=row, sha256=sha256)
    return row


def edit_case(*, actor: Actor, row: ExemptionCase, facts: CaseFacts, expected_version: int) -> ExemptionCase:
    """Change what was entered of a draft or of a case whose evidence is collected. Raises `NotAllowed`, `Refused`, or
    `Conflict` when somebody changed it meanwhile."""
    if problems := check_facts(facts):
        raise Refused(problems)
    with journal.writing():
        found = _held(actor, row, "draft", "collecting")
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        changed = [*set_columns(found.record, texts), *set_columns(found, _columns(facts))]
        require_fits(found.record, found)
        found.record.save(update_fields=list(texts))
        found.save()
        touch(EXEMPTION, found, actor=actor, fields=changed, expected_version=expected_version)
    return found


def _held(actor: Actor, row: ExemptionCase, *stages: str) -> ExemptionCase:
    found: ExemptionCase = held(row)
    if not examines.test(actor, found):
        raise not_allowed()
    if found.record.stage not in stages:
        raise Conflict(_("The case does not stand where this is entered."))
    return found


# -- decisions and who took part ---------------------------------------------------------------------------------------


def attach_decision(*, actor: Actor, row: ExemptionCase, sha256: str) -> ExemptionCase:
    """Attach the evidence file of a decision that the actor may read, as a copy of the same bytes; note who took part,
    and the conditions that the file itself shows. Raises `NotAllowed`, `Refused` or `Conflict`."""
    with journal.writing():
        found = _held(actor, row, "draft", "collecting")
        file = next(iter(evidence_for(actor, sha256=clean(sha256).lower())), None)
        if file is None:
            message = _("Choose an evidence file of the unit that you may read.")
            raise Refused(Problem("exemption-file", message, "decisions"))
        if found.decisions.filter(document__stored=file.sha256).exists():
            raise Refused(Problem("exemption-twice", _("This decision is attached already."), "decisions"))
        if found.decisions.count() >= MOST_DECISIONS:
            message = _("A case is about %(most)s decisions at most.") % {"most": MOST_DECISIONS}
            raise Refused(Problem("exemption-many", message, "decisions"))
        told, about = told_in(file), registry.row_of(file.record)
        _note_people(found, actor, file, told, getattr(about, "achievement_id", None))
        copy = keep_document(
            actor=actor, record=found.record, upload=Upload(file.name, read_document(file), True), kind=EVIDENCE,
            group="inner",
        )  # fmt: skip
        ExemptionDecision.objects.create(
            case=found,
            number=found.decisions.count() + 1,
            about=file.record,
            achievement_id=getattr(about, "achievement_id", None),
            move=told["move"],
            decided_on=datetime.fromisoformat(told["at"]).astimezone(SHANGHAI).date(),
            document=copy,
        )
        for duty, part in shown_by(told).items():
            found.conditions.filter(duty=duty, holds="").update(holds=DutyState.FOUND, document=copy, part=part)
        touch(EXEMPTION, found, actor=actor, fields=["decisions"])
    return found


def _note_people(row: ExemptionCase, actor: Actor, file: Document, told: dict[str, Any], about: int | None) -> None:
    known = list(row.people.all())
    people, names = {one.person_id for one in known if one.person_id}, {one.name for one in known}
    number = len(known)
    own = {one.pk for one in (actor.person, actor.represented) if one is not None}
    for name, person, part in took_part_in(file, told, about):
        if person is not None and person.pk in own:
            raise Refused(Problem("exemption-own", str(not_allowed()), "decisions"))
        if person.pk in people if person is not None else name in names:
            continue
        number += 1
        ExemptionPerson.objects.create(case=row, number=number, name=name[:80], person=person, part=part)


# -- conditions, finding, statements -----------------------------------------------------------------------------------


def note_condition(
    *,
    actor: Actor,
    row: ExemptionCase,
    duty: str,
    holds: str,
    note: str = "",
    document: Document | None = None,
    file: Upload | None = None,
    expected_version: int | None = None,
) -> ExemptionCase:
    """Say whether a condition was met: found in a file of the case or in a new one, else why not. Raises `Missing`,
    `NotAllowed`, `Refused` or `Conflict`."""
    problems = []
    if holds not in DutyState.values:
        problems.append(Problem("choice-unknown", _("Choose from the list."), "holds"))
    elif holds == DutyState.FOUND and document is None and file is None:
        message = _("Name the file of this case that shows it, or add one.")
        problems.append(Problem("exemption-proof", message, "document"))
    elif holds != DutyState.FOUND and len(clean(note)) < 2:
        problems.append(Problem("exemption-note", _("Say why it is missing, or not asked of this decision."), "note"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        found = _held(actor, row, "draft", "collecting")
        condition = found.conditions.filter(duty=duty).first()
        if condition is None:
            raise Missing(duty)
        if file is not None and holds == DutyState.FOUND:
            document = keep_document(actor=actor, record=found.record, upload=file, kind=PROOF, group="inner")
        condition.holds, condition.note = holds, clean(note)
        condition.document = _proof(found, document) if holds == DutyState.FOUND and document is not None else None
        condition.part = _part_of(condition) if condition.document is not None else ""
        require_fits(condition)
        refuse_marked(condition)
        condition.save()
        touch(EXEMPTION, found, actor=actor, fields=["conditions"], expected_version=expected_version)
    return found


def _proof(row: ExemptionCase, document: Document) -> Document:
    """The file of the case, which nobody takes back any more. Raises `Refused` for one that is not of the case."""
    held = Document.objects.select_for_update().filter(pk=document.pk, record=row.pk, withdrawn_at=None).first()
    if held is None:
        raise Refused(
            Problem("exemption-proof", _("Name the file of this case that shows it, or add one."), "document")
        )
    if is_attachment(held):
        held.kind = PROOF
        held.save(update_fields=["kind"])
    return held


def _part_of(condition: ExemptionCondition) -> str:
    """Of an evidence file the part that shows the condition by itself."""
    document = condition.document
    if document is None or document.kind != EVIDENCE:
        return ""
    return shown_by(told_in(document)).get(DiligenceDuty(condition.duty), "")


def enter_finding(
    *,
    actor: Actor,
    row: ExemptionCase,
    finding: str,
    ground: str = "",
    bars: Sequence[str] = (),
    expected_version: int | None = None,
) -> ExemptionCase:
    """Enter what is proposed: the finding, the ground whose clause is cited (as it was in force on the day of the first
    decision), and what bars the exemption. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if finding not in ExemptionFinding.values or any(one not in ExemptionBar.values for one in bars):
        raise Refused(Problem("choice-unknown", _("Choose from the list."), "finding"))
    with journal.writing():
        found = _held(actor, row, "reviewing")
        clause = {str(one): rule for one, rule in clauses_for(found).items()}.get(ground)
        if ground and clause is None:
            message = _("No rule value lets this ground exempt here on the day of the decision.")
            raise Refused(Problem("exemption-clause", message, "ground"))
        columns = {"finding": finding, "clause": clause, "bars": list(dict.fromkeys(bars))}
        changed = set_columns(found, columns)
        found.save(update_fields=list(columns))
        touch(EXEMPTION, found, actor=actor, fields=changed, expected_version=expected_version)
    return found


def state(*, actor: Actor, row: ExemptionCase, number: int, text: str) -> ExemptionCase:
    """Take down what somebody who took part says: in their own name, or by who examines the case, on paper. Raises
    `Missing`, `NotAllowed`, `Refused` or `Conflict`."""
    if len(clean(text)) < 2:
        raise Refused(Problem("exemption-statement", _("Write the statement, or that none is made."), "text"))
    with journal.writing():
        found: ExemptionCase = held(row)
        person = found.people.filter(number=number).first()
        if person is None:
            raise Missing(str(number))
        own = is_self(actor, person)
        if not own and not examines.test(actor, found):
            raise not_allowed()
        if not heard_now(found):
            raise Conflict(_("Statements are taken while a finding is proposed."))
        if not own and person.said_it_themselves:
            message = _("%(name)s has made a statement already; nobody enters another in its place.")
            raise Conflict(message % {"name": person.name})
        person.statement, person.stated_on, person.on_paper = clean(text), today(), not own
        require_fits(person)
        refuse_marked(person)
        person.save(update_fields=["statement", "stated_on", "on_paper"])
        touch(EXEMPTION, found, actor=actor, fields=["people"])
    return found
