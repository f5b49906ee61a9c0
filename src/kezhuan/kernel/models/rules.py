"""Dated numbers and the working calendar."""

from django.db import models


class RuleValue(models.Model):
    """A number that a policy or a service promise sets for a jurisdiction from a day on; a change adds a version."""

    code = models.CharField(max_length=80)
    jurisdiction = models.CharField(max_length=6, help_text="GB/T 2260 code, 000000 for everywhere")
    value = models.JSONField()
    unit = models.CharField(max_length=40)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    source = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "jurisdiction", "effective_from"], name="rule_value_version")
        ]


class CalendarDay(models.Model):
    """A day that differs from Monday-to-Friday: a public holiday, or a weekend day that is worked (调休)."""

    on = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    source = models.TextField()
