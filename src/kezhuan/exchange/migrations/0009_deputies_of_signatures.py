"""Whom a deputy stood in for who signed before this was kept beside the signature, as its entry says."""

from typing import Any

from django.db import migrations


def name_represented(apps: Any, editor: Any) -> None:
    """The entry of a signature names its file, and by `for` in whose place it was given."""
    alias = editor.connection.alias
    people = apps.get_model("kernel", "Person").objects.using(alias)
    kinds = ("paper.stamped", "paper.stamped-typed", "paper.confirmed")
    entries = apps.get_model("kernel", "Entry").objects.using(alias).filter(kind__in=kinds).exclude(data__for=None)
    for entry in entries.iterator():
        person = people.filter(record__uid=entry.data["for"]).first()
        given = apps.get_model("exchange", "Signature").objects.using(alias).filter(document=entry.data["document"])
        given.filter(signed_by=entry.actor_id).update(signed_for=person)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0008_signature_deputies")]

    operations = [migrations.RunPython(name_represented, migrations.RunPython.noop)]
