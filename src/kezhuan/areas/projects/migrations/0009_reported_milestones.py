from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0008_staff'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='milestone',
            index=models.Index(fields=['passed', 'reported_on', 'project'], name='project_milestone_reported'),
        ),
    ]
