"""The tables of an empty database, made at once as this version has them; migrations lead older databases there."""

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

UNLOGGED = ("kernel_ratebucket",)
"""What PostgreSQL may lose in a crash and need not send to a replica: no model can say so (see migration 0005)."""


def make_at_once(connection: BaseDatabaseWrapper) -> bool:
    """Make all tables in a database that has none of them and note every migration as applied; says whether it did.

    Leading an empty database through all migrations ends with the same tables and takes twenty times as long: Django
    makes the models anew for each step. Rows that migrations change are not there yet.
    """
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    if {model._meta.db_table for model in models} & set(connection.introspection.table_names()):
        return False
    recorder = MigrationRecorder(connection)
    if recorder.applied_migrations():
        return False
    applied = [recorder.Migration(app=app, name=name) for app, name in MigrationLoader(None).graph.nodes]
    with connection.schema_editor() as editor:  # one transaction: nobody meets some of the tables
        if not recorder.has_table():
            editor.create_model(recorder.Migration)
        for model in models:
            editor.create_model(model)
        if connection.vendor == "postgresql":
            for table in UNLOGGED:
                editor.execute(f"ALTER TABLE {editor.quote_name(table)} SET UNLOGGED")
        recorder.migration_qs.bulk_create(applied)
    return True
