from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0010_workers'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='mobile',
            field=models.CharField(help_text='E.164, such as +8613800138000', max_length=16, null=True, unique=True),
        ),
    ]
