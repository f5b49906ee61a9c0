"""Saved searches and followed records: what a person wants to be told of, and how far they were told."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rhythm(models.TextChoices):
    """How often news of a watch is told."""

    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every Monday")


class Watch(models.Model):
    """A search or a record that a person watches in the name of an organisation, or of nobody.

    A followed record has `record`, and `seen`: its stage and public part as last told. A saved search has `path`, the
    address of its list, and `query`, what that asks for; `seq` is the journal's number up to which it was told of, and
    `told` are the records it has named.
    """

    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, related_name="watches", db_index=False)
    acting_for = models.ForeignKey(
        "kernel.Organisation", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    record = models.ForeignKey("kernel.Record", on_delete=models.PROTECT, null=True, related_name="watches")
    path = models.CharField(max_length=1000, blank=True)
    query = models.JSONField(default=dict)
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.DAILY)
    seen = models.JSONField(default=dict)
    told = models.JSONField(default=list)
    seq = models.BigIntegerField(default=0)
    next_on = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "acting_for", "record"],
                condition=models.Q(record__isnull=False),
                name="watch_record_once",
            ),
            models.UniqueConstraint(
                fields=["person", "acting_for", "path"], condition=models.Q(record=None), name="watch_search_once"
            ),
            # NULL is like no other NULL there: what is watched in nobody's name is watched once by these.
            models.UniqueConstraint(
                fields=["person", "record"],
                condition=models.Q(record__isnull=False, acting_for=None),
                name="watch_own_record_once",
            ),
            models.UniqueConstraint(
                fields=["person", "path"],
                condition=models.Q(record=None, acting_for=None),
                name="watch_own_search_once",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="watch_of_person"),
            models.Index(fields=["next_on", "person"], name="watch_due"),
        ]
