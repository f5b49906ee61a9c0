"""Agreements of a unit with another one, at any stage."""

from typing import Any

from kezhuan.areas.agreements.actions import AgreementFacts, Due, draft_agreement
from kezhuan.areas.agreements.licence_actions import LicenceFacts, draft_licence
from kezhuan.areas.agreements.licence_lifecycle import LICENCE
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import Agreement, Licence
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Identifier, Organisation
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.factories import city

TO = {
    "draft": [],
    "discarded": ["discard"],
    "offered": ["offer"],
    "active": ["offer", "sign"],
    "amending": ["offer", "sign", "amend"],
    "done": ["offer", "sign", "complete"],
    "terminated": ["offer", "sign", "terminate"],
    "intent": ["offer", "sign"],
    "trial": ["offer", "sign"],
    "returned": ["offer", "sign", "give-back"],
}
TO_LICENCE = {"draft": [], "discarded": ["discard"], "open": ["offer"], "closed": ["offer", "close"]}
THEIRS = frozenset({"sign", "give-back", "decline"})


def code_of(unit: Organisation) -> str:
    """The credit code of an organisation."""
    held, _made = Identifier.objects.get_or_create(
        record=unit.record, scheme="uscc", active=True, defaults={"value": f"91440101{unit.pk:09}X"}
    )
    return held.value


def facts(party: Organisation | None, **given: Any) -> AgreementFacts:
    """A licence for 100,000 yuan in two payments, unless said otherwise."""
    other = {"party_code": code_of(party)} if party is not None else {"party_name": "外地公司"}
    told = {
        "title": "碳化硅抛光许可", "sort": "licence", "binding": "contract", "starts_on": today(), "words": "普通许可",
        "amount_fen": 10_000_000, "payments": (Due("入门费", 4_000_000), Due("余款", 6_000_000)), **other,
    }  # fmt: skip
    return AgreementFacts(**(told | given))


def agreement(
    unit: Organisation,
    party: Organisation | None = None,
    *,
    by: Actor | None = None,
    answered_by: Actor | None = None,
    stage: str = "draft",
    **given: Any,
) -> Agreement:
    """An agreement of the unit with the other at a stage, taken there by the members of both."""
    by = by or city.member(unit, Role.ADMINISTRATOR)
    party = party or city.organisation("南粤材料公司")
    if stage == "intent":
        given = {"binding": "intent", "payments": (), **given}
    if stage in {"trial", "returned"}:
        given = {"trial_months": 6, "trigger": "use", **given}
    if stage == "done":
        given = {"binding": "intent", "payments": (), **given}
    row = draft_agreement(actor=by, owner=unit, facts=facts(party, **given))
    for name in TO[stage]:
        if name in THEIRS:
            answered_by = answered_by or city.member(party, Role.ADMINISTRATOR)
        actor = answered_by if name in THEIRS and answered_by is not None else by
        move = AGREEMENT.moves[name]
        note = "理由" if move.note == "required" else ""
        row = advance(AGREEMENT, row, name, actor=actor, note=note, reason=move.reasons[0][0] if move.reasons else "")
    return row


def licence(unit: Organisation, *, by: Actor | None = None, stage: str = "open", **given: Any) -> Licence:
    """A standard licence of a listed achievement of the unit for 50,000 yuan and three years, unless said otherwise."""
    by = by or city.member(unit, Role.ADMINISTRATOR)
    about = given.pop("achievement", None) or city.achievement(unit, stage="listed", by=by).record
    told = {"title": "碳化硅抛光标准许可", "achievement": about, "months": 36, "fee_fen": 5_000_000} | given
    row = draft_licence(actor=by, owner=unit, facts=LicenceFacts(**told))
    for name in TO_LICENCE[stage]:
        row = advance(LICENCE, row, name, actor=by)
    return row
