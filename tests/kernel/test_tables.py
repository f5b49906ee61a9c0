"""A database is brought up to date by one process at a time."""

import threading

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from kezhuan.kernel import guards
from kezhuan.kernel.management.commands.migrate import alone
from kezhuan.kernel.tables import make_at_once
from tests.factories.databases import drop_guards


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


@pytest.mark.django_db
def test_a_database_of_this_version_gets_its_guards_anew_and_an_older_one_is_led_on(monkeypatch):
    led = []
    monkeypatch.setattr(migrate.Command, "handle", lambda _self, **asked: led.append(asked["database"]))
    drop_guards()
    call_command("migrate", verbosity=0)
    assert (led, guards.faulty()) == ([], [])
    (latest,) = MigrationLoader(connection).graph.leaf_nodes("kernel")
    MigrationRecorder(connection).record_unapplied(*latest)
    call_command("migrate", verbosity=0)
    assert led == [DEFAULT_DB_ALIAS]
