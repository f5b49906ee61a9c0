"""A certificate keeps the SHA-256 of its lines, of which its code was made; earlier ones get it from their lines."""

import hashlib
import json

from django.db import migrations, models


def _hash_again(apps, schema):
    rows = apps.get_model("contracts", "Certificate").objects.using(schema.connection.alias)
    for row in rows.select_related("contract__record").iterator(chunk_size=500):
        body = [str(row.contract.record.uid), "", "", row.said]
        told = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        row.sha256 = hashlib.sha256(told.encode()).hexdigest()
        row.save(update_fields=["sha256"])


class Migration(migrations.Migration):

    dependencies = [("contracts", "0007_two_look")]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="sha256",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(_hash_again, migrations.RunPython.noop),
    ]
