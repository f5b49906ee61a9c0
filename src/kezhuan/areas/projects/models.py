"""Projects: who undertakes what was chosen in a call, with whom, by which milestones and for what money."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.kernel.models import Organisation, Person, Record


class MemberState(models.TextChoices):
    """How a unit stands to the consortium of a project."""

    INVITED = "invited", _("invited")
    ACCEPTED = "accepted", _("takes part")
    DECLINED = "declined", _("has declined")
    LEFT = "left", _("has left")


class Source(models.TextChoices):
    """Whose money a payment is: the two never stand in one row."""

    FISCAL = "fiscal", _("fiscal money")
    FIRM = "firm", _("money of the poster")


class PaymentState(models.TextChoices):
    """Where the money of a payment is: of each row it is in one place."""

    PLANNED = "planned", _("planned")
    DUE = "due", _("due")
    PAID = "paid", _("paid")
    FREED = "freed", _("freed")


class Division(models.TextChoices):
    """How a consortium divides property in results, or benefit from them."""

    TEXT = "text", _("as the words say")
    TASK = "task", _("each member what its task yields")
    SHARES = "shares", _("by shares")


RESERVED = (PaymentState.PLANNED, PaymentState.DUE)
"""States of payments that are still to be made."""


class EvidenceKind(models.TextChoices):
    """Evidence before acceptance that nobody gives about their own work."""

    FIRST_USER = "first_user", _("first-user report (首用报告)")
    TEST = "test", _("third-party test report")


class Project(models.Model):
    """项目: what its `leader` (牵头单位) undertakes for the `poster` of a challenge, or in a direction or field that
    nobody posed, as it was chosen in a call.

    Money in 分: `fiscal_fen` is what was awarded, `own_fen` what its members put in (自筹), `firm_fen` what the poster
    pays. It runs from `starts_on` to `ends_on`. `wording` is the hash of the task book since it was filed, which is its
    version number `book_version` once it is signed; the poster has signed the one whose hash is `poster_signed`.
    `commitments` answer the indicators of the challenge where a change has replaced the application's; `staff` are the
    people who take part, rows of name, part and share of time, and of a member its code (see `staffing`). One project
    of an application is `alive`. Where the poster itself takes part, or the leader of a chain undertakes a direction
    that nobody else posed, `user` is the unit that uses the result first in its place. Property in results (产权) and
    benefit from them (收益) are divided by words, task or shares, with terms of exit (退出). Acceptance was asked for
    at `asked_at`. Of a project that ended before its goal `spent_fen` of what was paid was spent, `diligent` says
    whether with due diligence (尽职), and the rest came back on `returned_on`. What came with it from another system
    and no column takes is its `extra`.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="project")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="projects")
    alive = models.BooleanField(default=True)
    leader = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    poster = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    region = models.CharField(max_length=6)
    fiscal_fen = models.BigIntegerField()
    own_fen = models.BigIntegerField(default=0)
    firm_fen = models.BigIntegerField(default=0)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    commitments = models.JSONField(default=list)
    staff = models.JSONField(default=list)
    property_by = models.CharField(max_length=8, choices=Division, blank=True)
    property_text = models.TextField(blank=True)
    benefit_by = models.CharField(max_length=8, choices=Division, blank=True)
    benefit_text = models.TextField(blank=True)
    exit_text = models.TextField(blank=True)
    wording = models.CharField(max_length=64, blank=True)
    book_version = models.PositiveSmallIntegerField(default=1)
    poster_signed = models.CharField(max_length=64, blank=True)
    signed_on = models.DateField(null=True)
    user = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    accepted_on = models.DateField(null=True)
    spent_fen = models.BigIntegerField(null=True)
    diligent = models.BooleanField(null=True)
    settlement = models.TextField(blank=True)
    returned_fen = models.BigIntegerField(default=0)
    returned_on = models.DateField(null=True)
    returned_voucher = models.CharField(max_length=40, blank=True)
    extra = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=models.Q(alive=True), name="project_once"),
            models.CheckConstraint(
                condition=models.Q(fiscal_fen__gte=0, own_fen__gte=0, firm_fen__gte=0), name="project_money"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(ends_on__gt=models.F("starts_on")),
                name="project_begins_before_it_ends",
            ),
        ]


