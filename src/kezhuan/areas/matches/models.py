"""Matches: machine suggestions, people's refusals, and introductions with a life of their own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.needs.models import Need
from kezhuan.kernel.models import Organisation, Person, Record

FOLLOWER = "suggestions"
"""Name under which the suggestions follow the journal."""
LAPSED = "lapsed"
"""Stage of an introduction of which a side is no longer open; with both open again, the two may be introduced anew."""
WORTH = 0.22
"""Least score of a suggestion. Read off the demo city: answers written for a need score above .24, and what scores
below .22 shares words but not the problem."""


class Reason(models.TextChoices):
    """Why a pair does not fit: the list from which a refusal or an ended introduction is chosen."""

    NOT_RELEVANT = "not_relevant", _("not relevant")
    TRL = "trl", _("maturity too low")
    PRICE = "price", _("price")
    RIGHTS = "rights", _("intellectual property")
    TIMING = "timing", _("timing")
    CAPACITY = "capacity", _("no capacity")
    PARTNER = "partner", _("not with this partner")
    INFORMATION = "information", _("information is missing")
    OTHER = "other", _("other")


class Lack(models.TextChoices):
    """What information of the other side's record somebody misses who does not take it: the controlled list of what
    is named beside `Reason.INFORMATION`."""

    COMPARISON = "comparison", _("a comparison with the existing process")
    TEST_REPORT = "test_report", _("a test report")
    SAMPLE = "sample", _("a sample")
    COST = "cost", _("what it costs in use")
    SCALE_UP = "scale_up", _("data from scaling up")
    TRL = "trl", _("the maturity")
    PRICE = "price", _("the price or budget")


class PassedOver(models.TextChoices):
    """Why a match that is good enough is not suggested."""

    REPEATS = "repeats", _("so many of one supplier are suggested already")


class Suggestion(models.Model):
    """What the engine proposes: replaceable, no record, no history. `parts` are codes and figures, worded later.

    One that is `passed_over` is not suggested; the need's page tells why.
    """

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="suggestions")
    supply = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="suggested_for")
    score = models.FloatField()
    parts = models.JSONField()
    model_version = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    passed_over = models.CharField(max_length=10, blank=True, default="", choices=PassedOver)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["need", "supply"], name="suggestion_once")]
        indexes = [
            models.Index(fields=["need", "-score"], name="suggestion_of_need"),
            models.Index(fields=["supply", "-score"], name="suggestion_of_supply"),
            models.Index(fields=["-score"], name="suggestion_best"),
        ]


class Refusal(models.Model):
    """A side said no to a suggestion, with a reason from the list and words; it survives every refresh. `lacks` are the
    `Lack`s that it named where information was missing.

    `parts` are those of the pair at that moment, by the shipped weights, for learning; `stood` is what of both sides
    the reason speaks of. When that has changed for the better the refusal is lifted: it says no longer no, and stays.
    """

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="refusals")
    supply = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="refused_for")
    side = models.CharField(
        max_length=10, choices=[("need", _("need")), ("supply", _("supply")), ("bureau", _("bureau"))]
    )
    reason = models.CharField(max_length=20, choices=Reason)
    lacks = models.JSONField(default=list)
    words = models.TextField(blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    parts = models.JSONField(default=dict)
    stood = models.JSONField(default=dict)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need", "supply", "side"], condition=models.Q(lifted_at=None), name="refusal_standing_once"
            )
        ]
        indexes = [
            models.Index(fields=["reason", "need"], name="refusal_of_reason"),
        ]


class Mended(models.Model):
    """Whoever a record is of added what others missed in it: what was said before `at` is no longer counted."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="+")
    lack = models.CharField(max_length=20, choices=Lack)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "lack"], name="mended_once")]


class Introduction(models.Model):
    """An accepted suggestion: introduced → both agree → met → intent or contract, or dropped, or lapsed with a side.

    `…_agreed_by` said yes for a side, and is whom to call there as long as its record names nobody else.
    A meeting that is planned stands in `meets_…`: when, for how many minutes, where. `parts` as those of a refusal.
    `broker` brought the two together from a queue of theirs and follows them; nobody's consent comes from a broker.
    One that a file brought has agreed to nothing here: nobody's consent comes from a list.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="introduction")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="introductions")
    supply = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="introductions")
    need_agreed_on = models.DateField(null=True)
    supply_agreed_on = models.DateField(null=True)
    need_agreed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    supply_agreed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    broker = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    score = models.FloatField(null=True)
    parts = models.JSONField(default=dict)
    meets_at = models.DateTimeField(null=True)
    meets_minutes = models.PositiveSmallIntegerField(default=60)
    meets_where = models.CharField(max_length=200, blank=True)
    introduced_on = models.DateField(null=True, help_text="as the list says that brought it, where one did")
    met_on = models.DateField(null=True, help_text="the same, of the meeting")
    extra = models.JSONField(default=dict, help_text="what else that list says; for the officers in charge")
    void_of = models.BigIntegerField(default=0, help_text="its own number once it is void: the pair is free again")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["need", "supply", "void_of"], name="introduction_once")]
        indexes = [models.Index(fields=["meets_at"], name="introduction_meets")]


class Weighting(models.Model):
    """A learnt weighting of the parts of a score, with what it was learnt from and how a replay judged it.

    `factors` multiply the shipped weights by name. `trained_on` counts the decisions. The figures are precision among
    the first ten, of what was in force before and of this one, and the interval of the gain. Switched on when that lies
    above zero; off by an officer or by a later one.
    """

    factors = models.JSONField()
    trained_on = models.JSONField()
    made_at = models.DateTimeField()
    judged = models.PositiveIntegerField()
    before = models.FloatField()
    after = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    in_force = models.BooleanField(default=False)
    switched_at = models.DateTimeField(null=True)
    switched_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["in_force"], condition=models.Q(in_force=True), name="weighting_in_force"),
            models.CheckConstraint(
                condition=models.Q(in_force=False) | models.Q(low__gt=0), name="weighting_shown_better"
            ),
        ]

    @property
    def is_better(self) -> bool:
        """Whether the replay's whole interval lies above zero."""
        return self.low > 0


class Spread(models.TextChoices):
    """Over what suggestions spread."""

    SUPPLIER = "supplier", _("organisations that offer")
    SUPPLIER_REGION = "supplier_region", _("districts of what is offered")
    SUPPLIER_KIND = "supplier_kind", _("kinds of organisations that offer")
    SUPPLIER_SIZE = "supplier_size", _("sizes of firms that offer")
    FIRM = "firm", _("organisations that ask")
    FIRM_REGION = "firm_region", _("districts of needs")
    FIRM_KIND = "firm_kind", _("kinds of organisations that ask")
    FIRM_SIZE = "firm_size", _("sizes of firms that ask")


NO_FIRM = "no_firm"
"""Key of a spread over sizes for organisations of kinds that have none; an empty key is a firm of unknown size."""


class Exposure(models.Model):
    """How many suggestions a group has: an organisation, a district, a kind or size of organisations; counted by a job.

    `records` are what it has on offer or its open needs, `suggested` those of them with any suggestion.
    """

    spread = models.CharField(max_length=20, choices=Spread)
    key = models.CharField(max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, related_name="+")
    records = models.PositiveIntegerField()
    suggested = models.PositiveIntegerField()
    suggestions = models.PositiveIntegerField()
    passed_over = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["spread", "key"], name="exposure_once")]
        indexes = [models.Index(fields=["spread", "-suggestions", "key"], name="exposure_most")]
