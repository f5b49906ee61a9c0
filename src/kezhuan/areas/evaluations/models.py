"""Evaluations (科技成果评价): a case about one achievement, its work items with their evidence, and its metrics."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kezhuan.engines.maturity import KINDS, scales
from kezhuan.kernel.models import Document, Organisation, Record
from kezhuan.kernel.vocabulary import TRL_SCALES


class ResultType(models.TextChoices):
    """成果类型: fixes by which weights an achievement is judged, and which grades are asked for."""

    BASIC = "basic", _("basic research")
    APPLIED = "applied", _("applied research")
    DEVELOPMENT = "development", _("technology development and industrialisation")
    SOFT = "soft", _("soft science")


class EvaluationPurpose(models.TextChoices):
    """评价目的: what the evaluation is used for."""

    CONVERSION = "conversion", _("conversion")
    INVESTMENT = "investment", _("investment")
    AWARD = "award", _("award")
    PROJECT = "project", _("funded project")
    MANAGEMENT = "management", _("management")
    STRATEGY = "strategy", _("strategy")


class EvaluationMethod(models.TextChoices):
    """评价方式: who is heard; experts in a meeting or by letter, the market, or the standard's own ladder."""

    MEETING = "meeting", _("experts in a meeting")
    LETTER = "letter", _("experts by letter")
    MARKET = "market", _("by the market")
    STANDARDISED = "standardised", _("standardised")


BY_EXPERTS = frozenset({EvaluationMethod.MEETING, EvaluationMethod.LETTER})
"""Methods in which a panel judges first."""


class Value(models.TextChoices):
    """五元价值, and the potential of conversion and promotion: first-level indicators of GB/T 44731—2024."""

    SCIENCE = "science", _("scientific value")
    TECHNOLOGY = "technology", _("technical value")
    ECONOMY = "economy", _("economic value")
    SOCIETY = "society", _("social value")
    CULTURE = "culture", _("cultural value")
    POTENTIAL = "potential", _("conversion potential")


class EvidenceSort(models.TextChoices):
    """佐证种类, as the engine of maturity knows them."""

    TEST = "test", _("test")
    PROOF = "proof", _("proof of concept")
    PILOT = "pilot", _("pilot run")
    CONTRACT = "contract", pgettext_lazy("papers", "contract")


assert set(EvidenceSort.values) == set(KINDS)


class Innovation(models.IntegerChoices):
    """创新度: how wide one looked and found nothing like it. Wording not verified against the standard."""

    CHINA_FIELD = 1, _("1: none like it in China, own field")
    CHINA = 2, _("2: none like it in China, any field")
    WORLD_FIELD = 3, _("3: none like it in the world, own field")
    WORLD = 4, _("4: none like it in the world, any field")


HIGHEST_ADVANCEMENT = 7
"""先进度 goes from 1, below the domestic average, to 7, better than the best core figure in the world; what stands
between is the standard's own and was not read: it is told as a number."""


class ResultStanding(models.TextChoices):
    """成果水平, in the words of the form of registration (成果登记)."""

    WORLD_LEADING = "world-leading", _("leading in the world")
    WORLD_ADVANCED = "world-advanced", _("advanced in the world")
    CHINA_LEADING = "china-leading", _("leading in China")
    CHINA_ADVANCED = "china-advanced", _("advanced in China")
    NOT_SAID = "not-said", _("not evaluated")


