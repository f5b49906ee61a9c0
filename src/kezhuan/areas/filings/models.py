"""Receipts of packages of filings: what a bureau took in that units had filed at instances of their own."""

from django.db import models

from kezhuan.kernel.models import Organisation, Person


class Receipt(models.Model):
    """What was taken in of a package: `said` is handed to the unit as a file, `code` is made of it.

    The same package a second time brings nothing new, and leads to the same receipt.
    """

    code = models.CharField(max_length=19, unique=True)
    package = models.CharField(max_length=64, help_text="SHA-256 of the file that was sent")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    region = models.CharField(max_length=6, blank=True)
    programme = models.CharField(max_length=40, blank=True)
    said = models.JSONField()
    taken_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField()
