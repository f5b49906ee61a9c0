"""What the factories put into the database is what the program's own actions would have put there."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db.models import Model

from kezhuan.areas.people.actions import SYSTEM, add_member, register_organisation, register_person
from kezhuan.kernel.access import GROUPS, actor_for
from kezhuan.kernel.models import Entry, Membership, Organisation, Person
from kezhuan.kernel.models.parties import Role
from tests.factories import city

pytestmark = pytest.mark.django_db
OWN = {"id", "uid", "code", "title", "changed_at", "email"}


def told(person: Person, office: Organisation) -> list[Any]:
    """Everything that stands of the two, with names for what differs from one pair to the next."""
    person, office = Person.objects.get(pk=person.pk), Organisation.objects.get(pk=office.pk)
    pair = {"person": person, "office": office}
    names = {key: name for name, row in pair.items() for key in (row.pk, str(row.pk), str(row.record.uid))}

    def plain(row: Model) -> dict[str, Any]:
        fields = [one for one in row._meta.concrete_fields if one.name not in OWN and not one.name.endswith("_to")]
        return {
            one.name: names.get(value, value) if one.is_relation else value
            for one in fields
            for value in [getattr(row, one.attname)]
        }

    def named(tokens: Iterable[str]) -> set[str]:
        return {":".join(names.get(one, one) for one in token.split(":")) for token in tokens}

    def entry(one: Entry) -> tuple[Any, ...]:
        data = {key: names.get(value, value) for key, value in one.data.items() if key != "text_hash"}
        return one.kind, names.get(one.record_id), data

    actor = actor_for(person)
    return [
        *map(plain, (person, person.record, office, office.record, *Membership.objects.filter(person=person))),
        *(named(getattr(row.record, f"{group}_to").key.split("|")) for row in (person, office) for group in GROUPS),
        *map(entry, Entry.objects.filter(record__in=(person.pk, office.pk)).order_by("seq")),
        named(actor.tokens),
        actor.roles,
    ]


@pytest.mark.parametrize(("kind", "role"), [("university", Role.MEMBER), ("government", Role.OFFICER)])
def test_organisations_and_members_are_as_the_program_makes_them(kind: str, role: str) -> None:
    scope = {"jurisdiction": "440106"} if role == Role.OFFICER else {}
    made = city.organisation(kind=kind)
    theirs = city.member(made, role, **scope)
    office = register_organisation(actor=SYSTEM, name="某单位", kind=kind, region="440106", stage="verified")
    person = register_person(actor=SYSTEM, name="某人", email="x@example.com", phone="020-00000000")
    add_member(actor=SYSTEM, organisation=office, person=person, role=role, **scope)
    assert theirs.person is not None
    assert told(theirs.person, made) == told(person, office)
