from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_kinds(apps, editor):
    """A filing tells of what kind its record is without it: of one that was filed elsewhere there is none here."""
    alias = editor.connection.alias
    records = apps.get_model("kernel", "Record").objects.using(alias)
    filings = apps.get_model("kernel", "Filing").objects.using(alias)
    filings.update(about_kind=Subquery(records.filter(pk=OuterRef("about")).values("kind")[:1]))


class Migration(migrations.Migration):
    dependencies = [("kernel", "0039_members_of_meetings")]

    operations = [
        migrations.AddField(
            "filing", "about_kind", models.CharField(default="", max_length=30), preserve_default=False
        ),
        migrations.AlterField(
            "filing",
            "about",
            models.ForeignKey(null=True, on_delete=models.deletion.PROTECT, related_name="filings", to="kernel.record"),
        ),
        migrations.AddField(
            "filing", "about_uid", models.UUIDField(help_text="of a record of another instance", null=True)
        ),
        migrations.AddField(
            "filing",
            "about_code",
            models.CharField(blank=True, default="", help_text="its code there", max_length=30),
            preserve_default=False,
        ),
        migrations.AddField(
            "filing",
            "instance",
            models.CharField(
                blank=True, default="", help_text="address of the instance where it was filed", max_length=200
            ),
            preserve_default=False,
        ),
        migrations.AddField("filing", "origin", models.UUIDField(null=True, unique=True)),
        migrations.AddField(
            "filing", "confirmed_as", models.CharField(blank=True, default="", max_length=30), preserve_default=False
        ),
        migrations.AddField("filing", "confirmed_on", models.DateField(null=True)),
        migrations.AlterField(
            "filing",
            "filed_by",
            models.ForeignKey(null=True, on_delete=models.deletion.PROTECT, related_name="+", to="kernel.person"),
        ),
        migrations.RunPython(name_kinds, migrations.RunPython.noop),
    ]
