"""公示 and 异议: what is laid open before a step is taken, where it stands, and who objects."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models.records import Document, Record


class NoticeAudience(models.TextChoices):
    """Before whom a notice is laid open."""

    PUBLIC = "public", _("the public")
    UNIT = "unit", _("the members of the unit")


class ChannelKind(models.TextChoices):
    """公示渠道: where a notice stands."""

    SITE = "site", _("this site")
    BUREAU = "bureau", _("the bureau's website")
    UNIT = "unit", _("inside the unit")
    MARKET = "market", _("technology market")
    PRESS = "press", _("newspaper or other place")


class Notice(models.Model):
    """A notice about another record, held before one of its moves; a record of its own with stages and documents.

    `content` is frozen when the notice is prepared: heading, subject, facts, text; `content_hash` is the SHA-256 of its
    canonical form. Each channel stands for `days` of `day_kind`; objections are taken for `objection_days` of
    `objection_day_kind` after the last channel has ended. `ends_on` and `objections_until` follow from the channels
    as soon as all have begun. `spent_on` is the day on which the move was taken on the strength of it.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="notice")
    about = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="notices")
    move = models.CharField(max_length=40)
    region = models.CharField(max_length=6, blank=True, help_text="GB/T 2260 code of the record's district")
    issuer = models.ForeignKey("kernel.Organisation", on_delete=models.PROTECT, related_name="+")
    audience = models.CharField(max_length=10, choices=NoticeAudience)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    reception = models.TextField(help_text="who takes objections, and how")
    days = models.PositiveSmallIntegerField()
    day_kind = models.CharField(max_length=10)
    objection_days = models.PositiveSmallIntegerField(default=0)
    objection_day_kind = models.CharField(max_length=10)
    ends_on = models.DateField(null=True)
    objections_until = models.DateField(null=True)
    spent_on = models.DateField(null=True)

    @property
    def programme(self) -> str:
        """Whose officers are in charge of it: those of the programme of what it is about."""
        return self.about.kind

    programme_at = "about__kind"
    """Where queries find it."""


class NoticeChannel(models.Model):
    """One place where a notice stands, from its first to its last day, with proof of both."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="channels")
    kind = models.CharField(max_length=10, choices=ChannelKind)
    address = models.CharField(max_length=500, blank=True)
    started_on = models.DateField(null=True)
    stands_until = models.DateField(null=True, help_text="the day until which it must stand there, once it has begun")
    ended_on = models.DateField(null=True)
    start_proof = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    end_proof = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("started_on")),
                name="notice_channel_days",
            ),
        ]


class Objection(models.Model):
    """A named objection to a notice; its words are the record's summary, its evidence the record's documents.

    Name, unit and contact are for the officers in charge alone. `person` is whoever sent it signed in;
    `entered_by` the officer who wrote down one that came on paper.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="objection")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="objections")
    region = models.CharField(max_length=6, blank=True, help_text="GB/T 2260 code of the noticed record's district")
    name = models.CharField(max_length=80)
    unit = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=200)
    received_on = models.DateField()
    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")

    @property
    def programme(self) -> str:
        """See `Notice`."""
        return self.notice.programme

    programme_at = "notice__about__kind"
