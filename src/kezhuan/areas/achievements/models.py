"""Achievements: what research offers, with its rights, its completers and its owners."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models import Organisation, Person, Record
from kezhuan.kernel.vocabulary import AchievementClass, Field

SUPPLY_STAGES = ("listed", "registered")
"""Stages in which an achievement is offered."""


class Achievement(models.Model):
    """科技成果. The record's title and summary are the public description; `confidential` is the full part.

    `price_fen` is an idea of a price in 分; `trl` is a level on the named scale; `rights_states` is what the unit says
    of how the rights stand (`vocabulary.RightsState`); `extra` keeps columns of an imported file that no field
    understands.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="achievement")
    secrecy = models.CharField(max_length=20, choices=AchievementClass, default=AchievementClass.PUBLIC)
    confidential = models.TextField(blank=True)
    advantage = models.TextField(blank=True, help_text="better than the best competitor in which measured figure")
    keywords = models.JSONField(default=list)
    field = models.CharField(max_length=20, blank=True, choices=Field)
    chain = models.CharField(max_length=60, blank=True, help_text="产业链")
    discipline = models.CharField(max_length=80, blank=True)
    trl = models.PositiveSmallIntegerField(null=True)
    trl_scale = models.CharField(max_length=20, default="trl9")
    modes = models.JSONField(default=list)
    rights_states = models.JSONField(default=list)
    price_fen = models.BigIntegerField(null=True)
    region = models.CharField(max_length=6, blank=True)
    completed_on = models.DateField(null=True)
    source = models.CharField(max_length=60, blank=True, help_text="where an imported record comes from")
    extra = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_fen=None) | models.Q(price_fen__gte=0), name="achievement_price"
            ),
            models.CheckConstraint(
                condition=models.Q(trl=None) | models.Q(trl__gte=1, trl__lte=13), name="achievement_trl"
            ),
        ]


class RightKind(models.TextChoices):
    """Kinds of intellectual property an achievement rests on."""

    INVENTION = "invention", _("invention patent")
    UTILITY = "utility", _("utility model")
    DESIGN = "design", _("design patent")
    SOFTWARE = "software", _("software copyright")
    IC_LAYOUT = "ic_layout", _("integrated-circuit layout")
    PLANT = "plant", _("plant variety")
    TRADE_SECRET = "trade_secret", _("know-how")


class IntellectualProperty(models.Model):
    """One right behind an achievement; a patent number carries a check digit."""

    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="rights")
    kind = models.CharField(max_length=20, choices=RightKind)
    status = models.CharField(max_length=10, choices=[("applied", _("applied for")), ("granted", _("granted"))])
    number = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200, blank=True)


class Completer(models.Model):
    """完成人: somebody who contributed, in order; shares are basis points and sum to 10,000 once registered."""

    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="completers")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="contributions")
    share_bp = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(share_bp=None) | models.Q(share_bp__lte=10_000), name="completer_share"
            ),
            models.UniqueConstraint(fields=["achievement", "order"], name="completer_order"),
        ]


class AchievementOwner(models.Model):
    """权利人 beside the record's owner, who leads; shares are basis points of the whole."""

    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="owners")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    share_bp = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["achievement", "organisation"], name="achievement_owner_once")]
