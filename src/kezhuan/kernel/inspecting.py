"""Inspection (审计, 纪检): what an admitted inspector sees of a record, and that every look is noted."""

from collections.abc import Sequence

from kezhuan.kernel import journal
from kezhuan.kernel.access import GROUPS, INSPECTION, PUBLIC, Actor, Audiences, organisation_token
from kezhuan.kernel.charges import OFFICER
from kezhuan.kernel.grants import token_of
from kezhuan.kernel.models import Grant, Record
from kezhuan.kernel.text import today

BUREAU, UNIT = "bureau", "unit"
"""Who admitted an inspector: they see what that side sees itself, and no more."""


def role_of(side: str, inspection: int) -> str:
    """The role of the grants by which an inspection gives access."""
    return f"{INSPECTION}{side}:{inspection}"


def with_inspectors(record: Record, audiences: Audiences, *, sealed: bool) -> Audiences:
    """The audiences of a record with those who inspect it: in each group that the side which admitted them sees, and
    nowhere while its stage is sealed. One query."""
    if sealed:
        return audiences
    held = list(Grant.objects.filter(record=record, role__startswith=INSPECTION, until__gte=today()))
    if not held:
        return audiences
    groups = {group: set(getattr(audiences, group)) for group in GROUPS}
    for one in held:
        side = one.role.removeprefix(INSPECTION).partition(":")[0]
        for group in GROUPS:
            if _reads(side, record, groups[group]):
                groups[group].add(token_of(one))
    return Audiences(**{group: frozenset(tokens) for group, tokens in groups.items()})


def _reads(side: str, record: Record, tokens: set[str]) -> bool:
    if PUBLIC in tokens:
        return True
    if side == UNIT:
        return record.owner_id is not None and organisation_token(record.owner_id) in tokens
    return any(token.partition(":")[0] == OFFICER for token in tokens)


def note_views(actor: Actor, ids: Sequence[int], by: str) -> None:
    """Note that an inspector was shown these records, of those that they inspect; `by` is page, document, list, export
    or api. Of others nothing is noted. What cannot be noted is not shown: raises what the journal raises."""
    if not actor.admitted or not ids:
        return
    grants = {int(token.partition(":")[2]): inspection for token, inspection in actor.admitted}
    seen: dict[int, list[str]] = {}
    rows = Grant.objects.filter(pk__in=grants, record__in=ids).order_by("record").values_list("pk", "record__uid")
    for pk, uid in rows:
        seen.setdefault(grants[pk], []).append(str(uid))
    if not seen:
        return
    with journal.writing():
        for record in Record.objects.filter(pk__in=seen):
            uids = seen[record.pk]
            data = {"other": uids[0], "by": by} if len(uids) == 1 else {"seen": uids, "by": by}
            journal.note("inspection.view", record=record, actor=actor, data=data)
