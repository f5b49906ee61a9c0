"""审批: who holds which post, by which route a move goes, and what was said of one case on its way."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models.records import Document, Record


class StepMode(models.TextChoices):
    """How a step is closed: by whoever holds the post, or by the decision of a meeting."""

    SIGN = "sign", _("signature")
    COLLECTIVE = "collective", _("collective decision")


class Outcome(models.TextChoices):
    """How a step ended."""

    AGREED = "agreed", _("agreed")
    SHEET = "sheet", _("agreed on paper")
    DECIDED = "decided", _("decided by a meeting")
    RETURNED = "returned", _("returned")


class Post(models.Model):
    """岗位: a post of an office or a unit, held by people; a step of a route waits for a post."""

    organisation = models.ForeignKey("kernel.Organisation", on_delete=models.PROTECT, related_name="posts")
    name = models.CharField(max_length=80)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="post_once")]


class PostHolder(models.Model):
    """Somebody holds a post from a day on, as long as they also act for its organisation."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holders")
    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, related_name="posts_held")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "person"], condition=Q(until=None), name="post_holder_open_once")
        ]


class Route(models.Model):
    """A version of the route that a move of a kind goes by: in a place, or inside a unit when one is named, for the
    records of one programme or of all.

    A change adds a version; what runs keeps the steps it began with.
    """

    kind = models.CharField(max_length=30)
    move = models.CharField(max_length=40)
    programme = models.CharField(max_length=40, blank=True, help_text="empty for all that such a record may belong to")
    jurisdiction = models.CharField(max_length=6, blank=True, help_text="GB/T 2260 code; empty inside a unit")
    unit = models.ForeignKey("kernel.Organisation", on_delete=models.PROTECT, null=True, related_name="routes")
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "move", "programme", "jurisdiction"],
                condition=Q(ended_at=None, unit=None),
                name="route_of_place_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "move", "programme", "unit"],
                condition=Q(ended_at=None) & ~Q(unit=None),
                name="route_of_unit_once",
            ),
            models.CheckConstraint(
                condition=Q(unit=None) & ~Q(jurisdiction="") | ~Q(unit=None) & Q(jurisdiction=""),
                name="route_place_or_unit",
            ),
        ]


class RouteStep(models.Model):
    """A step of a route; steps of the same position wait side by side (会签)."""

    route = models.ForeignKey(Route, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=10, choices=StepMode, default=StepMode.SIGN)
    numbered = models.BooleanField(default=False, help_text="whoever closes it gives the number of the document")

    class Meta:
        ordering = ["position", "pk"]


class Approval(models.Model):
    """A move of another record on its way through a route; a record of its own with stages, documents and history.

    What is asked for is frozen: the move with its words, and the record's version with a hash of what was there to be
    read. `considered` is what else could have been done, and why it is not asked for. The move is taken in the
    transaction that closes the last step, or once its notice is complete, and `spent_on` is that day.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="approval")
    about = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="approvals")
    move = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    reason = models.CharField(max_length=60, blank=True)
    considered = models.TextField(blank=True)
    about_version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    route = models.ForeignKey(Route, on_delete=models.PROTECT, related_name="approvals")
    region = models.CharField(max_length=6, blank=True, help_text="GB/T 2260 code of the record's district")
    programme = models.CharField(max_length=40, blank=True, help_text="the programme of the record")
    office = models.ForeignKey("kernel.Organisation", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, related_name="+")
    asked_for = models.ForeignKey(
        "kernel.Person", on_delete=models.PROTECT, null=True, related_name="+", help_text="whom a deputy stood in for"
    )
    document_no = models.CharField(max_length=80, blank=True)
    spent_on = models.DateField(null=True)


class ApprovalStep(models.Model):
    """A step of one approval, copied from the route or added on the way; it waits from `opened_on` until it is closed.

    Opinions stand in the journal's entries and nowhere else.
    """

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=10, choices=StepMode, default=StepMode.SIGN)
    numbered = models.BooleanField(default=False)
    added_by = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")
    opened_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    signer = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")
    signed_for = models.ForeignKey(
        "kernel.Person", on_delete=models.PROTECT, null=True, related_name="+", help_text="whom a deputy stood in for"
    )
    entered_by = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")
    signed_on = models.DateField(null=True, help_text="the day on the paper, or of the meeting")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    meeting = models.CharField(max_length=200, blank=True)
    minutes_no = models.CharField(max_length=80, blank=True)
    entitled = models.PositiveIntegerField(null=True, help_text="应到人数: how many belong to the meeting")
    attended = models.JSONField(default=list)
    recused = models.JSONField(default=list)

    class Meta:
        ordering = ["position", "pk"]
        indexes = [
            models.Index(
                fields=["post"], condition=Q(closed_at=None) & ~Q(opened_on=None), name="approval_step_waiting"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | ~Q(closed_at=None) & ~Q(outcome=""),
                name="approval_step_closed_with_outcome",
            )
        ]


class Bar(models.TextChoices):
    """Why somebody does not sign in a case."""

    OWN = "own", _("their own matter")
    ASKED = "asked", _("asked for it")
    RECUSED = "recused", _("recused")


class ApprovalBar(models.Model):
    """回避: this person, or whoever acts for this organisation, signs no step of the approval."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="bars")
    party = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=10, choices=Bar)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approval", "party"], name="approval_bar_once")]
