"""调阅: an inspector of an audit or discipline body reads named records, on the strength of a letter, for some days."""

from django.db import models

from kezhuan.kernel.models import Organisation, Person, Record


class Inspection(models.Model):
    """Who inspects, for which body, by which letter (调阅函), from a day until a day; a record of its own.

    `unit` is the organisation that admits to its own records; without one the bureau admits. Whether the owners of the
    records are told (`owner_told`) is as the letter says.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="inspection")
    inspector = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="inspections")
    body = models.CharField(max_length=200, help_text="the audit or discipline body")
    letter_no = models.CharField(max_length=80)
    since = models.DateField()
    until = models.DateField()
    owner_told = models.BooleanField(default=True)
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gte=models.F("since")), name="inspection_days"),
        ]


class Matter(models.Model):
    """A record that an inspection is about."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="matters")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "record"], name="matter_once")]
        ordering = ["pk"]
