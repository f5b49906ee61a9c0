"""A term may wait for somebody who acts for themselves, such as an expert."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0032_clock_moves")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="person",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="clocks", to="kernel.person"
            ),
        ),
    ]
