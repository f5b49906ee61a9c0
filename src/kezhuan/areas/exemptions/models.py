"""Cases of exemption (尽职免责认定): an event, the decisions it is about, who took part, what was asked of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models import Document, Person, Record, RuleValue


class ExemptionEvent(models.TextChoices):
    """Why a decision is looked at again."""

    LOSS = "loss", _("a loss, or a value that changed")
    COMPLAINT = "complaint", _("a complaint or report")
    AUDIT = "audit", _("a finding of an audit")
    INSPECTION = "inspection", _("a finding of an inspection")
    OTHER = "other", _("another event")


class DecisionPart(models.TextChoices):
    """As what somebody took part in a decision: each ground exempts some of them."""

    LEADER = "leader", _("decided or signed")
    MANAGER = "manager", _("prepared and asked for it")
    RESEARCHER = "researcher", _("made the result")


class DiligenceDuty(models.TextChoices):
    """尽职条件: what is asked of whoever shall be exempted, each with its evidence."""

    RULES = "rules", _("rules were in force and were followed")
    DECISION = "decision", _("a meeting decided, with minutes")
    RECUSAL = "recusal", _("those concerned were recused")
    NOTICE = "notice", _("it was laid open for the full time")
    OBJECTIONS = "objections", _("objections were decided on")
    TIES = "ties", _("ties were declared and shown")
    CARE = "care", _("reasonable care: title, price or maturity looked into before")
    CONTRACT = "contract", _("a contract was signed as it was decided")
    FOLLOWED = "followed", _("what was agreed was watched afterwards")
    NO_GAIN = "no-gain", _("no illicit gain")
    CAUSE = "cause", _("the loss came of a first trial, of what nobody could foresee, or of force majeure")


class DutyState(models.TextChoices):
    """Whether a condition was met."""

    FOUND = "found", _("found")
    MISSING = "missing", _("missing")
    NOT_ASKED = "not-asked", _("not asked of this decision")


class ExemptionFinding(models.TextChoices):
    """认定结论."""

    EXEMPT = "exempt", _("exempt")
    PARTIAL = "partial", _("partly exempt")
    REFUSED = "refused", _("not exempt")


class ExemptionGround(models.TextChoices):
    """免责情形. Whether one exempts at a place, since when and by which clause, is a rule value: see `ground_rule`."""

    PRICE = "price", _("the value changed after a price that was laid open, listed or bid for")
    RETURN = "return", _("the way that was chosen did not bring the highest return, though it was laid open")
    PILOT = "pilot", _("a new way was tried for the first time")
    NO_VALUATION = "no-valuation", _("a price was found without a valuation")
    FIRM_FAILED = "firm-failed", _("the firm that used it failed")
    RELATED = "related", _("the completer's own firm bought it, which was declared and laid open")
    RESEARCH = "research", _("exploring research failed, and its original records show diligence")


class ExemptionBar(models.TextChoices):
    """What is never exempted."""

    BRIBERY = "bribery", _("bribery or illicit gain")
    FALSE_VALUE = "false-value", _("a false evaluation or valuation")
    HIDDEN_TIE = "hidden-tie", _("a tie that was kept back")
    NO_MEETING = "no-meeting", _("the meeting was skipped")
    IGNORED = "ignored", _("an objection was ignored")
    LEAK = "leak", _("a secret was given away")
    REPEATED = "repeated", _("what is forbidden was done again and again")


class ExemptionCase(models.Model):
    """尽职免责认定: what happened on which day, who said so, the loss in 分 (empty while nobody has worked it out), and
    what was found, by which clause: the rule value in force on the day of the first decision."""

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="exemption_case")
    event = models.CharField(max_length=12, choices=ExemptionEvent)
    event_on = models.DateField()
    source = models.CharField(max_length=300, help_text="who found or told it, and the number of their paper")
    loss_fen = models.BigIntegerField(null=True)
    finding = models.CharField(max_length=10, choices=ExemptionFinding, blank=True)
    clause = models.ForeignKey(RuleValue, on_delete=models.PROTECT, null=True, related_name="+")
    bars = models.JSONField(default=list)

    takes_files = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(loss_fen=None) | Q(loss_fen__gte=0), name="exemption_loss_not_below_zero"
            )
        ]


class ExemptionDecision(models.Model):
    """A decision that the case is about: `document` is the case's own copy of its evidence file, of the same bytes."""

    case = models.ForeignKey(ExemptionCase, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    about = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="exemption_decisions")
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    move = models.CharField(max_length=40)
    decided_on = models.DateField()
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="exemption_decision_number")]


class ExemptionPerson(models.Model):
    """Somebody who took part in one of the decisions: they examine nothing here, and are heard before it is found.

    `statement` is what they say themselves, or what was taken down on paper (`on_paper`), also that they said nothing.
    """

    case = models.ForeignKey(ExemptionCase, on_delete=models.PROTECT, related_name="people")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    part = models.CharField(max_length=12, choices=DecisionPart)
    statement = models.TextField(blank=True)
    stated_on = models.DateField(null=True)
    on_paper = models.BooleanField(default=False)

    @property
    def said_it_themselves(self) -> bool:
        """Whether there is a statement in their own name, which stands until they change it themselves."""
        return bool(self.statement) and not self.on_paper

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="exemption_person_number"),
            models.UniqueConstraint(fields=["case", "person"], condition=~Q(person=None), name="exemption_person_once"),
        ]


class ExemptionCondition(models.Model):
    """A condition with its evidence: a file of the case, and of an evidence file the `part` of its index; a note where
    it is missing or not asked."""

    case = models.ForeignKey(ExemptionCase, on_delete=models.PROTECT, related_name="conditions")
    duty = models.CharField(max_length=12, choices=DiligenceDuty)
    holds = models.CharField(max_length=10, choices=DutyState, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    part = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "duty"], name="exemption_condition_once"),
            models.CheckConstraint(
                condition=~Q(holds="found") | ~Q(document=None), name="exemption_condition_found_in_a_file"
            ),
        ]
