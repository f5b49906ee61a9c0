"""Research teams: who of a unit works on what, in which ways they work for others, and for how many at once."""

from django.db import models

from kezhuan.kernel.models import Person, Record
from kezhuan.kernel.vocabulary import Field, Mode

SUPPLY_STAGES = ("published",)
"""Stages in which a team is on offer."""
OFFERED = (Mode.JOINT_RD, Mode.COMMISSIONED_RD, Mode.CONSULTING, Mode.TEST_PILOT, Mode.TALENT)
"""What people can do for a firm; a transfer, a licence or equity is of a result."""
MOST_MEMBERS, MOST_AT_ONCE = 10_000, 100
RESULT = "team-result"
"""Role of the link from a team to an achievement of its unit."""


class Team(models.Model):
    """科研团队. The record's title names it, its summary says what it works on; its owner is the unit.

    `leader` is a name that everybody reads once the team is published; `leader_person` is whose account that is, where
    they have one. From `trl_from` to `trl_to` on the named scale reaches the work; `size` counts its people, `capacity`
    the needs that it can take at once. What is not known stays empty. `extra` keeps columns of an imported file that no
    field understands.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="team")
    leader = models.CharField(max_length=80, blank=True)
    leader_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="teams_led")
    keywords = models.JSONField(default=list)
    field = models.CharField(max_length=20, blank=True, choices=Field)
    chain = models.CharField(max_length=60, blank=True, help_text="产业链")
    trl_from = models.PositiveSmallIntegerField(null=True)
    trl_to = models.PositiveSmallIntegerField(null=True)
    trl_scale = models.CharField(max_length=20, default="trl9")
    size = models.PositiveIntegerField(null=True)
    capacity = models.PositiveSmallIntegerField(null=True)
    modes = models.JSONField(default=list)
    region = models.CharField(max_length=6, blank=True)
    website = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=60, blank=True, help_text="where an imported record comes from")
    extra = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size=None) | models.Q(size__gte=1, size__lte=MOST_MEMBERS), name="team_size"
            ),
            models.CheckConstraint(
                condition=models.Q(capacity=None) | models.Q(capacity__gte=1, capacity__lte=MOST_AT_ONCE),
                name="team_capacity",
            ),
            models.CheckConstraint(
                condition=models.Q(trl_from=None)
                | models.Q(trl_to=None)
                | models.Q(trl_from__lte=models.F("trl_to"), trl_to__lte=13),
                name="team_trl",
            ),
        ]
