"""The shortcuts by which queries are worded lead to the text that Django's own ways lead to."""

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, F, Q
from django.test.utils import CaptureQueriesContext

from kezhuan.kernel import access, registry, wording
from kezhuan.kernel.models import Membership, Record
from kezhuan.kernel.text import today
from tests.factories import city


def queries():
    """Of every kind its rows with all they name, some of them ordered, and such as join a table twice or count."""
    for kind in registry.kinds():
        rows = kind.model._default_manager.select_related("record__owner__record", "record__contact__record")
        yield rows.filter(record__title="50%", record__opened_on__lt=date(2027, 1, 1)).order_by("-record__code")
    yield Membership.objects.exclude(organisation__record__phase="void").filter(Q(until=None) | Q(person__pk=7))
    yield Record.objects.values("kind").annotate(many=Count("pk")).filter(many__gt=F("version")).order_by("kind")


def worded(rows):
    """The statement with its values, the places of columns that are taken otherwise than given, and how it is sent."""
    compiler = rows.query.get_compiler(connection=connection)
    statement, values = compiler.as_sql()
    taken = sorted(compiler.get_converters([one[0] for one in compiler.select]))
    spelt = statement
    if connection.vendor == "sqlite":
        spelt = wording.SQLiteCursorWrapper.convert_query(None, statement)
    return statement, values, taken, spelt


@pytest.mark.each_database
@pytest.mark.django_db
def test_what_was_worded_once_gives_the_rows_of_each_value_and_day():
    firm = city.organisation("甲公司")
    new, old = city.member(firm), city.member(firm, since=date(2020, 1, 1))
    old.person.memberships.update(until=date(2020, 12, 31))
    asked = access._ASKED.rows
    for _turn in range(2):  # the first may word it, the second never does
        assert [one.organisation for one in asked(new.person.pk, today())] == [firm]
        assert asked(old.person.pk, today()) == asked(new.person.pk, date(2019, 12, 31)) == []
        assert asked(old.person.pk, date(2020, 12, 31)) == list(old.person.memberships.all())
    with CaptureQueriesContext(connection) as queries:
        assert asked(new.person.pk, today())[0].organisation.record.title == "甲公司"
    assert len(queries) == 1


@pytest.mark.each_database
@pytest.mark.django_db
def test_shortcuts_lead_to_the_same_statements(monkeypatch):
    shortened = [worded(rows) for _turn in range(2) for rows in queries()]
    with monkeypatch.context() as own:
        for (place, name), way in wording.DJANGO.items():
            own.setattr(place, name, way)
        own_ways = [worded(rows) for rows in queries()]
    assert shortened == own_ways * 2
    assert any("50%" in str(values) for _statement, values, _taken, _spelt in own_ways)
