"""What should be looked at twice, as far as a registrar reads it: of one contract, and of the register."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from kezhuan.areas.contracts.models import Contract, Flag, FlagLook, FlagOf
from kezhuan.areas.contracts.queries import as_read_by
from kezhuan.areas.contracts.wording import say
from kezhuan.engines.findings import Words
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record

SHOWN = 20
"""Contracts of a flag that are shown with it."""


@dataclass(frozen=True)
class Flagged:
    """Something to look at twice: its kind; why, where the reader may read all that it is about; contracts that it is
    about; how many more there are, and how many that are not the reader's to read; what it says, hashed, and the last
    look at that, which tells its finding where the sentence is told."""

    number: int
    kind: str
    why: str
    found_at: datetime
    contracts: tuple[Record, ...]
    more: int
    unseen: int
    sha256: str
    look: FlagLook | None


def flags_seen(
    actor: Actor, *, kind: str = "", year: int | None = None, place: str = "", looked: bool | None = None
) -> QuerySet[Flag]:
    """The flags of the register about a contract that the actor reads, the newest first: of one kind, of one year of a
    contract, of the sellers of one district, those that were `looked` at or are open, or all."""
    about = FlagOf.objects.filter(contract__in=visible_to(actor, Contract.objects.all(), "full"))
    if year is not None:
        about = about.filter(year=year)
    if place:
        about = about.filter(place=place)
    rows = Flag.objects.filter(pk__in=about.values("flag")).order_by("-pk")
    if looked is not None:
        at = Exists(FlagLook.objects.filter(key=OuterRef("key"), zh=OuterRef("zh")))
        rows = rows.filter(at) if looked else rows.exclude(at)
    return rows.filter(kind=kind) if kind else rows


def years_flagged() -> list[int]:
    """The years of the contracts that flags are about, the newest first."""
    rows = FlagOf.objects.exclude(year=None).order_by("-year")
    return [year for year in rows.values_list("year", flat=True).distinct() if year is not None]


def flags_of(actor: Actor, row: Contract) -> list[Flagged]:
    """What should be looked at twice of a contract, with the others that it is about."""
    return told(actor, list(Flag.objects.filter(about__contract=row).order_by("kind", "pk")), beside=row.pk)


def told(actor: Actor, flags: Sequence[Flag], *, beside: int | None = None) -> list[Flagged]:
    """Flags as the actor reads them, without the contract `beside` which they stand. A contract that the actor may not
    read is counted, and nothing of it told: neither is the sentence, which names it. Four queries."""
    about: dict[int, list[int]] = {one.pk: [] for one in flags}
    of = FlagOf.objects.filter(flag__in=list(about)).order_by("contract")
    for flag, contract in of.values_list("flag", "contract"):
        about[flag].append(contract)
    whole = visible_to(actor, Contract.objects.filter(flagged__flag__in=list(about)), "full")
    seen = set(whole.values_list("pk", flat=True))
    shown: dict[int, list[int]] = {}
    for flag, contracts in about.items():
        shown[flag] = [pk for pk in contracts if pk in seen and pk != beside][:SHOWN]
    named = Contract.objects.select_related("record").defer("text", "content")
    rows = named.in_bulk({pk for contracts in shown.values() for pk in contracts})
    records = {pk: as_read_by(actor, row).record for pk, row in rows.items()}
    looks = {(one.key, one.zh): one for one in looks_at(flags)}
    found = []
    for one in flags:
        others = [pk for pk in about[one.pk] if pk != beside]
        unseen = sum(pk not in seen for pk in others)
        found.append(
            Flagged(
                number=one.pk,
                kind=one.kind,
                why="" if unseen else say(Words(one.zh, one.en)),
                found_at=one.found_at,
                contracts=tuple(records[pk] for pk in shown[one.pk]),
                more=len(others) - unseen - len(shown[one.pk]),
                unseen=unseen,
                sha256=said_by(one),
                look=looks.get((one.key, one.zh)),
            )
        )
    return found


def looks_at(flags: Sequence[Flag]) -> QuerySet[FlagLook]:
    """The looks at some flags, whatever these said then, the earliest first."""
    return FlagLook.objects.filter(key__in=[one.key for one in flags]).select_related("by__record").order_by("pk")


def said_by(flag: Flag) -> str:
    """What a flag says, hashed: a finding is about that."""
    return hashlib.sha256(flag.zh.encode()).hexdigest()
