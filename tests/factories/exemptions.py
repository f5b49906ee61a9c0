"""Cases of exemption, through the actions."""

from typing import Any

from kezhuan.areas.evidence.actions import EVIDENCE
from kezhuan.areas.exemptions.actions import CaseFacts, begin_case
from kezhuan.areas.exemptions.models import DutyState, ExemptionCase
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Document, Organisation
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.factories import city, receipts


def facts(*files: Document, **more: Any) -> CaseFacts:
    """An audit asks about a price that was low."""
    given: dict[str, Any] = {
        "title": "专利转让价格事后变化", "event": "audit", "event_on": today(), "source": "校审计处〔2026〕3号",
        "loss_fen": 30_000_000, "summary": "受让方一年后以更高价格转让",
        "decisions": tuple(one.sha256 for one in files),
    }  # fmt: skip
    return CaseFacts(**(given | more))


def evidence(record: Any) -> Document:
    """The newest evidence file of a record."""
    return Document.objects.filter(record=record, kind=EVIDENCE).latest("pk")


def case(unit: Organisation, by: Actor, *, about: Any = None, **more: Any) -> ExemptionCase:
    """A case that an administrator of the unit begins, about a distribution that a colleague of theirs settled."""
    if about is None:
        about = receipts.receipt(unit, city.member(unit, Role.FINANCE), stage="settled", reference="收被查1号")
    return begin_case(actor=by, owner=unit, facts=facts(evidence(about.record), **more))


def answered(row: ExemptionCase) -> None:
    """Every condition is answered as met, and everybody heard, as if the actions had said so; it is not exempt."""
    shown = row.decisions.get().document
    row.conditions.update(holds=DutyState.FOUND, document=shown)
    row.people.update(statement="无补充")
    type(row).objects.filter(pk=row.pk).update(finding="refused", bars=["leak"])