class Evaluation(models.Model):
    """成果评价: one achievement, evaluated once for one purpose. Its summary says what is to be evaluated.

    Until it is handed in all of it is its unit's own. `scale` names the scale of every level in it. What the evaluators
    find stands in `innovation`, `advancement`, `standing`, `marks` (by value, in hundredths of a point), `conclusion`,
    `limits` and `valid_to`. With delivery `report` holds the report as labels and texts, and `wording` its SHA-256:
    nothing of it changes any more. Where the unit has chosen an `agency`, that evaluates and the bureau does not.
    `earlier` are codes and days of reports that an appeal set aside. The `novelty_` columns tell a report of novelty
    (查新报告) where there is one. `registration` holds the fields of `registered_form`.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="evaluation")
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="evaluations")
    result_type = models.CharField(max_length=12, choices=ResultType)
    purpose = models.CharField(max_length=12, choices=EvaluationPurpose)
    method = models.CharField(max_length=12, choices=EvaluationMethod)
    scale = models.CharField(max_length=20, choices=[(name, name) for name in TRL_SCALES])
    novelty_reference = models.CharField(max_length=120, blank=True, help_text="查新报告编号")
    novelty_issuer = models.CharField(max_length=200, blank=True, help_text="查新机构")
    novelty_on = models.DateField(null=True)
    agency = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="第三方评价机构; empty: the bureau",
    )
    agency_contract = models.CharField(max_length=80, blank=True, help_text="委托合同号")
    accepted_at = models.DateTimeField(null=True, help_text="since when a panel is to judge; an appeal begins anew")
    innovation = models.PositiveSmallIntegerField(null=True, choices=Innovation)
    advancement = models.PositiveSmallIntegerField(null=True)
    standing = models.CharField(max_length=16, choices=ResultStanding, blank=True)
    marks = models.JSONField(default=dict)
    marks_why = models.TextField(blank=True, help_text="why marks are not the experts' means")
    chair = models.CharField(max_length=80, blank=True, help_text="专家组组长")
    conclusion = models.TextField(blank=True)
    limits = models.TextField(blank=True, help_text="what the report does not say, and for what it does not hold")
    valid_to = models.DateField(null=True)
    delivered_on = models.DateField(null=True)
    level = models.PositiveSmallIntegerField(null=True, help_text="maturity of the whole, as delivered")
    report = models.JSONField(default=list)
    wording = models.CharField(max_length=64, blank=True)
    earlier = models.JSONField(default=list)
    reg_no = models.CharField(max_length=12, blank=True, help_text="批准登记号, as the registry gave it")
    registered_on = models.DateField(null=True)
    registration = models.JSONField(default=dict, help_text="what the registry's form asks beyond it")

    takes_files = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(innovation=None) | models.Q(innovation__gte=1, innovation__lte=4),
                name="evaluation_innovation",
            ),
            models.CheckConstraint(
                condition=models.Q(advancement=None) | models.Q(advancement__gte=1, advancement__lte=7),
                name="evaluation_advancement",
            ),
            models.UniqueConstraint(
                fields=["reg_no"], condition=~models.Q(reg_no=""), name="evaluation_registered_once"
            ),
        ]


assert set(TRL_SCALES) == set(scales())


class WorkItem(models.Model):
    """工作分解单元: one item of the tree; only those without others below carry a level, on the scale of the case."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    above = models.CharField(max_length=20, blank=True)
    core = models.BooleanField(default=True)
    level = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "code"], name="work_item_once"),
            models.CheckConstraint(
                condition=models.Q(level=None) | models.Q(level__gte=1, level__lte=13), name="work_item_level"
            ),
        ]


class WorkEvidence(models.Model):
    """佐证材料: what shows a level of an item, by whom, on which day, and the file or the record that it is."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=10, choices=EvidenceSort)
    reference = models.CharField(max_length=120, help_text="number of the report or contract")
    issuer = models.CharField(max_length=200)
    on = models.DateField()
    level = models.PositiveSmallIntegerField()
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    linked = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "reference"], name="work_evidence_once"),
            models.CheckConstraint(
                condition=~models.Q(document=None) | ~models.Q(linked=None), name="work_evidence_linked"
            ),
        ]


class LevelMove(models.Model):
    """等级变动: an item's level from one to another on a day, by these references of its evidence."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="moves")
    before = models.PositiveSmallIntegerField(null=True)
    after = models.PositiveSmallIntegerField()
    on = models.DateField()
    evidence = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]


class Metric(models.Model):
    """指标对标: one measured figure beside the best competitor's."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="metrics")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=30, blank=True)
    own = models.DecimalField(max_digits=20, decimal_places=6)
    best = models.DecimalField(max_digits=20, decimal_places=6)
    less_is_better = models.BooleanField(default=False)
    rival = models.CharField(max_length=200, help_text="whose figure it is compared with")
    test_method = models.CharField(max_length=200)
    source = models.CharField(max_length=300, help_text="where the competitor's figure is from")

    @property
    def is_better(self) -> bool:
        """Whether the own figure is better than the best competitor's."""
        return self.own < self.best if self.less_is_better else self.own > self.best

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "number"], name="metric_number")]
