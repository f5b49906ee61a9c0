"""Needs: the problems firms pose, with the figures by which a solution is judged."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models import Record
from kezhuan.kernel.vocabulary import Confidentiality, Field


class RightsTerm(models.TextChoices):
    """产权归属: who owns what comes out."""

    POSTER = "poster", _("the posing firm")
    CLAIMANT = "claimant", _("the solving team")
    JOINT = "joint", _("both jointly")
    BY_CONTRACT = "by_contract", _("by contract")


class NeedSource(models.TextChoices):
    """来源: how the need came in."""

    SELF = "self", _("posed by the firm")
    AGENCY_SURVEY = "agency_survey", _("agency survey")
    CONTEST = "contest", _("innovation challenge")
    CHAIN_LEADER = "chain_leader", _("chain leader's list")
    DISTRICT = "district", _("district")
    IMPORTED = "imported", _("imported file")


CONTACT = "contact"
"""Key of `Need.extra` under which an import keeps whom to call: readers of the inner part alone see it."""


class Need(models.Model):
    """技术需求. The record's title names it, its summary says what is to be solved (拟解决的主要技术问题).

    `budget_fen` is money the firm puts in and `benefit_fen` what it expects to gain, both in 分;
    `min_trl` is the least maturity wanted on the named scale;
    `rd_ratio_bp` is last year's R&D spending over revenue in basis points.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="need")
    confidentiality = models.CharField(max_length=20, choices=Confidentiality, default=Confidentiality.PUBLIC)
    field = models.CharField(max_length=20, blank=True, choices=Field)
    chain = models.CharField(max_length=60, blank=True)
    keywords = models.JSONField(default=list)
    background = models.TextField(blank=True)
    scenario = models.TextField(blank=True)
    expected_benefit = models.TextField(blank=True)
    benefit_fen = models.BigIntegerField(null=True)
    claimant_requirements = models.TextField(blank=True)
    ip_terms = models.CharField(max_length=20, blank=True, choices=RightsTerm)
    ip_note = models.TextField(blank=True)
    budget_fen = models.BigIntegerField(null=True)
    min_trl = models.PositiveSmallIntegerField(null=True)
    trl_scale = models.CharField(max_length=20, default="trl9")
    modes = models.JSONField(default=list)
    region = models.CharField(max_length=6, blank=True)
    deadline = models.DateField(null=True)
    self_solvable = models.BooleanField(default=False)
    rd_ratio_bp = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=20, choices=NeedSource, default=NeedSource.SELF)
    extra = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(budget_fen=None) | models.Q(budget_fen__gt=0), name="need_budget"
            ),
            models.CheckConstraint(
                condition=models.Q(benefit_fen=None) | models.Q(benefit_fen__gt=0), name="need_benefit"
            ),
            models.CheckConstraint(
                condition=models.Q(min_trl=None) | models.Q(min_trl__gte=1, min_trl__lte=13), name="need_trl"
            ),
        ]


OPERATORS = [("≥", "≥"), ("≤", "≤"), ("=", "="), (">", ">"), ("<", "<"), ("range", _("range"))]
"""How a figure stands to the value of an indicator."""


class Indicator(models.Model):
    """核心指标: one figure a solution must reach, its unit, and how it is tested."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="indicators")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    operator = models.CharField(max_length=10, choices=OPERATORS)
    value = models.CharField(max_length=60)
    unit = models.CharField(max_length=40, blank=True)
    test_method = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["need", "order"], name="indicator_order")]
