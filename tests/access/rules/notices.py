"""Notices and objections."""

from typing import Any

from kezhuan.areas.notices.permissions import runs
from kezhuan.kernel import notices
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models.notices import NoticeAudience
from tests.access.rules.rule import EVERYBODY, SIGNED_IN, Rule, at_stage, both, sees, signed_in


def holds_notice(actor: Actor, row: Any) -> bool:
    """Who sees the row and prepares a notice about it before some audience."""
    return sees(actor, row) and any(notices.may_hold(actor, row, one) for one in NoticeAudience.values)


PAGES = {
    **dict.fromkeys(("notices", "notice-feed"), EVERYBODY),
    "notice": Rule(sees, "notices"),
    "notice-edit": Rule(both(runs.test, at_stage("prepared")), "notices"),
    "notice-text": Rule(both(runs.test), "notices"),
    "notice-word": Rule(both(runs.test), "notices"),
    "notice-channel": Rule(both(runs.test), "channels"),
    "notice-new": Rule(holds_notice, "noticed"),
    "objections": SIGNED_IN,
    "objection-new": Rule(sees, "running notices"),
    "objection": Rule(sees, "objections"),
}  # fmt: skip

OPERATIONS = {
    "notices-change": Rule(
        both(runs.test), "notice", by="put", form={"channels": ["site"], "reception": "科技局，020-1", "version": 1}
    ),
    "notices-create": Rule(
        lambda actor, row: actor.is_signed_in and (not sees(actor, row) or notices.may_hold(actor, row, "public")),
        "noticed row", by="post",
        form=lambda row: {"record": row.record.code, "move": "register", "audience": "public", "channels": ["site"],
                          "reception": "科技局，020-1"},
    ),
    "notices-channel": Rule(
        both(runs.test), "channel kinds", by="post", form={"on": "2026-01-01", "declared_open": "true"}, file=True
    ),
    "notices-object": Rule(
        both(signed_in), "running notices", by="post",
        form={"name": "赵举", "contact": "13812345678", "text": "完成人排序与事实不符。"},
    ),
}  # fmt: skip
