"""The shortcuts by which queries are worded lead to the text that Django's own ways lead to."""

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, F, Q

from kezhuan.kernel import registry, wording
from kezhuan.kernel.models import Membership, Record


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


@pytest.mark.django_db
def test_shortcuts_lead_to_the_same_statements(monkeypatch):
    shortened = [worded(rows) for _turn in range(2) for rows in queries()]
    with monkeypatch.context() as own:
        for (place, name), way in wording.DJANGO.items():
            own.setattr(place, name, way)
        own_ways = [worded(rows) for rows in queries()]
    assert shortened == own_ways * 2
    assert any("50%" in str(values) for _statement, values, _taken, _spelt in own_ways)
