"""Calls: what an officer lays open for application, its list of challenges, and what is applied with."""

from datetime import datetime, timedelta

from django.db import models

from kezhuan.areas.calls.choices import (
    AwardRule,
    CallKind,
    ListDisclosure,
    Occasion,
    PosterPays,
    RelatedRule,
    StageKind,
)
from kezhuan.areas.needs.models import RightsTerm
from kezhuan.areas.reviews.models import Choice, Scheme
from kezhuan.kernel.models import Organisation, Person, Record
from kezhuan.kernel.text import SHANGHAI
from kezhuan.kernel.workdays import WORKING


def every_occasion() -> list[str]:
    """What a call allows unless it says otherwise."""
    return [str(one) for one in Occasion]


class Call(models.Model):
    """A call. The record's title names it, its summary says what it is about; it belongs to nobody: officers in charge
    in the district of the `office` that made it decide.

    Applications are taken from `opens_at` to `closes_at` and `grace_minutes` after it, by the server's clock.
    `conditions` are who may apply, each with whether evidence is asked and by which `ConditionRule` it is worked
    out, if by any: `{"words", "evidence", "rule"}`; `questions` what an application says beside the answers to the
    indicators: `{"words", "kind", "required", "most"}`, with the `options`
    of a choice, the `columns` of a table (`{"words", "kind"}`), and `only_if` where it is asked of those alone who gave
    the earlier `question`, counted from one, that `answer`. Before it is published its wording is tested with at least
    `readers_asked` experts, or by a demonstration (论证会) with minutes, whose `minutes_wording` is the hash of the
    list that it had before it. The budget line (year, 科目, document, 分) bounds what is awarded. Its projects are
    paid at the occasions in `paid_on`; `poster_pays` says what becomes of that where the poster has not paid. `earlier`
    is the call nobody applied to that this one posts again.

    Where it `asks_recommending`, `recommenders` stand: an applicant chooses one (推荐单位), which reads its application
    first: without a letter until `recommend_until`, with its scan unless `letter_optional`, it goes no further.
    Of one by invitation those `invited` know, its officers, recommenders and posters: nobody else.
    Where it asks for a `unit_check` (单位审核), what somebody of a unit submits is handed in once an administrator
    of it has confirmed it; where it `needs_approval`, it is decided by a route with a collective decision alone.

    The needs that came in for it, of which some stand on its list, are `collected`.
    Of its challenges, directions or fields at most `most_directions` are funded, where that is given: beside what the
    rulebook says of all calls of its kind and year. Of a unit at most `most_per_unit` applications to it live at once,
    where that is given; what was chosen becomes a project where it `begins_projects`: after it stood in the project
    library (项目库) where the call `keeps_library`, and once a budget document names it where it `awaits_budget`.

    What becomes of an application of a unit related to the poster of its challenge its `related_rule` says.
    Its panels begin with who knows of whom (`review_scheme`), how experts are chosen (`review_choice`), so many reviews
    of each application (`review_per_item`) and `criteria`, which are rows as those of a panel; everybody who reads the
    list reads them, and what is empty the panels say themselves.

    It chooses by `award_rule`, with `award_most` over the whole list or from `award_score` on; `award_note` says why a
    decision does not keep it. Where it `holds_notice`, what is proposed is laid open for `notice_days` at
    `notice_places` before, or as the rulebook asks where that is longer (see `areas.calls.awarding`).
    A call that `seals` has its applications encrypted from their first word on, until they are opened together
    (`opened_at`) with the code whose public half is `opening_half`.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="call")
    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    call_kind = models.CharField(max_length=20, choices=CallKind)
    region = models.CharField(max_length=6)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    grace_minutes = models.PositiveIntegerField(default=0)
    disclosure = models.CharField(max_length=20, choices=ListDisclosure, default=ListDisclosure.PUBLIC)
    ip_terms = models.CharField(max_length=20, blank=True, choices=RightsTerm)
    ip_note = models.TextField(blank=True)
    conditions = models.JSONField(default=list)
    questions = models.JSONField(default=list)
    readers_asked = models.PositiveSmallIntegerField(default=3)
    minutes_no = models.CharField(max_length=80, blank=True)
    minutes_on = models.DateField(null=True)
    minutes_wording = models.CharField(max_length=64, blank=True)
    budget_year = models.PositiveSmallIntegerField(null=True)
    budget_subject = models.CharField(max_length=120, blank=True)
    budget_document = models.CharField(max_length=120, blank=True)
    budget_fen = models.BigIntegerField(null=True)
    paid_on = models.JSONField(default=every_occasion)
    poster_pays = models.CharField(max_length=10, choices=PosterPays, default=PosterPays.WARN)
    asks_recommending = models.BooleanField(default=False)
    recommend_until = models.DateTimeField(null=True)
    letter_optional = models.BooleanField(default=False)
    recommenders = models.ManyToManyField(Organisation, related_name="+")
    invited = models.ManyToManyField(Organisation, related_name="+")
    collected = models.ManyToManyField(Record, related_name="collected_for")
    most_per_unit = models.PositiveSmallIntegerField(null=True)
    most_directions = models.PositiveSmallIntegerField(null=True)
    begins_projects = models.BooleanField(default=True)
    keeps_library = models.BooleanField(default=False)
    awaits_budget = models.BooleanField(default=False)
    unit_check = models.BooleanField(default=False)
    needs_approval = models.BooleanField(default=False)
    related_rule = models.CharField(max_length=10, choices=RelatedRule, default=RelatedRule.DISCLOSE)
    review_scheme = models.CharField(max_length=12, choices=Scheme, blank=True)
    review_choice = models.CharField(max_length=12, choices=Choice, blank=True)
    review_per_item = models.PositiveSmallIntegerField(null=True)
    criteria = models.JSONField(default=list)
    award_rule = models.CharField(max_length=10, choices=AwardRule, default=AwardRule.ITEM)
    award_most = models.PositiveSmallIntegerField(null=True)
    award_score = models.PositiveSmallIntegerField(null=True)
    award_note = models.TextField(blank=True)
    holds_notice = models.BooleanField(default=False)
    notice_days = models.PositiveSmallIntegerField(null=True)
    notice_day_kind = models.CharField(max_length=10, default=WORKING)
    notice_places = models.JSONField(default=list)
    seals = models.BooleanField(default=False)
    opening_half = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField(null=True)
    earlier = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="posted_again")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens_at=None)
                | models.Q(closes_at=None)
                | models.Q(closes_at__gt=models.F("opens_at")),
                name="call_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=models.Q(budget_fen=None) | models.Q(budget_fen__gt=0), name="call_budget"
            ),
            models.CheckConstraint(
                condition=models.Q(most_per_unit=None) | models.Q(most_per_unit__gte=1), name="call_most_per_unit"
            ),
        ]
        indexes = [models.Index(fields=["closes_at"], name="call_closes")]

    @property
    def year(self) -> int | None:
        """The call year, over which limits count: that of its budget line, else the year in which it opens."""
        opens = self.opens_at.astimezone(SHANGHAI).year if self.opens_at is not None else None
        return self.budget_year or opens

    @property
    def deadline(self) -> datetime | None:
        """The last moment at which an application is taken; it is in time at that moment itself."""
        return self.closes_at + timedelta(minutes=self.grace_minutes) if self.closes_at is not None else None


class CallStage(models.Model):
    """A stage of a call between the end of applications and the decision, with its first and its last day. Where there
    is a final review, what the officers put on the shortlist alone is judged there and can be chosen."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="stages")
    kind = models.CharField(max_length=12, choices=StageKind)
    begins_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "kind"], name="call_stage_once"),
            models.CheckConstraint(
                condition=models.Q(begins_on=None)
                | models.Q(ends_on=None)
                | models.Q(ends_on__gte=models.F("begins_on")),
                name="call_stage_days",
            ),
        ]


