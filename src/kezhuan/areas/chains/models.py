"""What the members of a consortium open to others by the day, and the tasks that close the gaps of a chain."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.kernel.models import Organisation, Record


class OfferSort(models.TextChoices):
    """开放内容: what a chain leader and its members open."""

    SCENARIO = "scenario", _("application scenario (应用场景)")
    PROOF = "proof", _("proof of concept (概念验证)")
    PILOT = "pilot", _("pilot capacity (中试)")


class CapacityUnit(models.TextChoices):
    """In what capacity is counted."""

    HOURS = "hours", _("hours")
    RUNS = "runs", _("runs")


class Period(models.TextChoices):
    """For how long a capacity stands: a calendar day, a week from Monday on, a calendar month."""

    DAY = "day", _("per day")
    WEEK = "week", _("per week")
    MONTH = "month", _("per month")


class Reach(models.TextChoices):
    """Who may book."""

    MEMBERS = "members", _("members of the consortium")
    ANY = "any", _("any organisation")


class BookingState(models.TextChoices):
    """How a booking stands."""

    REQUESTED = "requested", _("waits for an answer")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")


class Offer(models.Model):
    """开放资源: what a member of a project's consortium opens at a `place`, so many units in each period, from a day to
    a day, on conditions. Its summary says what it is. Its members, or any organisation, may book it (`reach`)."""

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="offer")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="offers")
    region = models.CharField(max_length=6)
    sort = models.CharField(max_length=10, choices=OfferSort)
    place = models.CharField(max_length=200)
    unit = models.CharField(max_length=8, choices=CapacityUnit)
    capacity = models.PositiveIntegerField()
    period = models.CharField(max_length=8, choices=Period)
    starts_on = models.DateField()
    ends_on = models.DateField()
    conditions = models.TextField(blank=True)
    reach = models.CharField(max_length=8, choices=Reach)

    programme = PROGRAMME

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(capacity__gt=0), name="offer_capacity"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="offer_days"),
        ]


class Booking(models.Model):
    """预约: so many units of an offer in each of its periods from a day to a day, for an organisation, of its project
    or for a team. While it is confirmed they are taken; what it was refused or cancelled for stands in `reason`."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="bookings")
    number = models.PositiveIntegerField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    team = models.CharField(max_length=200, blank=True)
    purpose = models.TextField()
    from_on = models.DateField()
    to_on = models.DateField()
    amount = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=BookingState, default=BookingState.REQUESTED)
    asked_on = models.DateField()
    answered_on = models.DateField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="booking_number"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="booking_amount"),
            models.CheckConstraint(condition=models.Q(to_on__gte=models.F("from_on")), name="booking_days"),
        ]
        # Whether something waits for an answer is asked on every page of a member.
        indexes = [models.Index(fields=["state", "offer"], name="booking_state")]


class Use(models.Model):
    """使用记录: one use on the strength of a booking: the day, how many hours or runs, and what came of it."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="uses")
    on = models.DateField()
    quantity = models.DecimalField(max_digits=8, decimal_places=1)
    result = models.TextField()

    class Meta:
        ordering = ["on", "pk"]
        constraints = [models.CheckConstraint(condition=models.Q(quantity__gt=0), name="use_quantity")]


class SelectionMode(models.TextChoices):
    """遴选方式: how a chain leader finds who does a task."""

    DIRECTED = "directed", _("directed commission (定向委托)")
    OPEN = "open", _("open challenge (揭榜挂帅)")
    COMPETITIVE = "competitive", _("competitive selection (竞争择优)")


class Task(models.Model):
    """攻关任务: one task of a chain leader's list, from the gap (断点) that it closes to the project that it became.

    The gap is a `link` of a `chain` and what is `missing` in it, the `state_of_art`, who `holds` it and the `evidence`;
    several tasks may close one. The record's title names the task, its summary says what is to be reached. Money in 分.
    `mode` is how it is given away and `why` so; what that mode's record needs (see `selecting`): an `undertaker` whose
    sole `capability` is shown, how it is `related` to the leader, and the collective decision of a day; or the `item`
    of the call to whose list it was put, as the `need` in whose words it was posed. `commission` is what the officers
    awarded to whom it is commissioned; `project` is what came of it, `former` are those that ended without it.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="task")
    region = models.CharField(max_length=6)
    chain = models.CharField(max_length=60)
    link = models.CharField(max_length=120)
    missing = models.TextField()
    state_of_art = models.TextField(blank=True)
    holds = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    indicators = models.TextField(blank=True)
    months = models.PositiveSmallIntegerField(null=True)
    fiscal_fen = models.BigIntegerField(null=True)
    own_fen = models.BigIntegerField(null=True)
    mode = models.CharField(max_length=12, choices=SelectionMode, blank=True)
    why = models.TextField(blank=True)
    undertaker = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    capability = models.TextField(blank=True)
    related = models.TextField(blank=True)
    decided_on = models.DateField(null=True)
    minutes_no = models.CharField(max_length=80, blank=True)
    deciders = models.TextField(blank=True)
    need = models.OneToOneField(Record, on_delete=models.PROTECT, null=True, related_name="posed_for")
    item = models.ForeignKey(CallItem, on_delete=models.PROTECT, null=True, related_name="+")
    commission = models.OneToOneField(Application, on_delete=models.PROTECT, null=True, related_name="+")
    project = models.OneToOneField(Project, on_delete=models.PROTECT, null=True, related_name="task")
    former = models.ManyToManyField(Project, related_name="+")
    extra = models.JSONField(default=dict)

    programme = PROGRAMME
    takes_files = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(fiscal_fen=None) | models.Q(fiscal_fen__gte=0))
                & (models.Q(own_fen=None) | models.Q(own_fen__gte=0)),
                name="task_money",
            ),
            models.CheckConstraint(condition=models.Q(months=None) | models.Q(months__gte=1), name="task_months"),
        ]
