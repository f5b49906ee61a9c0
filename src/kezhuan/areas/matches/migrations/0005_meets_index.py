"""Calendars ask for meetings by their time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matches", "0004_meeting")]

    operations = [
        migrations.AddIndex("introduction", models.Index(fields=["meets_at"], name="introduction_meets")),
    ]
