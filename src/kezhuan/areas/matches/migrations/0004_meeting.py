"""When, how long and where the two sides of an introduction meet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matches", "0003_titles_without_codes")]

    operations = [
        migrations.AddField("introduction", "meets_at", models.DateTimeField(null=True)),
        migrations.AddField("introduction", "meets_minutes", models.PositiveSmallIntegerField(default=60)),
        migrations.AddField("introduction", "meets_where", models.CharField(blank=True, max_length=200)),
    ]
