from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("contracts", "0008_certificate_hash")]

    operations = [migrations.AddField("contract", "supplemented_on", models.DateField(null=True))]
