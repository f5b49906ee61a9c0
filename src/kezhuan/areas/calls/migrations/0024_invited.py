from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0023_spot_checks'),
        ('kernel', '0038_ids_of_lists_by_kind'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='invited',
            field=models.ManyToManyField(related_name='+', to='kernel.organisation'),
        ),
        migrations.AlterField(
            model_name='call',
            name='disclosure',
            field=models.CharField(choices=[('public', 'everybody reads the list'), ('signed_in', 'everybody sees the call, whoever has an account reads the list'), ('invited', 'the invited organisations alone know of it')], default='public', max_length=20),
        ),
    ]
