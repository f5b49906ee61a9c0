from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0025_opinion'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='judged_elsewhere',
            field=models.JSONField(default=dict),
        ),
    ]
