"""Followers number their leases."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("kernel", "0011_mobile")]

    operations = [
        migrations.AddField(
            model_name="follower",
            name="turn",
            field=models.PositiveBigIntegerField(default=0, help_text="number of the lease; rises with each taking"),
        ),
    ]
