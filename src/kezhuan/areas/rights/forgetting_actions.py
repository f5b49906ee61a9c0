"""What the tables of grants hold of a person: their name in the team and in the agreement, and what they signed."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.rights.models import GrantMember, RightsGrant
from kezhuan.kernel import holdings
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Notice, Person
from kezhuan.kernel.notices import replace_name


def forget_member(rows: QuerySet[Any], person: Person, actor: Actor) -> None:
    """Let a team and its text not name somebody any more. Parts and their order stay; the hash stays that of what was
    signed."""
    for member in rows.select_related("grant__record").order_by("pk"):
        grant = member.grant
        told = [[label, text.replace(member.name, holdings.NAME)] for label, text in grant.terms]
        RightsGrant.objects.filter(pk=grant.pk).update(terms=told)
        for notice in Notice.objects.filter(about=grant.record).select_related("record").order_by("pk"):
            if replace_name(notice, member.name, holdings.NAME):
                holdings.note_left(notice.record, person, actor)
        rows.filter(pk=member.pk).update(name=holdings.NAME)
        holdings.note_left(grant.record, person, actor)


HOLDINGS = (
    holdings.Holding(
        _("part in the team of a grant of rights"),
        GrantMember,
        "person",
        ("grant__record__code", "number", "name", "part_bp", "signed_on"),
        forget_member,
    ),
)
