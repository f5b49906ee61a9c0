"""Every need is matched anew, by the follower of suggestions as after a lost journal: what was suggested across languages
by words that the table of meanings does not know goes."""

from django.db import migrations


def match_anew(apps, schema):
    apps.get_model("kernel", "Follower").objects.using(schema.connection.alias).filter(name="suggestions").update(hash="")


class Migration(migrations.Migration):
    dependencies = [("matches", "0005_meets_index"), ("kernel", "0030_public_clocks")]

    operations = [migrations.RunPython(match_anew, migrations.RunPython.noop)]
