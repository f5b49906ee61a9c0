"""Work that waits for a worker, is under way, or is over."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Job(models.Model):
    """A piece of work for a worker. `arguments` hold identifiers, never names or words of people.

    `due_at` is when a worker may take it: the moment it was asked for while it waits, the end of the lease while it
    runs, nothing once it is over. `token` rises whenever a worker takes it, so that one who lost it is told apart.
    """

    name = models.CharField(max_length=60)
    key = models.CharField(max_length=100, blank=True)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    due_at = models.DateTimeField(null=True)
    token = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often a worker took it")
    worker = models.CharField(max_length=100, blank=True)
    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    acting_for = models.ForeignKey(
        "kernel.Organisation", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    deputy = models.ForeignKey(
        "kernel.Deputy",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="the deputyship by which the person stood in for somebody",
    )
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"], condition=models.Q(state=JobState.WAITING) & ~models.Q(key=""), name="job_once"
            )
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(due_at__isnull=False), name="job_due"),
            models.Index(fields=["state", "-ended_at", "-id"], name="job_ended"),
            models.Index(fields=["name", "key", "-id"], name="job_of_key"),
            models.Index(fields=["person", "-id"], name="job_of_person"),
        ]


class Worker(models.Model):
    """A process that does jobs, by its machine and process number, and its last sign of life."""

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