class CallItem(models.Model):
    """What a call's list offers: a challenge (榜单) in the words that its `need` had when it was put there, or a
    direction or field (方向、领域) in words of the office, which has neither need, `poster` nor indicators.

    `indicators` are rows of name, operator, value, unit and test method. At most `winners` applications are awarded,
    with at most `fiscal_fen` of fiscal money together (分), for at most `months`.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    need = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")
    poster = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=300)
    problem = models.TextField(blank=True)
    field = models.CharField(max_length=20, blank=True)
    indicators = models.JSONField(default=list)
    fiscal_fen = models.BigIntegerField(null=True)
    months = models.PositiveSmallIntegerField(null=True)
    winners = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="call_item_number"),
            models.UniqueConstraint(fields=["call", "need"], name="call_item_need"),
            models.CheckConstraint(
                condition=models.Q(need__isnull=False, poster__isnull=False) | models.Q(need=None, poster=None),
                name="call_item_posed",
            ),
            models.CheckConstraint(condition=models.Q(winners__gte=1), name="call_item_winners"),
            models.CheckConstraint(
                condition=models.Q(fiscal_fen=None) | models.Q(fiscal_fen__gte=0), name="call_item_fiscal"
            ),
        ]


class Asked(models.Model):
    """A question about a call that somebody asked before they apply; with its answer everybody reads both; no other
    unit is told who asked."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="asked")
    number = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    words = models.TextField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="call_asked_number"),
            models.CheckConstraint(
                condition=models.Q(answered_at=None) | ~models.Q(answer=""), name="call_asked_answered"
            ),
        ]
        indexes = [models.Index(fields=["answered_at", "call"], name="call_asked_open")]


