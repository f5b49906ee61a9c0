"""Grants of rights (赋权): a unit gives completers a share of an achievement, or its use for long, by an agreement; and
who gets what of the money that an achievement brings in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.models import AgreementPayment, UseScope
from kezhuan.kernel.models import Organisation, Person, Record


class GrantKind(models.TextChoices):
    """What is granted; one achievement carries one running grant at most."""

    SHARE = "share", _("share of ownership")
    JOINT = "joint", _("joint ownership")
    USE = "use", _("long-term right of use")


OWNERSHIP = frozenset({GrantKind.SHARE, GrantKind.JOINT})
"""Kinds in which the title changes, by shares of the unit and of the completers."""


class Bar(models.TextChoices):
    """负面清单: what keeps an achievement from being granted. Whoever applies declares that none of it holds."""

    SECRET = "secret", _("a state secret, or of concern to national security")
    CORE = "core", _("key core technology under special control")
    CLIENT = "client", _("commissioned work whose contract gives the title to the client")
    DISPUTED = "disputed", _("the title is disputed")
    CO_OWNERS = "co-owners", _("a co-owner has not agreed")
    ENCUMBERED = "encumbered", _("an exclusive licence or a pledge stands against it")


class DecisionRule(models.TextChoices):
    """转化决策机制: who decides on the conversion of what was granted."""

    TEAM = "team", _("the team alone")
    JOINTLY = "jointly", _("team and unit together")
    VETO = "veto", _("the team, but for a list on which the unit has a say")


class RightsGrant(models.Model):
    """赋权: one achievement, what of it is granted to its completers, and on which terms.

    `share_bp` is the completers' share of the title, `income_bp` of the income, `costs_bp` of the costs of upkeep and
    conversion, in basis points; the unit has the rest. `terms` is the agreement as it was last handed in, as labels and
    texts, and `wording` its SHA-256: what the team signs, the meeting decides on, the notice tells and the paper says.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="rights_grant")
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="rights_grants")
    kind = models.CharField(max_length=10, choices=GrantKind)
    share_bp = models.PositiveIntegerField(null=True)
    income_bp = models.PositiveIntegerField()
    costs_bp = models.PositiveIntegerField(default=0)
    owner_rewarded = models.BooleanField(default=False)
    reward_clause = models.CharField(max_length=300, blank=True)
    decision_rule = models.CharField(max_length=10, choices=DecisionRule)
    decision_text = models.TextField(blank=True)
    use_scope = models.CharField(max_length=10, choices=UseScope, blank=True)
    use_field = models.CharField(max_length=200, blank=True)
    use_territory = models.CharField(max_length=200, blank=True)
    sublicence = models.BooleanField(default=False)
    transferable = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    right_ends_on = models.DateField(null=True, help_text="when the first of the rights behind it ends")
    reclaim_text = models.TextField()
    cure_days = models.PositiveIntegerField(help_text="calendar days from a warning until it may be reclaimed")
    exit_text = models.TextField()
    interests = models.TextField(blank=True, help_text="利益冲突声明")
    holds_equity = models.BooleanField(default=False, help_text="a completer holds equity in the firm that uses it")
    cleared = models.JSONField(default=list, help_text="the bars that were declared not to hold")
    terms = models.JSONField(default=list)
    wording = models.CharField(max_length=64, blank=True)
    agreed_on = models.DateField(null=True)
    title_change_no = models.CharField(max_length=80, blank=True)
    title_changed_on = models.DateField(null=True)
    contract = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    warned_on = models.DateField(null=True)

    takes_files = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(income_bp__lte=10_000, costs_bp__lte=10_000)
                & (models.Q(share_bp=None) | models.Q(share_bp__lte=10_000)),
                name="grant_shares",
            )
        ]


class GrantMember(models.Model):
    """A completer in the team: their part of what the team has, in basis points, and what of the terms they signed.

    `signed` is the wording that was signed; on a paper where the completer has no account here.
    """

    grant = models.ForeignKey(RightsGrant, on_delete=models.PROTECT, related_name="members")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    part_bp = models.PositiveIntegerField()
    signed = models.CharField(max_length=64, blank=True)
    signed_on = models.DateField(null=True)
    on_paper = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="grant_member_number"),
            models.UniqueConstraint(
                fields=["grant", "person"], condition=~models.Q(person=None), name="grant_member_once"
            ),
            models.CheckConstraint(condition=models.Q(part_bp__lte=10_000), name="grant_member_part"),
        ]


