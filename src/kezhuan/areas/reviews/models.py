"""Reviews: experts, panels about records of any programme, what each expert judges, and what came of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models import Organisation, Person, Record


class ExpertSort(models.TextChoices):
    """What an expert is asked as: strata of a draw, and groups of the mix of a panel."""

    TECHNICAL = "technical", _("technical expert")
    ENTERPRISE = "enterprise", _("enterprise expert")
    FINANCE = "finance", _("finance expert")


class Scheme(models.TextChoices):
    """Who knows of whom while a panel judges, and afterwards."""

    OPEN = "open", _("open: experts know the applicants")
    BLIND = "blind", _("blind: experts do not know the applicants")
    DOUBLE = "double_blind", _("double-blind: neither side knows the other")


class Choice(models.TextChoices):
    """How the experts of a panel are chosen."""

    DRAW = "draw", _("by lot: a stratified random draw")
    ASSIGNMENT = "assignment", _("by fit: the best assignment under the rules")


class TieKind(models.TextChoices):
    """Ties that an expert declares: the kinds of conflict of `engines.conflicts`."""

    EMPLOYER = "employer", _("employed there")
    COMPLETER = "co-completer", _("achievement together")
    PROJECT = "co-project", _("project together")
    CONTRACT = "contract", _("contract with it")
    SHAREHOLDER = "shareholder", _("holds shares of it")
    FUND = "fund", _("a fund of theirs invested in it")
    ADVISER = "adviser", _("adviser, supervisor or student")
    FAMILY = "family", _("family works there or owns it")


class Expert(models.Model):
    """评审专家 in the pool of an office. The record's title is the person's name.

    `fields` are technical fields and `topics` the words of what they know; `capacity` is how many items they judge in a
    calendar year at most. Their ties are known once they have declared them, on `declared_on`. Their fees go to
    `account` at `bank`: they write both themselves, and beside them the officers in charge of the pool alone read them.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="expert")
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="expertise")
    employer = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    sort = models.CharField(max_length=12, choices=ExpertSort)
    fields = models.JSONField(default=list)
    topics = models.JSONField(default=list)
    capacity = models.PositiveSmallIntegerField()
    region = models.CharField(max_length=6)
    declared_on = models.DateField(null=True)
    bank = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=40, blank=True)