class Reading(models.Model):
    """An expert's answer to: do you understand what counts as solved? `wording` is the hash of the list read."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="readings")
    order = models.PositiveSmallIntegerField()
    who = models.CharField(max_length=80)
    unit = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    understood = models.BooleanField()
    words = models.TextField(blank=True)
    wording = models.CharField(max_length=64)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["call", "order"], name="call_reading_order")]


HANDED_IN = models.Q(alive=True, commissioned_by=None)  # one for an item and a unit; commissions stand beside it


class Application(models.Model):
    """申报书: with what a unit puts itself forward for one item of a call; its record's summary is the part that
    everybody reads when it is awarded.

    `commitments` answer the indicators of the item, `evidence` the conditions and `answers` the questions of the call,
    each in their order; `related` says what makes its unit one related to the poster, as it said or was known at the
    decision; `partners` are the units here that it names. One application of a unit for an item is `alive`. `verdict`
    is the reason of the decision, `award_fen` the fiscal money awarded (分), both empty before; of it `passed_on_fen`
    goes on to others; by the signed task book `kept_fen` stays, and counts instead.

    Where a condition asks for R&D by revenue it says the `revenue_fen` of the year before, and what of it was `rnd_fen`
    (分). `checks` are what the formality check says of each condition, in their order: `{"outcome", "basis", "file",
    "words"}`, empty while it says nothing; see `areas.calls.eligibility`. `spot_checks` are what was looked at again
    (抽查): `{"who", "on", "looked_at", "finding", "words"}`. With `recommender` it was recommended on the day
    `letter_on`, once that stands there, by the letter of this number; with an `opinion` where another system held it.
    What no column takes of that is its `extra`, what a panel found there `judged_elsewhere` (`areas.calls.outside`).

    While it is `sealed` its title is the item's and everything it says is empty here (see `kernel.sealing`). One that
    is `commissioned_by` a chain leader (定向委托) was handed in by nobody: it is an award from the start.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="application")
    item = models.ForeignKey(CallItem, on_delete=models.PROTECT, related_name="applications")
    applicant = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    partners = models.ManyToManyField(Organisation, related_name="+")
    commissioned_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    alive = models.BooleanField(default=True)
    leader = models.CharField(max_length=80, blank=True)
    asked_fen = models.BigIntegerField(null=True)
    months = models.PositiveSmallIntegerField(null=True)
    commitments = models.JSONField(default=list)
    evidence = models.JSONField(default=list)
    answers = models.JSONField(default=list)
    related = models.TextField(blank=True)
    revenue_fen = models.BigIntegerField(null=True)
    rnd_fen = models.BigIntegerField(null=True)
    checks = models.JSONField(default=list)
    spot_checks = models.JSONField(default=list)
    promised = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(null=True)
    recommender = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    letter_no = models.CharField(max_length=80, blank=True)
    letter_on = models.DateField(null=True)
    opinion = models.TextField(blank=True)
    verdict = models.TextField(blank=True)
    award_fen = models.BigIntegerField(null=True)
    passed_on_fen = models.BigIntegerField(default=0)
    kept_fen = models.BigIntegerField(null=True)
    sealed = models.BooleanField(default=False)
    judged_elsewhere = models.JSONField(default=dict)
    extra = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(passed_on_fen=0)
                | models.Q(passed_on_fen__gt=0, passed_on_fen__lte=models.F("award_fen")),
                name="application_passed_on",
            ),
            models.UniqueConstraint(fields=["item", "applicant"], condition=HANDED_IN, name="application_once"),
            models.CheckConstraint(
                condition=models.Q(asked_fen=None) | models.Q(asked_fen__gte=0), name="application_asked"
            ),
            models.CheckConstraint(
                condition=models.Q(revenue_fen=None) | models.Q(revenue_fen__gt=0), name="application_revenue"
            ),
            models.CheckConstraint(condition=models.Q(rnd_fen=None) | models.Q(rnd_fen__gte=0), name="application_rnd"),
            models.CheckConstraint(
                condition=models.Q(award_fen=None) | models.Q(award_fen__gte=0), name="application_award"
            ),
        ]

    @property
    def region(self) -> str:
        """The district whose officers decide on it: that of its call."""
        return self.item.call.region

    region_at = "item__call__region"
    """Where queries find it."""
    programme = "call"
    """The programme whose officers decide on it: that of its call."""


