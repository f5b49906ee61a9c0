from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("contracts", "0009_supplemented_on")]

    operations = [migrations.AddField("contract", "ordered_on", models.DateField(null=True))]