class DeclaredTie(models.Model):
    """A tie to an organisation that an expert declared; without `until` no end is known, and it counts."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="ties")
    kind = models.CharField(max_length=12, choices=TieKind)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["expert", "kind", "organisation"], name="declared_tie_once")]


class Panel(models.Model):
    """评审组: judges items of what it is `about`, a record of any programme. The record's title names it, its summary
    is what its experts read first.

    `criteria` are rows of `{"name", "weight", "anchors"}`: weights in basis points that sum to 10,000, marks from 0 to
    100 with two decimals, anchors say what a mark means. Each item gets `per_item` reviews. Where experts are assigned
    nobody gets more than `max_load` items, and at first nobody of the pool fewer than `min_load`; no pair is made with
    a probability above `most_certain` percent, where that is given, by the `seed` that was drawn for it; with `mixed`
    each item has an enterprise or a finance expert, and of one employer come `per_employer` at most. From `drop_from`
    reviews on the highest and the lowest total are left out; `spread_flag` and `outlier_flag` are points from which a
    result is looked at again. Experts answer until `answer_by`, and score until `due_on`. The contracted `agency`
    (专业机构) runs it and decides nothing.

    Of its meeting stand there number and day of the minutes and their text, which experts `attended`, by their numbers,
    and in words who was `also_there`.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="panel")
    about = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="panels")
    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    region = models.CharField(max_length=6)
    scheme = models.CharField(max_length=12, choices=Scheme, default=Scheme.BLIND)
    choice = models.CharField(max_length=12, choices=Choice, default=Choice.DRAW)
    criteria = models.JSONField(default=list)
    per_item = models.PositiveSmallIntegerField(default=5)
    max_load = models.PositiveSmallIntegerField(default=30)
    min_load = models.PositiveSmallIntegerField(null=True)
    most_certain = models.PositiveSmallIntegerField(null=True)
    seed = models.CharField(max_length=64, blank=True)
    mixed = models.BooleanField(default=True)
    per_employer = models.PositiveSmallIntegerField(null=True)
    drop_from = models.PositiveSmallIntegerField(null=True)
    spread_flag = models.PositiveSmallIntegerField(default=30)
    outlier_flag = models.PositiveSmallIntegerField(default=20)
    answer_by = models.DateField(null=True)
    due_on = models.DateField(null=True)
    minutes_no = models.CharField(max_length=80, blank=True)
    met_on = models.DateField(null=True)
    minutes = models.TextField(blank=True)
    attended = models.JSONField(default=list)
    also_there = models.TextField(blank=True)

    @property
    def programme(self) -> str:
        """Whose officers are in charge of it: those of the programme of what it is about."""
        return self.about.kind

    programme_at = "about__kind"
    """Where queries find it."""

    @property
    def is_blind(self) -> bool:
        """Whether its experts do not learn who the applicants are."""
        return self.scheme != Scheme.OPEN

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(per_item__gte=1), name="panel_per_item"),
            models.CheckConstraint(condition=models.Q(max_load__gte=1), name="panel_max_load"),
            models.CheckConstraint(
                condition=models.Q(min_load=None) | models.Q(min_load__lte=models.F("max_load")), name="panel_min_load"
            ),
            models.CheckConstraint(
                condition=models.Q(most_certain=None) | models.Q(most_certain__gte=1, most_certain__lte=99),
                name="panel_most_certain",
            ),
            models.CheckConstraint(
                condition=models.Q(drop_from=None) | models.Q(drop_from__gte=3), name="panel_drop_from"
            ),
            models.CheckConstraint(
                condition=models.Q(answer_by=None)
                | models.Q(due_on=None)
                | models.Q(due_on__gte=models.F("answer_by")),
                name="panel_days",
            ),
        ]


class PanelItem(models.Model):
    """One item that a panel judges: to experts of a blind one it is its number alone.

    It gets as many reviews as were `asked` for it, or as the panel says; `alternates` are the codes of experts who can
    stand in for those who were assigned, the best first.

    `hidden` are words that are hidden from them beside the names that the program knows. With the close of the scores
    `result` holds score, rank and what led to them. `place` is its turn in the meeting,
    `advised` what the panel advises, `opinion` why; the department proposes on it.
    """

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="judged")
    asked = models.PositiveSmallIntegerField(null=True)
    alternates = models.JSONField(default=list)
    hidden = models.JSONField(default=list)
    result = models.JSONField(default=dict)
    place = models.PositiveSmallIntegerField(null=True)
    advised = models.BooleanField(null=True)
    opinion = models.TextField(blank=True)

    @property
    def needed(self) -> int:
        """How many reviews it gets."""
        return self.asked or self.panel.per_item

    @property
    def rank(self) -> int:
        """Its rank by score, from 1; raises `KeyError` before the scores are closed."""
        return int(self.result["rank"])

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "number"], name="panel_item_number"),
            models.UniqueConstraint(fields=["panel", "record"], name="panel_item_once"),
            models.CheckConstraint(condition=models.Q(asked=None) | models.Q(asked__gte=1), name="panel_item_asked"),
        ]


