"""An inspection is prepared, admitted once its letter is there, and ends on its day or when somebody ends it."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.inspections.checks import check_days, check_letter
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.inspections.permissions import admits
from kezhuan.kernel import journal, outbox, registry
from kezhuan.kernel.access import OFFICER, Actor, Audiences, is_system, organisation_token, person_token
from kezhuan.kernel.grants import end_grant, grant
from kezhuan.kernel.inspecting import BUREAU, UNIT, role_of
from kezhuan.kernel.lifecycle import Lifecycle, Move, Stage
from kezhuan.kernel.models import Membership, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase

TOLD = "inspection.told"
"""Name of what the owners are written."""


def inspection_audience(row: Inspection) -> Audiences:
    """Whoever admits, and from the admission on the inspector, and the owners of the records unless the letter forbids
    to tell them."""
    readers = {organisation_token(row.unit_id)} if row.unit_id else {OFFICER}
    if row.record.phase != Phase.DRAFT:
        readers |= {person_token(row.inspector_id)}
        if row.owner_told:
            owners = row.matters.exclude(record__owner=None).values_list("record__owner", flat=True)
            readers |= {organisation_token(pk) for pk in owners}
    return Audiences.nested(full=readers)


def _around(row: Inspection, actor: Actor, *, gives: bool) -> None:
    """Give or take the inspector's access to each record, and tell it in the record's own history if it may be told."""
    role = role_of(UNIT if row.unit_id else BUREAU, row.pk)
    matters = Record.objects.filter(pk__in=row.matters.values("record")).order_by("pk")
    around: list[str] = []
    # Held until the end: somebody who moves one of them at this moment comes before or after.
    for record in matters.select_for_update(of=("self",), no_key=True):
        if gives:
            grant(record, row.inspector.record, role, until=row.until, since=row.since)
        else:
            end_grant(record, row.inspector.record, role)
        registry.kind_of(record).lifecycle.refresh_audience(registry.row_of(record))
        for approval in Record.objects.filter(approval__about=record).order_by("pk"):
            registry.kind_of(approval).lifecycle.refresh_audience(registry.row_of(approval))
            around.append(str(approval.uid))
        if row.owner_told:
            data = {"inspection": str(row.record.uid)}
            journal.note("inspection.given" if gives else "inspection.taken", record=record, actor=actor, data=data)
    uids = [*(str(record.uid) for record in matters), *around]
    # The index reads who sees them; which records these are stands in this entry alone.
    journal.note("inspection.readers", actor=actor, data={"uids": uids})


def tell_owners(row: Inspection) -> None:
    """Write to the administrators of the organisations whose records are inspected, once for each inspection."""
    owners = row.matters.exclude(record__owner=None).values("record__owner")
    leading = Membership.objects.filter(organisation__in=owners, role=Role.ADMINISTRATOR, until=None)
    for one in leading.select_related("person__record", "organisation__record").order_by("pk"):
        outbox.tell(
            one.person,
            TOLD,
            key=f"inspection:{row.pk}:{one.organisation_id}:{one.person_id}",
            acting_for=one.organisation,
            content={"inspection": row.pk},
        )


def give_access(row: Inspection, actor: Actor) -> None:
    """The inspector reads the records from the first day on."""
    _around(row, actor, gives=True)
    if row.owner_told:
        tell_owners(row)


def take_access(row: Inspection, actor: Actor) -> None:
    """The inspector reads nothing any more."""
    _around(row, actor, gives=False)


INSPECTION = Lifecycle(
    "inspection",
    "V",
    stages=(
        Stage("prepared", Phase.DRAFT, _("inspection prepared")),
        Stage("admitted", Phase.ACTIVE, _("inspector admitted")),
        Stage("ended", Phase.DONE, _("inspection ended")),
    ),
    moves=(
        Move(
            "admit",
            _("Admit the inspector"),
            source=frozenset({"prepared"}),
            target="admitted",
            allowed=admits,
            checks=(check_letter, check_days),
            then=(give_access,),
            primary=True,
        ),
        Move(
            "end",
            _("End the inspection"),
            source=frozenset({"prepared", "admitted"}),
            target="ended",
            allowed=admits,
            then=(take_access,),
            note="required",
            danger=True,
        ),
        Move(
            "expire",
            _("Its last day is over"),
            source=frozenset({"admitted"}),
            target="ended",
            allowed=is_system,
            then=(take_access,),
        ),
    ),
    audience=inspection_audience,
)
