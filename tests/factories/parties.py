"""Organisations and people that a test only needs to be there: the rows and entries of the program's actions by few
statements, which Django does not put together anew each time. `tests/areas/test_factories.py` holds both alike."""

import functools
import itertools
import os
from collections.abc import Callable
from typing import Any

from django.db import connection, models

from kezhuan.areas.people.lifecycle import ORGANISATION, PERSON, tell_of_membership
from kezhuan.kernel import journal
from kezhuan.kernel.access import GROUPS, SYSTEM, Actor, Audiences, actor_for, set_audiences
from kezhuan.kernel.lifecycle import Lifecycle, start_record
from kezhuan.kernel.models import Membership, Organisation, Person, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today

_numbers = itertools.count(1)


def organisation(name: str = "", *, kind: str = "enterprise", region: str = "440106") -> Organisation:
    """A verified organisation of Tianhe, unless said otherwise."""
    with journal.writing():
        made: Organisation = _opened(
            ORGANISATION,
            "verified",
            name or f"单位{next(_numbers)}号",
            lambda record: Organisation(record=record, kind=kind, region=region),
        )
        made.record.owner = made
        _written(made.record, ORGANISATION.audience(made))
    return made


def member(owner: Organisation, role: str = Role.MEMBER, *, name: str = "", **scope: Any) -> Actor:
    """Somebody who acts for the organisation; `scope` are columns of their membership."""
    with journal.writing():
        number = next(_numbers)
        person: Person = _opened(
            PERSON,
            "active",
            name or f"人员{number}号",
            lambda record: Person(record=record, email=f"p{number}@example.com", phone="020-00000000"),
        )
        membership = Membership(person=person, organisation=owner, role=role, **{"since": today(), **scope})
        _put(membership)
        _written(person.record, PERSON.audience(person))
        tell_of_membership("member", membership, SYSTEM)
    return actor_for(person)


def _opened(lifecycle: Lifecycle, stage: str, title: str, build: Callable[[Record], Any]) -> Any:
    """A row and its record, seen by nobody yet, with their first entry."""
    # Proofs write from several processes at once.
    code = f"{lifecycle.prefix}-2000-{os.getpid()}{next(_numbers):05d}"
    record = start_record(lifecycle, code, title=title, stage=stage)
    set_audiences(record, Audiences.nested())
    _put(record)
    row = build(record)
    _put(row)
    journal.note(f"{lifecycle.kind}.open", record=record, actor=SYSTEM, data={"stage": stage})
    return row


def _written(record: Record, audiences: Audiences) -> None:
    """Who sees the record and whose it is, now that its number is known."""
    set_audiences(record, audiences)
    names = [*(f"{group}_to_id" for group in GROUPS), "owner_id"]
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{name}" = %s' for name in names)
        values = [getattr(record, name) for name in names]
        cursor.execute(f'UPDATE "kernel_record" SET {columns} WHERE "id" = %s', [*values, record.pk])


def _put(row: models.Model) -> None:
    """Insert a row; the database gives its number."""
    statement, fields, numbered = _insert(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if numbered:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


@functools.cache
def _insert(model: type[models.Model]) -> tuple[str, list[Any], bool]:
    key = model._meta.pk
    numbered = isinstance(key, models.AutoField)
    fields = [field for field in model._meta.local_concrete_fields if not (numbered and field is key)]
    columns, places = ", ".join(f'"{field.column}"' for field in fields), ", ".join("%s" for _field in fields)
    returning = f' RETURNING "{key.column}"' if numbered else ""
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}){returning}', fields, numbered
