"""Dated numbers, who used which version of them, and the working calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    """What a rule value counts."""

    WORKING_DAYS = "working days", _("working days")
    CALENDAR_DAYS = "calendar days", _("calendar days")
    MONTHS = "months", _("months")
    FEN = "fen", _("money")
    BASIS_POINTS = "basis points", _("percent")
    COUNT = "count", _("number")


class RuleValue(models.Model):
    """A number that a policy or a service promise sets for a jurisdiction from a day on; a change adds a version.

    A version that was entered by mistake and that no case has used is withdrawn: it is kept and counts no more.
    """

    code = models.CharField(max_length=80)
    jurisdiction = models.CharField(max_length=6, help_text="GB/T 2260 code, 000000 for everywhere")
    value = models.JSONField()
    unit = models.CharField(max_length=40)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    source = models.TextField()
    closes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="+", help_text="the version that this one ended"
    )
    entered_at = models.DateTimeField(null=True, help_text="empty for a value that came with the program")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "jurisdiction", "effective_from"],
                condition=models.Q(withdrawn_at=None),
                name="rule_value_version",
            ),
            models.UniqueConstraint(
                fields=["code", "jurisdiction"],
                condition=models.Q(effective_to=None, withdrawn_at=None),
                name="rule_value_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(effective_to=None) | models.Q(effective_to__gte=models.F("effective_from")),
                name="rule_value_days",
            ),
        ]


class RuleUse(models.Model):
    """The stamp on a case: this version of the value was used for it."""

    record = models.ForeignKey("kernel.Record", on_delete=models.PROTECT, related_name="rule_uses")
    rule_value = models.ForeignKey(RuleValue, on_delete=models.PROTECT, related_name="uses")
    on = models.DateField(help_text="the day of first use")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "rule_value"], name="rule_use_once")]


class CalendarYear(models.Model):
    """A year whose holidays and make-up workdays are loaded, with the notice that announced them."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    source = models.TextField()
    loaded_at = models.DateTimeField()


class CalendarDay(models.Model):
    """A day that differs from Monday-to-Friday: a public holiday, or a weekend day that is worked (调休).

    `announced_for` is the year of the notice, which may name days of the Decembers and Januaries around it.
    """

    on = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    name = models.CharField(max_length=60, blank=True)
    source = models.TextField()
    announced_for = models.ForeignKey(CalendarYear, on_delete=models.PROTECT, null=True, related_name="days")
