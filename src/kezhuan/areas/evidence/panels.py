"""What evidence adds to the page of a record that was decided on."""

from typing import Any

from kezhuan.areas.evidence.actions import EVIDENCE
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.documents import documents_of

SHOWN = 20


def evidence_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The evidence files of decisions on the record, each with what is rebuilt of it, for those who read them."""
    if actor.person is None or not can_view(actor, row.record, "inner"):
        return None
    files = tuple(documents_of(row.record, ("inner",)).filter(kind=EVIDENCE)[:SHOWN])
    return registry.Panel("evidence/panel.html", {"files": files}) if files else None