class Opened(models.Model):
    """Who has opened the form of an application and not saved it, and when: colleagues are told of each other."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="opened")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "person"], name="application_opened_once")]


class Proposal(models.Model):
    """What the officers propose for an application before the call is decided: nobody else reads it until then."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, primary_key=True, related_name="proposal")
    awarded = models.BooleanField()
    award_fen = models.BigIntegerField(null=True)
    passed_on_fen = models.BigIntegerField(default=0)
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(award_fen=None) | models.Q(award_fen__gte=0), name="proposal_award"
            ),
        ]


class BudgetDocument(models.Model):
    """预算文件: funds projects of the library, of a year and a subject (科目); one entered by mistake is withdrawn."""

    region = models.CharField(max_length=6)
    number = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=120)
    issued_on = models.DateField()
    note = models.TextField(blank=True)
    withdrawn_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "number"], condition=models.Q(withdrawn_on=None), name="budget_document_once"
            ),
        ]


class LibraryEntry(models.Model):
    """A chosen application in the project library (项目库): its place in the order, the fiscal money awarded (分) and
    since which day it stands there. It has left once a `document` funds it with `funded_fen` or its project began."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, primary_key=True, related_name="entry")
    place = models.PositiveIntegerField()
    amount_fen = models.BigIntegerField()
    since = models.DateField()
    document = models.ForeignKey(BudgetDocument, on_delete=models.PROTECT, null=True, related_name="entries")
    funded_fen = models.BigIntegerField(null=True)
    left_on = models.DateField(null=True)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(document=None, funded_fen=None)
                | models.Q(document__isnull=False, funded_fen__gte=0, left_on__isnull=False),
                name="library_entry_funded",
            ),
        ]
