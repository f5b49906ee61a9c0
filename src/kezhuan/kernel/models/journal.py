"""The journal's tables: an append-only chain of entries, their erasable texts, its head, and who follows it."""

from django.db import models


class Entry(models.Model):
    """What happened, for ever. `data` holds identifiers, field names and salted hashes; no names, values or notes.

    Triggers refuse UPDATE, DELETE, REPLACE and TRUNCATE on both databases (journal.py makes them).
    """

    seq = models.BigIntegerField(primary_key=True)
    record = models.ForeignKey("kernel.Record", on_delete=models.PROTECT, null=True, related_name="entries")
    kind = models.CharField(max_length=80)
    actor = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey("kernel.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    backfilled = models.BooleanField(default=False, help_text="the time is the source's, not ours")
    hash_name = models.CharField(max_length=10, default="sha256")
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["record", "seq"], name="entry_of_record"),
            models.Index(fields=["at"], name="entry_of_month"),
        ]


class EntryText(models.Model):
    """The erasable side of an entry: the chain holds its salted hash, so it proves itself after an erasure."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="text")
    salt = models.CharField(max_length=32)
    content = models.JSONField(default=dict)


class JournalHead(models.Model):
    """The last entry's number and hash: one row, locked last in each writing transaction."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class Follower(models.Model):
    """How far a follower of the journal has come, and the hash it saw there (it differs after a failover)."""

    name = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    leased_until = models.DateTimeField(null=True)
    turn = models.PositiveBigIntegerField(default=0, help_text="number of the lease; rises with each taking")
    swept = models.BigIntegerField(null=True, help_text="record up to which all is done anew; none while nothing is")
    sweeps_again = models.BooleanField(default=False, help_text="when all is done anew, it is to be done once more")
