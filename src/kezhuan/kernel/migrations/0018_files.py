import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Max


def keep_files(apps, schema_editor):
    """What documents named by hash becomes a row that they point to."""
    using = schema_editor.connection.alias
    document = apps.get_model("kernel", "Document").objects.using(using)
    stored = apps.get_model("kernel", "StoredFile")
    files = document.values("sha256").annotate(bytes=Max("size"), last=Max("uploaded_at")).order_by("sha256")
    stored.objects.using(using).bulk_create(
        (stored(sha256=row["sha256"], size=row["bytes"], touched_at=row["last"]) for row in files.iterator()),
        batch_size=500,
    )
    document.update(stored_id=models.F("sha256"))


def name_hashes(apps, schema_editor):
    """Back: documents name their hash again; one that was withdrawn names none."""
    document = apps.get_model("kernel", "Document").objects.using(schema_editor.connection.alias)
    document.exclude(stored=None).update(sha256=models.F("stored_id"))


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0017_roles'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('size', models.PositiveBigIntegerField()),
                ('text', models.TextField(blank=True)),
                ('read_at', models.DateTimeField(help_text='when its words were read; not yet for files of older versions', null=True)),
                ('touched_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='document',
            name='withdrawn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='document',
            name='stored',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='kernel.storedfile'),
        ),
        migrations.AlterField(
            model_name='document',
            name='sha256',
            field=models.CharField(default='', max_length=64),
        ),
        migrations.RunPython(keep_files, name_hashes),
    ]
