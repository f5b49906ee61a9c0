"""What is asked of agreements: rows as an actor may see them, documents for search, and what they may come from."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from kezhuan.areas.achievements.bonds import Bond
from kezhuan.areas.agreements.models import (
    CONVERTING,
    IN_FORCE,
    SHUTTING,
    Agreement,
    AgreementSort,
    AgreementVersion,
    Binding,
    Licence,
    UseScope,
)
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.lifecycle import OVER
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today

TIES = ("achievement", "need", "introduction")
"""Kinds of record that an agreement may come from."""
TOLD = (
    "record__owner__record", "party__record", *(f"{name}__title_to" for name in (*TIES, "licence")),
    "counted_in__call__record__title_to",
)  # fmt: skip


def agreements_visible_to(actor: Actor) -> QuerySet[Agreement]:
    """Agreements that the actor may see, with what a list shows."""
    return visible_to(actor, Agreement.objects.select_related(*TOLD))


def agreement_of(actor: Actor, code: str) -> Agreement | None:
    """The agreement of this code, where it is one of the unit that the actor acts for and they may see it."""
    own = agreements_visible_to(actor).filter(record__code=code, record__owner=actor.organisation)
    return own.first() if actor.organisation is not None else None


def ties_of(actor: Actor, kind: str) -> QuerySet[Record]:
    """The records of a kind of which the actor may say that a deal came from them, newest first: what they read in full
    or what everybody reads would be too many; it is their own unit's, and the introductions it takes part in."""
    rows = Record.objects.filter(kind=kind)
    if kind != "introduction":
        rows = rows.filter(owner=actor.organisation)
    return visible_to(actor, rows, "public").order_by("-pk")


def agreement_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Agreements as search reads them, for the two sides."""
    for row in Agreement.objects.filter(pk__in=ids).select_related("record"):
        words = (row.record.summary, row.party_name, row.party_code, row.others)
        yield from search.by_group(row.record, public_text="\n".join(filter(None, words)), facets={"sort": row.sort})


def signed_contracts(rows: QuerySet[Agreement], day: date | None = None) -> QuerySet[Agreement]:
    """Those of the agreements that both sides have signed as a contract, each with the `scope` and `until` of the
    version in force; with a day those that have not run out by then."""
    newest = AgreementVersion.objects.filter(agreement=OuterRef("pk")).exclude(agreed_on=None).order_by("-number")
    rows = rows.filter(record__stage__in=IN_FORCE).alias(binding=Subquery(newest.values("binding")[:1]))
    rows = rows.annotate(
        scope=Subquery(newest.values("scope")[:1]),
        since=Subquery(newest.values("starts_on")[:1]),
        until=Subquery(newest.values("ends_on")[:1]),
        signed=Subquery(newest.values("agreed_on")[:1]),
    )
    rows = rows.filter(binding=Binding.CONTRACT)
    return rows if day is None else rows.filter(Q(until=None) | Q(until__gte=day))


def bonds_by_agreements(achievement: Record) -> Iterator[Bond]:
    """The transfers of an achievement that its unit has signed, and the licences in force that shut others out."""
    own = Agreement.objects.filter(achievement=achievement.pk, record__owner=achievement.owner_id)
    own = own.filter(sort__in=CONVERTING).select_related("record").order_by("pk")
    for row in signed_contracts(own):
        told: Any = row  # with what the query adds
        if row.sort == AgreementSort.TRANSFER:
            text = _("agreement %(code)s of transfer, signed on %(day)s")
            yield Bond((row.record.code,), True, text % {"code": row.record.code, "day": told.signed.isoformat()})
        elif told.scope in SHUTTING and (told.until is None or told.until >= today()):
            text = _("licence %(code)s, %(scope)s, from %(since)s to %(until)s")
            words = {
                "code": row.record.code,
                "scope": UseScope(told.scope).label,
                "since": told.since.isoformat() if told.since is not None else "–",
                "until": told.until.isoformat() if told.until is not None else _("without a last day"),
            }
            yield Bond((row.record.code,), False, text % words)


LICENCES_TOLD = ("record__owner__record", "achievement__title_to", "achievement__public_to")


def taken_by(actor: Actor, licence: Record) -> Agreement | None:
    """The agreement by which the organisation that the actor acts for has a standard licence now."""
    rows = Agreement.objects.filter(licence=licence, party=actor.organisation).exclude(record__phase__in=OVER)
    return None if actor.organisation is None else rows.select_related("record").first()


def licences_visible_to(actor: Actor) -> QuerySet[Licence]:
    """Standard licences that the actor may see, with what a list shows."""
    return visible_to(actor, Licence.objects.select_related(*LICENCES_TOLD))


def licence_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Standard licences as search reads them."""
    for row in Licence.objects.filter(pk__in=ids).select_related("record", "achievement"):
        words = (row.record.summary, row.achievement.title, row.use_field, row.territory)
        yield from search.by_group(row.record, public_text="\n".join(filter(None, words)), facets={})