class GrantMilestone(models.Model):
    """转化里程碑: what is to be reached by a day, and how it is shown that it was."""

    grant = models.ForeignKey(RightsGrant, on_delete=models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    due_on = models.DateField()
    reached_on = models.DateField(null=True)
    evidence = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["grant", "number"], name="grant_milestone_number")]


class Sharer(models.TextChoices):
    """As what somebody takes part in a distribution."""

    OWNER = "owner", _("owner under a grant")
    MAIN = "main", _("main contributor")
    OTHER = "other", _("other contributor")
    OFFICE = "office", _("transfer office")


class Way(models.TextChoices):
    """What is distributed: 到账收入, 作价投资形成的股权, 自行或合作实施的营业利润."""

    RECEIPT = "receipt", _("money received")
    EQUITY = "equity", _("shares of a company that it was put into")
    PROFIT = "profit", _("a year's profit of a production")


class Distribution(models.Model):
    """到账与分配: money that an achievement brought in on a day, and who of the unit's people gets what of it; in 分.

    Of `equity` the money is the result's value in the company, what is divided are shares, and the day is that of
    their registration; of `profit` it is the operating profit of the year `year_no` since `started_on`, and the day is
    that on which it was established. `minutes` and `decided_on` say where the unit decided on the reward.
    `costs` are rows of kind, amount and voucher. `payment` is what came in for it under an agreement: each is
    distributed once. What it comes to is written when it is proposed and stays:
    `result` holds its figures with their rule versions. `after` is the receipt of the same deal before it, whose
    negative balance (`left_fen`) it takes over as `carried_fen`.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="distribution")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="distributions")
    contract = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="distributions_of")
    way = models.CharField(max_length=10, choices=Way, default=Way.RECEIPT)
    company = models.CharField(max_length=200, blank=True)
    post_money_fen = models.BigIntegerField(null=True)
    total_shares = models.BigIntegerField(null=True)
    held_shares = models.BigIntegerField(null=True)
    pool_shares = models.BigIntegerField(null=True)
    unit_shares = models.BigIntegerField(null=True)
    started_on = models.DateField(null=True)
    year_no = models.PositiveSmallIntegerField(null=True)
    years = models.PositiveSmallIntegerField(null=True, help_text="as agreed; without it the least term")
    minutes = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True)
    payment = models.OneToOneField(AgreementPayment, on_delete=models.PROTECT, null=True, related_name="distribution")
    grant = models.ForeignKey(RightsGrant, on_delete=models.PROTECT, null=True, related_name="distributions")
    reference = models.CharField(max_length=80, blank=True, help_text="到账凭证号; empty once it is discarded")
    received_on = models.DateField()
    received_fen = models.BigIntegerField()
    costs = models.JSONField(default=list)
    agreed_bp = models.PositiveIntegerField(null=True)
    after = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="next")
    carried_fen = models.BigIntegerField(default=0)
    left_fen = models.BigIntegerField(default=0)
    net_fen = models.BigIntegerField(null=True)
    pool_fen = models.BigIntegerField(null=True)
    unit_fen = models.BigIntegerField(null=True)
    due_on = models.DateField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "reference"], condition=~models.Q(reference=""), name="distribution_receipt_once"
            ),
            models.UniqueConstraint(
                fields=["achievement", "started_on", "year_no"],
                condition=~models.Q(reference="") & ~models.Q(year_no=None),
                name="distribution_year_once",
            ),
            models.CheckConstraint(
                condition=models.Q(received_fen__gt=0, carried_fen__lte=0, left_fen__lte=0), name="distribution_amounts"
            ),
        ]


class DistributionMember(models.Model):
    """Somebody who shares in a distribution: their weight, what they get in 分 or in shares, and when it was paid, or
    registered as theirs. `head` says that they head the unit (正职)."""

    distribution = models.ForeignKey(Distribution, on_delete=models.PROTECT, related_name="members")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=10, choices=Sharer)
    weight = models.PositiveIntegerField()
    head = models.BooleanField(default=False)
    fen = models.BigIntegerField(null=True)
    shares = models.BigIntegerField(null=True)
    paid_on = models.DateField(null=True)
    voucher = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["distribution", "number"], name="distribution_member_number"),
            models.UniqueConstraint(fields=["distribution", "name", "role"], name="distribution_member_once"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="distribution_member_weight"),
        ]
