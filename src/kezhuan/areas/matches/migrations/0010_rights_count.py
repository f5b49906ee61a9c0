"""Every need is matched anew, as 0006 does: how the rights of results stand counts now."""

from django.db import migrations


def match_anew(apps, schema):
    apps.get_model("kernel", "Follower").objects.using(schema.connection.alias).filter(name="suggestions").update(hash="")


class Migration(migrations.Migration):
    dependencies = [("matches", "0009_brought"), ("achievements", "0002_rights_states")]

    operations = [migrations.RunPython(match_anew, migrations.RunPython.noop)]
