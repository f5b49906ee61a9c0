"""Achievements, teams, needs, and how they meet."""

from typing import Any

from kezhuan.areas.matches.meeting_actions import PLANNED_IN
from kezhuan.areas.matches.missing import hears_what_was_missed
from kezhuan.areas.matches.permissions import consents, decides, plans, plans_meetings
from kezhuan.kernel.access import Actor, can_view, represents_owner
from kezhuan.kernel.models.records import Phase
from tests.access.rules.rule import EVERYBODY, Rule, at_stage, both, everybody, sees, writes


def on_pair(actor: Actor, pair: Any) -> bool:
    """Who sees both sides of a pair and decides on it."""
    need, supply = pair
    return sees(actor, need) and sees(actor, supply) and decides(actor, need, supply.record)


def asks_openly(actor: Actor, need: Any) -> bool:
    """Who reads what a need asks, while it asks."""
    return can_view(actor, need.record, "public") and need.record.phase == Phase.PUBLIC


PAGES = {
    **dict.fromkeys(("achievements", "needs", "teams", "introductions", "match"), EVERYBODY),
    "achievement-new": Rule(writes),
    "need-new": Rule(writes),
    "team-new": Rule(writes),
    "achievement": Rule(sees, "achievement"),
    "need": Rule(sees, "need"),
    "suggested": Rule(asks_openly, "need"),
    "team": Rule(sees, "team"),
    "introduction": Rule(sees, "introduction"),
    "meeting": Rule(both(plans.test, lambda _actor, row: row.record.stage == PLANNED_IN), "introduction"),
    "achievement-edit": Rule(both(represents_owner.test), "achievement"),
    "need-edit": Rule(both(represents_owner.test), "need"),
    "team-edit": Rule(both(represents_owner.test), "team"),
    "introduce": Rule(on_pair, "pairs", by="post"),
    "refuse": Rule(on_pair, "pairs", by="post", form={"reason": "partner"}),
    "mend": Rule(both(consents.test), "achievement", by="post", form={"lack": "sample"}),
}  # fmt: skip

OPERATIONS = {
    "match": Rule(everybody, by="post", form={"text": "抛光"}),
    "match-precise": Rule(plans_meetings.test),
    "match-precise-file": Rule(plans_meetings.test),
    "match-precise-introduce": Rule(
        plans_meetings.test, by="post", form={"pairs": [{"need": "N-2020-99999", "supply": "A-2020-99999"}]}
    ),
    "needs-matches": Rule(sees, "need"),
    "needs-near-misses": Rule(sees, "need"),
    "achievements-matches": Rule(sees, "achievement"),
    "teams-matches": Rule(sees, "team"),
    "achievements-missed": Rule(hears_what_was_missed, "achievement"),
    "needs-missed": Rule(hears_what_was_missed, "need"),
    "needs-mended": Rule(both(consents.test), "need", by="post", form={"lack": "sample"}),
    "achievements-mended": Rule(both(consents.test), "achievement", by="post", form={"lack": "sample"}),
    "introductions-meeting": Rule(
        both(plans.test), "introduction", by="put", form={"at": "2020-01-01T09:00:00+08:00", "where": "会议室"}
    ),
    "needs-introduce": Rule(on_pair, "pairs", by="post"),
    "needs-refuse": Rule(on_pair, "pairs", by="post", form={"reason": "partner"}),
    "needs-change": Rule(
        both(represents_owner.test, at_stage("draft")), "need", by="put", form={"title": "改名", "version": 1}
    ),
}  # fmt: skip
