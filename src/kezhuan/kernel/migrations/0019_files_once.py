from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0018_files'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='document',
            name='sha256',
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('stored', None), ('withdrawn_at', None), _connector='XOR'), name='document_has_bytes'),
        ),
    ]
