"""Terms that run are read in the order of the inbox, the first page of them without sorting all that fall due on a day."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0035_deputies_of_filings'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='clock',
            name='clock_running',
        ),
        migrations.AddIndex(
            model_name='clock',
            index=models.Index(condition=models.Q(('ended_on', None)), fields=['due_on', 'id'], name='clock_running'),
        ),
    ]