class Member(models.Model):
    """A unit of a project's consortium (创新联合体), its leader among them: its task, its shares of the money, and in
    basis points those of property and benefit where these are divided by shares.

    `signed` is the hash of the task book that it signed. One that `lands` (落户) comes from elsewhere and promises an
    entity here: until that `entity` is recorded, with the day on which it was there, it holds no funded work.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="members")
    number = models.PositiveSmallIntegerField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=MemberState, default=MemberState.INVITED)
    task = models.TextField(blank=True)
    fiscal_fen = models.BigIntegerField(default=0)
    own_fen = models.BigIntegerField(default=0)
    property_bp = models.PositiveIntegerField(default=0)
    benefit_bp = models.PositiveIntegerField(default=0)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    signed = models.CharField(max_length=64, blank=True)
    lands = models.BooleanField(default=False)
    entity = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    landed_on = models.DateField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(entity=None, landed_on=None)
                | models.Q(entity__isnull=False, landed_on__isnull=False, lands=True),
                name="project_member_landed",
            ),
            models.UniqueConstraint(fields=["project", "number"], name="project_member_number"),
            models.UniqueConstraint(
                fields=["project", "organisation"],
                condition=models.Q(state__in=("invited", "accepted")),
                name="project_member_once",
            ),
            models.CheckConstraint(condition=models.Q(fiscal_fen__gte=0, own_fen__gte=0), name="project_member_money"),
        ]


class Milestone(models.Model):
    """里程碑节点: what is to be reached by a day, how that is found out, and which member answers for it.

    Once the leader has reported it, an officer finds that it `passed` or not, and says why.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    indicator = models.TextField()
    due_on = models.DateField()
    method = models.TextField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="milestones")
    reported_on = models.DateField(null=True)
    report = models.TextField(blank=True)
    passed = models.BooleanField(null=True)
    judged_on = models.DateField(null=True)
    verdict = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="project_milestone_number")]
        # Which wait for a judgement is asked on every page of an officer.
        indexes = [models.Index(fields=["passed", "reported_on", "project"], name="project_milestone_reported")]


class Payment(models.Model):
    """拨款计划: one staged payment to its `payee` (none: the leader), of fiscal money or of the poster's, and what it
    waits for; due on a day, then paid whole with the number of its voucher, or freed.

    Of one that is paid in parts each part is a row: `part_of` is the number of the payment of the task book whose parts
    they are together.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="payments")
    number = models.PositiveSmallIntegerField()
    part_of = models.PositiveSmallIntegerField()
    payee = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="payments")
    source = models.CharField(max_length=10, choices=Source)
    occasion = models.CharField(max_length=12, choices=Occasion)
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, null=True, related_name="payments")
    planned_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=PaymentState, default=PaymentState.PLANNED)
    due_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    voucher = models.CharField(max_length=40, blank=True)

    @property
    def code(self) -> str:
        """By which the finance office's list means it."""
        return f"{self.project.record.code}-{self.number:02d}"

    @property
    def unit(self) -> Organisation:
        """Who gets it."""
        return self.payee.organisation if self.payee is not None else self.project.leader

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="project_payment_number"),
            models.CheckConstraint(condition=models.Q(planned_fen__gt=0), name="project_payment_planned"),
            models.CheckConstraint(
                condition=models.Q(occasion="milestone", milestone__isnull=False)
                | ~models.Q(occasion="milestone") & models.Q(milestone=None),
                name="project_payment_milestone",
            ),
            models.CheckConstraint(
                condition=models.Q(state="paid", paid_on__isnull=False) & ~models.Q(voucher="")
                | ~models.Q(state="paid") & models.Q(paid_on=None, voucher=""),
                name="project_payment_paid",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="project_payment_due")]


