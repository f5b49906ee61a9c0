"""A case of exemption in words: on its notice, as it is filed, and in its evidence file; in Chinese."""

from typing import Any

from django.utils import translation

from kezhuan.areas.evidence.actions import hash_of
from kezhuan.areas.exemptions.models import ExemptionBar, ExemptionCase
from kezhuan.areas.exemptions.queries import ground_of
from kezhuan.engines.money import yuan
from kezhuan.exchange.papers.fields import in_words
from kezhuan.kernel.filings import Content as Filed
from kezhuan.kernel.notices import BETWEEN, LANGUAGE
from kezhuan.kernel.notices import Content as Noticed

Facts = list[tuple[Any, str]]


def facts_of(row: ExemptionCase) -> Facts:
    """The case as labels and texts; of people nobody is named."""
    with translation.override(LANGUAGE):
        ground = ground_of(row.clause)
        told = [
            ("事项来源", row.get_event_display()),
            ("发生日期", in_words(row.event_on)),
            ("涉及损失", f"{yuan(row.loss_fen)}元" if row.loss_fen is not None else ""),
            ("涉及决策", BETWEEN.join(row.decisions.values_list("about__code", flat=True))),
            ("认定结论", row.get_finding_display() if row.finding else ""),
            ("免责情形", str(ground.label) if ground is not None else ""),
            ("依据", row.clause.source if row.clause is not None else ""),
            ("不予免责的情形", BETWEEN.join(str(ExemptionBar(one).label) for one in row.bars)),
        ]
        return [(label, text) for label, text in told if text]


def noticed(row: ExemptionCase) -> Noticed:
    """What a notice tells: the event, what was found, and by which clause."""
    return Noticed(subject=row.record.title, facts=facts_of(row))


def filed(row: ExemptionCase) -> Filed:
    """What a filing tells the department that recognises it: the same, and each condition."""
    with translation.override(LANGUAGE):
        duties = [
            (one.get_duty_display(), "；".join(filter(None, (one.get_holds_display() if one.holds else "", one.note))))
            for one in row.conditions.all()
        ]
    return Filed(subject=row.record.title, facts=[*facts_of(row), *duties], text=row.record.summary)


def told_as_evidence(row: ExemptionCase) -> dict[str, Any]:
    """What was found on, as its own evidence file tells it: decisions by their files' hashes, conditions with theirs,
    who was heard, with the hash of what they said."""
    return {
        "event": [row.event, row.event_on.isoformat(), row.loss_fen],
        "decisions": [
            [one.about.code, one.move, one.document.sha256] for one in row.decisions.select_related("about", "document")
        ],
        "conditions": [
            [one.duty, one.holds, one.document.sha256 if one.document is not None else "", one.part, hash_of(one.note)]
            for one in row.conditions.select_related("document")
        ],
        "heard": [[one.name, one.part, hash_of(one.statement)] for one in row.people.all()],
        "finding": row.finding,
        "clause": [row.clause.code, row.clause.jurisdiction, row.clause.source] if row.clause is not None else [],
        "bars": row.bars,
    }
