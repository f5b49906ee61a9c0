"""What contracts add to the page of an achievement, a need or an introduction, for those who read them."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.permissions import keeps_contracts
from kezhuan.areas.contracts.queries import contracts_visible_to
from kezhuan.areas.contracts.wording import entry
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.present import is_there
from kezhuan.web import faces
from kezhuan.web.components import LinkLine
from kezhuan.web.names import name_of

SHOWN = 20
_CAME_FROM = {
    kind: f"SELECT 1 FROM contracts_contract WHERE {kind}_id = %s LIMIT 1"  # noqa: S608  a column's name
    for kind in ("achievement", "need", "introduction")
}


def contracts_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The contracts that came from the record, and for its own unit the way to another one."""
    if not actor.is_signed_in:
        return None
    kind, record = row.record.kind, row.record
    any_came = is_there(_CAME_FROM[kind], record.pk)
    rows = contracts_visible_to(actor).filter(Q(**{kind: record})).order_by("-pk")[:SHOWN] if any_came else ()
    lines = tuple(_line(one) for one in rows)
    own = keeps_contracts(actor) and (kind == "introduction" or record.owner == actor.organisation)
    if not lines and not own:
        return None
    url = f"{reverse('contract-new')}?{kind}={record.code}" if own else ""
    return registry.Panel("contracts/panel.html", {"lines": lines, "url": url})


def _line(row: Contract) -> LinkLine:
    return LinkLine(
        role=entry("kinds", row.kind),
        code=row.record.code,
        title=name_of(row.record),
        url=faces.url_of(row.record),
        kind_label=registry.kind_of("contract").lifecycle.stages[row.record.stage].label,
    )
