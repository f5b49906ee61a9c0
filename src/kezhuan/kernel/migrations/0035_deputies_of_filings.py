"""Whom a deputy stood in for who filed before this was kept beside the filing, as its entry says."""

from typing import Any

from django.db import migrations


def name_represented(apps: Any, editor: Any) -> None:
    """The entry of a filing says by `for` in whose place it was made."""
    alias = editor.connection.alias
    people = apps.get_model("kernel", "Person").objects.using(alias)
    entries = apps.get_model("kernel", "Entry").objects.using(alias).filter(kind="filing.open").exclude(data__for=None)
    for entry in entries.iterator():
        person = people.filter(record__uid=entry.data["for"]).first()
        apps.get_model("kernel", "Filing").objects.using(alias).filter(pk=entry.record_id).update(filed_for=person)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0034_deputies_named")]

    operations = [migrations.RunPython(name_represented, migrations.RunPython.noop)]
