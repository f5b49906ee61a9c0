import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("kernel", "0028_own_regions")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="grant",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clocks",
                to="kernel.grant",
            ),
        ),
    ]
