"""Running terms say how often, and when last, a calendar gave them another day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0031_watch_names")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="moves",
            field=models.PositiveIntegerField(default=0, help_text="how often a calendar gave it another day"),
        ),
        migrations.AddField(model_name="clock", name="moved_at", field=models.DateTimeField(null=True)),
    ]
