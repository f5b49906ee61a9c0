from django.db import migrations, models


class Migration(migrations.Migration):
    """A call that was made before let units recommend without a scan, and goes on so."""

    dependencies = [
        ('calls', '0026_judged_elsewhere'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='letter_optional',
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name='call',
            name='letter_optional',
            field=models.BooleanField(default=False),
        ),
    ]
