"""What was noted today of who was shown what, so that the journal tells it once a day."""

from django.db import models


class Disclosure(models.Model):
    """A person was shown something confidential on a day: a record by its uid, or `document:` and a file's number."""

    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    what = models.CharField(max_length=60)
    mark = models.CharField(max_length=16, help_text="whose look it was that made the entry")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "on", "what"], name="disclosure_once_a_day")]
