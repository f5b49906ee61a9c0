"""How far an officer's power reaches: programmes and districts, their own or those of their department (处室)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from kezhuan.kernel.models import Duty, Membership
from kezhuan.kernel.models.parties import Role

OFFICER = "officer"


@dataclass(frozen=True)
class Charge:
    """Power over the records of a programme in a district; an empty one is every programme, or the whole city."""

    region: str = ""
    programme: str = ""

    @property
    def token(self) -> str:
        """The audience token of whoever holds it: officer, officer:<district> or officer:<district>:<programme>."""
        return f"{OFFICER}:{self.region}:{self.programme}".rstrip(":")

    def covers(self, region: str, programme: str) -> bool:
        """Whether it reaches a record of a district (none: the city's own) and a programme."""
        return self.region in {"", region} and self.programme in {"", programme}


def officer_tokens(region: str, programme: str = "") -> frozenset[str]:
    """The tokens of the officers in charge of a programme's records in a district: the city's and the district's own,
    those of the programme and those of all."""
    return frozenset(Charge(place, name).token for place in {"", region} for name in {"", programme})


def charges_of(memberships: Iterable[Membership]) -> frozenset[Charge]:
    """What officers are in charge of by their memberships; see `charges_by`."""
    return frozenset(charge for _membership, charge in charges_by(memberships))


def charges_by(memberships: Iterable[Membership]) -> list[tuple[Membership, Charge]]:
    """Each officer's membership with what it puts them in charge of; a member of a department with that department's
    duties, and where it has none with nothing. One query when somebody belongs to a department, else none."""
    rows = [one for one in memberships if one.role == Role.OFFICER]
    duties = _duties_of(rows)
    found = []
    for one in rows:
        region = "" if one.jurisdiction == settings.CITY else one.jurisdiction
        held = duties.get((one.organisation_id, one.department), set()) if one.department else {""}
        # Of a department's programmes only the one that the membership names, when it names one.
        found += [
            (one, Charge(region, programme or one.programme))
            for programme in sorted(held)
            if "" in {programme, one.programme} or programme == one.programme
        ]
    return found


def _duties_of(rows: Iterable[Membership]) -> dict[tuple[int, str], set[str]]:
    departments = {(one.organisation_id, one.department) for one in rows if one.department}
    asked = Q()
    for organisation, department in departments:
        asked |= Q(organisation=organisation, department=department)
    found: dict[tuple[int, str], set[str]] = {}
    if departments:
        for row in Duty.objects.filter(asked):
            found.setdefault((row.organisation_id, row.department), set()).add(row.programme)
    return found
