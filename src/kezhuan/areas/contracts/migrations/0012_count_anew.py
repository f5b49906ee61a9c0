"""Totals by the buyer's province begin with the contracts that are there: all are counted anew."""

from django.db import migrations


def _anew(apps, schema):
    rows = apps.get_model("kernel", "Follower").objects.using(schema.connection.alias)
    rows.filter(name="contract-figures").update(hash="anew")


class Migration(migrations.Migration):

    dependencies = [
        ("contracts", "0011_open_totals"),
        ("kernel", "0041_firm_sizes"),
    ]

    operations = [migrations.RunPython(_anew, migrations.RunPython.noop)]
