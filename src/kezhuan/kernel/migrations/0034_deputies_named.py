"""Whom a deputy stood in for is named beside a filing and a job."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0033_personal_clocks")]

    operations = [
        migrations.AddField(
            "filing",
            "filed_for",
            models.ForeignKey(
                help_text="whom a deputy stood in for",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kernel.person",
            ),
        ),
        migrations.AddField(
            "job",
            "deputy",
            models.ForeignKey(
                db_index=False,
                help_text="the deputyship by which the person stood in for somebody",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kernel.deputy",
            ),
        ),
    ]
