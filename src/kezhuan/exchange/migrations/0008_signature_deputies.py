"""Whom a deputy stood in for who signed a paper."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0007_export_job"), ("kernel", "0034_deputies_named")]

    operations = [
        migrations.AddField(
            "signature",
            "signed_for",
            models.ForeignKey(
                help_text="whom a deputy stood in for",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kernel.person",
            ),
        ),
    ]
