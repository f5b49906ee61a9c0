from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0015_race_tests'),
    ]

    operations = [
        migrations.AddField(
            model_name='project',
            name='extra',
            field=models.JSONField(default=dict),
        ),
    ]
