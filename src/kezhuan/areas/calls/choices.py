"""What the terms of a call are chosen from."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CallKind(models.TextChoices):
    """What sort of call it is: what differs between them is what their templates say."""

    CHALLENGE = "challenge", _("challenge list (揭榜挂帅)")
    CONTEST = "contest", _("innovation challenge contest")
    CHAIN = "chain", _("chain leaders' directions (产业链创新联合体)")
    PROOF = "proof", _("proof-of-concept selection (概念验证)")
    AGENCY = "agency", _("agency selection (以赛促评)")


class ListDisclosure(models.TextChoices):
    """Who reads the list of a published call."""

    PUBLIC = "public", _("everybody reads the list")
    SIGNED_IN = "signed_in", _("everybody sees the call, whoever has an account reads the list")
    INVITED = "invited", _("the invited organisations alone know of it")


class Occasion(models.TextChoices):
    """What a payment to a project waits for."""

    SIGNING = "signing", _("on signing")
    MILESTONE = "milestone", _("after its milestone")
    ACCEPTANCE = "acceptance", _("after acceptance")


class PosterPays(models.TextChoices):
    """What fiscal payments to a project do where the poster has not paid its own that are due."""

    OFF = "off", _("nothing: it is not looked at")
    WARN = "warn", _("it is shown beside them")
    BLOCK = "block", _("they wait for it")


class RelatedRule(models.TextChoices):
    """What becomes of an application of a unit that is related to whoever posed the challenge."""

    DISCLOSE = "disclose", _("it says so: the notice tells it, and the poster's word on the result does not do")
    REVIEW = "review", _("it says so, and a panel has to advise choosing it")
    REFUSE = "refuse", _("it is refused")


class AwardRule(models.TextChoices):
    """By which rule a call chooses; of each item at most as many as it says, whatever the rule."""

    ITEM = "item", _("of each item at most as many as it says")
    FIXED = "fixed", _("at most a number over the whole list")
    SCORE = "score", _("whoever reaches a score of the panel")
    RANKED = "ranked", _("in the order of the panel's scores, as far as the budget line reaches")


class AnswerKind(models.TextChoices):
    """What the answer to a question of a call's form is."""

    TEXT = "text", _("text")
    LINE = "line", _("one line")
    NUMBER = "number", pgettext_lazy("answer", "number")
    DAY = "date", _("day")
    ONE = "one", _("one of several options")
    SEVERAL = "several", _("any of several options")
    FILE = "file", _("file")
    TABLE = "table", _("rows of a table")


class ColumnKind(models.TextChoices):
    """What stands in a column of a table that a question asks for."""

    LINE = "line", _("one line")
    NUMBER = "number", pgettext_lazy("answer", "number")
    DAY = "date", _("day")
    UNIT = "unit", _("organisation")


class ConditionRule(models.TextChoices):
    """By what a condition is worked out from figures of an application; one without is judged by the officers."""

    RND = "rnd", _("R&D of the year before, by revenue")


class Outcome(models.TextChoices):
    """What the formality check says of a condition."""

    MET = "met", pgettext_lazy("condition", "met")
    UNMET = "unmet", _("not met")
    NOTED = "noted", _("noted")


class SpotFinding(models.TextChoices):
    """What a spot check found."""

    IN_ORDER = "in-order", _("in order")
    TO_MEND = "to-mend", _("to be put right")
    SERIOUS = "serious", _("serious: not what was handed in")


class StageKind(models.TextChoices):
    """Between the end of applications and the decision: when a call judges, and what it looks at again."""

    FIRST = "first", _("first review (初评)")
    FINAL = "final", _("final review (终评)")
    SPOT = "spot-check", _("spot check (抽查)")


CHECKING = "checking"
"""Stage of an application that waits for an administrator of its unit: it is not handed in yet."""
DECIDABLE = ("qualified", "shortlisted")
"""Stages of applications that passed the formality check and that are not decided on."""
