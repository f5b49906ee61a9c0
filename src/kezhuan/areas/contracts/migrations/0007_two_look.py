"""Of the two who look at a contract the second is never the first. Who refused one as its registrar is no second look."""

from django.db import migrations, models
from django.db.models import F


def _no_second_look(apps, schema):
    rows = apps.get_model("contracts", "Contract").objects.using(schema.connection.alias)
    rows.filter(registrar=F("reviewer")).update(reviewer=None)


class Migration(migrations.Migration):

    dependencies = [("contracts", "0006_agreement")]

    operations = [
        migrations.RunPython(_no_second_look, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(registrar=None)
                | models.Q(reviewer=None)
                | ~models.Q(registrar=models.F("reviewer")),
                name="contract_looked_at_by_two",
            ),
        ),
    ]
