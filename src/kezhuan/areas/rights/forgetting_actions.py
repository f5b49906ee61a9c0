"""What the tables of grants and income hold of a person: their name in the team, the agreement, and what they got."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evidence.actions import FROZEN
from kezhuan.areas.rights.models import Distribution, DistributionMember, GrantMember, RightsGrant
from kezhuan.areas.rights.papers import team_of
from kezhuan.kernel import holdings
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Notice, Person


def forget_member(rows: QuerySet[Any], person: Person, actor: Actor) -> None:
    """Let a team and its text not name somebody any more. Parts and their order stay; the hash stays that of what was
    signed."""
    for member in rows.select_related("grant__record").order_by("pk"):
        grant = member.grant
        # By which they were told apart from another of the same name; in older texts the name alone.
        said = next(name for name, one in team_of(grant) if one.pk == member.pk)
        said = said if any(said in text for _label, text in grant.terms) else member.name
        told = [[label, text.replace(said, holdings.NAME)] for label, text in grant.terms]
        RightsGrant.objects.filter(pk=grant.pk).update(terms=told)
        for notice in Notice.objects.filter(about=grant.record).select_related("record").order_by("pk"):
            facts = [[label, text.replace(said, holdings.NAME)] for label, text in notice.content["facts"]]
            Notice.objects.filter(pk=notice.pk).update(content=notice.content | {"facts": facts})
            holdings.note_left(notice.record, person, actor)
        rows.filter(pk=member.pk).update(name=holdings.NAME)
        holdings.note_left(grant.record, person, actor)


def forget_sharer(rows: QuerySet[Any], person: Person, actor: Actor) -> None:
    """Let distributions not name somebody any more; what was paid stays."""
    for member in rows.select_related("distribution__record").order_by("pk"):
        row, name = member.distribution, f"{holdings.NAME}{member.number}"  # told apart from others who were forgotten
        lines = [[name if one == member.name else one, role, fen] for one, role, fen in row.result.get("lines", ())]
        Distribution.objects.filter(pk=row.pk).update(result=row.result | {"lines": lines} if row.result else {})
        for notice in Notice.objects.filter(about=row.record).select_related("record").order_by("pk"):
            told = [[label, text.replace(member.name, name)] for label, text in notice.content["facts"]]
            Notice.objects.filter(pk=notice.pk).update(content=notice.content | {"facts": told})
            holdings.note_left(notice.record, person, actor)
        rows.filter(pk=member.pk).update(name=name)
        holdings.note_left(row.record, person, actor)


def words_frozen(person: Person) -> Q:
    """What the journal keeps of the team of a grant and of who shares in income; its hash stays."""
    team, shared = Q(record__rights_grant__members__person=person), Q(record__distribution__members__person=person)
    return Q(kind=FROZEN) & (team | shared)


HOLDINGS = (
    holdings.Holding(
        _("part in the team of a grant of rights"),
        GrantMember,
        "person",
        ("grant__record__code", "number", "name", "part_bp", "signed_on"),
        forget_member,
    ),
    holdings.Holding(
        _("shares of income"),
        DistributionMember,
        "person",
        ("distribution__record__code", "name", "role", "fen", "shares", "paid_on"),
        forget_sharer,
    ),
)
