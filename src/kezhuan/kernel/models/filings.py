"""Filings (报送): what a unit lets the bureau read of an inner record, as it stood on that day."""

from django.db import models

from kezhuan.kernel.models.records import Record


class Filing(models.Model):
    """One version of an inner record, filed to the bureau in charge of a programme in a district (none: the city's).

    A record of its own: its content is frozen with its SHA-256, its files are documents of it. A newer filing of the
    same record to the same bureau corrects it; the earlier one stays readable.

    One that its unit filed at an `instance` of its own and sent here in a package has an `origin`, its uid there, and
    of its record nothing but kind, uid and code; whose hand filed it the unit knows. What a bureau has confirmed by a
    receipt has the code and the day under which it took it in.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="filing")
    about = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="filings")
    about_kind = models.CharField(max_length=30)
    about_uid = models.UUIDField(null=True, help_text="of a record of another instance")
    about_code = models.CharField(max_length=30, blank=True, help_text="its code there")
    instance = models.CharField(max_length=200, blank=True, help_text="address of the instance where it was filed")
    origin = models.UUIDField(null=True, unique=True)
    confirmed_as = models.CharField(max_length=30, blank=True)
    confirmed_on = models.DateField(null=True)
    number = models.PositiveIntegerField(help_text="the first, second ... filing of its record to this bureau")
    programme = models.CharField(max_length=40, blank=True, help_text="of the officers to whom it is filed")
    region = models.CharField(max_length=6, blank=True, help_text="GB/T 2260 code of their district, empty: the city's")
    about_version = models.PositiveIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    form = models.JSONField(default=dict, help_text="the form of the record as it stood, cells by header, or nothing")
    note = models.TextField(blank=True)
    filed_by = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")
    filed_for = models.ForeignKey(
        "kernel.Person", on_delete=models.PROTECT, null=True, related_name="+", help_text="whom a deputy stood in for"
    )
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="corrected_by")

    takes_files = False
    """Its files were filed with it: nobody adds another."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["about", "region", "programme", "number"], name="filing_number_once")
        ]


class FiledFigure(models.Model):
    """A sum of money in a filing, in 分, by name and year: totals are made of these."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="figures")
    name = models.CharField(max_length=40)
    fen = models.BigIntegerField()
    on = models.DateField(help_text="the day the sum belongs to; totals are by its year")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "name", "on"], name="filed_figure_once")]
