from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("kernel", "0045_filed_form"),
        ("projects", "0017_member_agrees"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="refusals",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="change",
            name="refused_by",
            field=models.ManyToManyField(related_name="+", to="kernel.organisation"),
        ),
    ]
