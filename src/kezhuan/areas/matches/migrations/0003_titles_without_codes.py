"""Introductions made before were called by the codes of both sides."""

from typing import Any

from django.db import migrations


def rename(apps: Any, schema: Any) -> None:
    """The index follows when it is next built; until then search finds them by the old title as well."""
    records = apps.get_model("kernel", "Record").objects.using(schema.connection.alias)
    records.filter(kind="introduction").update(title="对接", title_en="Introduction")


class Migration(migrations.Migration):

    dependencies = [("matches", "0002_agreed_by"), ("kernel", "0001_initial")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
