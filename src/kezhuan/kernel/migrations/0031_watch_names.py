"""The same record or search may be watched in the name of each organisation that somebody acts for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0030_public_clocks")]

    operations = [
        migrations.RemoveConstraint(model_name="watch", name="watch_record_once"),
        migrations.RemoveConstraint(model_name="watch", name="watch_search_once"),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.UniqueConstraint(
                fields=["person", "acting_for", "record"],
                condition=models.Q(record__isnull=False),
                name="watch_record_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.UniqueConstraint(
                fields=["person", "acting_for", "path"], condition=models.Q(record=None), name="watch_search_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.UniqueConstraint(
                fields=["person", "record"],
                condition=models.Q(record__isnull=False, acting_for=None),
                name="watch_own_record_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.UniqueConstraint(
                fields=["person", "path"],
                condition=models.Q(record=None, acting_for=None),
                name="watch_own_search_once",
            ),
        ),
    ]