class Change(models.Model):
    """变更申请: what the leader asks to be changed once the task book is signed, and why.

    `items` are rows of `{"what", "number", "old", "new"}` (see `changing`). Beside or without them a member is
    `leaving`, and who is `joining` takes over its task, shares and milestones (nobody: the leader does), once it has
    `agreed_on` that; where an indicator changes the poster is asked, and has agreed on `poster_agreed_on`. It
    `waits_for` members to whose cost money moves; `members_agreed` has those who agreed, with the day; `refusals` has
    who of all these does not agree (`refused_by`), with day and words. `approved` is the officers' answer, `verdict`
    why, `version` the number of the task book that came of it.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="changes")
    number = models.PositiveSmallIntegerField()
    items = models.JSONField(default=list)
    leaving = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    joining = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    asked_on = models.DateField()
    agreed_on = models.DateField(null=True)
    poster_asked = models.BooleanField(default=False)
    poster_agreed_on = models.DateField(null=True)
    waits_for = models.ManyToManyField(Member, related_name="+")
    members_agreed = models.JSONField(default=list)
    refused_by = models.ManyToManyField(Organisation, related_name="+")
    refusals = models.JSONField(default=list)
    approved = models.BooleanField(null=True)
    verdict = models.TextField(blank=True)
    decided_on = models.DateField(null=True)
    version = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="project_change_number"),
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(approved=None), name="project_change_one_open"
            ),
        ]


class Evidence(models.Model):
    """What is said of the result before acceptance, by a unit that has not made it: does it meet the task book?"""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=12, choices=EvidenceKind)
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=80, blank=True)
    on = models.DateField()
    meets = models.BooleanField()
    words = models.TextField()

    class Meta:
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(fields=["project", "kind"], name="project_evidence_once")]


class SelfEvaluation(models.Model):
    """绩效自评: what the leader says came of an accepted project: `reached` for each indicator of its challenge, and in
    words; it is written until the performance is evaluated."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="self_evaluation")
    on = models.DateField()
    reached = models.JSONField(default=list)
    words = models.TextField()


class Decision(models.Model):
    """What was decided about a project, by whom, and who was barred from it then: rows of a unit's id and its part."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="decisions")
    what = models.CharField(max_length=20)
    about = models.PositiveSmallIntegerField(null=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    barred = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]


class Eliminated(models.TextChoices):
    """Where the money of a team that leaves a race goes."""

    ON = "on", _("to those who go on")
    BUDGET = "budget", _("back to the budget")


class GateDecision(models.TextChoices):
    """What follows from a gate that several teams have passed; with one it has won, with none all stop."""

    CONTINUE = "continue", _("all who passed go on")
    MERGE = "merge", _("two teams merge")
    CUT = "cut", _("the first of the ranking go on")


class Race(models.Model):
    """赛马: several projects for one challenge, judged at the same gates by the same targets.

    `planned_fen` is what was awarded to all of them, of which each team gets `first_fen` first (分); the rest is kept
    for those who go on. Numbers of teams and the share of the first payments are those of the rule values in force when
    it was opened, or the call's own. `gates` are their days.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="race")
    item = models.ForeignKey(CallItem, on_delete=models.PROTECT, related_name="races")
    region = models.CharField(max_length=6)
    planned_fen = models.BigIntegerField()
    first_fen = models.BigIntegerField()
    least_teams = models.PositiveSmallIntegerField()
    most_teams = models.PositiveSmallIntegerField()
    first_share_bp = models.PositiveIntegerField()
    gates = models.JSONField(default=list)
    eliminated = models.CharField(max_length=10, choices=Eliminated)


class RaceTeam(models.Model):
    """A project that runs in a race."""

    race = models.ForeignKey(Race, on_delete=models.PROTECT, related_name="teams")
    number = models.PositiveSmallIntegerField()
    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="race_team")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["race", "number"], name="race_team_number")]


class RaceTest(models.Model):
    """What a third party, asked by the officers, finds at a gate of a race: it enters a figure of each team for each
    target and who `passed`, which the teams read once the gate is held by it (`held_on`)."""

    race = models.ForeignKey(Race, on_delete=models.PROTECT, related_name="tests")
    gate = models.PositiveSmallIntegerField()
    tester = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField(null=True)
    on = models.DateField(null=True)
    report_no = models.CharField(max_length=80, blank=True)
    words = models.TextField(blank=True)
    figures = models.JSONField(default=dict)
    passed = models.JSONField(default=list)
    held_on = models.DateField(null=True)

    class Meta:
        ordering = ["gate"]
        constraints = [models.UniqueConstraint(fields=["race", "gate"], name="race_test_gate")]


class RaceStep(models.Model):
    """What happened in a race, in order: steps of `engines.races`, from which alone follow who runs and where the money
    is. A gate is held by a third party (`tester`), with what it found of each team."""

    race = models.ForeignKey(Race, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    on = models.DateField()
    data = models.JSONField(default=dict)
    tester = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    report_no = models.CharField(max_length=80, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["race", "number"], name="race_step_number")]
