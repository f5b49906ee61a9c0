"""Followers keep where they stand while they do everything anew."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("kernel", "0043_considered")]

    operations = [
        migrations.AddField(
            model_name="follower",
            name="swept",
            field=models.BigIntegerField(
                help_text="record up to which all is done anew; none while nothing is", null=True
            ),
        ),
        migrations.AddField(
            model_name="follower",
            name="sweeps_again",
            field=models.BooleanField(
                default=False, help_text="when all is done anew, it is to be done once more"
            ),
        ),
    ]
