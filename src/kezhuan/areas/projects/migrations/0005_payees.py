# Payments to members, and in parts: what was planned so far is one part, paid to the leader.

import django.db.models.deletion
from django.db import migrations, models


def number_parts(apps, schema_editor):
    payments = apps.get_model("projects", "Payment").objects.using(schema_editor.connection.alias)
    payments.update(part_of=models.F("number"))


class Migration(migrations.Migration):

    dependencies = [("projects", "0004_changes")]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="part_of",
            field=models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="payment",
            name="payee",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="projects.member",
            ),
        ),
        migrations.RunPython(number_parts, migrations.RunPython.noop),
    ]
