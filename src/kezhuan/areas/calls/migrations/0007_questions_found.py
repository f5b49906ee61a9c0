from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0006_payments'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='asked',
            index=models.Index(fields=['answered_at', 'call'], name='call_asked_open'),
        ),
    ]
