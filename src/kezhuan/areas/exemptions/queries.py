"""Cases of exemption as readers see them, the evidence files they are made of, and who took part in a decision."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from kezhuan.areas.achievements.models import Completer
from kezhuan.areas.evidence.actions import EVIDENCE
from kezhuan.areas.exemptions.models import DecisionPart, DiligenceDuty, ExemptionCase, ExemptionGround
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, can_view, region_of, visible_to
from kezhuan.kernel.approvals import COMPLETED
from kezhuan.kernel.models import Approval, ApprovalStep, Document, Membership, Person, RuleValue
from kezhuan.kernel.rulebook import rule_or_none

TOLD = ("record__owner__record", "clause")
MOST_FILES = 500
GROUNDS = {
    ExemptionGround.PRICE: frozenset({DecisionPart.LEADER, DecisionPart.MANAGER}),
    ExemptionGround.RETURN: frozenset({DecisionPart.LEADER, DecisionPart.MANAGER}),
    ExemptionGround.PILOT: frozenset({DecisionPart.LEADER, DecisionPart.MANAGER}),
    ExemptionGround.NO_VALUATION: frozenset({DecisionPart.LEADER, DecisionPart.MANAGER}),
    ExemptionGround.FIRM_FAILED: frozenset({DecisionPart.LEADER, DecisionPart.MANAGER}),
    ExemptionGround.RELATED: frozenset({DecisionPart.LEADER, DecisionPart.MANAGER}),
    ExemptionGround.RESEARCH: frozenset({DecisionPart.RESEARCHER}),
}
"""Whom each ground exempts."""


def ground_rule(ground: str) -> str:
    """The code of the rule value that says whether a ground exempts at a place (1) or not (0), and by which clause."""
    return f"exemption.ground.{ground}"


def cases_visible_to(actor: Actor) -> QuerySet[ExemptionCase]:
    """Cases that the actor may see, with what a list shows."""
    return visible_to(actor, ExemptionCase.objects.select_related(*TOLD))


def case_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Cases as search reads them, for the few who read them."""
    rows = ExemptionCase.objects.filter(pk__in=ids).select_related("record").prefetch_related("decisions__about")
    for row in rows:
        codes = " ".join(one.about.code for one in row.decisions.all())
        text = f"{row.record.summary}\n{row.source}\n{codes}"
        yield from search.by_group(row.record, public_text=text, facets={"sort": row.event})


def evidence_for(actor: Actor, about: str = "", *, sha256: str | None = None) -> list[Document]:
    """The evidence files of the actor's unit that they may read, newest first, all or those of a record by its code, or
    the one of that hash; the copies in cases left out."""
    if actor.organisation is None:
        return []
    rows = Document.objects.filter(kind=EVIDENCE, record__owner=actor.organisation, withdrawn_at=None)
    rows = rows.filter(record__code=about) if about else rows
    rows = rows.filter(stored=sha256) if sha256 is not None else rows
    rows = rows.exclude(record__kind="exemption").select_related("record__inner_to", "record__title_to")
    return [one for one in rows.order_by("-pk")[:MOST_FILES] if can_view(actor, one.record, "inner")]


# -- who took part -----------------------------------------------------------------------------------------------------

Took = tuple[str, Person | None, DecisionPart]


