"""What is kept of how programs ask: answers that may be asked for twice, and how fast somebody asks."""

from django.db import models


class KeptAnswer(models.Model):
    """The answer to a write, for whoever sends it again: written in the same transaction as what it tells of.

    `asker` and `key` are hashes; `question` is the hash of everything that was asked.
    """

    asker = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    question = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asker", "key"], name="answer_once")]
        indexes = [models.Index(fields=["made_at"], name="answer_age")]


class RateBucket(models.Model):
    """When somebody's bucket of requests is full again, in seconds since 1970; a missing one is full."""

    asker = models.CharField(max_length=64, primary_key=True, help_text="hash of token, person or address")
    full_at = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["full_at"], name="bucket_full")]