class Review(models.Model):
    """评审任务: what one expert judges for one panel; the expert's and the bureau's alone. `fee_fen` is what they are
    paid for it (分), once the scores are closed."""

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="review")
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="reviews")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="reviews")
    number = models.PositiveSmallIntegerField(help_text="the expert's number on the panel, where names are hidden")
    drawn_on = models.DateField(null=True, help_text="the day of the draw, when they were drawn by lot")
    fee_fen = models.BigIntegerField(null=True)

    @property
    def region(self) -> str:
        """The district whose officers run it: that of its panel."""
        return self.panel.region

    @property
    def programme(self) -> str:
        """The programme whose officers run it: that of its panel."""
        return self.panel.about.kind

    region_at = "panel__region"
    programme_at = "panel__about__kind"
    """Where queries find them."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["panel", "expert"], name="review_once"),
            models.UniqueConstraint(fields=["panel", "number"], name="review_number"),
            models.CheckConstraint(condition=models.Q(fee_fen=None) | models.Q(fee_fen__gte=0), name="review_fee"),
        ]
        indexes = [models.Index(fields=["expert", "drawn_on"], name="review_drawn")]


class Guest(models.Model):
    """访客专家: by which address an expert without an account judges, and nothing but this review.

    The address opens it until a day, unless it was taken back before; `turn` counts the addresses that were sent, of
    which the last alone opens anything. Of the panel's items they judge those of these numbers (none: all) that they
    are clear of.
    """

    review = models.OneToOneField(Review, on_delete=models.PROTECT, primary_key=True, related_name="guest")
    items = models.JSONField(default=list)
    turn = models.PositiveSmallIntegerField(default=1)
    until = models.DateField()
    withdrawn_on = models.DateField(null=True)


class Sheet(models.Model):
    """评分表: one expert's marks and words for one item, by criterion in its order; final once it is submitted.

    `why` is why the pair was made, in both languages. One that was given back, with `recused` as the reason, counts no
    more.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="sheets")
    item = models.ForeignKey(PanelItem, on_delete=models.PROTECT, related_name="sheets")
    why = models.JSONField(default=dict)
    marks = models.JSONField(default=list)
    words = models.JSONField(default=list)
    submitted_at = models.DateTimeField(null=True)
    recused = models.TextField(blank=True)

    class Meta:
        ordering = ["item__number", "pk"]
        constraints = [models.UniqueConstraint(fields=["review", "item"], name="review_sheet_once")]


class Draw(models.Model):
    """随机抽取: the draw of a panel by `engines.drawing`. Terms and commitment are fixed before; the seed stays closed
    until the witness has said a word in public. `passed` are those who were drawn when other panels' draws had brought
    them to the cap, by code, each with how many were known before not to come."""

    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, primary_key=True, related_name="draw")
    terms = models.JSONField()
    seed = models.CharField(max_length=64)
    committed = models.CharField(max_length=64)
    committed_at = models.DateTimeField()
    word = models.CharField(max_length=80, blank=True)
    witness = models.CharField(max_length=80, blank=True)
    drawn_at = models.DateTimeField(null=True)
    passed = models.JSONField(default=list)


class LookUp(models.Model):
    """核查: in which register the ties of a party were looked up, and when; before that nothing is known of it."""

    party = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    source = models.CharField(max_length=200)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["party", "-on"], name="look_up_of_party")]


class FoundTie(models.Model):
    """A tie of a `party` that was found when it was looked up: with an organisation or a person (`other`), of a kind as
    experts declare them; without `until` no end is known, and it counts."""

    look_up = models.ForeignKey(LookUp, on_delete=models.PROTECT, related_name="found")
    party = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=TieKind)
    other = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["party", "kind", "other"], name="found_tie_once")]


class Dismissed(models.Model):
    """A conflict that was found and is none, such as of a namesake: it stays dismissed, for every panel, until that is
    taken back (`withdrawn_on`, by whom and why), and the conflict counts again."""

    key = models.CharField(max_length=400)
    reason = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    withdrawn_on = models.DateField(null=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(withdrawn_on=None), name="dismissed_once"),
        ]
        indexes = [models.Index(fields=["key"], name="dismissed_of_key")]


class Inquiry(models.Model):
    """提问: what an expert asks the applicant about an item while the panel scores, and the answer; neither learns from
    it who the other is. `number` counts the questions about the same record."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="inquiries")
    number = models.PositiveSmallIntegerField()
    words = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="inquiry_number"),
            models.CheckConstraint(
                condition=models.Q(answered_at=None) | ~models.Q(answer=""), name="inquiry_answered"
            ),
        ]
        # Whether one waits is asked on every page of a member.
        indexes = [models.Index(fields=["answered_at", "sheet"], name="inquiry_open")]
