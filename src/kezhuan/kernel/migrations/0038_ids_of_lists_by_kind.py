"""The ids of somebody's lists are given once in each kind of records: lists of needs and of results both begin with 1."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0037_sealing'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='identifier',
            name='identifier_once',
        ),
        migrations.AddField(
            model_name='identifier',
            name='kind',
            field=models.CharField(blank=True, default='', help_text='of the ids of a list: of what it is one', max_length=40),
        ),
        migrations.AddConstraint(
            model_name='identifier',
            constraint=models.UniqueConstraint(condition=models.Q(('active', True)), fields=('scheme', 'value', 'kind'), name='identifier_once'),
        ),
    ]
