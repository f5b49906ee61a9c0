"""How long answers took, counted now and then for the public page."""

from django.db import models

from kezhuan.kernel.models.parties import OrganisationKind


class AnswerTime(models.Model):
    """One sort of organisation and one step of one kind of record, over the last year."""

    organisation_kind = models.CharField(max_length=20, choices=OrganisationKind)
    record_kind = models.CharField(max_length=30)
    stage = models.CharField(max_length=60)
    day_kind = models.CharField(max_length=10, help_text="working or calendar")
    answered = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField(help_text="still waiting past the due day; not answered in time either")
    median_days = models.PositiveIntegerField(null=True)
    most_days = models.PositiveIntegerField(null=True, help_text="nineteen of twenty were answered within so many days")
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_kind", "record_kind", "stage", "day_kind"], name="answer_time_once"
            )
        ]