def took_part_in(document: Document, told: dict[str, Any], achievement: int | None) -> list[Took]:
    """Who took part in the decision of an evidence file, or in one before on which its step rests: signers, those the
    minutes name as present, who asked for it and took the step, and who made the result. Everybody once, as what they
    did first in this order."""
    found: list[Took] = []
    codes = rests_on(told)
    approvals = Approval.objects.filter(about=document.record, record__code__in=codes)
    steps = ApprovalStep.objects.filter(approval__in=approvals).exclude(outcome="")
    for step in steps.select_related("signer__record", "signed_for__record", "entered_by__record").order_by("pk"):
        found += [
            (one.record.title, one, DecisionPart.LEADER) for one in (step.signer, step.signed_for) if one is not None
        ]
        found += [(name, _member(document, name), DecisionPart.LEADER) for name in step.attended]
        found += [(one.record.title, one, DecisionPart.MANAGER) for one in (step.entered_by,) if one is not None]
    for row in approvals.select_related("asked_by__record", "asked_for__record"):
        found += [
            (one.record.title, one, DecisionPart.MANAGER) for one in (row.asked_by, row.asked_for) if one is not None
        ]
    if document.uploaded_by is not None:  # whoever took the step
        found.append((document.uploaded_by.record.title, document.uploaded_by, DecisionPart.MANAGER))
    makers = Completer.objects.filter(achievement=achievement).select_related("person__record")
    found += [(one.name, one.person, DecisionPart.RESEARCHER) for one in makers]
    return _once(found)


def rests_on(told: dict[str, Any]) -> list[str]:
    """The codes of the approvals of a file's own step, and of each earlier step the last that was completed: what was
    sold was decided before, and who decided it examines nothing about the sale."""
    before = {one["move"]: one["code"] for one in told["approvals"] if one["stage"] == COMPLETED}
    own = [one["code"] for one in told["approvals"] if one["move"] == told["move"]]
    return [*own, *(code for move, code in before.items() if move != told["move"])]


def _member(document: Document, name: str) -> Person | None:
    """The member of the unit of that name, where there is one alone: minutes name people in writing."""
    rows = Membership.objects.filter(organisation=document.record.owner_id, person__record__title=name)
    people = {one.person_id: one.person for one in rows.select_related("person__record")}
    return next(iter(people.values())) if len(people) == 1 else None


def _once(found: Sequence[Took]) -> list[Took]:
    order = list(DecisionPart)
    kept: dict[object, Took] = {}
    for name, person, part in sorted(found, key=lambda one: order.index(one[2])):
        kept.setdefault(person.pk if person is not None else name, (name, person, part))
    return list(kept.values())


# -- what an evidence file shows by itself -----------------------------------------------------------------------------


def shown_by(told: dict[str, Any]) -> dict[DiligenceDuty, str]:
    """The conditions that an evidence file shows to be met, each with the part of its index that shows it."""
    steps = [step for one in told["approvals"] for step in one["steps"] if step["mode"] == "collective"]
    held = [one for one in told["notices"] if one["stage"] == "completed"]
    shown = {
        DiligenceDuty.RULES: ("rules", bool(told["rules"])),
        DiligenceDuty.DECISION: (
            "approvals",
            any(one["outcome"] == "decided" and one["minutes_sha256"] for one in steps),
        ),
        DiligenceDuty.RECUSAL: ("approvals", any(one["recused"] for one in steps)),
        DiligenceDuty.NOTICE: ("notices", bool(held)),
        DiligenceDuty.OBJECTIONS: ("notices", bool(held) and not _open_objections(told)),
        DiligenceDuty.CONTRACT: ("contract", bool(told["contract"])),
    }
    return {duty: part for duty, (part, holds) in shown.items() if holds}


def _open_objections(told: dict[str, Any]) -> bool:
    return any(said["stage"] == "received" for one in told["notices"] for said in one["objections"])


# -- clauses -----------------------------------------------------------------------------------------------------------


def clauses_for(row: ExemptionCase) -> dict[ExemptionGround, RuleValue]:
    """By ground the rule value that was in force where the unit is on the day of the first decision."""
    days = list(row.decisions.values_list("decided_on", flat=True))
    if not days:
        return {}
    found = {one: rule_or_none(ground_rule(one), on=min(days), jurisdiction=region_of(row)) for one in ExemptionGround}
    return {ground: rule for ground, rule in found.items() if rule is not None and rule.value}


def ground_of(rule: RuleValue | None) -> ExemptionGround | None:
    """The ground that a rule value is about."""
    return ExemptionGround(rule.code.removeprefix(ground_rule(""))) if rule is not None else None
