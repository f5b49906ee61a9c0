"""Agreements (协议) between a unit and another party, one id for life from the first intent to the last payment, and
standard licences that firms take as they are."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.models import Call
from kezhuan.kernel.models import Organisation, Person, Record


class AgreementSort(models.TextChoices):
    """What is agreed on."""

    LICENCE = "licence", _("licence (许可)")
    TRANSFER = "transfer", _("transfer (转让)")
    DEVELOPMENT = "development", _("development (开发)")
    CONSULTING = "consulting", _("consulting (咨询)")
    SERVICE = "service", _("technical service (服务)")
    COOPERATION = "cooperation", _("cooperation (合作)")
    OTHER = "other", _("something else")


class Binding(models.TextChoices):
    """Whether a version is an intent or the contract: the two are never counted together."""

    INTENT = "intent", _("intent (意向)")
    CONTRACT = "contract", _("contract (合同)")


class UseScope(models.TextChoices):
    """How far a right of use shuts others out."""

    EXCLUSIVE = "exclusive", _("exclusive (独占)")
    SOLE = "sole", _("sole (排他)")
    ORDINARY = "ordinary", _("ordinary (普通)")


SHUTTING = (UseScope.EXCLUSIVE, UseScope.SOLE)
"""Scopes beside which nobody else gets a licence."""


class Trigger(models.TextChoices):
    """From when on money is owed (先用后付)."""

    SIGNED = "signed", _("from signing")
    TRIAL = "trial", _("when the trial is over (试用期满)")
    USE = "use", _("from the first sale or use in production (投产或首次销售)")


CONVERTING = (AgreementSort.LICENCE, AgreementSort.TRANSFER)
"""Sorts by which an achievement is converted; the others are work about it."""
IN_FORCE = ("trial", "active", "amending", "offered", "done")
"""Stages in which a contract of both sides stands, once a version of it was signed and binds as one."""
OF_VERSION = ("binding", "scope", "amount_fen", "starts_on", "ends_on", "trial_months", "trigger", "due_days", "words")
"""What a unit writes of a version, beside its payments and milestones."""


class Agreement(models.Model):
    """协议: what its owner, who provides, has agreed on with a `party`, an organisation here or one by name alone.

    It stays one record whatever becomes of it; what was agreed stands in its versions. Money is owed since
    `triggered_on`. It may come from an achievement, a need, an introduction, or from a standard
    licence that the other side has taken.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="agreement")
    sort = models.CharField(max_length=12, choices=AgreementSort)
    party = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    party_name = models.CharField(max_length=200)
    party_code = models.CharField(max_length=18, blank=True)
    others = models.TextField(blank=True, help_text="third parties, one a line")
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    need = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    introduction = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    licence = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    triggered_on = models.DateField(null=True)

    @property
    def in_force(self) -> "AgreementVersion | None":
        """The version that both sides have signed last."""
        return self.versions.exclude(agreed_on=None).order_by("-number").first()

    @property
    def pending(self) -> "AgreementVersion | None":
        """The version that is being written, or waits for the other side."""
        return self.versions.filter(agreed_on=None).order_by("-number").first()


class AgreementVersion(models.Model):
    """One version of an agreement: the first, or a change (变更) that takes the place of the one before.

    `amount_fen` is what it comes to in 分, none while that is open; `terms` are the lines that were offered, `wording`
    their SHA-256, which both sides sign. `scope` says of a licence how far it shuts others out. Before `trigger` a
    contract may be tried for `trial_months`; each payment without a day of its own is due `due_days` after it.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    binding = models.CharField(max_length=10, choices=Binding)
    scope = models.CharField(max_length=10, choices=UseScope, blank=True)
    amount_fen = models.BigIntegerField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    trial_months = models.PositiveSmallIntegerField(default=0)
    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.SIGNED)
    due_days = models.PositiveSmallIntegerField(default=30)
    words = models.TextField(blank=True)
    terms = models.JSONField(default=list, help_text="its lines as they were offered, in Chinese")
    wording = models.CharField(max_length=64, blank=True)
    offered_on = models.DateField(null=True)
    offered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    on_paper = models.BooleanField(default=False)
    agreed_on = models.DateField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_number"),
            models.UniqueConstraint(
                fields=["agreement"], condition=models.Q(agreed_on=None), name="agreement_one_pending"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_fen=None) | models.Q(amount_fen__gte=0), name="agreement_amount"
            ),
        ]


class AgreementPayment(models.Model):
    """A payment of a version, planned and as it was: `planned_fen` is open where it depends on sales.

    What was paid stays with the version under which it was; what a later version replaced before that is `freed_on`.
    """

    version = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="payments")
    number = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=200)
    due_on = models.DateField(null=True)
    planned_fen = models.BigIntegerField(null=True)
    invoice = models.CharField(max_length=40, blank=True)
    invoiced_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    paid_fen = models.BigIntegerField(null=True)
    voucher = models.CharField(max_length=80, blank=True)
    freed_on = models.DateField(null=True)

    class Meta:
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="agreement_payment_number"),
            models.CheckConstraint(
                condition=(models.Q(planned_fen=None) | models.Q(planned_fen__gt=0))
                & (models.Q(paid_fen=None) | models.Q(paid_fen__gt=0)),
                name="agreement_payment_money",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_on=None, paid_fen=None)
                | models.Q(paid_on__isnull=False, paid_fen__isnull=False, freed_on=None),
                name="agreement_payment_paid",
            ),
        ]


class AgreementMilestone(models.Model):
    """What is to be reached by a day, and how it was shown that it is."""

    version = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    due_on = models.DateField()
    reached_on = models.DateField(null=True)
    evidence = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="agreement_milestone_number")]


class CountedIn(models.Model):
    """计入征集: the call that an agreement came from, as its sides say, whether it was signed on site, and since when
    each agrees that the officers of the call count it and read who agreed on how much; see `counting`. The side that
    does not said so on `refused_on`: until the other asks anew it is asked no more."""

    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="counted_in")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+")
    on_site = models.BooleanField(default=False)
    owner_on = models.DateField(null=True)
    party_on = models.DateField(null=True)
    refused_on = models.DateField(null=True)


class Licence(models.Model):
    """标准许可: an ordinary, non-exclusive licence of an achievement that its unit offers to everybody at one price for
    one term, so that a firm takes it without a lawyer.

    `fee_fen` is the price for the whole term of so many `months`, `royalty_bp` a share of sales beside it in basis
    points. It may be tried first; see `AgreementVersion`.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="licence")
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="licences")
    fee_fen = models.BigIntegerField(default=0)
    royalty_bp = models.PositiveIntegerField(default=0)
    months = models.PositiveSmallIntegerField()
    use_field = models.CharField(max_length=200, blank=True)
    territory = models.CharField(max_length=200, blank=True)
    trial_months = models.PositiveSmallIntegerField(default=0)
    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.SIGNED)
    due_days = models.PositiveSmallIntegerField(default=30)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(fee_fen__gte=0, royalty_bp__lte=10_000, months__gt=0), name="licence_price"
            )
        ]
