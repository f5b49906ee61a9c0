"""Who took part in projects together: read when conflicts of interest are looked for."""

from collections.abc import Iterator

from kezhuan.areas.projects.models import Member, MemberState, Project
from kezhuan.engines.conflicts import Relation, Tie
from kezhuan.kernel.models.records import Phase

_TOOK_PART = (MemberState.ACCEPTED, MemberState.LEFT)


def took_part(people: frozenset[int], units: frozenset[int]) -> Iterator[Relation]:
    """The projects in which these people and organisations took part, as member, poster or contact, each with the day
    on which that ended, none while it goes on; two queries."""
    signed = Project.objects.exclude(record__phase__in=(Phase.DRAFT, Phase.VOID))
    rows = Member.objects.filter(organisation__in=units, state__in=_TOOK_PART, project__in=signed.values("pk"))
    for one in rows.select_related("project__record").order_by("pk"):
        until = one.until if one.state == MemberState.LEFT else one.project.record.closed_on
        yield Relation(Tie.TOOK_PART, str(one.organisation_id), str(one.project_id), until)
    sides = signed.filter(poster__in=units) | signed.filter(record__contact__in=people)
    for row in sides.select_related("record").order_by("pk"):
        for party in (row.poster_id, row.record.contact_id):
            if party is not None and party in people | units:
                yield Relation(Tie.TOOK_PART, str(party), str(row.pk), row.record.closed_on)
