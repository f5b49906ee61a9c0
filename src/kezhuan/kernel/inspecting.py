"""Inspection (审计, 纪检): what an admitted inspector sees of a record, and that every look is noted."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from kezhuan.kernel import journal
from kezhuan.kernel.access import GROUPS, INSPECTION, PUBLIC, Actor, Audiences, predicate
from kezhuan.kernel.charges import OFFICER
from kezhuan.kernel.grants import token_of
from kezhuan.kernel.models import Approval, AudienceToken, Grant, Record
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.present import is_there
from kezhuan.kernel.roles import is_token_of
from kezhuan.kernel.text import today

BUREAU, UNIT = "bureau", "unit"
"""Who admitted an inspector: they see what that side sees itself, and no more."""


def role_of(side: str, inspection: int) -> str:
    """The role of the grants by which an inspection gives access."""
    return f"{INSPECTION}{side}:{inspection}"


def is_closed(row: Any, stage: Any) -> bool:
    """Whether a row is kept closed even to its inspectors: at a sealed stage, or as it is sealed itself."""
    return stage.sealed or getattr(row, "sealed", False)


def with_inspectors(record: Record, audiences: Audiences, *, sealed: bool) -> Audiences:
    """The audiences of a record with those who inspect it: in each group that the side which admitted them sees, and
    nowhere while its stage is sealed. One query."""
    if sealed or not (held := inspectors_of(record)):
        return audiences
    groups = {group: set(getattr(audiences, group)) for group in GROUPS}
    for side, token in held:
        for group in GROUPS:
            if _reads(side, record, groups[group]):
                groups[group].add(token)
    return Audiences(**{group: frozenset(tokens) for group, tokens in groups.items()})


def inspected_among(records: Sequence[Record]) -> set[int]:
    """The keys of those of the records that somebody inspects. One query."""
    held = Grant.objects.filter(record__in=[one.pk for one in records], role__startswith=INSPECTION)
    return set(held.filter(until__gte=today()).values_list("record_id", flat=True))


def inspectors_of(record: Record) -> list[tuple[str, str]]:
    """Who inspects a record: by whom they were admitted, and the token by which they see it. One query, mostly."""
    if not is_there("SELECT 1 FROM kernel_grant WHERE record_id = %s AND until IS NOT NULL LIMIT 1", record.pk):
        return []
    held = Grant.objects.filter(record=record, role__startswith=INSPECTION, until__gte=today())
    return [(one.role.removeprefix(INSPECTION).partition(":")[0], token_of(one)) for one in held.order_by("pk")]


@predicate
def inspects(actor: Actor, record: Record) -> bool:
    """Sees something of a record by an inspection; asks nothing when its audiences are there."""
    if not actor.admitted:
        return False
    admitted = {token for token, _inspection in actor.admitted}
    return any(not admitted.isdisjoint(getattr(record, f"{group}_to").key.split("|")) for group in GROUPS)


@inspects.beside
def _inspected(actor: Actor, rows: Rows) -> Q:
    admitted = sorted(token for token, _inspection in actor.admitted)
    held = AudienceToken.objects.filter(token__in=admitted).values("audience")
    found = rows.none
    for group in GROUPS if admitted else ():
        found |= rows.where(**{f"{group}_to__in": held})
    return found


def _reads(side: str, record: Record, tokens: set[str]) -> bool:
    if PUBLIC in tokens:
        return True
    if side == UNIT:
        return record.owner_id is not None and any(is_token_of(token, record.owner_id) for token in tokens)
    return any(token.partition(":")[0] == OFFICER for token in tokens)


def note_views(actor: Actor, ids: Sequence[int], by: str) -> None:
    """Note that an inspector was shown these records, of those that they inspect; `by` is page, document, list, export
    or api. Of others nothing is noted; an approval belongs to the record it is about. What cannot be noted is not
    shown: raises what the journal raises."""
    if not actor.admitted or not ids:
        return
    grants = {int(token.partition(":")[2]): inspection for token, inspection in actor.admitted}
    held: dict[int, list[int]] = {}
    for pk, record_id in Grant.objects.filter(pk__in=grants).order_by("pk").values_list("pk", "record"):
        held.setdefault(record_id, []).append(pk)
    about = dict(Approval.objects.filter(pk__in=ids, about__in=held).values_list("pk", "about"))
    looked = sorted(pk for pk in set(ids) if pk in held or pk in about)
    uids = dict(Record.objects.filter(pk__in=looked).values_list("pk", "uid")) if looked else {}
    seen: dict[int, list[str]] = {}
    for looked_at in looked:
        for pk in held.get(looked_at, held.get(about.get(looked_at, 0), ())):
            seen.setdefault(grants[pk], []).append(str(uids[looked_at]))
    if not seen:
        return
    with journal.writing():
        for record in Record.objects.filter(pk__in=seen):
            told = seen[record.pk]
            data = {"other": told[0], "by": by} if len(told) == 1 else {"seen": told, "by": by}
            journal.note("inspection.view", record=record, actor=actor, data=data)
