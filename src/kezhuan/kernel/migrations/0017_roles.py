from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0016_work_cards'),
    ]

    operations = [
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('administrator', 'administrator'), ('member', 'member'), ('finance', 'finance'), ('legal', 'legal'), ('reader', 'read-only member'), ('officer', 'officer')], max_length=20),
        ),
    ]
