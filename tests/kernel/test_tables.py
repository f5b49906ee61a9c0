"""A database is brought up to date by one process at a time."""

import threading

import pytest
from django.db import DEFAULT_DB_ALIAS, connection

from kezhuan.kernel.management.commands.migrate import alone
from kezhuan.kernel.tables import make_at_once


@pytest.mark.each_database
@pytest.mark.django_db
def test_who_brings_it_up_to_date_is_waited_for(django_db_blocker):
    entered = threading.Event()

    def another():
        with alone(DEFAULT_DB_ALIAS):
            entered.set()

    with alone(DEFAULT_DB_ALIAS):
        thread = threading.Thread(target=another)
        thread.start()
        assert not entered.wait(0.2)
    assert entered.wait(30)
    thread.join()


@pytest.mark.django_db
def test_a_database_that_has_tables_is_left_alone():
    assert not make_at_once(connection)
