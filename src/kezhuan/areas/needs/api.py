"""Needs in the API."""

from dataclasses import replace
from typing import Any

from kezhuan.api.records import label, region_label
from kezhuan.api.resources import Resource, add_resource
from kezhuan.areas.needs.actions import edit_need, register_need
from kezhuan.areas.needs.models import Need, NeedSource, RightsTerm
from kezhuan.areas.needs.queries import extra_shown
from kezhuan.areas.needs.schemas import NeedBody, NeedChange, NeedQuery, NeedShown
from kezhuan.areas.people.actions import require_member
from kezhuan.kernel.access import Actor
from kezhuan.kernel.vocabulary import Confidentiality, Field, Mode


def need_fields(_actor: Actor, row: Need, groups: frozenset[str]) -> dict[str, Any]:
    """What a need shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    indicators = [
        {
            "name": one.name,
            "operator": one.operator,
            "value": one.value,
            "unit": one.unit,
            "test_method": one.test_method,
        }
        for one in row.indicators.all()
    ]
    shown = {
        "confidentiality": row.confidentiality,
        "confidentiality_label": label(Confidentiality, row.confidentiality),
        "field": row.field or None,
        "field_label": label(Field, row.field),
        "chain": row.chain,
        "keywords": row.keywords,
        "background": row.background,
        "scenario": row.scenario,
        "expected_benefit": row.expected_benefit,
        "claimant_requirements": row.claimant_requirements,
        "ip_terms": row.ip_terms or None,
        "ip_terms_label": label(RightsTerm, row.ip_terms),
        "ip_note": row.ip_note,
        "budget_fen": row.budget_fen,
        "benefit_fen": row.benefit_fen,
        "min_trl": row.min_trl,
        "trl_scale": row.trl_scale,
        "modes": row.modes,
        "mode_labels": [label(Mode, mode) for mode in row.modes],
        "region": row.region,
        "region_label": region_label(row.region),
        "deadline": row.deadline,
        "source": row.source,
        "source_label": label(NeedSource, row.source),
        "indicators": indicators,
    }
    inner = {
        "self_solvable": row.self_solvable,
        "rd_ratio_bp": row.rd_ratio_bp,
        "extra": extra_shown(row, inner="inner" in groups),
    }
    return shown | (inner if "full" in groups else {})


def create_need(actor: Actor, body: NeedBody) -> Need:
    """Start a draft of the organisation that the actor acts for."""
    return register_need(actor=actor, owner=require_member(actor), facts=body.facts(actor, {}))


def change_need(actor: Actor, row: Need, body: NeedChange, version: int) -> Need:
    """Replace what was entered; where it came from stays."""
    facts = body.facts(actor, {"source": row.source, "extra": row.extra})
    if "contact" not in body.model_fields_set:
        facts = replace(facts, contact=row.record.contact)
    return edit_need(actor=actor, need=row, facts=facts, expected_version=version)


add_resource(
    Resource(
        slug="need",
        plural="needs",
        opened=True,
        query=NeedQuery,
        shown=NeedShown,
        fields=need_fields,
        prefetch=("indicators",),
        taken=NeedBody,
        create=create_need,
        changed=NeedChange,
        edit=change_need,
    )
)
