"""Experts, panels and reviews."""

from typing import Any

from kezhuan.areas.reviews.asking import is_asked
from kezhuan.areas.reviews.choosing_actions import LIVE
from kezhuan.areas.reviews.desk import reads_items
from kezhuan.areas.reviews.fee_actions import PAID_AT
from kezhuan.areas.reviews.models import Choice, Draw
from kezhuan.areas.reviews.permissions import is_themselves, keeps_pool, may_judge, runs
from kezhuan.areas.reviews.scoring_actions import scores_now
from kezhuan.kernel.access import Actor, is_officer
from tests.access.rules.rule import SIGNED_IN, WITHOUT_LINK, Rule, at_stage, both, nobody, sees, signed_in


def keeps_expert(actor: Actor, row: Any) -> bool:
    """Who is in charge of an expert, and is not the expert."""
    return bool(is_officer.test(actor, row)) and not is_themselves.test(actor, row)


def is_live(_actor: Actor, row: Any) -> bool:
    """Whether a panel's scores are not closed."""
    return row.record.stage in LIVE


def is_drawn(_actor: Actor, row: Any) -> bool:
    """Whether the experts of a panel are drawn by lot."""
    return row.choice == Choice.DRAW


def is_assigned(_actor: Actor, row: Any) -> bool:
    """Whether the experts of a panel are chosen by fit."""
    return row.choice == Choice.ASSIGNMENT


def is_paid_at(_actor: Actor, row: Any) -> bool:
    """Whether it is known what each expert of a panel did."""
    return row.record.stage in PAID_AT


def was_drawn(_actor: Actor, row: Any) -> bool:
    """Whether the draw of a panel was held."""
    return Draw.objects.filter(panel=row, drawn_at__isnull=False).exists()


def is_blind(_actor: Actor, row: Any) -> bool:
    """Whether a panel's experts do not learn of the applicants."""
    return row.is_blind


def _is_asked(actor, row):
    return sees(actor, row) and is_asked(actor, row.record)


PAGES = {
    **dict.fromkeys(("experts", "panels", "reviews"), SIGNED_IN),
    "expert": Rule(sees, "expert"),
    "expert-new": Rule(lambda actor, _: keeps_pool(actor)),
    "expert-edit": Rule(both(keeps_expert), "expert"),
    "expert-account": Rule(both(is_themselves.test), "expert"),
    "expert-ties": Rule(both(is_themselves.test), "expert"),
    "panel": Rule(sees, "panel"),
    "panel-new": Rule(both(lambda actor, _: may_judge(actor, "call")), "call"),
    "panel-edit": Rule(both(runs.test, at_stage("prepared")), "panel"),
    "panel-conflicts": Rule(both(runs.test, is_live), "panel"),
    **dict.fromkeys(("panel-dismiss", "panel-take-back"), Rule(nobody, "panel")),
    "panel-assign": Rule(both(runs.test, is_live), "panel"),
    "panel-draw": Rule(both(runs.test, is_live, is_drawn), "panel"),
    "panel-guest": Rule(both(runs.test, is_live, is_assigned), "panel"),
    "panel-draw-record": Rule(both(runs.test, was_drawn), "panel"),
    "panel-hidden": Rule(both(runs.test, is_live, is_blind), "items of panels"),
    **dict.fromkeys(("panel-fees", "panel-fee-sheet"), Rule(both(runs.test, is_paid_at), "panel")),
    "panel-reviews": Rule(both(runs.test, is_live, is_assigned), "panel"),
    "panel-meeting": Rule(both(runs.test, at_stage("scored")), "panel"),
    "review": Rule(sees, "review"),
    **dict.fromkeys(("review-address", "review-address-end"), Rule(nobody, "review")),  # no guest's
    **dict.fromkeys(("guest", "guest-ties", "guest-decline", "guest-account"), Rule(nobody, WITHOUT_LINK)),
    **dict.fromkeys(("guest-item", "guest-give-back", "guest-ask"), Rule(nobody, "links to items")),
    "guest-file": Rule(nobody, "links to files of items"),
    "review-file": Rule(both(reads_items), "files of reviews"),
    "review-item": Rule(both(reads_items), "items of reviews"),
    "review-give-back": Rule(both(scores_now), "items of reviews"),
    "review-ask": Rule(both(scores_now), "items of reviews"),
    "question-answer": Rule(_is_asked, "questions of experts"),
}  # fmt: skip

OPERATIONS = {
    "experts-create": Rule(
        lambda actor, _: keeps_pool(actor), by="post",
        form={"email": "nobody@example.com", "sort": "technical", "fields": ["materials"]},
    ),
    "experts-change": Rule(
        both(keeps_expert), "expert", by="put", form={"sort": "finance", "fields": ["energy"], "version": 1}
    ),
    "experts-ties": Rule(both(is_themselves.test), "expert", by="put", form={}),
    "panels-create": Rule(signed_in, by="post", form={"title": "评审", "about": "B-1999-00001"}),
    "panels-change": Rule(both(runs.test), "panel", by="put", form={"title": "改名", "version": 1}),
    **dict.fromkeys(("panels-items", "panels-experts"), Rule(sees, "panel")),
    "panels-draw": Rule(both(was_drawn), "panel"),
    "panels-conflicts": Rule(both(runs.test), "panel"),
    "panels-look-up": Rule(
        both(runs.test), "panel", by="post", form={"source": "登记系统", "on": "2026-01-01"}
    ),
    **dict.fromkeys(
        ("panels-dismiss", "panels-take-back"),
        Rule(both(runs.test), "panel", by="post", form={"key": "x", "reason": "同名"}),
    ),
    **dict.fromkeys(
        ("panels-assign", "panels-commit", "panels-replace"), Rule(both(runs.test), "panel", by="post")
    ),
    "panels-guest": Rule(
        both(runs.test), "panel", by="post",
        form={"name": "访客", "email": "guest@example.com", "sort": "technical", "until": "2999-01-01"},
    ),
    "reviews-address": Rule(both(runs.test), "review", by="post", form={"until": "2999-01-01"}),
    "reviews-address-end": Rule(both(runs.test), "review", by="post"),
    "panels-hold": Rule(both(runs.test), "panel", by="post", form={"word": "春分", "witness": "赵见证"}),
    "panels-hide": Rule(both(runs.test), "items of panels", by="put", form={"words": []}),
    "panels-reviews": Rule(both(runs.test), "panel", by="put", form={"items": []}),
    "panels-fees": Rule(both(runs.test), "panel", by="put", form={"fees": []}),
    "panels-meeting": Rule(
        both(runs.test), "panel", by="put", form={"minutes_no": "1", "met_on": "2026-01-01"}
    ),
    "reviews-items": Rule(both(reads_items), "review"),
    "reviews-file": Rule(both(reads_items), "hashes of files of reviews"),
    "reviews-score": Rule(both(scores_now), "items of reviews", by="put", form={"marks": [], "words": []}),
    "reviews-ask": Rule(both(scores_now), "items of reviews", by="post", form={"words": "温度是多少？"}),
    "judged-questions": Rule(_is_asked, "asked about"),
    "judged-answer": Rule(
        _is_asked, "questions of experts", by="put",
        form={"words": "80℃"},
    ),
    "reviews-give-back": Rule(both(scores_now), "items of reviews", by="post", form={"reason": "有关系"}),
}  # fmt: skip
